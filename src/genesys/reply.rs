//! A whole answer of a server, before anybody judges it.

use std::time::{Duration, SystemTime};

use reqwest::header::{self, HeaderMap};

use super::excerpt::one_line;
use super::retry::Outcome;
use super::secrets::Secrets;
use crate::retry_after::retry_after;

/// How much of a body is looked at to show it, in bytes.
pub(super) const SHOWN: usize = 2000;

/// A whole answer of a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) correlation_id: Option<String>,
    /// Set when the limit of requests is used up: how long until it is renewed.
    pub(super) exhausted_for: Option<Duration>,
    pub(super) body: Vec<u8>,
    /// What the request carried; some servers repeat it.
    pub(super) secrets: Secrets,
}

impl Reply {
    /// The answer with this status and these headers. A date in `Retry-After` counts from the answer's own
    /// `Date`, so that no clock of this machine spoils the wait; `now` takes its place where there is none.
    pub(super) fn new(status: u16, headers: &HeaderMap, body: Vec<u8>, secrets: Secrets, now: SystemTime) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let shown = |text: &str, most| one_line(&secrets.hidden_in(text), most);
        let number = |name| text(name).and_then(|text| text.trim().parse::<u64>().ok());
        let exhausted = match (number("inin-ratelimit-count"), number("inin-ratelimit-allowed")) {
            (Some(count), Some(allowed)) => count >= allowed,
            _ => false,
        };
        let reset = number("inin-ratelimit-reset").map(Duration::from_secs);
        let sent = text(header::DATE.as_str()).and_then(|text| httpdate::parse_http_date(text.trim()).ok());
        let now = sent.unwrap_or(now);
        Self {
            status,
            content_type: text(header::CONTENT_TYPE.as_str()).map(|text| shown(text, 100)),
            location: text(header::LOCATION.as_str()).map(str::to_owned),
            retry_after: text(header::RETRY_AFTER.as_str()).and_then(|text| retry_after(text, now)),
            correlation_id: text("inin-correlation-id").map(|text| shown(text, 100)),
            exhausted_for: reset.filter(|_| exhausted),
            body,
            secrets,
        }
    }

    /// Whether the request succeeded.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// How the attempt ended, for the decision whether to repeat it.
    pub(super) fn outcome(&self) -> Outcome {
        let retry_after = self.retry_after;
        match self.status {
            429 => Outcome::Throttled { retry_after },
            status => Outcome::Answered { status, retry_after },
        }
    }

    /// A text of this answer fit to show: bounded, on one line, without the secrets of the request.
    pub(super) fn shown(&self, text: &str, most: usize) -> String {
        one_line(&self.secrets.hidden_in(text), most)
    }

    /// Says that the body is not what the API gives, with enough of it to recognise whose it is.
    pub(super) fn not_json(&self) -> String {
        let status = self.status;
        // Cut before decoding, so that a body of 64 MiB costs no second one.
        let head = self.body.get(..SHOWN).unwrap_or(&self.body);
        let excerpt = self.shown(&String::from_utf8_lossy(head), 200);
        match self.content_type.as_deref() {
            Some(kind) if kind.contains("json") => {
                format!("status {status} with broken JSON: `{excerpt}`; try again, then check what stands in between")
            }
            kind => {
                let kind = kind.unwrap_or("no content type");
                format!(
                    "status {status} with {kind} instead of the API's JSON: `{excerpt}`; \
                     check the region, the API URL and any proxy"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_to_wait_for_counts_from_the_answers_own_date() {
        for (date, expected) in
            [("Sun, 06 Nov 1994 08:49:37 GMT", 30), ("Sun, 06 Nov 1994 08:51:00 GMT", 0), ("yesterday", 7)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, "Sun, 06 Nov 1994 08:50:07 GMT".parse().unwrap());
            headers.insert(header::DATE, date.parse().unwrap());
            let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:50:00 GMT").unwrap();
            let reply = Reply::new(429, &headers, Vec::new(), Secrets::default(), now);
            assert_eq!(reply.retry_after, Some(Duration::from_secs(expected)), "{date}");
        }
    }

    #[test]
    fn the_rate_limit_is_exhausted_when_the_count_has_reached_it() {
        for (count, allowed, reset, expected) in [
            ("299", "300", "17", None),
            ("300", "300", "17", Some(17)),
            ("301", "300", "17", Some(17)),
            ("300", "", "17", None),
            ("300", "300", "soon", None),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in
                [("ININ-Ratelimit-Count", count), ("inin-ratelimit-allowed", allowed), ("inin-ratelimit-reset", reset)]
            {
                headers.insert(header::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
            }
            let reply = Reply::new(200, &headers, Vec::new(), Secrets::default(), SystemTime::UNIX_EPOCH);
            assert_eq!(reply.exhausted_for, expected.map(Duration::from_secs), "{count} of {allowed}");
        }
    }
}
