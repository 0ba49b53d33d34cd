//! Access tokens: who has one, until when, and how many requests it has made in this minute.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::Refusal;

/// The length of a rate limit's window (the service's limits are per minute).
const WINDOW: TimeDelta = TimeDelta::seconds(60);

/// The tokens that were given out. Like those of the service they are opaque.
#[derive(Default)]
pub struct Tokens {
    known: HashMap<String, Token>,
}

struct Token {
    expires: DateTime<Utc>,
    window_ends: DateTime<Utc>,
    count: u32,
}

/// How much of its rate limit a token has used; the values of the `inin-ratelimit-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Requests in this window, this one included.
    pub count: u32,
    /// Requests allowed in a window.
    pub allowed: u32,
    /// Seconds until the window ends.
    pub reset: u32,
}

/// What became of a token that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The request may go on; without a limit there is no usage.
    Admitted(Option<Usage>),
    /// The limit is used up.
    Limited(Usage),
    /// There is no such token, or it has expired.
    Unknown,
}

impl Tokens {
    /// Gives out a token, and forgets those that have expired.
    pub fn give_out(&mut self, token: String, now: DateTime<Utc>, lifetime: Duration) {
        self.known.retain(|_, known| now < known.expires);
        let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX);
        let expires = now.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.known.insert(token, Token { expires, window_ends: now, count: 0 });
    }

    /// Forgets a token before its time.
    pub fn forget(&mut self, token: &str) {
        self.known.remove(token);
    }

    /// Counts a request against the fixed window of its token. A `limit` of 0 is none.
    pub fn admit(&mut self, token: &str, now: DateTime<Utc>, limit: u32) -> Admission {
        let Some(known) = self.known.get_mut(token).filter(|known| now < known.expires) else {
            return Admission::Unknown;
        };
        if limit == 0 {
            return Admission::Admitted(None);
        }
        if known.window_ends <= now {
            known.window_ends = now + WINDOW;
            known.count = 0;
        }
        known.count = known.count.saturating_add(1);
        // Rounded up, so that whoever waits this long finds the window over.
        let left = (known.window_ends - now).num_milliseconds();
        let reset = u32::try_from(left).unwrap_or_default().div_ceil(1000);
        let usage = Usage { count: known.count, allowed: limit, reset };
        if known.count > limit { Admission::Limited(usage) } else { Admission::Admitted(Some(usage)) }
    }
}

/// The token in an `Authorization` header.
///
/// # Errors
/// 401 `authentication.required` when there is none.
pub fn bearer(header: Option<&str>) -> Result<&str, Refusal> {
    let token = header
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty());
    token.map(|(_, token)| token).ok_or_else(|| {
        let message = "No authentication bearer token specified in authorization header.";
        Refusal::new(401, "authentication.required", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_window_is_fixed_and_starts_with_its_first_request() {
        let mut tokens = Tokens::default();
        tokens.give_out("t".into(), at(0), Duration::from_secs(3600));
        let usage = |count, reset| Usage { count, allowed: 2, reset };
        for (millis, admission) in [
            (5_000, Admission::Admitted(Some(usage(1, 60)))),
            (5_500, Admission::Admitted(Some(usage(2, 60)))),
            (6_000, Admission::Limited(usage(3, 59))),
            (64_999, Admission::Limited(usage(4, 1))),
            (65_000, Admission::Admitted(Some(usage(1, 60)))),
        ] {
            assert_eq!(tokens.admit("t", at(millis), 2), admission, "{millis}");
        }
        assert_eq!(tokens.admit("t", at(65_001), 0), Admission::Admitted(None));
    }

    #[test]
    fn each_token_has_its_own_count_and_life() {
        let mut tokens = Tokens::default();
        tokens.give_out("a".into(), at(0), Duration::from_secs(10));
        tokens.give_out("b".into(), at(0), Duration::from_secs(20));
        assert!(matches!(tokens.admit("a", at(1), 1), Admission::Admitted(_)));
        assert!(matches!(tokens.admit("b", at(1), 1), Admission::Admitted(_)));
        assert_eq!(tokens.admit("a", at(10_000), 1), Admission::Unknown);
        assert!(matches!(tokens.admit("b", at(10_000), 1), Admission::Limited(_)));
        assert_eq!(tokens.admit("c", at(1), 1), Admission::Unknown);
    }

    #[test]
    fn only_a_bearer_token_counts() {
        for (header, token) in [
            (Some("Bearer abc"), Some("abc")),
            (Some("bearer abc"), Some("abc")),
            (Some("Basic abc"), None),
            (Some("Bearer "), None),
            (Some("Bearer"), None),
            (None, None),
        ] {
            assert_eq!(bearer(header).ok(), token, "{header:?}");
        }
    }
}
