//! What can go wrong with the file of a ledger, each with its way out.

use std::io;
use std::path::{Path, PathBuf};

use super::chain::BadLine;
use crate::exit::Exit;
use crate::store::StoreError;

/// A ledger could not be opened or continued.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The system refused an operation on a file.
    #[error("cannot {doing} {}: {cause}; {}", path.display(), way_out(cause))]
    File {
        /// The operation.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The last line is whole, but it is not what was written.
    #[error(
        "the last line of {} cannot be continued: {reason}; keep the file as evidence under another name, and the next \
         run goes on without it",
        path.display()
    )]
    Broken {
        /// The ledger.
        path: PathBuf,
        /// What is wrong with the line.
        reason: BadLine,
    },
    /// What the store has is not what this machine has copied.
    #[error(
        "the ledger in {store} is not the one that {} is a copy of: {reason}; find out who has changed it. To take what is \
         there from now on, keep that folder as evidence under another name",
        folder.display()
    )]
    Diverged {
        /// The store.
        store: String,
        /// The folder of the copy.
        folder: PathBuf,
        /// What is wrong with the first line that does not fit.
        reason: BadLine,
    },
    /// The store has less than this machine has copied.
    #[error(
        "the ledger in {store} was cut: it ends with record {found}, and {} has record {known}; find out who has cut it. To \
         take what is there from now on, keep that folder as evidence under another name",
        folder.display()
    )]
    Shortened {
        /// The store.
        store: String,
        /// The folder of the copy.
        folder: PathBuf,
        /// The last record in the store.
        found: u64,
        /// The last record in the folder.
        known: u64,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Lines are missing that this writer knows of.
    #[error(
        "{} was cut or replaced while this run wrote to it; keep what is there as evidence under another name, and the \
         next run goes on without it",
        path.display()
    )]
    Cut {
        /// The ledger.
        path: PathBuf,
    },
}

impl LedgerError {
    /// The exit code of a run that ends with this error before it has begun.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Store(error) => error.exit(),
            _ => Exit::Failed,
        }
    }
}

/// What to do about a file or directory in the state directory that the system refuses.
pub(crate) fn way_out(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make it writable, or choose another directory with `state` in dialctl.yaml"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, then run again",
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => {
            "move away what stands there, or choose another directory with `state` in dialctl.yaml"
        }
        _ => "check the state directory, or choose another with `state` in dialctl.yaml",
    }
}

/// Names the operation and the file of a system error.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    move |cause| LedgerError::File { doing, path: path.to_owned(), cause }
}
