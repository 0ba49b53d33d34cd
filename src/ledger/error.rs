//! What can go wrong with the file of a ledger, each with its way out.

use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;

use super::chain::BadLine;

/// A ledger could not be opened or continued.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process writes to it.
    #[error("another run holds the lock {}: {holder}; wait until it has ended, then run again", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, as the lock file says.
        holder: String,
    },
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
         run starts a new ledger",
        path.display()
    )]
    Broken {
        /// The ledger.
        path: PathBuf,
        /// What is wrong with the line.
        reason: BadLine,
    },
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

impl LedgerError {
    /// The exit code of a run that ends with this error.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Locked { .. } => Exit::Locked,
            Self::File { .. } | Self::Broken { .. } => Exit::Failed,
        }
    }
}

/// Names the operation and the file of a system error.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
    move |cause| LedgerError::File { doing, path: path.to_owned(), cause }
}
