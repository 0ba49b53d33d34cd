use super::super::record::tests::{a_run, record};
use super::super::segments::Files;
use super::super::{Checkpoint, Entry, Flaw, Memory, ScheduleAt, Verdict, Verified, begun_with, read_events, verify};
use super::tests::verified;
use super::*;
use crate::schedule::ScheduleKind;

const ORG: &str = "api.mypurecloud.de";

/// Writes the records of two runs, each by itself, with a new file at each that finds the last one at this length.
fn written(dir: &Path, limit: u64) -> Vec<Record> {
    let records = [a_run(), a_run()].concat();
    for half in records.chunks(a_run().len()) {
        let mut ledger = Ledger::open_on(Local, dir, limit).unwrap();
        for record in half {
            ledger.append(record).unwrap();
        }
    }
    records
}

fn names(dir: &Path) -> Vec<String> {
    let files = Files::of(dir).unwrap();
    files.paths().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

fn checked(dir: &Path, checkpoint: Option<&Checkpoint>) -> Result<Verified, Flaw> {
    verify(Files::of(dir).unwrap(), checkpoint).unwrap()
}

/// The file, the line and the word of what is found.
fn told(dir: &Path, checkpoint: Option<&Checkpoint>) -> (String, u64, &'static str) {
    let Flaw { file, line, verdict } = checked(dir, checkpoint).unwrap_err();
    (file.file_name().unwrap().to_str().unwrap().to_owned(), line, verdict.word())
}

#[test]
fn a_file_at_its_limit_is_closed_and_the_chain_goes_on_in_the_next() {
    let temp = tempfile::tempdir().unwrap();
    let records = written(temp.path(), 2_000);
    let text = verified(temp.path());
    assert_eq!(text.lines().map(|line| serde_json::from_str::<Record>(line).unwrap()).collect::<Vec<_>>(), records);
    let names = names(temp.path());
    assert!(names.len() > 3 && names[0] == "ledger-00000000000000000001.jsonl", "{names:?}");
    for name in &names {
        let text = fs::read_to_string(temp.path().join(name)).unwrap();
        let first = check(text.lines().next().unwrap().as_bytes()).unwrap().seq;
        let is_last = Some(name) == names.last();
        assert_eq!(*name, if is_last { OPEN.to_owned() } else { closed_name(first) });
        // It was below the limit before its last line.
        let last = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        assert!(last < 2_000 && (is_last || text.len() >= 2_000), "{name}: {last} and {}", text.len());
    }
}

#[test]
fn whoever_reads_reads_all_files() {
    let (whole, parted) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(whole.path(), LIMIT);
    written(parted.path(), 1);
    assert_eq!((names(whole.path()).len(), names(parted.path()).len()), (1, 2 * a_run().len()));
    assert_eq!(checked(parted.path(), None), checked(whole.path(), None));
    let memory = Memory::read(parted.path(), ORG, "dialctl").unwrap();
    let place: ScheduleAt = (ScheduleKind::Campaign, "c-1".to_owned());
    assert!(memory.applied.contains_key(&place) && memory.protected.contains(&place), "{memory:?}");
    assert_eq!(memory, Memory::read(whole.path(), ORG, "dialctl").unwrap());
    let events = read_events(parted.path()).unwrap();
    assert_eq!((events.len(), &events), (1, &read_events(whole.path()).unwrap()));
    assert!(begun_with(parted.path(), "p").unwrap().is_some());
}

#[test]
fn a_writer_notices_that_others_have_closed_its_file() {
    let temp = tempfile::tempdir().unwrap();
    let run = a_run();
    let mut early = Ledger::open_on(Local, temp.path(), LIMIT).unwrap();
    let mut late = Ledger::open_on(Local, temp.path(), 1).unwrap();
    // Before anything was written, and after; once and several times.
    for (times, seq) in [(2, 3), (1, 5), (3, 9)] {
        for _ in 0..times {
            late.append(&run[1]).unwrap();
        }
        assert_eq!(early.append(&run[2]).unwrap(), seq);
    }
    assert_eq!(verified(temp.path()).lines().count(), 9);
}

#[test]
fn where_the_open_file_is_missing_or_empty_the_closed_one_goes_on() {
    for leave in [|path: &Path| fs::remove_file(path).unwrap(), |path: &Path| fs::write(path, "").unwrap()] {
        let temp = tempfile::tempdir().unwrap();
        written(temp.path(), 1);
        let path = temp.path().join(OPEN);
        fs::rename(&path, temp.path().join(closed_name(2 * a_run().len() as u64))).unwrap();
        fs::write(&path, "").unwrap();
        leave(&path);
        let before = checked(temp.path(), None).unwrap();
        let mut ledger = Ledger::open(temp.path()).unwrap();
        assert_eq!(ledger.append(&a_run()[0]).unwrap(), before.records + 1);
        assert_eq!(checked(temp.path(), None).unwrap().records, before.records + 1);
    }
}

#[test]
fn a_closed_file_is_not_continued_where_it_is_not_what_was_written() {
    for (content, reason) in [("", "not a record"), ("{}\n", "not a record")] {
        let temp = tempfile::tempdir().unwrap();
        written(temp.path(), 1);
        fs::write(temp.path().join(closed_name(2 * a_run().len() as u64 - 1)), content).unwrap();
        let error = Ledger::open(temp.path()).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains("ledger-0000"), "{error}");
    }
}

