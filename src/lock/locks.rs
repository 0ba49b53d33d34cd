//! The locks of a state, wherever it is kept, and a lock in the hands of a run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::claim::{Claim, Claimant, LockId, Scope};
use super::error::LockError;
use super::folder_lock::FolderLock;
use super::folder_locks::FolderLocks;
use super::store_lock::StoreLock;
use super::store_locks::StoreLocks;
use crate::store::Store;

/// The locks of a state.
#[derive(Clone, Debug)]
pub enum Locks {
    /// They are files.
    Folder(FolderLocks),
    /// They are objects.
    Store(StoreLocks),
}

/// A lock that this process holds. It is given back when this is dropped, and in a folder also when the process dies.
#[derive(Debug)]
pub enum RunLock {
    /// It is a file.
    Folder(FolderLock),
    /// It is an object.
    Store(StoreLock),
}

/// A lock that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it says of itself.
    pub claim: Claim,
    /// What is known of who holds it.
    pub holder: Holder,
}

/// What is known of the process that holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// It lives.
    Lives,
    /// It has ended, and the next run takes its lock over.
    Ended,
    /// It may be on any machine, where nobody can see it.
    OutOfSight,
}

/// Whose lock was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// That of a process that ended without giving it back.
    Ended(Claim),
    /// That of a process that lives, and has started nothing for too long.
    Expired(Claim),
}

impl Locks {
    /// The locks of a state directory, or of the store that it belongs to. They need not be there yet.
    pub fn of(folder: &Path, store: Option<Arc<dyn Store>>) -> Self {
        match store {
            None => Self::Folder(FolderLocks::of(folder)),
            Some(store) => Self::Store(StoreLocks::of(store)),
        }
    }

    /// How often it makes sense to look whether a lock was given back.
    pub fn asked_every(&self) -> Duration {
        match self {
            Self::Folder(_) => Duration::from_millis(200),
            Self::Store(_) => Duration::from_secs(2),
        }
    }

    /// Takes a lock, if nobody holds it whose claim has not expired; in a folder, only claims of processes that live
    /// count.
    ///
    /// # Errors
    /// When another run holds it, or the folder or the store cannot be used.
    pub fn take(&self, scope: Scope, claimant: Claimant, now: DateTime<Utc>) -> Result<RunLock, LockError> {
        Ok(match self {
            Self::Folder(locks) => RunLock::Folder(locks.take(scope, claimant, now)?),
            Self::Store(locks) => RunLock::Store(locks.take(scope, claimant, now)?),
        })
    }

    /// The locks that are there, in the order of their names.
    ///
    /// # Errors
    /// When the folder or the store is there and cannot be used.
    pub fn found(&self) -> Result<Vec<Found>, LockError> {
        match self {
            Self::Folder(locks) => locks.found(),
            Self::Store(locks) => locks.found(),
        }
    }

    /// Takes a lock away from whoever holds it, and tells whether it was there.
    ///
    /// # Errors
    /// When the folder or the store is there and cannot be used.
    pub fn take_away(&self, id: &LockId) -> Result<bool, LockError> {
        match self {
            Self::Folder(locks) => locks.take_away(id),
            Self::Store(locks) => locks.take_away(id),
        }
    }
}

impl RunLock {
    /// Whose lock was taken over to get this one.
    pub fn before(&self) -> Option<&Before> {
        match self {
            Self::Folder(lock) => lock.before(),
            Self::Store(lock) => lock.before(),
        }
    }

    /// Makes sure that this run still holds the lock, and renews it where that is due. From then on nobody takes it
    /// over for at least half a term. A store is asked from time to time only, and may fail for as long as the claim
    /// holds.
    ///
    /// # Errors
    /// When this run has lost it, or nobody can tell.
    pub fn keep(&mut self, now: DateTime<Utc>) -> Result<(), LockError> {
        match self {
            Self::Folder(lock) => lock.keep(now),
            Self::Store(lock) => lock.keep(now),
        }
    }
}

impl Before {
    /// Why the lock was taken over, and from whom, for people.
    pub fn told(&self, now: DateTime<Utc>) -> String {
        let (why, claim) = match self {
            Self::Ended(claim) => ("ended without giving its lock back", claim),
            Self::Expired(claim) => ("holds its lock still, and has started nothing for too long", claim),
        };
        format!("Another run {why}, so this one takes it over: {}.", claim.told(now))
    }
}
