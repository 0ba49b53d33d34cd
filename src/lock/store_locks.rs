//! The locks in a store: an object for each, which says who holds it. It is only ever replaced in the state in which it
//! was read, so that of all who find the same lock free one takes it. It is never removed: no store does that under a
//! condition. A lock that was given back says so.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::claim::{Claim, Claimant, LockId, Scope};
use super::error::LockError;
use super::locks::{Before, Found, Holder};
use super::store_lock::StoreLock;
use crate::store::{Put, Store, StoreError, Version};

/// The folder of the locks in the store.
const FOLDER: &str = "locks";

/// How often a lock is looked at anew because others were faster.
const ATTEMPTS: usize = 10;

/// The locks of a store.
#[derive(Clone, Debug)]
pub struct StoreLocks {
    store: Arc<dyn Store>,
}

/// What the object of a lock holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Note {
    #[serde(flatten)]
    pub claim: Claim,
    /// Whether the lock was given back or taken away.
    pub released: bool,
    /// Another one each time: some stores tell the states of an object apart by what it holds alone.
    pub nonce: Uuid,
}

impl Note {
    pub(super) fn held(claim: Claim) -> Self {
        Self { claim, released: false, nonce: Uuid::new_v4() }
    }

    pub(super) fn released(claim: Claim) -> Self {
        Self { claim, released: true, nonce: Uuid::new_v4() }
    }
}

impl StoreLocks {
    pub(super) fn of(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    pub(super) fn take(&self, scope: Scope, claimant: Claimant, now: DateTime<Utc>) -> Result<StoreLock, LockError> {
        let name = format!("{FOLDER}/{}", scope.file_name());
        let note = Note::held(Claim::new(scope, claimant, now));
        let (mut before, mut stale) = (None, None);
        for _ in 0..ATTEMPTS {
            let found = self.read(&name)?;
            let put = match found {
                // An earlier try took effect, and its answer was lost.
                Some((found, version)) if found == note => Put::Done(version),
                Some((found, _)) if !found.released && !found.claim.has_expired(now) => {
                    return Err(LockError::HeldInStore { claim: Box::new(found.claim), now });
                }
                Some((found, version)) => {
                    before = if found.released { None } else { Some(Before::Expired(found.claim)) };
                    let put = self.replace(&name, &note, &version)?;
                    stale = Some(version);
                    put
                }
                None => {
                    (before, stale) = (None, None);
                    self.store.create(&name, bytes(&note))?
                }
            };
            if let Put::Done(version) = put {
                // Given back where something is wrong.
                let lock = StoreLock::new(self.clone(), name.clone(), note.claim.clone(), version, before, now);
                self.prove(&name, &note, stale.as_ref())?;
                return Ok(lock);
            }
        }
        Err(self.outrun())
    }

    /// Makes sure that the store heeds conditions: some that speak as S3 does pass over them, and two runs would hold
    /// the same lock. What was just written is written again, under a condition that no longer holds.
    fn prove(&self, name: &str, note: &Note, stale: Option<&Version>) -> Result<(), LockError> {
        let put = match stale {
            Some(version) => self.replace(name, note, version)?,
            None => self.store.create(name, bytes(note))?,
        };
        match put {
            Put::Lost => Ok(()),
            Put::Done(_) => Err(LockError::Unconditional { store: self.store.location().to_string() }),
        }
    }

    pub(super) fn found(&self) -> Result<Vec<Found>, LockError> {
        let found =
            self.notes()?.into_iter().map(|(_, note, _)| Found { claim: note.claim, holder: Holder::OutOfSight });
        Ok(found.collect())
    }

    pub(super) fn take_away(&self, id: &LockId) -> Result<bool, LockError> {
        for _ in 0..ATTEMPTS {
            let found = self.notes()?.into_iter().find(|(_, note, _)| note.claim.id == *id);
            let Some((name, note, version)) = found else { return Ok(false) };
            if let Put::Done(_) = self.replace(&name, &Note::released(note.claim), &version)? {
                return Ok(true);
            }
        }
        Err(self.outrun())
    }

    /// What the object of a lock holds, where there is one.
    pub(super) fn read(&self, name: &str) -> Result<Option<(Note, Version)>, LockError> {
        let Some(object) = self.store.get(name)? else { return Ok(None) };
        match serde_json::from_slice(&object.bytes) {
            Ok(note) => Ok(Some((note, object.version))),
            Err(error) => {
                let name = format!("{}/{name}", self.store.location());
                Err(LockError::BrokenObject { name, reason: error.to_string() })
            }
        }
    }

    pub(super) fn replace(&self, name: &str, note: &Note, version: &Version) -> Result<Put, LockError> {
        Ok(self.store.replace(name, bytes(note), version)?)
    }

    /// The locks that are held. A broken one is told to whoever needs that very lock.
    fn notes(&self) -> Result<Vec<(String, Note, Version)>, LockError> {
        let names = self.store.list(FOLDER)?;
        let objects = self.store.get_all(&names)?;
        let held = names.into_iter().zip(objects).filter_map(|(name, object)| {
            let object = object?;
            let note: Note = serde_json::from_slice(&object.bytes).ok()?;
            (!note.released).then_some((name, note, object.version))
        });
        Ok(held.collect())
    }

    fn outrun(&self) -> LockError {
        let reason = format!("others were faster {ATTEMPTS} times in a row");
        StoreError::because("write a lock to", self.store.location(), reason).into()
    }
}

fn bytes(note: &Note) -> Vec<u8> {
    let text = serde_json::to_string_pretty(note);
    // Text, times and a truth value: nothing that JSON lacks.
    text.map_or_else(|error| unreachable!("a note is JSON: {error}"), |text| (text + "\n").into_bytes())
}

#[cfg(test)]
#[path = "store_locks_tests.rs"]
mod tests;
