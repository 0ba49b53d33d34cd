use std::sync::Barrier;

use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::record::{Entry, Record};
use super::super::run_ledger::{push, refresh, unsent};
use super::super::segments::Files;
use super::super::verify::verify;
use super::super::written::Lines;
use super::*;
use crate::ledger::record::Counts;
use crate::store::Object;
use crate::store::faulty::{Fault, Faulty, in_memory};

/// Small enough that a few records fill a segment.
const SMALL: usize = 700;

fn record(run: u128, number: u32) -> Record {
    Record {
        timestamp: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        run_id: Uuid::from_u128(run),
        entry: Entry::RunFinished { counts: Counts { succeeded: number, ..Counts::default() } },
    }
}

fn open(dir: &Path, store: &Arc<dyn Store>) -> Copied {
    Copied::open(dir, Arc::clone(store), SMALL).unwrap()
}

fn faulty(store: &Arc<Faulty>) -> Arc<dyn Store> {
    Arc::clone(store) as Arc<dyn Store>
}

/// What the ledger of a folder holds, the run and the number of each record, once it is certain that it verifies.
fn held(dir: &Path) -> Vec<(u128, u32)> {
    verify(Files::of(dir).unwrap(), None).unwrap().unwrap();
    let mut lines = Lines::of(Files::of(dir).unwrap());
    let mut held = Vec::new();
    while let Some(line) = lines.next_line().unwrap() {
        let Record { run_id, entry, .. } = serde_json::from_slice(line).unwrap();
        let Entry::RunFinished { counts } = entry else { panic!("no other is written here") };
        held.push((run_id.as_u128(), counts.succeeded));
    }
    held
}

/// What a machine sees that has no copy yet.
fn seen_afresh(store: &Arc<dyn Store>) -> Vec<(u128, u32)> {
    let temp = tempfile::tempdir().unwrap();
    refresh(temp.path(), Arc::clone(store), Extent::New).unwrap();
    held(temp.path())
}

