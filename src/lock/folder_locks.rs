//! The locks in a folder. Whoever takes, looks at or takes away a lock has a turn at it, so that two who find
//! the same lock free do not both take it.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::turn::Turn;

use super::claim::{Claim, Claimant, LockId, Scope};
use super::error::{LockError, failed};
use super::folder_lock::FolderLock;
use super::locks::{Before, Found, Holder};

/// The locks of a state directory.
#[derive(Clone, Debug)]
pub struct FolderLocks {
    folder: PathBuf,
}

impl FolderLocks {
    /// The locks of a state directory, which need not be there yet.
    pub fn of(state: &Path) -> Self {
        Self { folder: state.join("locks") }
    }

    /// Takes a lock, if nobody holds it whose process lives and whose claim has not expired.
    ///
    /// # Errors
    /// When another run holds it, or the folder cannot be used.
    pub fn take(&self, scope: Scope, claimant: Claimant, now: DateTime<Utc>) -> Result<FolderLock, LockError> {
        fs::create_dir_all(&self.folder).map_err(failed("create the folder", &self.folder))?;
        let _turn = self.turn()?;
        let path = self.folder.join(scope.file_name());
        let before = match read(&path)? {
            None => None,
            Some(claim) if !self.is_alive(&claim.id)? => Some(Before::Ended(claim)),
            Some(claim) if claim.has_expired(now) => Some(Before::Expired(claim)),
            Some(claim) => return Err(LockError::Held { claim: Box::new(claim), now }),
        };
        let claim = Claim::new(scope, claimant, now);
        let alive = self.come_alive(&claim.id)?;
        if let Err(error) = self.write(&path, &claim) {
            self.bury(&claim.id);
            return Err(error);
        }
        if let Some(Before::Ended(old) | Before::Expired(old)) = &before {
            self.bury(&old.id);
        }
        Ok(FolderLock::new(self.clone(), path, claim, alive, before))
    }

    /// The locks that are there, in the order of their files.
    ///
    /// # Errors
    /// When the folder is there and cannot be used.
    pub fn found(&self) -> Result<Vec<Found>, LockError> {
        if !self.folder.exists() {
            return Ok(Vec::new());
        }
        let _turn = self.turn()?;
        let found = self.paths()?.into_iter().map(|(_, claim)| {
            let holder = if self.is_alive(&claim.id)? { Holder::Lives } else { Holder::Ended };
            Ok(Found { claim, holder })
        });
        found.collect()
    }

    /// Takes a lock away from whoever holds it, and tells whether it was there.
    ///
    /// # Errors
    /// When the folder is there and cannot be used.
    pub fn take_away(&self, id: &LockId) -> Result<bool, LockError> {
        let _turn = self.turn()?;
        let Some((path, _)) = self.paths()?.into_iter().find(|(_, claim)| claim.id == *id) else { return Ok(false) };
        fs::remove_file(&path).map_err(failed("remove", &path))?;
        self.bury(id);
        Ok(true)
    }

    /// Waits for a turn at the folder.
    pub(super) fn turn(&self) -> Result<Turn, LockError> {
        let path = self.folder.join("turn");
        Turn::take(&path).map_err(failed("lock", &path))
    }

    /// Replaces the file of a lock; no reader ever sees half of it. Takes a turn.
    pub(super) fn write(&self, path: &Path, claim: &Claim) -> Result<(), LockError> {
        let new = self.folder.join("new");
        let text = serde_json::to_string_pretty(claim).map_err(io::Error::from);
        // On disk before it gets its name: after a power loss an empty file would have to be removed by hand.
        let written = text.and_then(|text| {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written.map_err(failed("write", &new))?;
        fs::rename(&new, path).map_err(failed("write", path))
    }

    /// Removes what tells whether a holder lives. It says nothing any more once no lock has its id.
    pub(super) fn bury(&self, id: &LockId) {
        // What stays behind is an empty file that nobody looks at.
        let _ = fs::remove_file(self.alive_path(id));
    }

    fn come_alive(&self, id: &LockId) -> Result<File, LockError> {
        let path = self.alive_path(id);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(failed("lock", &path))
    }

    /// Whether the process lives that holds a lock. Takes a turn: whoever looks holds the file for a moment.
    fn is_alive(&self, id: &LockId) -> Result<bool, LockError> {
        let path = self.alive_path(id);
        let file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed("open", &path)(error)),
        };
        match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(cause)) => Err(failed("lock", &path)(cause)),
        }
    }

    fn alive_path(&self, id: &LockId) -> PathBuf {
        self.folder.join(format!("{}.alive", id.as_str()))
    }

    /// The files of the locks and what they say. A broken one is told to whoever needs that very lock.
    fn paths(&self) -> Result<Vec<(PathBuf, Claim)>, LockError> {
        let listed = fs::read_dir(&self.folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut paths: Vec<PathBuf> =
            listed.map_err(failed("list", &self.folder))?.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension() == Some(OsStr::new("lock")));
        paths.sort();
        let claims = paths.into_iter().filter_map(|path| {
            let claim = read(&path).ok()??;
            Some((path, claim))
        });
        Ok(claims.collect())
    }
}

/// What the file of a lock says, where there is one.
pub(super) fn read(path: &Path) -> Result<Option<Claim>, LockError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path)(error)),
    };
    let broken = |error: serde_json::Error| LockError::Broken { path: path.to_owned(), reason: error.to_string() };
    serde_json::from_slice(&text).map(Some).map_err(broken)
}

#[cfg(test)]
#[path = "folder_locks_tests.rs"]
mod tests;
