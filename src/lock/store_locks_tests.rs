use std::sync::Barrier;

use super::super::claim::tests::{NINE, at, claimant, scope};
use super::*;
use crate::exit::Exit;
use crate::store::faulty::{Fault, Faulty, in_memory};
use crate::store::{Location, Object};

fn take(locks: &StoreLocks, now: &str) -> Result<StoreLock, LockError> {
    locks.take(scope("api.mypurecloud.de", "sales"), claimant("me"), at(now))
}

fn locks() -> StoreLocks {
    StoreLocks::of(in_memory())
}

#[test]
fn a_lock_is_held_by_one_and_given_back_at_the_end() {
    let locks = locks();
    assert_eq!(locks.found().unwrap(), []);
    let first = take(&locks, NINE).unwrap();
    assert!(first.before().is_none());
    let error = take(&locks, "2027-03-01T09:05:01Z").unwrap_err();
    assert_eq!(error.exit(), Exit::Locked);
    let found = locks.found().unwrap();
    assert_eq!((found.len(), found[0].holder), (1, Holder::OutOfSight));
    let id = found[0].claim.id.as_str();
    for part in ["expires 2027-03-01T11:00:00Z", "A run that was killed", &format!("`dialctl unlock {id}`")] {
        assert!(error.to_string().contains(part), "{part:?} is not in {error}");
    }
    drop(first);
    assert_eq!(locks.found().unwrap(), []);
    assert!(take(&locks, NINE).unwrap().before().is_none());
}

#[test]
fn a_killed_run_holds_its_lock_until_it_expires_or_is_taken_away() {
    let locks = locks();
    let claim = take(&locks, NINE).unwrap().die();
    assert!(take(&locks, "2027-03-01T10:59:59Z").is_err());
    let second = take(&locks, "2027-03-01T11:00:00Z").unwrap();
    assert_eq!(second.before(), Some(&Before::Expired(claim)));
    let claim = second.die();
    assert!(locks.take_away(&claim.id).unwrap());
    assert!(!locks.take_away(&claim.id).unwrap(), "it is no longer held");
    assert!(take(&locks, "2027-03-01T11:00:00Z").unwrap().before().is_none());
}

#[test]
fn a_run_that_goes_on_is_not_taken_over() {
    let locks = locks();
    let mut lock = take(&locks, NINE).unwrap();
    for now in ["2027-03-01T10:30:00Z", "2027-03-01T12:00:00Z", "2027-03-01T13:59:00Z"] {
        lock.keep(at(now)).unwrap();
    }
    assert!(take(&locks, "2027-03-01T15:58:59Z").is_err());
    lock.keep(at("2027-03-02T09:00:00Z")).unwrap();
    assert!(take(&locks, "2027-03-02T10:59:59Z").is_err());
}

#[test]
fn whoever_loses_a_lock_notices() {
    for is_taken_away in [false, true] {
        let locks = locks();
        let mut first = take(&locks, NINE).unwrap();
        let id = locks.found().unwrap()[0].claim.id.clone();
        let second = if is_taken_away {
            assert!(locks.take_away(&id).unwrap());
            None
        } else {
            Some(take(&locks, "2027-03-01T11:00:00Z").unwrap())
        };
        first.keep(at("2027-03-01T09:00:14Z")).unwrap();
        let lost = first.keep(at("2027-03-01T11:00:01Z")).unwrap_err();
        assert_eq!(matches!(lost, LockError::TakenAway { .. }), is_taken_away, "{lost}");
        assert_eq!(lost.exit(), Exit::Locked);
        // Its end leaves the lock to whoever holds it now.
        drop(first);
        assert_eq!(locks.found().unwrap().len(), usize::from(second.is_some()));
    }
}

#[test]
fn a_store_is_asked_every_15_seconds_and_may_fail_until_the_claim_expires() {
    let connection = Faulty::over(&in_memory());
    let locks = StoreLocks::of(Arc::clone(&connection) as Arc<dyn Store>);
    let mut lock = take(&locks, NINE).unwrap();
    connection.fail(0, usize::MAX, Fault::Before);
    for (now, calls) in [("09:00:15", 0), ("09:00:16", 1), ("09:00:30", 1), ("09:00:31", 2), ("10:59:59", 3)] {
        lock.keep(at(&format!("2027-03-01T{now}Z"))).unwrap();
        assert_eq!(connection.calls(), calls, "{now}");
    }
    let error = lock.keep(at("2027-03-01T11:00:14Z")).unwrap_err();
    assert!(matches!(error, LockError::Store(_)), "{error}");
}

