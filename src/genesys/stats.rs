//! What the conversation took, for the summary of a run and its metrics.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::retry::Outcome;

/// What the conversation took so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests sent, repeated ones and logins included.
    pub requests: u64,
    /// Of those, the ones that repeated an earlier one.
    pub retries: u64,
    /// Of those, how many ended in which way.
    pub outcomes: BTreeMap<RequestOutcome, u64>,
    /// How long each attempt took, from its leaving to its answer or failure, in the order of their
    /// ends; waits before an attempt not included.
    pub latencies: Vec<Duration>,
    /// How long requests waited for the limit of requests a minute, this program's or the service's, put end to end.
    pub waited: Duration,
}

/// How a request ended, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestOutcome {
    /// It was answered with 2xx.
    Success,
    /// It was answered with 4xx, or redirected, which is not followed.
    ClientError,
    /// It was turned away because there were too many.
    RateLimited,
    /// It was answered with 5xx.
    ServerError,
    /// No answer came in time.
    Timeout,
    /// No connection came about, it broke, or what came over it was not taken in.
    Connection,
}

impl RequestOutcome {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Success, Self::ClientError, Self::RateLimited, Self::ServerError, Self::Timeout, Self::Connection];

    /// Of an attempt; none is a success.
    pub(super) fn of(outcome: Option<Outcome>) -> Self {
        match outcome {
            None => Self::Success,
            Some(Outcome::Throttled { .. }) => Self::RateLimited,
            Some(Outcome::Answered { status: 500.., .. }) => Self::ServerError,
            Some(Outcome::Answered { .. }) => Self::ClientError,
            Some(Outcome::TimedOut) => Self::Timeout,
            Some(
                Outcome::NotConnected | Outcome::Untrusted | Outcome::Barred | Outcome::Broken | Outcome::Oversized,
            ) => Self::Connection,
        }
    }

    /// The word for it in metrics, for example `rate_limited`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ClientError => "client_error",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
        }
    }
}

/// Collects the figures of concurrent requests.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Stats>);

impl Meter {
    pub(super) fn count(&self, repeated: bool, outcome: RequestOutcome, latency: Duration) {
        let mut stats = self.stats();
        stats.requests += 1;
        stats.retries += u64::from(repeated);
        *stats.outcomes.entry(outcome).or_default() += 1;
        stats.latencies.push(latency);
    }

    pub(super) fn waited(&self, wait: Duration) {
        self.stats().waited += wait;
    }

    pub(super) fn snapshot(&self) -> Stats {
        self.stats().clone()
    }

    fn stats(&self) -> std::sync::MutexGuard<'_, Stats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
