//! What `doctor` makes of the world around the program: checks, each with what was found and the way out. Pure;
//! whoever asks the disk and the network is `commands::doctor`.

mod judgement;
mod report;

pub use judgement::{clock, not_viewed, rights, zone_database};
pub use report::{json, text};

use crate::exit::Exit;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in a few words, for example `login`.
    pub subject: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was found, on one line; where it is not well, with the way out.
    pub found: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Ok,
    /// It works, but not for everything, or not for long.
    Warning,
    /// It does not work; a run that needs it would end with this exit code.
    Failed(Exit),
    /// Nobody can tell, because something before it does not work or is not there.
    Skipped,
}

impl Check {
    /// All is well.
    pub fn ok(subject: impl Into<String>, found: impl Into<String>) -> Self {
        Self { subject: subject.into(), verdict: Verdict::Ok, found: found.into() }
    }

    /// It works, but not for everything, or not for long.
    pub fn warning(subject: impl Into<String>, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, ..Self::ok(subject, found) }
    }

    /// It does not work.
    pub fn failed(subject: impl Into<String>, exit: Exit, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed(exit), ..Self::ok(subject, found) }
    }

    /// Nobody can tell.
    pub fn skipped(subject: impl Into<String>, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, ..Self::ok(subject, found) }
    }
}

/// The exit code of the first check that failed; that of a healthy world where none did.
pub fn exit(checks: &[Check]) -> Exit {
    let failed = checks.iter().find_map(|check| match check.verdict {
        Verdict::Failed(exit) => Some(exit),
        Verdict::Ok | Verdict::Warning | Verdict::Skipped => None,
    });
    failed.unwrap_or(Exit::Done)
}