#[test]
fn an_answer_that_was_lost_loses_no_lock() {
    for fault in [Fault::Before, Fault::After, Fault::Twice] {
        for pass in 0..6 {
            let (store, place) = (in_memory(), format!("{fault:?} after {pass}"));
            let connection = Faulty::over(&store);
            let locks = StoreLocks::of(Arc::clone(&connection) as Arc<dyn Store>);
            connection.fail(pass, 1, fault);
            if let Ok(mut lock) = take(&locks, NINE) {
                lock.keep(at("2027-03-01T10:30:00Z")).unwrap();
                lock.keep(at("2027-03-01T10:31:00Z")).unwrap();
                assert!(take(&StoreLocks::of(Arc::clone(&store)), "2027-03-01T12:00:00Z").is_err(), "{place}");
            } else {
                // Whether it was taken nobody knows. Then it expires.
                assert_ne!(fault, Fault::Twice, "{place}");
            }
            take(&StoreLocks::of(store), "2027-03-01T12:31:00Z").unwrap();
        }
    }
}

#[test]
fn of_all_who_find_the_same_lock_free_one_takes_it() {
    for how in ["none", "released", "expired"] {
        let locks = locks();
        match how {
            "none" => {}
            "released" => drop(take(&locks, NINE).unwrap()),
            _ => drop(take(&locks, NINE).unwrap().die()),
        }
        const RIVALS: usize = 8;
        let barrier = Barrier::new(RIVALS);
        let rival = || {
            barrier.wait();
            take(&locks, "2027-03-01T12:00:00Z")
        };
        // All results are kept until the last has come, so that nobody gives the lock back in between.
        let all: Vec<Result<StoreLock, LockError>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..RIVALS).map(|_| scope.spawn(rival)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1, "{how}");
        assert!(all.iter().all(|result| matches!(result, Ok(_) | Err(LockError::HeldInStore { .. }))), "{how}");
    }
}

#[test]
fn a_broken_object_is_told_to_whoever_needs_it() {
    let locks = locks();
    locks.store.create("locks/api.mypurecloud.de~sales.lock", b"{}".to_vec()).unwrap();
    let error = take(&locks, NINE).unwrap_err();
    assert!(error.exit() == Exit::Failed && error.to_string().contains("s3://bucket/prefix/locks/"), "{error}");
    assert_eq!(locks.found().unwrap(), []);
}

/// A store that passes over the conditions of writes, as some do that otherwise speak as S3 does.
#[derive(Debug)]
struct Heedless(Arc<dyn Store>);

impl Store for Heedless {
    fn location(&self) -> &Location {
        self.0.location()
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.0.list(folder)
    }

    fn get_all(&self, names: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        self.0.get_all(names)
    }

    fn create(&self, name: &str, bytes: Vec<u8>) -> Result<Put, StoreError> {
        match self.0.get(name)? {
            None => self.0.create(name, bytes),
            Some(object) => self.0.replace(name, bytes, &object.version),
        }
    }

    fn replace(&self, name: &str, bytes: Vec<u8>, _: &Version) -> Result<Put, StoreError> {
        self.create(name, bytes)
    }
}

#[test]
fn a_store_that_heeds_no_conditions_holds_no_lock() {
    let store = in_memory();
    let heedless = StoreLocks::of(Arc::new(Heedless(Arc::clone(&store))));
    for _ in 0..2 {
        let error = take(&heedless, NINE).unwrap_err();
        assert!(error.exit() == Exit::Failed && error.to_string().contains("does not heed the conditions"), "{error}");
        // It was given back, so that the second one finds a lock that was there.
        assert_eq!(heedless.found().unwrap(), []);
        assert_eq!(store.list(FOLDER).unwrap().len(), 1);
    }
}
