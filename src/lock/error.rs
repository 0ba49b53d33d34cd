//! What can go wrong with a lock, each with its way out.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::exit::Exit;
use crate::ledger::error::way_out;
use crate::store::StoreError;

use super::claim::Claim;

/// A lock could not be had, or could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error(
        "another run holds the lock {}; wait for it with `--lock-timeout SECONDS`, or take the lock away from it with \
         `dialctl unlock {}`",
        claim.told(*now), claim.id.as_str()
    )]
    Held {
        /// Who holds it.
        claim: Box<Claim>,
        /// When it was asked for.
        now: DateTime<Utc>,
    },
    /// Another run holds it in a store, where nobody sees whether that run lives.
    #[error(
        "another run holds the lock {}; wait for it with `--lock-timeout SECONDS`. A run that was killed holds its lock \
         until it expires: make sure that it is not at work, then take the lock away with `dialctl unlock {}`",
        claim.told(*now), claim.id.as_str()
    )]
    HeldInStore {
        /// Who holds it.
        claim: Box<Claim>,
        /// When it was asked for.
        now: DateTime<Utc>,
    },
    /// Somebody took it away while this run held it.
    #[error("somebody took the lock {id} away from this run with `dialctl unlock`; find out why before you run again")]
    TakenAway {
        /// The id of the lock.
        id: String,
    },
    /// Another run took it over after it had expired, or after it was taken away.
    #[error("this run has lost its lock {id}, and another run holds the lock {} now; run again once it has ended", claim.told(*now))]
    TakenOver {
        /// The id of the lock that was lost.
        id: String,
        /// Who holds it now.
        claim: Box<Claim>,
        /// When that was noticed.
        now: DateTime<Utc>,
    },
    /// A file that does not say who holds the lock.
    #[error(
        "the lock file {} does not say who holds the lock: {reason}; make sure that no run is at work, then remove the file",
        path.display()
    )]
    Broken {
        /// The lock file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An object that does not say who holds the lock.
    #[error(
        "the object {name} does not say who holds the lock: {reason}; make sure that no run is at work, then remove the object"
    )]
    BrokenObject {
        /// The object, with its store.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store writes whatever the condition of a write says.
    #[error(
        "{store} does not heed the conditions of writes, so that two runs could hold the same lock; keep the state in another \
         store, or in a directory"
    )]
    Unconditional {
        /// The store.
        store: String,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
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
}

impl LockError {
    /// The exit code of a run that ends with this error before it has begun.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Held { .. } | Self::HeldInStore { .. } | Self::TakenAway { .. } | Self::TakenOver { .. } => {
                Exit::Locked
            }
            Self::Broken { .. } | Self::BrokenObject { .. } | Self::Unconditional { .. } | Self::File { .. } => {
                Exit::Failed
            }
            Self::Store(error) => error.exit(),
        }
    }

    /// Who holds the lock, where it could not be had for that.
    pub fn held_by(&self) -> Option<&Claim> {
        match self {
            Self::Held { claim, .. } | Self::HeldInStore { claim, .. } => Some(claim),
            _ => None,
        }
    }
}

/// Names the operation and the file of a system error.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LockError {
    move |cause| LockError::File { doing, path: path.to_owned(), cause }
}
