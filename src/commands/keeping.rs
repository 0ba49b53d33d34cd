//! Where a command finds and leaves its state: the folder, and the store that it belongs to.

use std::path::Path;
use std::sync::Arc;

use super::Invocation;
use super::error::CommandError;
use super::terminal::Terminal;
use crate::config::State;
use crate::ledger::{self, Extent, Files, LedgerError, RunLedger};
use crate::lock::Locks;
use crate::store::{Cloud, Store, StoreError};

impl Invocation<'_> {
    /// The folder of the ledger, or of this machine's copy of it.
    pub fn folder(&self) -> &Path {
        self.settings.state.folder()
    }

    /// The store, if the settings name one. It is opened once.
    pub fn store(&self) -> Result<Option<Arc<dyn Store>>, StoreError> {
        let Some(location) = self.settings.state.location() else { return Ok(None) };
        if let Some(store) = self.opened.get() {
            return Ok(Some(Arc::clone(store)));
        }
        let store: Arc<dyn Store> = Arc::new(Cloud::open(location, self.settings.ca_file.as_deref())?);
        Ok(Some(Arc::clone(self.opened.get_or_init(|| store))))
    }

    /// The locks of the state.
    pub fn locks(&self) -> Result<Locks, StoreError> {
        Ok(Locks::of(self.folder(), self.store()?))
    }

    /// Opens the ledger to write to it. What is read from the folder is up to date then.
    pub fn open_ledger(&self) -> Result<RunLedger, LedgerError> {
        RunLedger::open(self.folder(), self.store()?)
    }

    /// Brings the folder up to date with the store, if there is one.
    pub fn refresh(&self, extent: Extent) -> Result<(), LedgerError> {
        self.store()?.map_or(Ok(()), |store| ledger::refresh(self.folder(), store, extent))
    }

    /// The same for those who only look at records: where it fails, they are told, and see what the folder has.
    pub fn refresh_or_tell(&self, terminal: &mut Terminal) {
        if let Err(error) = self.refresh(Extent::New) {
            let folder = self.folder().display();
            terminal.note(format!(
                "warning: {error}\nShown is what {folder} had at its last use, without what came since."
            ));
        }
    }
}

/// What to know of a ledger whose store has failed midway.
pub fn told(error: &StoreError, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "warning: {error}; the run goes on and writes to the ledger in {folder} only: bring it to the store with `dialctl \
         audit push` on this machine, and keep the folder until then"
    )
}

/// Makes sure that there is a ledger.
pub fn check_ledger(invocation: &Invocation<'_>) -> Result<(), CommandError> {
    let state = &invocation.settings.state;
    let files = Files::of(invocation.folder()).map_err(|source| unreadable(state, source))?;
    if files.is_empty() { Err(CommandError::NoLedger { state: state.to_string() }) } else { Ok(()) }
}

/// The ledger cannot be read.
pub fn unreadable(state: &State, source: std::io::Error) -> CommandError {
    CommandError::File { doing: format!("read the ledger in {state}"), source }
}
