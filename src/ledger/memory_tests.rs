use super::*;
use crate::ledger::chain::{Head, next};
use crate::ledger::record::tests::a_run;
use crate::ledger::{Change, Entry, Outcome, Record};
use serde_json::json;

const ORG: &str = "api.mypurecloud.de";

/// The ledger of the records of a run that pass, each changed.
fn ledger(records: impl IntoIterator<Item = Record>) -> String {
    let mut head = Head::EMPTY;
    let lines = records.into_iter().map(|record| {
        let (line, new) = next(&head, &record);
        head = new;
        line + "\n"
    });
    lines.collect()
}

fn read(text: &str) -> Memory {
    read_as(text, ORG, "dialctl")
}

fn read_as(text: &str, org: &str, owner: &str) -> Memory {
    let mut reader = Reader::default();
    let lines = text.split_inclusive('\n').filter_map(|line| Line::read(line.as_bytes()));
    lines.for_each(|line| reader.take(&line, org, owner));
    reader.end()
}

/// A run of these records of [`a_run`], by their numbers there.
fn run(numbers: &[usize]) -> Vec<Record> {
    numbers.iter().map(|n| a_run()[*n].clone()).collect()
}

/// The records of an action, made ones of a delete.
fn deleting(records: Vec<Record>) -> Vec<Record> {
    let delete = |change: &mut Change| *change = Change::Delete { before: json!({}) };
    let changed = records.into_iter().map(|mut record| {
        match &mut record.entry {
            Entry::ActionIntended(action) => delete(&mut action.change),
            Entry::ActionFinished(finished) => delete(&mut finished.action.change),
            _ => {}
        }
        record
    });
    changed.collect()
}

fn place() -> ScheduleAt {
    (ScheduleKind::Campaign, "c-1".to_owned())
}

#[test]
fn a_schedule_is_remembered_as_it_was_left_until_it_is_deleted() {
    let (started, intended, done, failed) = (0, 1, 2, 3);
    let updated = run(&[started, intended, done]);
    let memory = read(&ledger(updated.clone()));
    let left = Applied {
        name: "spring".to_owned(),
        labels: BTreeMap::from([("team".to_owned(), "retention".to_owned())]),
        wanted: json!({"ünïcode": null}),
        stored: Some(Stored { version: Some(2), digest: Some("d".to_owned()) }),
    };
    assert_eq!(memory.applied, BTreeMap::from([(place(), left)]));
    assert_eq!((memory.families(), memory.open), ([ScheduleKind::Campaign].into(), vec![]));

    for (what, more, remembered) in [
        ("another run fails to change it", run(&[intended, failed]), true),
        ("it is deleted", deleting(run(&[intended, done])), false),
        ("deleting it fails", deleting(run(&[intended, failed])), true),
    ] {
        let memory = read(&ledger(updated.iter().cloned().chain(more)));
        assert_eq!(!memory.is_empty(), remembered, "{what}");
        assert_eq!(memory.open, [], "{what}");
    }
}

#[test]
fn runs_of_others_and_what_is_no_record_are_passed_over() {
    let text = ledger(a_run());
    for (org, owner, remembers) in [(ORG, "dialctl", true), (ORG, "others", false), ("sandbox", "dialctl", false)] {
        let memory = read_as(&text, org, owner);
        assert_eq!(!memory.is_empty(), remembers, "{org} {owner}");
    }
    assert_eq!(read(""), Memory::default());
    assert_eq!(read("no\nledger\n{}\n\u{0}\n"), Memory::default());

    // Two runs that write at the same time, of which one is another owner's.
    let other = a_run().into_iter().map(|mut record| {
        record.run_id = Uuid::from_u128(0xbeef);
        if let Entry::RunStarted(start) = &mut record.entry {
            start.owner = "others".to_owned();
        }
        record
    });
    let mixed = deleting(other.collect()).into_iter().zip(a_run()).flat_map(|(theirs, ours)| [ours, theirs]);
    assert_eq!(read(&ledger(mixed)), read(&text));
}

