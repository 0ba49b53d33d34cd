//! Rules as people write them.

use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Effect, FaultyAnswer, FaultyBody, ResetPoint, RetryAfter, Rule, When};

/// A rule as a file spells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleDocument {
    /// The HTTP method; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// How the path begins; `/api/` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<NonZeroU64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<NonZeroU64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    /// `Retry-After` is the date at which that time will be over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    retry_after_date: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    html: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<ResetPoint>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncate: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    expire_token: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    bump_version: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shift_pages: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stale_reads: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_skew: Option<i32>,
}

impl RuleDocument {
    /// The rule that is meant.
    pub(super) fn rule(self) -> Result<Rule, String> {
        let when = match (self.every, self.nth) {
            (None, None) => When::Always,
            (Some(n), None) => When::Every(n),
            (None, Some(n)) => When::Nth(n),
            (Some(_), Some(_)) => return Err("`every` and `nth` exclude each other".to_owned()),
        };
        let effect = self.effect()?;
        // The login stays whole unless a rule names it: most tests are about the API.
        let path = self.path.clone().unwrap_or_else(|| "/api/".to_owned());
        Ok(Rule { method: self.method.clone(), path, when, effect, seen: 0, struck: 0, document: self })
    }

    fn effect(&self) -> Result<Effect, String> {
        if self.retry_after_date && self.retry_after.is_none() {
            return Err("`retryAfterDate` needs `retryAfter`".to_owned());
        }
        let delay = self.delay_ms.map(Duration::from_millis);
        let mut effects: Vec<Effect> = [
            (self.truncate, Effect::Truncate),
            (self.expire_token, Effect::ExpireToken),
            (self.bump_version, Effect::BumpVersion),
            (self.shift_pages, Effect::ShiftPages),
        ]
        .into_iter()
        .filter_map(|(is_meant, effect)| is_meant.then_some(effect))
        .collect();
        effects.extend(self.reset.map(Effect::Reset));
        effects.extend(self.stale_reads.map(|seconds| Effect::StaleReads(Duration::from_secs(seconds.into()))));
        effects.extend(self.clock_skew.map(|seconds| Effect::ClockSkew(seconds.into())));
        match self.status {
            Some(status) if !(200..=599).contains(&status) => {
                return Err(format!("`status` {status} is not within 200 to 599"));
            }
            Some(status) => effects.push(Effect::Answer(self.answer(status), delay.unwrap_or_default())),
            None if self.retry_after.is_some() || self.html || self.body.is_some() => {
                return Err("`retryAfter`, `html` and `body` need `status`".to_owned());
            }
            None => effects.extend(delay.map(Effect::Delay)),
        }
        match (effects.pop(), effects.pop()) {
            (Some(effect), None) => Ok(effect),
            _ => Err("give exactly one of `status`, `delayMs`, `reset`, `truncate`, `expireToken`, `bumpVersion`, \
                      `shiftPages`, `staleReads` and `clockSkew`; only `delayMs` goes with `status`"
                .to_owned()),
        }
    }

    fn answer(&self, status: u16) -> FaultyAnswer {
        let body = match (self.html, &self.body) {
            (true, page) => FaultyBody::Html(page.clone()),
            (false, Some(text)) => FaultyBody::Text(text.clone()),
            (false, None) => FaultyBody::Service,
        };
        let retry_after = self.retry_after.map(|seconds| RetryAfter { seconds, is_date: self.retry_after_date });
        FaultyAnswer { status, retry_after, body }
    }
}
