//! The plan as JSON, format version 1.

use crate::ledger::canonical::{Digest, canonical};
use crate::schedule::{LiveSchedule, ScheduleView};
use serde::Serialize;
use serde_json::{Value, json};

use super::changes::changes;
use super::{Action, Plan, blackouts};

/// The version of the JSON plan.
pub const FORMAT_VERSION: u32 = 1;

/// The plan as JSON, with its digest.
pub fn to_json(plan: &Plan) -> Value {
    let mut value = body(plan);
    let digest = sha256_of(&value);
    if let Value::Object(fields) = &mut value {
        fields.insert("digest".to_owned(), Value::String(digest));
    }
    value
}

/// The SHA-256 of the plan's canonical JSON, in lower-case hexadecimal.
pub fn digest(plan: &Plan) -> String {
    sha256_of(&body(plan))
}

/// A schedule in its normal form as JSON.
pub fn view_json(view: &ScheduleView) -> Value {
    serde_json::to_value(view).unwrap_or(Value::Null)
}

fn body(plan: &Plan) -> Value {
    let orphans: Vec<Value> = plan
        .orphans
        .iter()
        .map(|live| json!({"kind": live.kind.manifest_kind(), "name": live.name, "target": target(&live.target)}))
        .collect();
    let mut value = json!({
        "formatVersion": FORMAT_VERSION,
        "actions": plan.actions.iter().map(action).collect::<Vec<_>>(),
        "counts": plan.counts(),
        "orphans": orphans,
        "completeness": plan.completeness,
    });
    if let (Value::Object(fields), Ok(Value::Object(header))) = (&mut value, serde_json::to_value(&plan.header)) {
        fields.extend(header);
    }
    value
}

fn action(action: &Action) -> Value {
    let before = action.before().as_ref().map(view_json);
    let after = action.after().as_ref().map(view_json);
    let mut value = json!({
        "action": action.verb(),
        "kind": action.kind().manifest_kind(),
        "name": action.name(),
        "target": target(action.target()),
        "changes": changes(before.as_ref().unwrap_or(&json!({})), after.as_ref().unwrap_or(&json!({}))),
    });
    let Value::Object(fields) = &mut value else { return value };
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(key.to_owned(), value);
        }
    };
    if let Action::Refused { reason, .. } = action {
        put("reason", Some(Value::String(reason.to_string())));
    }
    put("live", action.live().map(live));
    put("before", before);
    put("after", after);
    put("excludedBy", action.wanted().and_then(|wanted| blackouts::json(&wanted.schedule.blackouts)));
    put("effect", action.effect().and_then(to_value));
    put("source", action.wanted().and_then(|wanted| to_value(&wanted.source)));
    value
}

fn to_value(item: &impl Serialize) -> Option<Value> {
    serde_json::to_value(item).ok()
}

fn target(target: &crate::schedule::Target) -> Value {
    json!({"id": target.id, "name": target.name})
}

fn live(live: &LiveSchedule) -> Value {
    let seen = json!({"version": live.version, "view": live.view().as_ref().map(view_json)});
    json!({"id": live.id, "version": live.version, "digest": sha256_of(&seen)})
}

fn sha256_of(value: &Value) -> String {
    Digest::of(canonical(value).as_bytes()).to_string()
}