#[test]
fn a_file_is_never_closed_over_another_one() {
    let temp = tempfile::tempdir().unwrap();
    Ledger::open(temp.path()).unwrap().append(&a_run()[0]).unwrap();
    let whole = fs::read(temp.path().join(OPEN)).unwrap();
    fs::write(temp.path().join(closed_name(1)), &whole).unwrap();
    let error = Ledger::open_on(Local, temp.path(), 1).unwrap().append(&a_run()[1]).unwrap_err().to_string();
    assert!(error.contains(&closed_name(1)) && error.contains("move away what stands there"), "{error}");
    assert_eq!(fs::read(temp.path().join(closed_name(1))).unwrap(), whole);
}

#[test]
fn every_file_that_is_missing_is_found() {
    let count = 2 * a_run().len();
    for missing in 0..count {
        let temp = tempfile::tempdir().unwrap();
        written(temp.path(), 1);
        let Verified { records, hash } = checked(temp.path(), None).unwrap();
        let checkpoint = Checkpoint::new(records, hash, a_run()[0].timestamp);
        let paths = Files::of(temp.path()).unwrap().paths().to_vec();
        fs::remove_file(&paths[missing]).unwrap();
        if missing + 1 < count {
            let after = paths[missing + 1].file_name().unwrap().to_str().unwrap().to_owned();
            assert_eq!(told(temp.path(), None), (after, 1, "removed"));
            let seq = missing as u64 + 1;
            assert_eq!(checked(temp.path(), None).unwrap_err().verdict, Verdict::Removed(seq, seq));
        } else {
            assert_eq!(told(temp.path(), Some(&checkpoint)), (closed_name(records - 1), 1, "truncated"));
        }
    }
}

#[test]
fn names_that_were_swapped_are_found() {
    let count = 2 * a_run().len();
    for (first, second) in (0..count).flat_map(|first| (first + 1..count).map(move |second| (first, second))) {
        let temp = tempfile::tempdir().unwrap();
        // Waiting for the disk at each of so many lines takes long.
        let mut head = Head::EMPTY;
        let mut paths = Vec::new();
        for record in [a_run(), a_run()].concat() {
            let (line, after) = chain::next(&head, &record);
            let name = if after.seq == count as u64 { OPEN.to_owned() } else { closed_name(after.seq) };
            paths.push(temp.path().join(name));
            fs::write(&paths[paths.len() - 1], line + "\n").unwrap();
            head = after;
        }
        checked(temp.path(), None).unwrap();
        let aside = temp.path().join("aside");
        fs::rename(&paths[first], &aside).unwrap();
        fs::rename(&paths[second], &paths[first]).unwrap();
        fs::rename(&aside, &paths[second]).unwrap();
        let name = paths[first].file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(told(temp.path(), None), (name, 1, "reordered"));
    }
}

#[test]
fn a_closed_file_that_was_cut_is_told_from_a_crash() {
    let temp = tempfile::tempdir().unwrap();
    written(temp.path(), 1);
    for (path, word) in [(temp.path().join(OPEN), "torn"), (temp.path().join(closed_name(5)), "edited")] {
        let text = fs::read(&path).unwrap();
        fs::write(&path, &text[..text.len() - 1]).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(told(temp.path(), None), (name, 1, word));
    }
}

#[test]
fn whoever_reads_while_files_are_closed_misses_no_line() {
    const APPENDS: u64 = 200;
    let temp = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open_on(Local, temp.path(), 1).unwrap();
    let line = record(Entry::ReceiverDisabled { receiver: "wfm".to_owned(), address_digest: "a".to_owned() });
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| (1..=APPENDS).for_each(|seq| assert_eq!(ledger.append(&line).unwrap(), seq)));
        let mut seen = 0;
        while !writer.is_finished() {
            match checked(temp.path(), None) {
                Ok(verified) => {
                    assert!(verified.records >= seen, "{} after {seen}", verified.records);
                    seen = verified.records;
                }
                // A line that is being written.
                Err(flaw) => assert_eq!(flaw.verdict, Verdict::Torn, "{flaw:?}"),
            }
        }
        writer.join().unwrap();
    });
    assert_eq!(checked(temp.path(), None).unwrap().records, APPENDS);
}
