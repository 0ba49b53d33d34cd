//! The power is cut, or the disk refuses, at every operation of runs that also close files.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::super::frail_disk::{Contents, Fault, FrailDisk};
use super::super::record::tests::a_run;
use super::super::segments::{Files, is_closed};
use super::super::{Entry, Memory, Verdict, verify};
use super::*;

const DIR: &str = "/state";
const ORG: &str = "api.mypurecloud.de";

/// Two or three records fit.
const SMALL: u64 = 1_500;

/// What a run that was killed has left behind before.
const HALF_LINE: &[u8] = b"{\"half a line";

/// What a run appends, group by group: two actions with this id and the next, each with an event, of which the first is
/// taken by one of its two receivers.
fn groups(id: u128) -> Vec<Vec<Record>> {
    let run = a_run();
    let of = |number: u128, at: usize| {
        let mut record = run[at].clone();
        let id = Uuid::from_u128(number);
        match &mut record.entry {
            Entry::ActionIntended(action) => action.change_id = id,
            Entry::ActionFinished(finished) => finished.action.change_id = id,
            Entry::EventQueued { event, .. } => event.id = id,
            Entry::EventDelivered { event_id, .. } => *event_id = id,
            _ => {}
        }
        record
    };
    let (started, intended, finished, queued, delivered, ended) = (0, 1, 2, 4, 5, 10);
    vec![
        vec![of(0, started)],
        vec![of(id, intended)],
        vec![of(id, queued), of(id, finished)],
        vec![of(id + 1, intended)],
        vec![of(id, delivered)],
        vec![of(id + 1, queued), of(id + 1, finished)],
        vec![of(0, ended)],
    ]
}

/// Disks on which a run begins: one with nothing on it, and one on which an earlier run has left half a line.
fn beginnings() -> [Contents; 2] {
    [Contents::new(), Contents::from([(Path::new(DIR).join(OPEN), HALF_LINE.to_vec())])]
}

fn opened(disk: &FrailDisk) -> Result<Ledger<FrailDisk>, LedgerError> {
    Ledger::open_on(disk.clone(), Path::new(DIR), SMALL)
}

/// Appends groups until one fails, and gives the number of the last record whose append has returned.
fn appended(disk: &FrailDisk, groups: &[Vec<Record>]) -> u64 {
    let Ok(mut ledger) = opened(disk) else { return 0 };
    let numbers = groups.iter().map_while(|group| ledger.append_all(group).ok());
    numbers.last().unwrap_or_default()
}

/// The whole lines of the ledger, and what follows them.
fn lines(contents: &Contents) -> (Vec<String>, Vec<u8>) {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let closed = contents.iter().filter(|(path, _)| is_closed(&name(path)));
    let open = contents.iter().filter(|(path, _)| name(path) == OPEN);
    let mut whole: Vec<u8> = closed.chain(open).flat_map(|(_, content)| content.clone()).collect();
    let rest = whole.split_off(whole.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1));
    (String::from_utf8(whole).unwrap().lines().map(str::to_owned).collect(), rest)
}

/// Puts files into a directory in the place of all others.
fn put(contents: &Contents, dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (path, content) in contents {
        fs::write(dir.join(path.file_name().unwrap()), content).unwrap();
    }
}

/// What must hold after a power loss: all that readers and the next run find is in order, and nothing is missing that
/// was there for good. `written` are all lines that programs had seen.
fn check_survival(contents: &Contents, written: &[String], returned: u64, dir: &Path) {
    let (whole, rest) = lines(contents);
    assert!(written.starts_with(&whole), "{whole:#?} of {written:#?}");
    assert!(whole.len() as u64 >= returned, "{} lines are left of {returned}", whole.len());
    put(contents, dir);
    match verify(Files::of(dir).unwrap(), None).unwrap() {
        Ok(verified) => assert_eq!((verified.records, rest.len()), (whole.len() as u64, 0)),
        Err(flaw) => {
            assert_eq!(flaw.verdict, Verdict::Torn, "{flaw:?}");
            assert!(!rest.is_empty() && flaw.file.ends_with(OPEN), "{flaw:?}");
        }
    }

    // The next run goes on.
    let disk = FrailDisk::with(contents);
    let last = a_run().pop().unwrap();
    assert_eq!(opened(&disk).unwrap().append(&last).unwrap(), whole.len() as u64 + 1);
    let after = disk.after_power_loss(1);
    assert_eq!(after, [disk.seen()], "not all that it wrote is on disk");
    let (continued, none) = lines(&after[0]);
    assert!(continued.starts_with(&whole) && none.is_empty(), "{continued:#?}");
    if !rest.is_empty() {
        assert!(after[0].values().any(|content| *content == rest), "the half line is gone");
    }
    put(&after[0], dir);
    assert_eq!(verify(Files::of(dir).unwrap(), None).unwrap().unwrap().records, continued.len() as u64);
    check_events(&whole, dir);
}

