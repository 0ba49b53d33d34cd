//! The exit codes of the program, a contract with scripts and pipelines.

/// How a run of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; for `plan`: nothing to do, or changes without `--detailed-exitcode`.
    Done = 0,
    /// Failed: network, server or file.
    Failed = 1,
    /// `plan --detailed-exitcode`: there are changes.
    Changes = 2,
    /// Manifests or configuration are invalid.
    Invalid = 3,
    /// Refused by a policy or a safety limit; nothing was changed.
    Refused = 4,
    /// The saved plan is stale.
    StalePlan = 5,
    /// Another run holds the lock.
    Locked = 6,
    /// Apply finished in part: some actions failed or were not attempted.
    Partial = 7,
    /// Not authenticated or not permitted.
    Denied = 8,
    /// Wrong usage of the command line (`EX_USAGE` of sysexits.h).
    Usage = 64,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
