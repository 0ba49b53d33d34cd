//! Why a command ended early, and the exit code that tells scripts.

use std::io;
use std::path::PathBuf;

use super::seed_file::SeedFileError;
use crate::calendar::InvalidDates;
use crate::config::{ConfigFileError, InvalidSetting, ProfileError};
use crate::exit::Exit;
use crate::genesys::{ApiError, InvalidAuthorities, InvalidEndpoint, NoClient, UnknownRegion};
use crate::ledger::{InvalidCheckpoint, LedgerError, Verdict};
use crate::lock::LockError;
use crate::plan::{BrokenPlan, NotApproved};
use crate::sandbox::SandboxError;
use crate::store::StoreError;
use crate::watch::WatchError;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// `dialctl.yaml` cannot be used.
    #[error(transparent)]
    ConfigFile(#[from] ConfigFileError),
    /// A setting cannot be used.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// A profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A file of certificates cannot be used.
    #[error(transparent)]
    Authorities(#[from] InvalidAuthorities),
    /// There is no such region.
    #[error(transparent)]
    Region(#[from] UnknownRegion),
    /// An address cannot be used.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// TLS cannot be set up.
    #[error(transparent)]
    NoClient(#[from] NoClient),
    /// There are no credentials.
    #[error(
        "no credentials: set GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (or GENESYSCLOUD_ACCESS_TOKEN), \
         name a profile of `gc` with --profile, or try it out with --sandbox"
    )]
    NoCredentials,
    /// There is no region.
    #[error("no region: set GENESYS_ENV or --region, for example eu-central-1, or try it out with --sandbox")]
    NoRegion,
    /// The manifests have errors, which are told already.
    #[error("the manifests have errors, see above; nothing was sent")]
    InvalidManifests,
    /// The manifests ask for more than the platform has, which is told already.
    #[error("the manifests do not fit what is live, see above; nothing was written")]
    OverLiveCapacity,
    /// A manifest cannot be read; which one is told already.
    #[error("not all manifests could be read, see above; nothing was sent")]
    UnreadableManifests,
    /// Targets that manifests name do not exist, or are ambiguous.
    #[error("{}", .0.join("\n"))]
    Targets(Vec<String>),
    /// The API failed.
    #[error("{error}{}", correlation(.error))]
    Api {
        /// What went wrong.
        error: ApiError,
    },
    /// The plan may not be applied.
    #[error(transparent)]
    NotApproved(#[from] NotApproved),
    /// The policy denies what a flag asks for.
    #[error("the policy in dialctl.yaml denies `delete`, so --prune is refused; nothing was changed")]
    PruneDenied,
    /// Deletes would reach what other manifests declare.
    #[error(
        "--prune deletes every schedule of this owner that the given manifests do not declare, and {} is only a part \
         of `schedules`: leave the path out, or say with --only which schedules are to go; nothing was changed",
        .part.display()
    )]
    PruneOfPart {
        /// The path that is only a part.
        part: PathBuf,
    },
    /// A saved plan cannot be read.
    #[error("the plan {}: {reason}; make it again with `dialctl plan --out`", .path.display())]
    BrokenPlan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: BrokenPlan,
    },
    /// What a saved plan was made from has changed.
    #[error("the plan is stale: {}\nMake it again with `dialctl plan --out`; nothing was changed", .0.join("\n  "))]
    StalePlan(Vec<String>),
    /// There is nothing that what is live could have drifted from.
    #[error(
        "no apply of this owner in this organisation is on record in {}, so nobody can tell what has changed since; point \
         --state at the state directory of the last apply",
        .state
    )]
    NothingApplied {
        /// Where the state is kept.
        state: String,
    },
    /// There is nothing to look into.
    #[error("there is no ledger in {}; point --state at the directory or store that an apply has written to", .state)]
    NoLedger {
        /// Where the state is kept.
        state: String,
    },
    /// The ledger is not what was written.
    #[error("{}:{line}: {verdict}", .file.display())]
    Tampered {
        /// The file of the ledger.
        file: PathBuf,
        /// The first bad line, from 1.
        line: u64,
        /// What was done.
        verdict: Verdict,
    },
    /// A checkpoint cannot be used.
    #[error("the checkpoint {}: {reason}", .path.display())]
    BrokenCheckpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: InvalidCheckpoint,
    },
    /// Names on the command line that stand for nothing.
    #[error(
        "no manifest and no live schedule of this owner has the name {}, which --only gives; nothing was changed",
        .0.join(", ")
    )]
    UnknownNames(Vec<String>),
    /// A calendar cannot show these days.
    #[error(transparent)]
    Dates(#[from] InvalidDates),
    /// Somebody was asked and said no.
    #[error("not confirmed; nothing was changed")]
    NotConfirmed,
    /// Another run holds the lock, or it cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The lock was lost before anything was done.
    #[error("{0}; nothing was changed")]
    LockLost(LockError),
    /// There is no lock to take away.
    #[error("no lock has the id `{}`; {}", .id.escape_debug(), held_now(.state, .held))]
    UnknownLock {
        /// The id on the command line.
        id: String,
        /// Where the state is kept.
        state: String,
        /// The locks that are held, each told in full.
        held: Vec<String>,
    },
    /// There is no such receiver of events.
    #[error("no receiver of events is called `{}`; {}", .name.escape_debug(), receivers(.names))]
    UnknownReceiver {
        /// The name on the command line.
        name: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// An id that does not stand for one event.
    #[error(
        "{} in the ledger has an id that begins with `{}`; `dialctl events list` lists them",
        if *.found == 0 { "no event".to_owned() } else { format!("not one but {found} events") }, .id.escape_debug()
    )]
    UnknownEvent {
        /// What the command line says.
        id: String,
        /// How many events it stands for.
        found: usize,
    },
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store of the ledger cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The receiver of events cannot be used.
    #[error("{0}")]
    Receiver(String),
    /// The sandbox does not start.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// What the sandbox is to have from the start cannot be used.
    #[error(transparent)]
    SeedFile(#[from] SeedFileError),
    /// Files cannot be watched.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// A file or another resource of this machine fails.
    #[error("cannot {doing}: {source}")]
    File {
        /// What was tried.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
    /// stdout cannot be written.
    #[error("cannot write to stdout: {0}")]
    Output(io::Error),
}

impl CommandError {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::ConfigFile(ConfigFileError::Unreadable { .. } | ConfigFileError::NoFile(_)) => Exit::Failed,
            Self::ConfigFile(_)
            | Self::Setting(_)
            | Self::Region(_)
            | Self::Endpoint(_)
            | Self::NoRegion
            | Self::InvalidManifests
            | Self::OverLiveCapacity
            | Self::Targets(_)
            | Self::SeedFile(SeedFileError::Invalid(_))
            | Self::Receiver(_) => Exit::Invalid,
            Self::NoCredentials | Self::Profile(ProfileError::NoCredentials { .. }) => Exit::Denied,
            Self::Profile(ProfileError::Unreadable { .. })
            | Self::Authorities(InvalidAuthorities::Unreadable { .. }) => Exit::Failed,
            Self::Profile(_) | Self::Authorities(_) => Exit::Invalid,
            Self::Api { error } => error.exit(),
            Self::NotApproved(_) | Self::PruneDenied | Self::PruneOfPart { .. } | Self::NotConfirmed => Exit::Refused,
            Self::BrokenPlan { .. } => Exit::Invalid,
            Self::StalePlan(_) => Exit::StalePlan,
            Self::UnknownNames(_) | Self::UnknownReceiver { .. } | Self::Dates(_) => Exit::Usage,
            Self::Lock(error) | Self::LockLost(error) => error.exit(),
            Self::Ledger(error) => error.exit(),
            Self::Store(error) => error.exit(),
            Self::UnreadableManifests
            | Self::UnknownLock { .. }
            | Self::UnknownEvent { .. }
            | Self::NoClient(_)
            | Self::NothingApplied { .. }
            | Self::NoLedger { .. }
            | Self::Tampered { .. }
            | Self::BrokenCheckpoint { .. }
            | Self::Sandbox(_)
            | Self::SeedFile(SeedFileError::Unreadable { .. })
            | Self::Watch(_)
            | Self::File { .. }
            | Self::Output(_) => Exit::Failed,
        }
    }
}

impl From<ApiError> for CommandError {
    fn from(error: ApiError) -> Self {
        Self::Api { error }
    }
}

fn held_now(state: &str, held: &[String]) -> String {
    if held.is_empty() {
        format!("none is held in {state}")
    } else {
        format!("held in {state} now:\n  {}", held.join("\n  "))
    }
}

fn receivers(names: &[String]) -> String {
    if names.is_empty() {
        "none is configured here: set WFM_WEBHOOK_URL, or list them under `webhooks` in dialctl.yaml".to_owned()
    } else {
        format!("there is {}", names.join(", "))
    }
}

fn correlation(error: &ApiError) -> String {
    error.correlation_id.as_deref().map(|id| format!(" [correlation id {id}]")).unwrap_or_default()
}
