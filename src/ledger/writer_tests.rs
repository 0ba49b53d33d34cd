use uuid::Uuid;

use super::super::record::tests::a_run;
use super::super::segments::Files;
use super::*;

/// The text of the ledger in all its files, after checking its whole chain.
pub(super) fn verified(dir: &Path) -> String {
    let mut files = Files::of(dir).unwrap();
    let mut text = String::new();
    for at in 0..files.paths().len() {
        files.open(at).unwrap().unwrap().read_to_string(&mut text).unwrap();
    }
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    let mut head = Head::EMPTY;
    for line in text.lines() {
        head = chain::check_line(Some(&head), line).unwrap();
    }
    text
}

#[test]
fn appending_continues_the_chain_after_opening_again() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("deep/state");
    let run = a_run();
    for (opened, record) in run.iter().enumerate() {
        let mut ledger = Ledger::open(&dir).unwrap();
        assert_eq!(ledger.append(record).unwrap(), opened as u64 + 1);
    }
    assert_eq!(Ledger::open(&dir).unwrap().append_all(&run).unwrap(), 2 * run.len() as u64);
    assert_eq!(verified(&dir).lines().count(), 2 * run.len());
    assert_eq!(fs::read_to_string(dir.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn an_empty_group_writes_nothing() {
    let temp = tempfile::tempdir().unwrap();
    assert_eq!(Ledger::open(temp.path()).unwrap().append_all(&[]).unwrap(), 0);
    assert_eq!(verified(temp.path()), "");
}

#[test]
fn several_writers_at_once_make_one_chain() {
    // Each append closes the file of the one before it, some do, none does.
    for limit in [1, 20_000, LIMIT] {
        several_writers_at_once(limit);
    }
}

fn several_writers_at_once(limit: u64) {
    const WRITERS: usize = 6;
    const TURNS: usize = 5;
    let temp = tempfile::tempdir().unwrap();
    let run = |writer: usize| -> Vec<u64> {
        let mut ledger = Ledger::open_on(Local, temp.path(), limit).unwrap();
        let records: Vec<Record> =
            a_run().into_iter().map(|record| Record { run_id: Uuid::from_u128(writer as u128), ..record }).collect();
        (0..TURNS).map(|_| ledger.append_all(&records).unwrap()).collect()
    };
    let numbers: Vec<Vec<u64>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || run(writer))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let text = verified(temp.path());
    let records: Vec<Record> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let length = a_run().len();
    assert_eq!(records.len(), WRITERS * TURNS * length);
    for group in records.chunks(length) {
        assert!(group.iter().all(|record| record.run_id == group[0].run_id), "what belongs together was parted");
    }
    // Each writer was given the numbers of its own records.
    for (writer, numbers) in numbers.iter().enumerate() {
        for number in numbers {
            let last = &records[usize::try_from(*number).unwrap() - 1];
            assert_eq!(last.run_id, Uuid::from_u128(writer as u128));
        }
    }
}

#[test]
fn a_line_that_another_writer_never_finished_is_moved_aside() {
    let temp = tempfile::tempdir().unwrap();
    let run = a_run();
    let mut first = Ledger::open(temp.path()).unwrap();
    first.append(&run[0]).unwrap();
    let path = temp.path().join("ledger.jsonl");
    for (name, whole) in [("ledger.torn-1.jsonl", 0), ("ledger.torn-2.jsonl", 2)] {
        Ledger::open(temp.path()).unwrap().append_all(&run[..whole]).unwrap();
        let torn = fs::read(&path).unwrap()[..20].to_vec();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&torn).unwrap();
        first.append(&run[1]).unwrap();
        assert_eq!(fs::read(temp.path().join(name)).unwrap(), torn);
    }
    assert_eq!(verified(temp.path()).lines().count(), 1 + 1 + 2 + 1);
}

