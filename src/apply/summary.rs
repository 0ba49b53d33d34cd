//! What came of a run.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::genesys::Course;
use crate::plan::Action;
use crate::schedule::{LiveSchedule, ScheduleKind};

use super::{JournalError, StepError};

/// What came of one action.
#[derive(Clone, Debug)]
pub struct ActionResult {
    /// `create`, `update` or `delete`.
    pub action: &'static str,
    /// The family of the schedule.
    pub kind: ScheduleKind,
    /// The manifest's name; for a delete the live name.
    pub name: String,
    /// The id of the schedule object, where it is known.
    pub schedule_id: Option<String>,
    /// The schedule as the service has stored it, where it said so.
    pub stored: Option<LiveSchedule>,
    /// What came of it.
    pub outcome: Outcome,
    /// From the start of the action to its outcome, waits and repeats included.
    pub latency: Duration,
    /// What it took of the conversation with the service.
    pub course: Course,
}

/// How an action ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is done, as the API confirmed.
    Succeeded,
    /// It is not done, or not as wanted.
    Failed(StepError),
    /// It was not started.
    NotAttempted,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Summary {
    /// One result per action, in the order in which they ended.
    pub results: Vec<ActionResult>,
    /// Why the journal let nothing more be started, if that happened.
    pub journal_error: Option<JournalError>,
}

/// The requests that a run sent.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Traffic {
    /// Requests sent, repeats included.
    pub requests: u64,
    /// Repeats among them.
    pub retries: u64,
}

impl ActionResult {
    pub(super) fn of(
        action: &Action,
        answer: Result<Option<LiveSchedule>, StepError>,
        latency: Duration,
        course: Course,
    ) -> Self {
        let known = action.live().and_then(|live| live.id.clone());
        let (stored, outcome) = match answer {
            Ok(stored) => (stored, Outcome::Succeeded),
            Err(error) => (error.stored().cloned(), Outcome::Failed(error)),
        };
        let schedule_id = stored.as_ref().and_then(|live| live.id.clone()).or(known);
        Self {
            action: action.verb(),
            kind: action.kind(),
            name: action.name().to_owned(),
            schedule_id,
            stored,
            outcome,
            latency,
            course,
        }
    }

    pub(super) fn not_attempted(action: &Action) -> Self {
        Self {
            action: action.verb(),
            kind: action.kind(),
            name: action.name().to_owned(),
            schedule_id: action.live().and_then(|live| live.id.clone()),
            stored: None,
            outcome: Outcome::NotAttempted,
            latency: Duration::ZERO,
            course: Course::default(),
        }
    }

    /// The error, when it failed.
    pub fn error(&self) -> Option<&StepError> {
        match &self.outcome {
            Outcome::Failed(error) => Some(error),
            Outcome::Succeeded | Outcome::NotAttempted => None,
        }
    }
}

impl Outcome {
    /// `SUCCESS`, `FAILURE` or `NOT_ATTEMPTED`.
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCESS",
            Self::Failed(_) => "FAILURE",
            Self::NotAttempted => "NOT_ATTEMPTED",
        }
    }
}

impl Summary {
    /// How many actions ended in a way.
    pub fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.results.iter().filter(|result| is(&result.outcome)).count()
    }

    /// Actions that are done.
    pub fn succeeded(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Succeeded))
    }

    /// Actions that failed.
    pub fn failed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    /// Actions that were not started.
    pub fn not_attempted(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::NotAttempted))
    }

    /// The latency that this share of the attempted actions did not exceed (nearest rank).
    pub fn latency(&self, percent: usize) -> Duration {
        let attempted = self.results.iter().filter(|result| !matches!(result.outcome, Outcome::NotAttempted));
        let mut latencies: Vec<Duration> = attempted.map(|result| result.latency).collect();
        latencies.sort_unstable();
        let rank = (latencies.len() * percent).div_ceil(100).saturating_sub(1);
        latencies.get(rank).copied().unwrap_or_default()
    }

    /// The exit code of the run.
    pub fn exit(&self) -> Exit {
        let errors: Vec<&StepError> = self.results.iter().filter_map(ActionResult::error).collect();
        let is_denied = |error: &&StepError| matches!(error, StepError::Api(api) if api.exit() == Exit::Denied);
        if let Some(JournalError::Ledger(_)) = self.journal_error {
            Exit::Failed
        } else if self.succeeded() == self.results.len() {
            Exit::Done
        } else if self.succeeded() == 0 && !errors.is_empty() && errors.iter().all(is_denied) {
            Exit::Denied
        } else {
            Exit::Partial
        }
    }
}

/// Whole milliseconds; a latency beyond the range of the type is as good as the longest.
pub fn millis(latency: Duration) -> u64 {
    u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)
}