#[test]
fn what_was_begun_and_not_finished_is_open() {
    let open = |memory: &Memory| memory.open.iter().map(|action| action.name.clone()).collect::<Vec<_>>();
    let begun = read(&ledger(run(&[0, 1])));
    assert_eq!((open(&begun), begun.families()), (vec!["spring".to_owned()], [ScheduleKind::Campaign].into()));
    assert!(begun.is_empty());

    let unknown = run(&[0, 1, 3]).into_iter().map(|mut record| {
        if let Entry::ActionFinished(finished) = &mut record.entry {
            finished.is_open = true;
        }
        record
    });
    let unknown: Vec<Record> = unknown.collect();
    assert_eq!(open(&read(&ledger(unknown.clone()))), ["spring"], "nobody knows whether it happened");
    let settled = unknown.into_iter().chain(run(&[2]));
    assert_eq!(open(&read(&ledger(settled))), [""; 0]);

    let text = ledger(run(&[0, 1, 2]));
    assert_eq!(open(&read(&text[..text.len() - 20])), ["spring"], "the last line is torn");
}

#[test]
fn what_the_service_stored_is_remembered_even_where_it_is_not_what_was_asked_for() {
    let otherwise = run(&[0, 1, 2]).into_iter().map(|mut record| {
        if let Entry::ActionFinished(finished) = &mut record.entry {
            finished.outcome = Outcome::Failure { error: "stored otherwise".to_owned() };
        }
        record
    });
    assert_eq!(read(&ledger(otherwise)).applied[&place()].stored.as_ref().unwrap().version, Some(2));
}

#[test]
fn events_are_owed_to_each_receiver_until_it_has_taken_them() {
    let (started, queued, delivered, failed) = (0, 4, 5, 6);
    for (numbers, receivers) in [
        (vec![started, queued], &["audit", "wfm"][..]),
        (vec![started, queued, failed], &["audit", "wfm"]),
        (vec![started, queued, delivered], &["audit"]),
        (vec![started, queued, failed, delivered], &["audit"]),
    ] {
        let owed = read(&ledger(run(&numbers))).owed;
        let [one] = owed.as_slice() else { panic!("{owed:?}") };
        assert!(one.receivers.iter().eq(receivers), "{numbers:?}: {owed:?}");
    }
    let to_audit = run(&[delivered]).into_iter().map(|mut record| {
        if let Entry::EventDelivered { receiver, .. } = &mut record.entry {
            *receiver = "audit".to_owned();
        }
        record
    });
    let all = run(&[started, queued, delivered]).into_iter().chain(to_audit);
    assert_eq!(read(&ledger(all)).owed, []);
}

#[test]
fn a_receiver_that_was_gone_is_disabled_until_it_takes_an_event_again() {
    let (started, delivered, disabled) = (0, 5, 8);
    let gone = BTreeMap::from([("wfm".to_owned(), "a".to_owned())]);
    for (numbers, expected) in
        [(vec![started, delivered, disabled], gone), (vec![started, disabled, delivered], BTreeMap::new())]
    {
        assert_eq!(read(&ledger(run(&numbers))).disabled, expected, "{numbers:?}");
    }
}

#[test]
fn an_open_action_is_told_once_its_event_is_queued() {
    let queued = run(&[4]).into_iter().map(|mut record| {
        let (Entry::ActionIntended(action), Entry::EventQueued { event, .. }) = (&a_run()[1].entry, &mut record.entry)
        else {
            panic!("{record:?}")
        };
        event.id = action.change_id;
        record
    });
    let queued: Vec<Record> = queued.collect();
    for (before, after, told) in [(vec![0, 1], vec![], 1), (vec![0, 1], vec![2], 0), (vec![0, 1, 2], vec![], 0)] {
        let records = run(&before).into_iter().chain(queued.clone()).chain(run(&after));
        let memory = read(&ledger(records));
        assert_eq!((memory.told.len(), memory.owed.len()), (told, 1), "{before:?} {after:?}");
    }
}

#[test]
fn protection_holds_until_it_is_lifted_or_the_schedule_is_deleted() {
    let protected = run(&[0, 7]);
    assert_eq!(read(&ledger(protected.clone())).protected, [place()].into());
    let lifted = run(&[7]).into_iter().map(|mut record| {
        if let Entry::ProtectionSet(protection) = &mut record.entry {
            protection.protect = false;
        }
        record
    });
    for more in [lifted.collect(), deleting(run(&[1, 2]))] {
        let memory = read(&ledger(protected.iter().cloned().chain(more)));
        assert_eq!(memory.protected, BTreeSet::new());
    }
}