#[test]
fn what_others_make_of_the_file_is_not_continued_where_it_is_no_ledger() {
    let temp = tempfile::tempdir().unwrap();
    let run = a_run();
    let path = temp.path().join("ledger.jsonl");
    let mut ledger = Ledger::open(temp.path()).unwrap();
    ledger.append_all(&run).unwrap();
    let whole = verified(temp.path());
    let first_line = whole.split_inclusive('\n').next().unwrap();
    for (text, told) in [
        (String::new(), "was cut or replaced"),
        (first_line.to_owned(), "was cut or replaced"),
        (format!("{whole}no record\n"), "not a record"),
        (format!("{whole}{}", first_line.replace("\"ci\"", "\"me\"")), "it was edited"),
    ] {
        fs::write(&path, &text).unwrap();
        let error = ledger.append(&run[0]).unwrap_err().to_string();
        assert!(error.contains(told) && error.contains("ledger.jsonl"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, &whole).unwrap();
    ledger.append(&run[0]).unwrap();
    assert!(verified(temp.path()).starts_with(&whole));
}

#[test]
fn a_ledger_cut_anywhere_continues_and_loses_nothing() {
    let temp = tempfile::tempdir().unwrap();
    Ledger::open(temp.path()).unwrap().append_all(&a_run()[..3]).unwrap();
    let text = verified(temp.path()).into_bytes();
    let last = text[..text.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    // Around each line feed, and a sample of the places between, for each case waits for the disk.
    for cut in (0..3).chain(last - 2..last + 3).chain((last..text.len()).step_by(61)).chain([text.len() - 1]) {
        let case = tempfile::tempdir().unwrap();
        fs::write(case.path().join("ledger.jsonl"), &text[..cut]).unwrap();
        let mut ledger = Ledger::open(case.path()).unwrap();
        let torn = ledger.torn().map(|path| fs::read(path).unwrap()).unwrap_or_default();
        let kept = verified(case.path());
        assert_eq!([kept.as_bytes(), &torn].concat(), text[..cut], "cut at {cut}");
        ledger.append(&a_run()[3]).unwrap();
        assert!(verified(case.path()).starts_with(&kept));
    }
}

#[test]
fn torn_lines_do_not_overwrite_each_other() {
    let temp = tempfile::tempdir().unwrap();
    for name in ["ledger.torn-1.jsonl", "ledger.torn-2.jsonl"] {
        fs::write(temp.path().join("ledger.jsonl"), name).unwrap();
        let ledger = Ledger::open(temp.path()).unwrap();
        assert_eq!(ledger.torn(), Some(temp.path().join(name).as_path()));
    }
    assert_eq!(fs::read_to_string(temp.path().join("ledger.torn-1.jsonl")).unwrap(), "ledger.torn-1.jsonl");
}

#[test]
fn a_last_line_that_was_edited_is_not_continued() {
    let temp = tempfile::tempdir().unwrap();
    Ledger::open(temp.path()).unwrap().append_all(&a_run()).unwrap();
    let path = temp.path().join("ledger.jsonl");
    let edited = verified(temp.path()).replace("\"succeeded\":1", "\"succeeded\":9");
    for (bytes, reason) in [(edited.as_bytes(), "it was edited"), (b"\xff\n", "not a record"), (b"\n", "not a record")]
    {
        fs::write(&path, bytes).unwrap();
        let error = Ledger::open(temp.path()).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains("ledger.jsonl"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_with_the_file_and_a_way_out() {
    let temp = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", temp.path().join("ledger.jsonl")).unwrap();
    let error = Ledger::open(temp.path()).unwrap().append(&a_run()[0]).unwrap_err().to_string();
    assert!(error.contains("ledger.jsonl") && error.contains("free some space"), "{error}");
}

#[test]
fn a_directory_that_cannot_be_is_reported_with_a_way_out() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "").unwrap();
    for dir in [file.clone(), file.join("state")] {
        let error = Ledger::open(&dir).unwrap_err().to_string();
        assert!(error.contains(&dir.display().to_string()) && error.contains("`state`"), "{error}");
    }
}
