//! What the conversation took, for the summary of a run.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What the conversation took so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests sent, repeated ones and logins included.
    pub requests: u64,
    /// Of those, the ones that repeated an earlier one.
    pub retries: u64,
    /// How long each attempt took, from its leaving to its answer or failure, in the order of their
    /// ends; waits before an attempt not included.
    pub latencies: Vec<Duration>,
}

/// Collects the figures of concurrent requests.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Stats>);

impl Meter {
    pub(super) fn count(&self, repeated: bool, latency: Duration) {
        let mut stats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stats.requests += 1;
        stats.retries += u64::from(repeated);
        stats.latencies.push(latency);
    }

    pub(super) fn snapshot(&self) -> Stats {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