#[test]
fn a_ledger_goes_on_on_another_machine() {
    let (store, first, second) = (in_memory(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut expected = Vec::new();
    for (run, dir) in [(1, first.path()), (2, second.path()), (3, first.path())] {
        let mut ledger = open(dir, &store);
        for number in 0..5 {
            ledger.append(&[record(run, number), record(run, number + 100)]).unwrap();
            expected.extend([(run, number), (run, number + 100)]);
        }
        assert_eq!(held(dir), expected);
    }
    assert!(store.list(FOLDER).unwrap().len() > 3, "segments are closed at their limit");
    assert_eq!(seen_afresh(&store), expected);
}

#[test]
fn a_ledger_from_a_directory_goes_on_in_a_store() {
    let (store, temp, other) = (in_memory(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut local = Ledger::open(temp.path()).unwrap();
    local.append_all(&[record(1, 0), record(1, 1), record(1, 2)]).unwrap();
    store.create(&segment_name(1), std::fs::read(temp.path().join("ledger.jsonl")).unwrap()).unwrap();
    open(other.path(), &store).append(&[record(2, 0)]).unwrap();
    assert_eq!(seen_afresh(&store), [(1, 0), (1, 1), (1, 2), (2, 0)]);
}

#[test]
fn looking_at_what_is_not_there_makes_nothing() {
    let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
    let dir = temp.path().join("state");
    refresh(&dir, Arc::clone(&store), Extent::Whole).unwrap();
    assert_eq!(push(&dir, store).unwrap(), 0);
    assert!(!dir.exists());
}

#[test]
fn several_who_append_at_once_lose_and_double_nothing() {
    const WRITERS: u32 = 4;
    const RECORDS: u32 = 12;
    let (store, barrier) = (in_memory(), Barrier::new(WRITERS as usize));
    std::thread::scope(|scope| {
        for run in 0..WRITERS {
            let (store, barrier) = (&store, &barrier);
            scope.spawn(move || {
                let temp = tempfile::tempdir().unwrap();
                let mut ledger = open(temp.path(), store);
                barrier.wait();
                for number in 0..RECORDS {
                    ledger.append(&[record(run.into(), number)]).unwrap();
                }
                assert!(ledger.failed().is_none());
            });
        }
    });
    let mut seen = seen_afresh(&store);
    // Those of each are in the order in which it wrote them.
    seen.sort_by_key(|(run, _)| *run);
    let each = |run: u32| (0..RECORDS).map(move |number| (u128::from(run), number));
    assert_eq!(seen, (0..WRITERS).flat_map(each).collect::<Vec<_>>());
}

/// Whatever call fails, and however long: what was told to be written is in the folder at once and in the store later,
/// once, and in its order.
#[test]
fn a_store_that_fails_at_any_call_loses_and_doubles_nothing() {
    for fault in [Fault::Before, Fault::After, Fault::Twice] {
        for fail in [1, if fault == Fault::Twice { 3 } else { 1000 }] {
            for pass in 0..12 {
                let place = format!("{fault:?}, {fail} calls after {pass}");
                let (store, temp, other) = (in_memory(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
                let connection = Faulty::over(&store);
                let mut ledger = open(temp.path(), &faulty(&connection));
                connection.fail(pass, fail, fault);
                let mut ours = Vec::new();
                for number in 0..5 {
                    // Another machine is faster now and then.
                    if number % 3 == 1 {
                        open(other.path(), &store).append(&[record(9, number)]).unwrap();
                    }
                    ledger.append(&[record(1, number), record(2, number)]).unwrap();
                    ours.extend([(1, number), (2, number)]);
                    let held: Vec<_> = held(temp.path()).into_iter().filter(|(run, _)| *run < 9).collect();
                    assert_eq!(held, ours, "{place}");
                }
                drop(ledger);
                // Others write on before what is missing comes.
                open(other.path(), &store).append(&[record(9, 100)]).unwrap();
                open(temp.path(), &store).append(&[record(1, 100)]).unwrap();
                ours.push((1, 100));
                let seen = seen_afresh(&store);
                assert_eq!(held(temp.path()), seen, "{place}");
                assert_eq!(seen.iter().filter(|(run, _)| *run == 9).count(), 3, "{place}");
                let seen: Vec<_> = seen.into_iter().filter(|(run, _)| *run < 9).collect();
                assert_eq!(seen, ours, "{place}");
                assert!(!temp.path().join("spool.jsonl").exists(), "{place}");
            }
        }
    }
}

#[test]
fn a_push_that_is_cut_short_anywhere_is_mended_by_the_next() {
    for fault in [Fault::Before, Fault::After] {
        for pass in 0..6 {
            let place = format!("{fault:?} after {pass}");
            let (store, temp, other) = (in_memory(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let connection = Faulty::over(&store);
            let mut ledger = open(temp.path(), &faulty(&connection));
            connection.fail(2, 1000, Fault::Before);
            for number in 0..6 {
                ledger.append(&[record(1, number)]).unwrap();
            }
            assert!(ledger.failed().is_some());
            drop(ledger);
            assert_eq!(unsent(temp.path()).unwrap(), 5);
            open(other.path(), &store).append(&[record(9, 0)]).unwrap();
            connection.fail(pass, 1, fault);
            let first = push(temp.path(), faulty(&connection));
            let again = push(temp.path(), Arc::clone(&store)).unwrap();
            assert!(first.is_err() || again == 0, "{place}");
            let expected = [(1, 0), (9, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)];
            assert_eq!(seen_afresh(&store), expected, "{place}");
            assert_eq!(held(temp.path()), expected, "{place}");
        }
    }
}

#[test]
fn what_a_killed_push_has_sent_is_not_sent_again() {
    // Killed after its put, before the copy had the lines; and after it had them, before the spool was removed.
    for is_copied in [false, true] {
        let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
        let connection = Faulty::over(&store);
        let mut ledger = open(temp.path(), &faulty(&connection));
        connection.fail(0, 1000, Fault::Before);
        ledger.append(&[record(1, 0), record(1, 1)]).unwrap();
        let spool = ledger.spool.read().unwrap().unwrap();
        drop(ledger);
        store.create(&segment_name(1), spool.clone().into_bytes()).unwrap();
        if is_copied {
            Ledger::open(temp.path()).unwrap().extend(&spool, "the store").unwrap();
        }
        push(temp.path(), Arc::clone(&store)).unwrap();
        assert_eq!(seen_afresh(&store), [(1, 0), (1, 1)]);
        assert_eq!(held(temp.path()), [(1, 0), (1, 1)]);
    }
}

#[test]
fn a_half_line_in_the_spool_is_no_record() {
    let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
    let connection = Faulty::over(&store);
    let mut ledger = open(temp.path(), &faulty(&connection));
    connection.fail(0, 1000, Fault::Before);
    ledger.append(&[record(1, 0)]).unwrap();
    drop(ledger);
    let path = temp.path().join("spool.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{whole}{{\"half")).unwrap();
    let mut ledger = Copied::begin(temp.path(), faulty(&connection), SMALL).unwrap();
    ledger.append(&[record(1, 1)]).unwrap();
    assert_eq!(held(temp.path()), [(1, 0), (1, 1)]);
    assert_eq!(push(temp.path(), store).unwrap(), 2);
}

#[test]
fn a_store_that_was_rewritten_or_cut_is_told() {
    let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
    let mut ledger = open(temp.path(), &store);
    ledger.append(&[record(1, 0), record(1, 1)]).unwrap();
    drop(ledger);
    let name = segment_name(1);
    let Object { bytes, version } = store.get(&name).unwrap().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (first, _) = text.split_once('\n').unwrap();
    let rewritten = chain::all(&Head::EMPTY, &[record(2, 0), record(2, 1), record(2, 2)]).0;
    let mut version = version;
    for (text, told) in [
        (format!("{first}\n"), "was cut: it ends with record 1, and"),
        (rewritten, "it does not continue the record before it"),
        (text.replace("\"succeeded\":1", "\"succeeded\":7"), "it was edited"),
        (String::new(), "is empty"),
    ] {
        let Put::Done(next) = store.replace(&name, text.into_bytes(), &version).unwrap() else { panic!("it is there") };
        version = next;
        let error = refresh(temp.path(), Arc::clone(&store), Extent::New).unwrap_err().to_string();
        assert!(error.contains(told) && error.contains("s3://bucket/prefix"), "{error}");
        assert!(Copied::open(temp.path(), Arc::clone(&store), SMALL).is_err(), "no run goes on");
        assert_eq!(held(temp.path()).len(), 2, "the copy stays as it was");
    }
}

#[test]
fn what_was_changed_after_it_was_copied_is_found_by_reading_all() {
    for is_removed in [false, true] {
        let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
        let mut ledger = open(temp.path(), &store);
        for number in 0..12 {
            ledger.append(&[record(1, number)]).unwrap();
        }
        let names = store.list(FOLDER).unwrap();
        let [Some(first), Some(second)] = [0, 1].map(|at| store.get(&names[at]).unwrap()) else { panic!("{names:?}") };
        refresh(temp.path(), Arc::clone(&store), Extent::Whole).unwrap();
        let text = String::from_utf8(second.bytes).unwrap();
        let changed = if is_removed {
            // Every line is what was written, and the segment begins too late.
            text.split_inclusive('\n').skip(1).collect()
        } else {
            let end = chain::rest(&Head::EMPTY, str::from_utf8(&first.bytes).unwrap()).unwrap().1;
            let records = text.lines().map(|_| record(2, 0)).collect::<Vec<_>>();
            chain::all(&end, &records).0
        };
        store.replace(&names[1], changed.into_bytes(), &second.version).unwrap();
        refresh(temp.path(), Arc::clone(&store), Extent::New).unwrap();
        let error = refresh(temp.path(), Arc::clone(&store), Extent::Whole).unwrap_err();
        assert!(matches!(error, LedgerError::Diverged { .. }), "{error}");
        assert!(refresh(tempfile::tempdir().unwrap().path(), store, Extent::New).is_err());
    }
}

#[test]
fn a_store_that_fails_at_the_start_stops_the_run() {
    let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
    let connection = Faulty::over(&store);
    connection.fail(0, 1, Fault::Before);
    let error = Copied::open(temp.path(), faulty(&connection), SMALL).unwrap_err();
    assert!(matches!(error, LedgerError::Store(_)), "{error}");
}

#[test]
fn a_store_that_has_failed_is_not_asked_again() {
    let (store, temp) = (in_memory(), tempfile::tempdir().unwrap());
    let connection = Faulty::over(&store);
    let mut ledger = open(temp.path(), &faulty(&connection));
    connection.fail(0, 1, Fault::Before);
    for number in 0..3 {
        ledger.append(&[record(1, number)]).unwrap();
    }
    assert_eq!(connection.calls(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Writers on three machines, two processes on one of them, in any order, with a connection that fails and comes
    /// back.
    #[test]
    fn writers_in_any_order_make_one_ledger(steps in prop::collection::vec((0..4_usize, 1..4_u32, 0..8_u8), 1..24)) {
        let store = in_memory();
        let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let dir = |writer: usize| folders[writer.min(2)].path();
        let connections: Vec<_> = (0..4).map(|_| Faulty::over(&store)).collect();
        let begin = |writer: usize| open(dir(writer), &faulty(&connections[writer]));
        let mut writers: Vec<Copied> = (0..4).map(begin).collect();
        let mut written: Vec<(u128, u32)> = Vec::new();
        for (number, (writer, records, event)) in steps.into_iter().enumerate() {
            match event {
                0 => connections[writer].fail(0, 1, Fault::Before),
                1 => connections[writer].fail(0, 1, Fault::After),
                2 => connections[writer].fail(1, 1, Fault::After),
                // The run ends, and the next one begins.
                3 => {
                    connections[writer].fail(0, 0, Fault::Before);
                    writers[writer] = begin(writer);
                }
                _ => {}
            }
            let first = u32::try_from(number).unwrap() * 10;
            let batch: Vec<Record> = (first..first + records).map(|number| record(writer as u128, number)).collect();
            writers[writer].append(&batch).unwrap();
            written.extend((first..first + records).map(|number| (writer as u128, number)));
        }
        drop(writers);
        for folder in &folders {
            push(folder.path(), Arc::clone(&store)).unwrap();
        }
        let mut seen = seen_afresh(&store);
        let order = |records: &[(u128, u32)], writer: u128| -> Vec<u32> {
            records.iter().filter(|(run, _)| *run == writer).map(|(_, number)| *number).collect()
        };
        for writer in 0..4 {
            prop_assert_eq!(order(&seen, writer), order(&written, writer));
        }
        seen.sort_unstable();
        written.sort_unstable();
        prop_assert_eq!(seen, written);
    }
}
