//! A lock in a folder, in the hands of a run.

use std::fs::{self, File};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::claim::Claim;
use super::error::LockError;
use super::folder_locks::{self, FolderLocks};
use super::locks::Before;

/// A lock that this process holds. It is given back when this is dropped, and when the process dies.
#[derive(Debug)]
pub struct FolderLock {
    locks: FolderLocks,
    path: PathBuf,
    claim: Claim,
    before: Option<Before>,
    /// Locked for as long as it is open, which tells others that this process lives.
    _alive: File,
}

impl FolderLock {
    pub(super) fn new(locks: FolderLocks, path: PathBuf, claim: Claim, alive: File, before: Option<Before>) -> Self {
        Self { locks, path, claim, before, _alive: alive }
    }

    /// What the lock says of itself.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Whose lock was taken over to get this one.
    pub fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    /// Makes sure that this run still holds the lock, and renews it where that is due. From then on nobody takes
    /// it over for at least half a term.
    ///
    /// # Errors
    /// When this run has lost it, or nobody can tell.
    pub fn keep(&mut self, now: DateTime<Utc>) -> Result<(), LockError> {
        self.check(now)?;
        if let Some(renewed) = self.claim.renewed(now) {
            let _turn = self.locks.turn()?;
            // Once more, because it may have been taken over just before.
            self.check(now)?;
            self.locks.write(&self.path, &renewed)?;
            self.claim = renewed;
        }
        Ok(())
    }

    fn check(&self, now: DateTime<Utc>) -> Result<(), LockError> {
        let id = || self.claim.id.as_str().to_owned();
        match folder_locks::read(&self.path)? {
            Some(claim) if claim.id == self.claim.id => Ok(()),
            Some(claim) => Err(LockError::TakenOver { id: id(), claim: Box::new(claim), now }),
            None => Err(LockError::TakenAway { id: id() }),
        }
    }

    /// Ends as a killed process does: what the system does not take back stays as it is.
    #[cfg(test)]
    pub(super) fn die(self) {
        std::mem::ManuallyDrop::new(self)._alive.unlock().unwrap();
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Should this fail, the next run finds a lock whose process has ended, and takes it over.
        let Ok(_turn) = self.locks.turn() else { return };
        if matches!(folder_locks::read(&self.path), Ok(Some(claim)) if claim.id == self.claim.id) {
            let _ = fs::remove_file(&self.path);
        }
        self.locks.bury(&self.claim.id);
    }
}
