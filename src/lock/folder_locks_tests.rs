use std::sync::Barrier;

use super::super::claim::tests::{NINE, at, claimant, scope};
use super::*;
use crate::exit::Exit;

fn take(locks: &FolderLocks, owner: &str, now: &str) -> Result<FolderLock, LockError> {
    locks.take(scope("api.mypurecloud.de", owner), claimant("me"), at(now))
}

fn names(locks: &FolderLocks) -> Vec<String> {
    let entries = fs::read_dir(&locks.folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_lock_is_held_by_one_and_given_back_at_the_end() {
    let temp = tempfile::tempdir().unwrap();
    let locks = FolderLocks::of(&temp.path().join("deep/state"));
    assert_eq!(locks.found().unwrap(), []);
    assert!(!locks.folder.exists(), "nothing is made by looking");
    let first = take(&locks, "sales", NINE).unwrap();
    assert!(first.before().is_none());
    let error = take(&locks, "sales", "2027-03-01T09:05:01Z").unwrap_err();
    assert_eq!(error.exit(), Exit::Locked);
    let id = first.claim().id.as_str();
    for part in [
        format!("another run holds the lock {id} for owner `sales` in api.mypurecloud.de, held by me, since"),
        "2027-03-01T09:00:00Z (5 min), expires 2027-03-01T11:00:00Z".to_owned(),
        "`--lock-timeout SECONDS`".to_owned(),
        format!("`dialctl unlock {id}`"),
    ] {
        assert!(error.to_string().contains(&part), "{part:?} is not in {error}");
    }
    assert_eq!(locks.found().unwrap(), [Found { claim: first.claim().clone(), holder: Holder::Lives }]);

    let other = take(&locks, "service", NINE).unwrap();
    drop((first, other));
    assert_eq!(names(&locks), ["turn"], "nothing stays behind");
    assert!(take(&locks, "sales", NINE).unwrap().before().is_none());
}

#[test]
fn a_killed_process_holds_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let locks = FolderLocks::of(temp.path());
    let first = take(&locks, "sales", NINE).unwrap();
    let claim = first.claim().clone();
    first.die();
    assert_eq!(locks.found().unwrap(), [Found { claim: claim.clone(), holder: Holder::Ended }]);
    let second = take(&locks, "sales", NINE).unwrap();
    assert_eq!(second.before(), Some(&Before::Ended(claim)));
    drop(second);
    assert_eq!(names(&locks), ["turn"]);
}

#[test]
fn an_expired_lock_is_taken_over_and_its_holder_notices() {
    let temp = tempfile::tempdir().unwrap();
    let locks = FolderLocks::of(temp.path());
    let mut first = take(&locks, "sales", NINE).unwrap();
    assert!(take(&locks, "sales", "2027-03-01T10:59:59Z").is_err());
    let mut second = take(&locks, "sales", "2027-03-01T11:00:00Z").unwrap();
    assert_eq!(second.before(), Some(&Before::Expired(first.claim().clone())));

    let lost = first.keep(at("2027-03-01T11:00:01Z")).unwrap_err();
    assert!(matches!(&lost, LockError::TakenOver { claim, .. } if **claim == *second.claim()), "{lost}");
    assert_eq!(lost.exit(), Exit::Locked);
    // Its end leaves the lock to whoever holds it now.
    drop(first);
    second.keep(at("2027-03-01T11:00:02Z")).unwrap();
    assert!(take(&locks, "sales", "2027-03-01T11:00:03Z").is_err());
}

#[test]
fn a_run_that_goes_on_is_not_taken_over() {
    let temp = tempfile::tempdir().unwrap();
    let locks = FolderLocks::of(temp.path());
    let mut lock = take(&locks, "sales", NINE).unwrap();
    for now in ["2027-03-01T10:30:00Z", "2027-03-01T12:00:00Z", "2027-03-01T13:59:00Z"] {
        lock.keep(at(now)).unwrap();
    }
    assert_eq!(locks.found().unwrap()[0].claim, *lock.claim());
    assert!(take(&locks, "sales", "2027-03-01T15:58:59Z").is_err());
    // Nobody took it over while it was expired, so it is still this run's.
    lock.keep(at("2027-03-02T09:00:00Z")).unwrap();
    assert!(take(&locks, "sales", "2027-03-02T10:59:59Z").is_err());
}

#[test]
fn a_lock_that_is_taken_away_is_free_and_its_holder_notices() {
    let temp = tempfile::tempdir().unwrap();
    let locks = FolderLocks::of(temp.path());
    let mut first = take(&locks, "sales", NINE).unwrap();
    let other = take(&locks, "service", NINE).unwrap();
    assert!(!locks.take_away(&LockId::random()).unwrap());
    assert!(locks.take_away(&first.claim().id).unwrap());
    let lost = first.keep(at(NINE)).unwrap_err();
    assert!(matches!(lost, LockError::TakenAway { .. }), "{lost}");
    assert_eq!(locks.found().unwrap().len(), 1);
    let _second = take(&locks, "sales", NINE).unwrap();
    drop((first, other));
    assert_eq!(locks.found().unwrap().len(), 1, "the second holds it still");
}

#[test]
fn of_all_who_find_the_same_lock_free_one_takes_it() {
    for how in ["none", "ended", "expired", "taken away"] {
        let temp = tempfile::tempdir().unwrap();
        let locks = FolderLocks::of(temp.path());
        let stale = take(&locks, "sales", NINE).unwrap();
        let mut kept = None;
        match how {
            "none" => drop(stale),
            "ended" => stale.die(),
            "expired" => kept = Some(stale),
            _ => {
                locks.take_away(&stale.claim().id).unwrap();
                kept = Some(stale);
            }
        }
        const RIVALS: usize = 16;
        let barrier = Barrier::new(RIVALS);
        let rival = || {
            barrier.wait();
            take(&locks, "sales", "2027-03-01T12:00:00Z")
        };
        // All results are kept until the last has come, so that nobody gives the lock back in between.
        let all: Vec<Result<FolderLock, LockError>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..RIVALS).map(|_| scope.spawn(rival)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winners = all.iter().filter(|result| result.is_ok()).count();
        assert_eq!(winners, 1, "{how}");
        assert!(all.iter().all(|result| matches!(result, Ok(_) | Err(LockError::Held { .. }))), "{how}");
        drop((all, kept));
        assert_eq!(names(&locks), ["turn"], "{how}");
    }
}

#[test]
fn a_broken_lock_file_is_told_to_whoever_needs_it() {
    let temp = tempfile::tempdir().unwrap();
    let locks = FolderLocks::of(temp.path());
    drop(take(&locks, "sales", NINE).unwrap());
    let path = locks.folder.join("api.mypurecloud.de~sales.lock");
    fs::write(&path, "{\"id\": \"../../etc\"}").unwrap();
    let error = take(&locks, "sales", NINE).unwrap_err();
    assert!(error.exit() == Exit::Failed && error.to_string().contains("~sales.lock does not say who"), "{error}");
    let other = take(&locks, "service", NINE).unwrap();
    assert_eq!(locks.found().unwrap().len(), 1);
    assert!(locks.take_away(&other.claim().id).unwrap());
}

#[test]
fn a_folder_that_cannot_be_is_told_with_a_way_out() {
    let temp = tempfile::tempdir().unwrap();
    fs::write(temp.path().join("locks"), "").unwrap();
    let error = take(&FolderLocks::of(temp.path()), "sales", NINE).unwrap_err();
    assert!(error.exit() == Exit::Failed && error.to_string().contains("`state`"), "{error}");
}
