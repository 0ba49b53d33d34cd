//! Carries an approved plan out through the port: creates first, then updates, then deletes, several
//! at once within each group.

mod step;
pub mod stream;
mod summary;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::genesys::{ApiError, Clock, Course, ScheduleApi, course};
use crate::plan::{Action, ApprovedPlan, Operation};
use crate::schedule::{LiveName, LiveSchedule};

pub use step::{Backoff, StepError};
pub use summary::{ActionResult, Outcome, Summary, Traffic, millis};

/// Writes down what is about to happen and what came of it, and says when nothing more may be started.
pub trait Journal {
    /// Called before the first request of an action. On an error the action is not started.
    fn intended(&mut self, action: &Action) -> Result<(), JournalError>;

    /// Called when the outcome of an action is known.
    fn finished(&mut self, action: &Action, result: &ActionResult) -> Result<(), JournalError>;
}

/// Why nothing more may be started.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JournalError {
    /// What happens can no longer be written down.
    #[error("the audit ledger failed, so nothing more was started: {0}")]
    Ledger(String),
    /// The run no longer holds the lock, so another one may be at work.
    #[error("nothing more was started: {0}")]
    Lock(String),
}

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// How many actions run at once.
    pub concurrency: NonZeroUsize,
    /// What a failed action means for the others.
    pub on_error: OnError,
    /// How often and how patiently a write is repeated that is known not to have happened.
    pub backoff: Backoff,
    /// The time.
    pub clock: Clock,
}

/// What a failed action means for those that have not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnError {
    /// They are started all the same
    Continue,
    /// They are not started; what is under way is finished
    Stop,
}

/// An action's answer, as it comes back from the API.
type Answer = Result<Option<LiveSchedule>, StepError>;

/// Carries a plan out.
///
/// One failing action does not stop the others, except that a schedule which could not be created on its
/// new target is not deleted from its old one. When an action fails under [`OnError::Stop`], when `stop`
/// completes, when the login is refused, or when the journal fails, nothing more is started, what is
/// under way is finished, and the rest is counted as not attempted. What the journal said is told in
/// [`Summary::journal_error`].
pub async fn apply(
    plan: &ApprovedPlan,
    api: &dyn ScheduleApi,
    options: &ApplyOptions,
    journal: &mut dyn Journal,
    stop: impl Future<Output = ()>,
) -> Summary {
    let mut run = Run {
        journal,
        on_error: options.on_error,
        results: Vec::new(),
        journal_error: None,
        stopped: false,
        missing: BTreeSet::new(),
    };
    let mut stop = pin!(stop);
    for group in plan.actions().chunk_by(|a, b| a.verb() == b.verb()) {
        let mut waiting = group.iter();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < options.concurrency.get() && run.goes_on() {
                let Some(action) = waiting.next() else { break };
                if run.may_start(action) && run.begins(action) {
                    under_way.push(timed(action, api, options));
                }
            }
            if under_way.is_empty() {
                break;
            }
            tokio::select! {
                Some((action, answer, taken)) = under_way.next() => run.ends(action, answer, taken),
                () = &mut stop, if !run.stopped => run.stopped = true,
            }
        }
        run.leaves(waiting);
    }
    Summary { results: run.results, journal_error: run.journal_error }
}

/// What an action took.
struct Taken {
    latency: Duration,
    course: Course,
}

async fn timed<'a>(action: &'a Action, api: &dyn ScheduleApi, options: &ApplyOptions) -> (&'a Action, Answer, Taken) {
    let began = options.clock.now();
    let (answer, course) = course::followed(step::carry_out(action, api, &options.backoff, &options.clock)).await;
    (action, answer, Taken { latency: options.clock.now() - began, course })
}

struct Run<'a> {
    journal: &'a mut dyn Journal,
    on_error: OnError,
    results: Vec<ActionResult>,
    journal_error: Option<JournalError>,
    stopped: bool,
    /// The live names of schedules that were to be created and were not.
    missing: BTreeSet<LiveName>,
}

impl Run<'_> {
    fn goes_on(&self) -> bool {
        !self.stopped && self.journal_error.is_none()
    }

    /// Whether an action may start after those before it. A schedule that moves to another target is
    /// created there and deleted here; while it does not exist there, it stays here.
    fn may_start(&mut self, action: &Action) -> bool {
        let old_place = matches!(&action.operation, Operation::Delete { name, .. }
            if self.missing.iter().any(|missing| missing.as_str() == name));
        if old_place {
            self.results.push(ActionResult::not_attempted(action));
        }
        !old_place
    }

    /// Whether the intention could be written down, so that the action may start.
    fn begins(&mut self, action: &Action) -> bool {
        match self.journal.intended(action) {
            Ok(()) => true,
            Err(error) => {
                self.journal_error = Some(error);
                self.results.push(ActionResult::not_attempted(action));
                false
            }
        }
    }

    fn ends(&mut self, action: &Action, answer: Answer, taken: Taken) {
        let result = ActionResult::of(action, answer, taken.latency, taken.course);
        if let Some(error) = result.error() {
            // Where the login is refused, every further request would be, too.
            let hopeless = error.last_answer().is_some_and(ApiError::is_login_refused);
            self.stopped |= hopeless || self.on_error == OnError::Stop;
        }
        if let (Operation::Create { wanted }, Outcome::Failed(_)) = (&action.operation, &result.outcome) {
            self.missing.insert(wanted.schedule.live_name.clone());
        }
        if let Err(error) = self.journal.finished(action, &result) {
            self.journal_error.get_or_insert(error);
        }
        self.results.push(result);
    }

    fn leaves<'b>(&mut self, rest: impl Iterator<Item = &'b Action>) {
        self.results.extend(rest.map(ActionResult::not_attempted));
    }
}
