//! Attempts to hand an event to a receiver, as the ledger keeps them, and when another one follows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::notation;
use super::webhook::{DeliveryError, TIMEOUT};

/// How often one run tries to hand one event to one receiver.
pub const TRIES: u32 = 3;

/// How long all tries of one event may take together, waits included.
pub const IN_ALL: Duration = Duration::from_secs(20);

/// The longest wait before the second try; it doubles with each further one. All of them fit into the time that the
/// end of a run waits, where the receiver answers at once.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// An attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FailedAttempt {
    /// When it began.
    #[serde(with = "notation::instant")]
    #[schemars(with = "DateTime<Utc>")]
    pub timestamp: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
    /// Why it failed.
    pub error: String,
}

/// How long to wait before the next try, where there is one. `spent` is the time since the first one began; `jitter`,
/// from 0 to 1, places the wait between half of the longest and all of it. What a receiver asks for is the least.
pub fn wait_before_next(error: &DeliveryError, tried: u32, spent: Duration, jitter: f64) -> Option<Duration> {
    if tried >= TRIES || !error.may_pass() {
        return None;
    }
    let longest = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)));
    let chosen = longest.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
    let wait = chosen.max(error.asked_to_wait().unwrap_or_default());
    fits(spent, wait).then_some(wait)
}

/// Whether a try that begins after a wait ends in time, however slow it is.
pub fn fits(spent: Duration, wait: Duration) -> bool {
    spent.saturating_add(wait).saturating_add(TIMEOUT) <= IN_ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn refused(status: u16, seconds: Option<u64>) -> DeliveryError {
        DeliveryError::Refused { receiver: String::new(), status, wait: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_nothing_else() {
        for status in 300..=599 {
            let again = matches!(status, 408 | 425 | 429 | 500..=599);
            assert_eq!(wait_before_next(&refused(status, None), 1, ms(0), 1.0).is_some(), again, "{status}");
        }
        for error in [
            DeliveryError::TimedOut { receiver: String::new() },
            DeliveryError::NoConnection { receiver: String::new(), cause: String::new() },
        ] {
            assert_eq!(wait_before_next(&error, 1, ms(0), 1.0), Some(ms(500)), "{error:?}");
        }
    }

    #[test]
    fn waits_grow_are_spread_and_end_with_the_tries_and_the_time() {
        for (tried, spent, asked, jitter, wait) in [
            (1, 0, None, 0.0, Some(250)),
            (1, 0, None, 1.0, Some(500)),
            (2, 0, None, 1.0, Some(1000)),
            (3, 0, None, 1.0, None),
            // Two tries that came to nothing, and the third just ends in time.
            (2, 10_500, None, 1.0, Some(1000)),
            (2, 14_001, None, 1.0, None),
            (1, 0, Some(0), 1.0, Some(500)),
            (1, 0, Some(7), 1.0, Some(7000)),
            (1, 0, Some(15), 1.0, Some(15_000)),
            (1, 1, Some(15), 1.0, None),
            (1, 0, Some(u64::MAX), 1.0, None),
        ] {
            let found = wait_before_next(&refused(429, asked), tried, ms(spent), jitter);
            assert_eq!(found, wait.map(ms), "{tried} tried, {spent} ms, asked for {asked:?}");
        }
    }
}
