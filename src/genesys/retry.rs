//! Whether to repeat a request that did not succeed, and when. Decides only; the caller waits.

use std::time::Duration;

/// Whether a repeated request could do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing, so it may be repeated at will.
    Read,
    /// It changes something, so it is repeated only where it provably had no effect.
    Write,
}

/// How an attempt ended that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service answered with this status.
    Answered {
        /// The HTTP status.
        status: u16,
        /// How long the service asked to wait, where it did.
        retry_after: Option<Duration>,
    },
    /// The service turned the request away because there were too many.
    Throttled {
        /// How long the service asked to wait, where it did.
        retry_after: Option<Duration>,
    },
    /// No connection came about, so nothing was sent.
    NotConnected,
    /// The other side could not prove who it is, so nothing was sent.
    Untrusted,
    /// A proxy does not let this program through, so nothing was sent.
    Barred,
    /// No answer came in time.
    TimedOut,
    /// The connection broke before the whole answer was there.
    Broken,
    /// The answer was longer than this program takes in.
    Oversized,
}

/// How often one request was tried, the attempt that just ended included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Attempts that failed.
    pub failed: u32,
    /// Attempts that were turned away because there were too many requests.
    pub throttled: u32,
    /// The time since the first attempt began.
    pub spent: Duration,
}

/// How patient the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts at a request that keeps failing.
    pub attempts: u32,
    /// Attempts at a request that keeps being turned away. More than `attempts`: a limit that is shared
    /// with other programs may strike several times in a row, and waiting as asked does no harm.
    pub throttled_attempts: u32,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait that this program chooses itself.
    pub longest_wait: Duration,
    /// The longest wait that it accepts from the service. The official tools give up above 180 s too:
    /// behind such an answer is a daily limit.
    pub longest_retry_after: Duration,
    /// The longest that one request may take in all: its attempts, and the waits between them.
    pub longest_in_all: Duration,
}

/// What to do about an attempt that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Try again after this time.
    RetryAfter(Duration),
    /// Do not try again.
    GiveUp,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            throttled_attempts: 10,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            longest_retry_after: Duration::from_secs(180),
            longest_in_all: Duration::from_secs(900),
        }
    }
}

impl Tries {
    /// With one more attempt that ended this way.
    #[must_use]
    pub fn after(self, outcome: Outcome) -> Self {
        match outcome {
            Outcome::Throttled { .. } => Self { throttled: self.throttled + 1, ..self },
            _ => Self { failed: self.failed + 1, ..self },
        }
    }
}

/// Decides about an attempt that did not succeed. `jitter`, from 0 to 1, places the wait between none
/// and the longest, so that many clients do not come back at the same moment.
///
/// A 401 is not repeated here: it is the token that must change, and whoever holds it repeats.
pub fn decide(effect: Effect, outcome: Outcome, tries: Tries, policy: &RetryPolicy, jitter: f64) -> Decision {
    let (asked, harmless, tried, allowed) = match outcome {
        Outcome::Throttled { retry_after } => (retry_after, true, tries.throttled, policy.throttled_attempts),
        Outcome::Answered { status: 408 | 500 | 502 | 503 | 504, retry_after } => {
            (retry_after, effect == Effect::Read, tries.failed, policy.attempts)
        }
        Outcome::TimedOut | Outcome::Broken => (None, effect == Effect::Read, tries.failed, policy.attempts),
        Outcome::NotConnected => (None, true, tries.failed, policy.attempts),
        Outcome::Answered { .. } | Outcome::Untrusted | Outcome::Barred | Outcome::Oversized => {
            return Decision::GiveUp;
        }
    };
    if !harmless || tried >= allowed || asked.is_some_and(|asked| asked > policy.longest_retry_after) {
        return Decision::GiveUp;
    }
    let throttled = matches!(outcome, Outcome::Throttled { .. });
    let wait = match asked {
        Some(asked) if throttled => asked,
        _ => backoff(tried, policy, jitter).max(asked.unwrap_or_default()),
    };
    if tries.spent.saturating_add(wait) > policy.longest_in_all { Decision::GiveUp } else { Decision::RetryAfter(wait) }
}

