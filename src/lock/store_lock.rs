//! A lock in a store, in the hands of a run.

use chrono::{DateTime, TimeDelta, Utc};

use super::claim::Claim;
use super::error::LockError;
use super::locks::Before;
use super::store_locks::{Note, StoreLocks};
use crate::store::{Put, Version};

/// How often the store is asked whether the lock is still held. A run starts many actions in that time.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(15);

/// A lock that this process holds. It is given back when this is dropped. When the process dies, nobody sees that, and
/// it expires.
#[derive(Debug)]
pub struct StoreLock {
    locks: StoreLocks,
    name: String,
    claim: Claim,
    version: Version,
    before: Option<Before>,
    /// When the store was asked last.
    asked: DateTime<Utc>,
}

impl StoreLock {
    pub(super) fn new(
        locks: StoreLocks,
        name: String,
        claim: Claim,
        version: Version,
        before: Option<Before>,
        asked: DateTime<Utc>,
    ) -> Self {
        Self { locks, name, claim, version, before, asked }
    }

    pub(super) fn before(&self) -> Option<&Before> {
        self.before.as_ref()
    }

    pub(super) fn keep(&mut self, now: DateTime<Utc>) -> Result<(), LockError> {
        if now - self.asked < ASKED_EVERY {
            return Ok(());
        }
        self.asked = now;
        match self.ask(now) {
            // Nobody takes over what has not expired.
            Err(LockError::Store(_)) if !self.claim.has_expired(now) => Ok(()),
            asked => asked,
        }
    }

    /// Looks at the object, and renews the claim where that is due.
    fn ask(&mut self, now: DateTime<Utc>) -> Result<(), LockError> {
        self.check(now)?;
        let Some(renewed) = self.claim.renewed(now) else { return Ok(()) };
        match self.locks.replace(&self.name, &Note::held(renewed.clone()), &self.version)? {
            Put::Done(version) => (self.claim, self.version) = (renewed, version),
            // Somebody was faster, or the answer to an earlier try was lost.
            Put::Lost => self.check(now)?,
        }
        Ok(())
    }

    fn check(&mut self, now: DateTime<Utc>) -> Result<(), LockError> {
        let id = || self.claim.id.as_str().to_owned();
        match self.locks.read(&self.name)? {
            Some((note, version)) if note.claim.id == self.claim.id && !note.released => {
                (self.claim, self.version) = (note.claim, version);
                Ok(())
            }
            Some((note, _)) if !note.released => {
                Err(LockError::TakenOver { id: id(), claim: Box::new(note.claim), now })
            }
            Some(_) | None => Err(LockError::TakenAway { id: id() }),
        }
    }

    /// Ends as a killed process does: what is in the store stays as it is.
    #[cfg(test)]
    pub(super) fn die(self) -> Claim {
        std::mem::ManuallyDrop::new(self).claim.clone()
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // Should this fail, the lock expires.
        if let Ok(Some((note, version))) = self.locks.read(&self.name)
            && note.claim.id == self.claim.id
            && !note.released
        {
            let _ = self.locks.replace(&self.name, &Note::released(note.claim), &version);
        }
    }
}
