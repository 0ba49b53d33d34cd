//! Faults on request: which request meets what instead of the truth. Pure, but for reading the file with
//! the rules.

mod document;

use std::num::NonZeroU64;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::SandboxError;
use document::RuleDocument;

/// Rules that decide which requests go wrong, each with its own count of the requests it saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    rules: Vec<Rule>,
}

/// What goes wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The request is not carried out and gets this answer, after a while.
    Answer(FaultyAnswer, Duration),
    /// The request is carried out, its answer comes late.
    Delay(Duration),
    /// The connection is closed without an answer.
    Reset(ResetPoint),
    /// The request is carried out, its answer breaks off in the middle.
    Truncate,
    /// The token of the request is forgotten before it is looked at.
    ExpireToken,
    /// Somebody else writes the schedule of the path, as it is, just before.
    BumpVersion,
    /// Somebody else creates what comes first in every listing of this kind, just before.
    ShiftPages,
    /// The request is carried out, and all reads answer as before it for a time of the sandbox's clock.
    StaleReads(Duration),
    /// The `Date` of the answer is so many seconds ahead.
    ClockSkew(i64),
}

/// An answer that takes the place of the true one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultyAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// What stands in the body.
    pub body: FaultyBody,
}

/// How long a client is asked to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// The time to wait.
    pub seconds: u32,
    /// Whether it is told as the date at which that time will be over.
    pub is_date: bool,
}

/// The body of a faulty answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultyBody {
    /// What the service itself sends with the status.
    Service,
    /// A page, as proxies send it.
    Html(Option<String>),
    /// This text.
    Text(String),
}

/// When the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResetPoint {
    /// Before the request has any effect.
    Before,
    /// After its effect is stored.
    After,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// As it was written.
    document: RuleDocument,
    method: Option<String>,
    path: String,
    when: When,
    effect: Effect,
    seen: u64,
    struck: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    Every(NonZeroU64),
    Nth(NonZeroU64),
}

/// A rule as the sandbox shows it.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    #[serde(flatten)]
    rule: &'a RuleDocument,
    /// The requests that it covered so far.
    seen: u64,
    /// The requests that met its fault.
    struck: u64,
}

impl Faults {
    /// Reads the rules from a file, YAML or JSON.
    ///
    /// # Errors
    /// When the file cannot be read or is not a list of rules.
    pub fn read(path: &Path) -> Result<Self, SandboxError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SandboxError::UnreadableFaults { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|reason| SandboxError::NotFaults { path: path.to_owned(), reason })
    }

    /// Reads the rules from YAML or JSON.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let documents: Vec<RuleDocument> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let rules = documents
            .into_iter()
            .enumerate()
            .map(|(n, document)| document.rule().map_err(|problem| format!("rule {}: {problem}", n + 1)));
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }

    /// Counts a request and gives what is to go wrong with it: the effect of the first rule that fires.
    pub fn strike(&mut self, method: &str, path: &str) -> Option<Effect> {
        let mut struck = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.covers(method, path)) {
            rule.seen += 1;
            if struck.is_none() && rule.when.fires(rule.seen) {
                rule.struck += 1;
                struck = Some(rule.effect.clone());
            }
        }
        struck
    }

    /// The rules, with what became of them.
    pub fn shown(&self) -> Vec<Shown<'_>> {
        let shown = self.rules.iter();
        shown
            .map(|Rule { document, seen, struck, .. }| Shown { rule: document, seen: *seen, struck: *struck })
            .collect()
    }
}

impl Rule {
    fn covers(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(method)) && path.starts_with(&self.path)
    }
}

