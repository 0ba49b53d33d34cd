//! A plan in a file, to be carried out exactly as it was reviewed, or not at all.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ledger::canonical::{Digest, canonical};
use crate::schedule::iso8601;

use super::changes::changes;
use super::{Header, OnConflict, Owned, Plan, Raised, json as plan_json};

/// The version of the file.
const FORMAT_VERSION: u32 = 1;

/// A plan in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedPlan {
    format_version: u32,
    /// When the plan was made.
    made_at: DateTime<Utc>,
    /// From when on nobody may carry it out.
    expires_at: DateTime<Utc>,
    /// What was asked for.
    request: Request,
    /// The plan as `plan --format json` shows it.
    plan: Value,
    /// SHA-256 over all of the above.
    digest: String,
}

/// What a plan was asked for, besides the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// The files and directories of manifests, as they were named.
    pub paths: Vec<std::path::PathBuf>,
    /// `--prune`
    pub prune: bool,
    /// `--adopt`
    pub adopt: bool,
    /// `--only`
    pub only: Vec<String>,
    /// `--on-conflict`
    #[serde(default)]
    pub on_conflict: OnConflict,
    /// `--max-updates` and `--max-deletes`
    #[serde(default, skip_serializing_if = "Raised::is_empty")]
    pub raised: Raised,
}

/// A file that holds no plan, or not the one that was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenPlan {
    /// It is something else.
    #[error("it is not what `dialctl plan --out` writes: {0}")]
    NotAPlan(String),
    /// It is from another version of this program.
    #[error("it has format version {0}, not {FORMAT_VERSION}")]
    OtherVersion(u32),
    /// Somebody has changed it.
    #[error("it was changed after it was written: its digest does not match")]
    Edited,
}

/// An action of a saved plan, as far as it is needed to look again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched<'a> {
    /// The `kind` of its manifest.
    pub kind: &'a str,
    /// The name of its manifest; for a delete the live name.
    pub name: &'a str,
    /// The id of its campaign or sequence.
    pub target: &'a str,
    /// Whether it deletes.
    pub is_delete: bool,
}

impl SavedPlan {
    /// A plan, to be carried out within some time.
    pub fn new(plan: &Plan, request: Request, made_at: DateTime<Utc>, good_for: TimeDelta) -> Self {
        let mut saved = Self {
            format_version: FORMAT_VERSION,
            made_at,
            expires_at: made_at.checked_add_signed(good_for).unwrap_or(DateTime::<Utc>::MAX_UTC),
            request,
            plan: plan_json::to_json(plan),
            digest: String::new(),
        };
        saved.digest = saved.proper_digest();
        saved
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BrokenPlan> {
        let not_a_plan = |error: serde_json::Error| BrokenPlan::NotAPlan(error.to_string());
        let value: Value = serde_json::from_str(text).map_err(not_a_plan)?;
        if let Some(other) = value["formatVersion"].as_u64().filter(|version| *version != u64::from(FORMAT_VERSION)) {
            return Err(BrokenPlan::OtherVersion(u32::try_from(other).unwrap_or(u32::MAX)));
        }
        let saved: Self = serde_json::from_value(value).map_err(not_a_plan)?;
        if saved.digest == saved.proper_digest() { Ok(saved) } else { Err(BrokenPlan::Edited) }
    }

    /// The text of its file.
    pub fn to_text(&self) -> String {
        format!("{:#}\n", json!(self))
    }

    /// What tells this plan from all others, also from one that asks for the same at another time.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it was asked for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The actions, in their order.
    pub fn touched(&self) -> impl Iterator<Item = Touched<'_>> {
        self.actions().iter().map(|action| Touched {
            kind: action["kind"].as_str().unwrap_or_default(),
            name: action["name"].as_str().unwrap_or_default(),
            target: action["target"]["id"].as_str().unwrap_or_default(),
            is_delete: action["action"] == "delete",
        })
    }

    /// How many schedules of the owner were live when it was made.
    pub fn owned(&self) -> Owned {
        Owned::deserialize(&self.plan["owned"]).unwrap_or_default()
    }

