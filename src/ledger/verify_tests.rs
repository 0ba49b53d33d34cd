use super::super::chain::{Head, next};
use super::super::record::tests::a_run;
use super::*;

/// The text of a small ledger.
fn ledger() -> Vec<u8> {
    let mut head = Head::EMPTY;
    let lines = a_run().into_iter().map(|record| {
        let (line, after) = next(&head, &record);
        head = after;
        line + "\n"
    });
    lines.collect::<String>().into_bytes()
}

fn lines_of(text: &[u8]) -> Vec<Vec<u8>> {
    text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// What is found in a ledger of one file with this content.
fn found(text: &[u8], checkpoint: Option<&Checkpoint>) -> Result<Verified, Flaw> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    verify(vec![file.path().to_owned()].into(), checkpoint).unwrap()
}

/// The word of what is found, and the line.
fn told(text: &[u8], checkpoint: Option<&Checkpoint>) -> (&'static str, u64) {
    found(text, checkpoint).map_or_else(|flaw| (flaw.verdict.word(), flaw.line), |_| ("fine", 0))
}

fn checkpoint_of(text: &[u8]) -> Checkpoint {
    let Verified { records, hash } = found(text, None).unwrap();
    Checkpoint::new(records, hash, "2027-03-01T09:00:00Z".parse().unwrap())
}

#[test]
fn what_was_written_verifies_in_one_file_and_in_several() {
    let text = ledger();
    let count = lines_of(&text).len() as u64;
    let verified = found(&text, Some(&checkpoint_of(&text))).unwrap();
    assert_eq!(verified.records, count);
    assert_eq!(found(b"", None).unwrap(), Verified { records: 0, hash: "0".repeat(64) });

    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = lines_of(&text)
        .iter()
        .enumerate()
        .map(|(n, line)| {
            let path = folder.path().join(n.to_string());
            std::fs::write(&path, line).unwrap();
            path
        })
        .collect();
    assert_eq!(verify(files.clone().into(), None).unwrap().unwrap(), verified);
    let flaw = verify(files[1..].to_vec().into(), None).unwrap().unwrap_err();
    assert_eq!((flaw.file, flaw.line, flaw.verdict), (files[1].clone(), 1, Verdict::Removed(1, 1)));
}

#[test]
fn every_byte_that_is_flipped_is_found_in_its_line() {
    let text = ledger();
    let mut line = 1;
    for position in 0..text.len() {
        // A line feed in the place of another character makes two lines of one.
        for flip in [0x01, text[position] ^ b'\n'].into_iter().filter(|flip| *flip != 0) {
            let mut edited = text.clone();
            edited[position] ^= flip;
            let (word, at) = told(&edited, None);
            // The last line feed is what tells a line that was finished.
            let expected = if position + 1 == text.len() { "torn" } else { "edited" };
            assert_eq!((word, at), (expected, line), "byte {position} flipped by {flip:#x}");
        }
        line += u64::from(text[position] == b'\n');
    }
}

#[test]
fn every_line_that_is_removed_is_found() {
    let text = ledger();
    let lines = lines_of(&text);
    let checkpoint = checkpoint_of(&text);
    for removed in 0..lines.len() {
        let mut left = lines.clone();
        left.remove(removed);
        let place = removed as u64 + 1;
        let expected = if removed + 1 == lines.len() { ("fine", 0) } else { ("removed", place) };
        assert_eq!(told(&left.concat(), None), expected, "line {place}");
        let expected = if removed + 1 == lines.len() { ("truncated", place - 1) } else { ("removed", place) };
        assert_eq!(told(&left.concat(), Some(&checkpoint)), expected, "line {place}");
    }
}

#[test]
fn every_cut_is_found_with_the_checkpoint() {
    let text = ledger();
    let checkpoint = checkpoint_of(&text);
    for end in 0..text.len() {
        let expected = if end == 0 || text[end - 1] == b'\n' { "truncated" } else { "torn" };
        assert_eq!(told(&text[..end], Some(&checkpoint)).0, expected, "cut at {end}");
    }
}

#[test]
fn lines_that_changed_places_or_stand_twice_are_found() {
    let lines = lines_of(&ledger());
    for first in 0..lines.len() {
        for second in first + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(first, second);
            assert_eq!(told(&swapped.concat(), None), ("reordered", first as u64 + 1), "{first} and {second}");
        }
        for place in 0..=lines.len() {
            let mut doubled = lines.clone();
            doubled.insert(place, lines[first].clone());
            // Before itself it is too early, and the line that belongs there comes later.
            let expected = if place < first { ("reordered", place) } else { ("inserted", place.max(first + 1)) };
            assert_eq!(told(&doubled.concat(), None), (expected.0, expected.1 as u64 + 1), "{first} at {place}");
        }
    }
}

#[test]
fn a_line_with_a_hash_of_its_own_is_found() {
    let lines = lines_of(&ledger());
    // As somebody would write it who knows the format, but not the future: the chain goes on from another record.
    let mut head = Head::EMPTY;
    let forged: Vec<Vec<u8>> = a_run()
        .into_iter()
        .map(|mut record| {
            record.run_id = uuid::Uuid::from_u128(1);
            let (line, after) = next(&head, &record);
            head = after;
            (line + "\n").into_bytes()
        })
        .collect();
    let mut replaced = lines.clone();
    replaced[0] = forged[0].clone();
    assert_eq!(told(&replaced.concat(), None), ("edited", 2));
    // All of it written anew hangs together. Only who has kept a checkpoint sees it.
    let checkpoint = checkpoint_of(&lines.concat());
    assert_eq!(told(&forged.concat(), None), ("fine", 0));
    assert_eq!(told(&forged.concat(), Some(&checkpoint)), ("edited", lines.len() as u64));
}