fn backoff(tried: u32, policy: &RetryPolicy, jitter: f64) -> Duration {
    let doubled = 2_u32.saturating_pow(tried.saturating_sub(1));
    policy.first_wait.saturating_mul(doubled).min(policy.longest_wait).mul_f64(jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{GiveUp, RetryAfter};
    use Effect::{Read, Write};

    const fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn first(effect: Effect, outcome: Outcome) -> Decision {
        decide(effect, outcome, Tries::default().after(outcome), &RetryPolicy::default(), 1.0)
    }

    #[test]
    fn every_status_of_reads_and_writes() {
        for status in 300..=599 {
            let outcome = Outcome::Answered { status, retry_after: None };
            let transient = matches!(status, 408 | 500 | 502 | 503 | 504);
            let read = if transient { RetryAfter(seconds(1)) } else { GiveUp };
            assert_eq!(first(Read, outcome), read, "{status}");
            // None of these proves that nothing happened.
            assert_eq!(first(Write, outcome), GiveUp, "{status}");
        }
    }

    #[test]
    fn every_other_outcome_of_reads_and_writes() {
        let again = RetryAfter(seconds(1));
        for (outcome, read, write) in [
            (Outcome::Throttled { retry_after: None }, again, again),
            (Outcome::Throttled { retry_after: Some(seconds(42)) }, RetryAfter(seconds(42)), RetryAfter(seconds(42))),
            (Outcome::Throttled { retry_after: Some(seconds(0)) }, RetryAfter(seconds(0)), RetryAfter(seconds(0))),
            (
                Outcome::Throttled { retry_after: Some(seconds(180)) },
                RetryAfter(seconds(180)),
                RetryAfter(seconds(180)),
            ),
            (Outcome::Throttled { retry_after: Some(seconds(181)) }, GiveUp, GiveUp),
            (Outcome::Answered { status: 503, retry_after: Some(seconds(9)) }, RetryAfter(seconds(9)), GiveUp),
            (Outcome::Answered { status: 503, retry_after: Some(seconds(0)) }, again, GiveUp),
            (Outcome::Answered { status: 503, retry_after: Some(seconds(999)) }, GiveUp, GiveUp),
            (Outcome::NotConnected, again, again),
            (Outcome::TimedOut, again, GiveUp),
            (Outcome::Broken, again, GiveUp),
            (Outcome::Untrusted, GiveUp, GiveUp),
            (Outcome::Barred, GiveUp, GiveUp),
            (Outcome::Oversized, GiveUp, GiveUp),
        ] {
            assert_eq!(first(Read, outcome), read, "read, {outcome:?}");
            assert_eq!(first(Write, outcome), write, "write, {outcome:?}");
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_attempts() {
        let policy = RetryPolicy { attempts: 8, ..RetryPolicy::default() };
        let mut tries = Tries::default();
        let mut waits = Vec::new();
        loop {
            tries = tries.after(Outcome::TimedOut);
            match decide(Read, Outcome::TimedOut, tries, &policy, 1.0) {
                RetryAfter(wait) => waits.push(wait.as_secs()),
                GiveUp => break,
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        let fourth = Tries { failed: 4, ..Tries::default() };
        assert_eq!(decide(Read, Outcome::TimedOut, fourth, &RetryPolicy::default(), 1.0), GiveUp);
    }

    #[test]
    fn jitter_spreads_a_wait_over_its_whole_length() {
        let tries = Tries { failed: 3, ..Tries::default() };
        for (jitter, millis) in [(0.0, 0), (0.5, 2000), (1.0, 4000)] {
            let decided = decide(Read, Outcome::Broken, tries, &RetryPolicy::default(), jitter);
            assert_eq!(decided, RetryAfter(Duration::from_millis(millis)), "{jitter}");
        }
    }

    #[test]
    fn being_turned_away_does_not_use_up_the_attempts_for_failures() {
        let asked = Outcome::Throttled { retry_after: Some(seconds(1)) };
        let policy = RetryPolicy::default();
        for (throttled, decision) in [(4, RetryAfter(seconds(1))), (9, RetryAfter(seconds(1))), (10, GiveUp)] {
            assert_eq!(
                decide(Write, asked, Tries { throttled, ..Tries::default() }, &policy, 1.0),
                decision,
                "{throttled}"
            );
        }
        let tries = Tries { failed: 1, throttled: 9, ..Tries::default() };
        assert_eq!(decide(Read, Outcome::Broken, tries, &policy, 1.0), RetryAfter(seconds(1)));
    }

    #[test]
    fn no_wait_goes_beyond_the_time_that_a_request_may_take_in_all() {
        let policy = RetryPolicy { longest_in_all: seconds(60), ..RetryPolicy::default() };
        let throttled = Outcome::Throttled { retry_after: Some(seconds(20)) };
        for (outcome, spent, decision) in [
            (throttled, 40, RetryAfter(seconds(20))),
            (throttled, 41, GiveUp),
            (Outcome::TimedOut, 59, RetryAfter(seconds(1))),
            (Outcome::TimedOut, 60, GiveUp),
        ] {
            let tries = Tries { spent: seconds(spent), ..Tries::default() }.after(outcome);
            assert_eq!(decide(Read, outcome, tries, &policy, 1.0), decision, "{outcome:?} after {spent} s");
        }
    }
}