    /// How many manifests were compared when it was made.
    pub fn manifests(&self) -> usize {
        let count = &self.plan["completeness"]["manifestsConsidered"];
        count.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
    }

    /// Why it may not be carried out as things stand: time, organisation, manifests, this program. Empty where it may.
    pub fn outdated(&self, header: &Header, now: DateTime<Utc>) -> Vec<String> {
        let mut reasons = Vec::new();
        if now >= self.expires_at {
            reasons.push(format!("it was made at {} and expired at {}", shown(self.made_at), shown(self.expires_at)));
        }
        if now < self.made_at - TimeDelta::minutes(5) {
            reasons.push(format!("it was made at {}, which is still to come: check the clock", shown(self.made_at)));
        }
        let then = |field: &str| self.plan[field].as_str().unwrap_or_default();
        for (what, then, now) in [
            ("organisation", then("org"), header.org.as_str()),
            ("API", then("api"), header.api.as_str()),
            ("owner", then("owner"), header.owner.as_str()),
            ("version of the program", breaking(then("tool")), breaking(&header.tool)),
        ] {
            if then != now {
                reasons.push(format!("it is for the {what} `{then}`, this is `{now}`"));
            }
        }
        if then("manifestDigest") != header.manifest_digest {
            reasons.push("the manifests have changed since".to_owned());
        }
        reasons
    }

    /// How the actions would differ if the plan were made now, field by field; empty where they are the same.
    pub fn moved(&self, now: &Plan) -> Vec<String> {
        let now = plan_json::to_json(now);
        let now = now["actions"].as_array().map_or(&[][..], Vec::as_slice);
        let key = |action: &Value| (action["kind"].clone(), action["name"].clone(), action["target"]["id"].clone());
        let mut reasons = Vec::new();
        for then in self.actions() {
            let label = format!("{} {}", text(&then["kind"]), text(&then["name"]));
            match now.iter().find(|action| key(action) == key(then)) {
                None => reasons.push(format!("{label}: nothing is to be done any more")),
                Some(now) => {
                    let found = changes(&timeless(then), &timeless(now));
                    reasons.extend(found.iter().map(|change| format!("{label}: {}", change.in_words())));
                }
            }
        }
        for action in now.iter().filter(|action| !self.actions().iter().any(|then| key(then) == key(action))) {
            let (verb, kind, name) = (text(&action["action"]), text(&action["kind"]), text(&action["name"]));
            reasons.push(format!("{kind} {name}: {verb} is to be done now and was not"));
        }
        reasons
    }

    fn actions(&self) -> &[Value] {
        self.plan["actions"].as_array().map_or(&[], Vec::as_slice)
    }

    fn proper_digest(&self) -> String {
        let mut value = json!(self);
        if let Value::Object(fields) = &mut value {
            fields.remove("digest");
        }
        Digest::of(canonical(&value).as_bytes()).to_string()
    }
}

/// The part of an action that does not depend on when it is looked at. The digest of the live side is one of
/// its version and its content, which are told themselves.
fn timeless(action: &Value) -> Value {
    let mut action = action.clone();
    if let Value::Object(fields) = &mut action {
        fields.remove("effect");
        fields.remove("changes");
        fields.remove("source");
        // What is remembered of earlier runs, which not every machine does.
        fields.remove("origin");
        fields.remove("theirs");
        if let Some(Value::Object(live)) = fields.get_mut("live") {
            live.remove("digest");
        }
    }
    action
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().escape_debug().to_string()
}

fn shown(instant: DateTime<Utc>) -> String {
    iso8601(instant.naive_utc()) + "Z"
}

/// Up to the part of the version whose change may break what was written before (Semantic Versioning): `dialctl 1` of
/// `dialctl 1.2.3`, `dialctl 0.1` of `dialctl 0.1.2`.
fn breaking(tool: &str) -> &str {
    let dots = if tool.contains(" 0.") { 2 } else { 1 };
    tool.match_indices('.').nth(dots - 1).map_or(tool, |(at, _)| &tool[..at])
}

#[cfg(test)]
#[path = "saved_tests.rs"]
mod tests;