impl When {
    fn fires(self, seen: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Every(n) => seen.is_multiple_of(n.get()),
            Self::Nth(n) => seen == n.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_count_the_requests_they_cover() {
        let put = ("PUT", "/api/v2/outbound/schedules/campaigns/c");
        for (rules, requests, struck) in [
            ("- {every: 2, status: 429}", vec![put; 5], vec![2, 4]),
            ("- {nth: 3, reset: after}", vec![put; 5], vec![3]),
            ("- {delayMs: 5}", vec![put; 2], vec![1, 2]),
            ("- {method: put, every: 2, status: 500}", vec![put, ("GET", "/api/x"), put, put], vec![3]),
            ("- {path: /oauth/token, status: 400}", vec![put, ("POST", "/oauth/token")], vec![2]),
            ("- {status: 400}", vec![("POST", "/oauth/token"), put], vec![2]),
            ("- {path: /api/v2/outbound/campaigns, status: 400}", vec![put], vec![]),
            ("[]", vec![put], vec![]),
            (r#"[{"nth": 1, "status": 503}]"#, vec![put], vec![1]),
        ] {
            let mut faults = Faults::parse(rules).unwrap();
            let effects = requests.iter().map(|(method, path)| faults.strike(method, path));
            let fired: Vec<_> =
                effects.enumerate().filter(|(_, effect)| effect.is_some()).map(|(n, _)| n + 1).collect();
            assert_eq!(fired, struck, "{rules}");
        }
    }

    #[test]
    fn the_first_rule_that_fires_wins_and_the_others_still_count() {
        let mut faults = Faults::parse("- {nth: 1, status: 500}\n- {nth: 2, reset: before}\n- {status: 404}").unwrap();
        let statuses: Vec<_> = (0..3).map(|_| faults.strike("GET", "/api/").unwrap()).collect();
        assert!(matches!(&statuses[0], Effect::Answer(answer, _) if answer.status == 500));
        assert_eq!(statuses[1], Effect::Reset(ResetPoint::Before));
        assert!(matches!(&statuses[2], Effect::Answer(answer, _) if answer.status == 404));
    }

    #[test]
    fn each_fault_is_read_as_what_it_is() {
        let seconds = Duration::from_secs;
        for (rule, effect) in [
            ("truncate: true", Effect::Truncate),
            ("expireToken: true", Effect::ExpireToken),
            ("bumpVersion: true", Effect::BumpVersion),
            ("shiftPages: true", Effect::ShiftPages),
            ("staleReads: 30", Effect::StaleReads(seconds(30))),
            ("clockSkew: -90", Effect::ClockSkew(-90)),
            ("delayMs: 2000", Effect::Delay(seconds(2))),
            ("reset: after", Effect::Reset(ResetPoint::After)),
            (
                "{status: 503, delayMs: 2000}",
                Effect::Answer(FaultyAnswer { status: 503, retry_after: None, body: FaultyBody::Service }, seconds(2)),
            ),
        ] {
            assert_eq!(Faults::parse(&format!("- {rule}")).unwrap().strike("GET", "/api/"), Some(effect), "{rule}");
        }
    }

    #[test]
    fn rules_are_shown_as_written_with_what_became_of_them() {
        let mut faults = Faults::parse("- {method: PUT, every: 2, status: 429}\n- {truncate: true}").unwrap();
        for method in ["PUT", "GET", "PUT"] {
            faults.strike(method, "/api/");
        }
        let shown = serde_json::to_value(faults.shown()).unwrap();
        assert_eq!(
            shown,
            serde_json::json!([
                {"method": "PUT", "every": 2, "status": 429, "seen": 2, "struck": 1},
                {"truncate": true, "seen": 3, "struck": 2},
            ])
        );
    }

    #[test]
    fn answers_carry_what_the_rule_says() {
        let answer = |rule: &str| match Faults::parse(rule).unwrap().strike("GET", "/api/") {
            Some(Effect::Answer(answer, _)) => (
                answer.status,
                answer.retry_after.map(|RetryAfter { seconds, is_date }| (seconds, is_date)),
                answer.body,
            ),
            other => panic!("{other:?}"),
        };
        assert_eq!(answer("- {status: 429, retryAfter: 7}"), (429, Some((7, false)), FaultyBody::Service));
        assert_eq!(
            answer("- {status: 429, retryAfter: 7, retryAfterDate: true}"),
            (429, Some((7, true)), FaultyBody::Service)
        );
        assert_eq!(answer("- {status: 502, html: true}"), (502, None, FaultyBody::Html(None)));
        assert_eq!(answer("- {status: 200, body: ''}"), (200, None, FaultyBody::Text(String::new())));
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_number() {
        for (text, named) in [
            ("- {status: 429, retyAfter: 1}", "retyAfter"),
            ("- {every: 0, status: 429}", "zero"),
            ("- {every: 5, nth: 1, status: 429}", "`nth`"),
            ("- {every: 5}", "exactly one"),
            ("- {status: 500}\n- {status: 500, reset: after}", "rule 2"),
            ("- {reset: after, retryAfter: 1}", "`status`"),
            ("- {status: 429, retryAfterDate: true}", "`retryAfter`"),
            ("- {status: 99}", "99"),
            ("- {truncate: true, expireToken: true}", "exactly one"),
            ("- {staleReads: 5, delayMs: 5}", "exactly one"),
            ("- {truncate: false}", "exactly one"),
            ("- {reset: sometimes}", "sometimes"),
            ("every: 5", ""),
        ] {
            let reason = Faults::parse(text).unwrap_err();
            assert!(reason.contains(named), "{text}: {reason}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("faults.yaml");
        for content in [None, Some("- {status: x}")] {
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let message = Faults::read(&path).unwrap_err().to_string();
            assert!(message.contains("faults.yaml"), "{message}");
        }
        std::fs::write(&path, "- {status: 500}").unwrap();
        assert_eq!(Faults::read(&path).unwrap(), Faults::parse("- {status: 500}").unwrap());
    }
}
