//! The ledger that a run writes to: in a folder, or in a store.

use std::path::Path;
use std::sync::Arc;

use super::copy::{self, Copied, Extent};
use super::error::{LedgerError, failed};
use super::record::Record;
use super::segments::Files;
use super::spool::Spool;
use super::writer::{Ledger, Size};
use crate::store::{Store, StoreError};

/// A ledger that is open for writing.
#[derive(Debug)]
pub enum RunLedger {
    /// It is in a folder.
    Local(Ledger),
    /// It is in a store, and the folder has a copy.
    Copied(Box<Copied>),
}

impl RunLedger {
    /// Opens the ledger in a folder, or the one in a store that the folder has a copy of. The copy is up to date then,
    /// and the store has what earlier runs of this machine could not send.
    ///
    /// # Errors
    /// When the folder cannot be written, the store cannot be reached or refuses, or something is not what was written.
    pub fn open(dir: &Path, store: Option<Arc<dyn Store>>) -> Result<Self, LedgerError> {
        Ok(match store {
            None => Self::Local(Ledger::open(dir)?),
            Some(store) => Self::Copied(Box::new(Copied::open(dir, store, copy::LIMIT)?)),
        })
    }

    /// Appends records that belong together and gives the number of the last one. They are on disk when this returns,
    /// and in the store unless that has failed; see [`RunLedger::failed`].
    ///
    /// # Errors
    /// When they cannot be written. The ledger then stands as before, and appending may be tried again.
    pub fn append_all(&mut self, records: &[Record]) -> Result<u64, LedgerError> {
        match self {
            Self::Local(ledger) => ledger.append_all(records),
            Self::Copied(copied) => copied.append(records),
        }
    }

    /// How large the ledger is, as far as this run knows.
    pub fn size(&self) -> Size {
        match self {
            Self::Local(ledger) => ledger.size(),
            Self::Copied(copied) => copied.size(),
        }
    }

    /// The file that a torn last line was moved to when the ledger was opened.
    pub fn torn(&self) -> Option<&Path> {
        match self {
            Self::Local(ledger) => ledger.torn(),
            Self::Copied(copied) => copied.torn(),
        }
    }

    /// Why the store is not asked any more and what is appended stays on this machine, where that is so.
    pub fn failed(&self) -> Option<&StoreError> {
        match self {
            Self::Local(_) => None,
            Self::Copied(copied) => copied.failed(),
        }
    }
}

/// Brings the copy of a ledger in a folder up to date. Where neither has one, nothing is made.
///
/// # Errors
/// When the store cannot be used, or has another ledger than the folder.
pub fn refresh(dir: &Path, store: Arc<dyn Store>, extent: Extent) -> Result<(), LedgerError> {
    let is_missing = Files::of(dir).map_err(failed("read the ledger in", dir))?.is_empty();
    if is_missing && store.list(copy::FOLDER)?.is_empty() {
        return Ok(());
    }
    Copied::begin(dir, store, copy::LIMIT)?.refresh(extent)
}

/// Sends what earlier runs could not send to the store, and tells how many records that were.
///
/// # Errors
/// When the store cannot be used, or has another ledger than the folder.
pub fn push(dir: &Path, store: Arc<dyn Store>) -> Result<usize, LedgerError> {
    if Spool::of(dir).read()?.is_none() {
        return Ok(0);
    }
    Copied::begin(dir, store, copy::LIMIT)?.push()
}

/// How many records of earlier runs have still to be sent to the store.
///
/// # Errors
/// When nobody can tell.
pub fn unsent(dir: &Path) -> Result<usize, LedgerError> {
    Ok(Spool::of(dir).read()?.map_or(0, |text| text.lines().count()))
}