/// Each event that is queued and not delivered is owed, and no action has an end without its event.
fn check_events(whole: &[String], dir: &Path) {
    let records: Vec<Value> = whole.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |sort: &str, pointer: &str| -> BTreeSet<Uuid> {
        let found = records.iter().filter(|record| record["record"] == sort);
        found.map(|record| record.pointer(pointer).unwrap().as_str().unwrap().parse().unwrap()).collect()
    };
    let queued = of("eventQueued", "/event/id");
    let memory = Memory::read(dir, ORG, "dialctl").unwrap();
    let owed: BTreeSet<Uuid> = memory.owed.iter().map(|owed| owed.event.id).collect();
    assert_eq!(owed, queued, "{whole:#?}");
    assert!(of("actionFinished", "/changeId").is_subset(&queued), "{whole:#?}");
    let open: BTreeSet<Uuid> = memory.open.iter().map(|action| action.change_id).collect();
    assert_eq!(open, &of("actionIntended", "/changeId") - &of("actionFinished", "/changeId"));
}

/// How many operations a run has.
fn operations(disk: &FrailDisk, groups: &[Vec<Record>]) -> usize {
    let disk = disk.copied();
    appended(&disk, groups);
    disk.operations()
}

#[test]
fn wherever_the_power_is_cut_nothing_is_lost_that_was_written_down() {
    let temp = tempfile::tempdir().unwrap();
    let mut checked = HashSet::new();
    for beginning in beginnings() {
        let whole_run = operations(&FrailDisk::with(&beginning), &groups(1));
        for at in 0..=whole_run {
            let disk = FrailDisk::with(&beginning).breaking(at, Fault::PowerCut);
            let returned = appended(&disk, &groups(1));
            let (written, _) = lines(&disk.seen());
            for contents in disk.after_power_loss(7) {
                if checked.insert((contents.clone(), returned)) {
                    check_survival(&contents, &written, returned, temp.path());
                }
            }
        }
        let disk = FrailDisk::with(&beginning);
        assert_eq!(appended(&disk, &groups(1)), 9);
        let closed = disk.seen().keys().filter(|path| is_closed(path.file_name().unwrap().to_str().unwrap())).count();
        assert!(closed >= 2, "too few files are closed: {closed}");
    }
    assert!(checked.len() > 1_000, "{}", checked.len());
}

#[test]
fn what_a_killed_run_never_synced_is_safe_with_the_next_run() {
    let temp = tempfile::tempdir().unwrap();
    let mut checked = HashSet::new();
    // What killed runs have left.
    let mut left = HashSet::new();
    let next = &groups(3)[..4];
    for beginning in beginnings() {
        for killed in 0..=operations(&FrailDisk::with(&beginning), &groups(1)) {
            let disk = FrailDisk::with(&beginning).breaking(killed, Fault::PowerCut);
            let before = appended(&disk, &groups(1));
            if !left.insert(format!("{:?}", disk.copied())) {
                continue;
            }
            // The machine goes on, and what the run wrote is there for others, on disk or not.
            for at in 0..=operations(&disk, next) {
                let disk = disk.copied().breaking(at, Fault::PowerCut);
                let returned = appended(&disk, next).max(before);
                let (written, _) = lines(&disk.seen());
                for contents in disk.after_power_loss(250) {
                    if checked.insert((contents.clone(), returned)) {
                        check_survival(&contents, &written, returned, temp.path());
                    }
                }
            }
        }
    }
    assert!(checked.len() > 500, "{}", checked.len());
}

#[test]
fn whatever_the_disk_refuses_the_ledger_stands_as_before_and_the_next_append_works() {
    let refusals = [io::ErrorKind::StorageFull, io::ErrorKind::Other];
    let faults = refusals.into_iter().flat_map(|kind| [Fault::Refused(kind), Fault::DoneAndRefused(kind)]);
    for (fault, beginning) in faults.flat_map(|fault| beginnings().map(|beginning| (fault, beginning))) {
        let undamaged = FrailDisk::with(&beginning);
        appended(&undamaged, &groups(1));
        for at in 0..undamaged.operations() {
            let case = format!("{fault:?} at {at}");
            let disk = FrailDisk::with(&beginning).breaking(at, fault);
            let mut errors = Vec::new();
            let mut ledger = opened(&disk).unwrap_or_else(|error| {
                errors.push(error);
                opened(&disk).unwrap()
            });
            let mut returned = 0;
            for group in groups(1) {
                returned = ledger.append_all(&group).unwrap_or_else(|error| {
                    let (whole, rest) = lines(&disk.seen());
                    assert_eq!((whole.len() as u64, rest.len()), (returned, 0), "{case}");
                    errors.push(error);
                    ledger.append_all(&group).unwrap()
                });
            }
            assert!(matches!(errors.as_slice(), [LedgerError::File { .. }]), "{case}: {errors:?}");
            // Whatever had not been synced is lost.
            assert_eq!(lines(&disk.after_power_loss(usize::MAX)[0]), lines(&undamaged.seen()), "{case}");
        }
    }
}
