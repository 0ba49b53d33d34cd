//! The writable part of a schedule, as the public API spells it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schedule::ScheduleKind;

use super::refusal::Refusal;

/// What a PUT sets. Texts are kept as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleContent {
    /// The name of the schedule object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One-off spans.
    pub intervals: Vec<Interval>,
    /// Recurring spans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrences: Option<Vec<Recurrence>>,
    /// IANA name; UTC when absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A `ScheduleInterval`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// ISO 8601.
    pub start: String,
    /// ISO 8601.
    pub end: String,
}

/// A `Reoccurrence`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recurrence {
    /// Filled by the sandbox when the client leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Start of the first occurrence, `YYYY-MM-DDThh:mm:ss`.
    pub start: String,
    /// End of the first occurrence, `YYYY-MM-DDThh:mm:ss`.
    pub end: String,
    /// IANA name; the schedule's zone when absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// On which days it recurs.
    pub pattern: Pattern,
    /// When it stops recurring.
    pub range: Range,
    /// Exceptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alterations: Option<Vec<Alteration>>,
}

/// A `Pattern`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pattern {
    /// `Daily` or `Weekly`.
    #[serde(rename = "type")]
    pub kind: PatternKind,
    /// Every n days or weeks.
    pub interval: i32,
    /// English day names; the document fixes the spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_of_week: Option<Vec<String>>,
}

/// The type of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatternKind {
    /// Counts days.
    Daily,
    /// Counts weeks.
    Weekly,
}

/// A `Range`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Range {
    /// What bounds the recurrence.
    #[serde(rename = "type")]
    pub kind: RangeKind,
    /// The date-time of the last occurrence, for `EndDate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// How many occurrences, for `Numbered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_occurrences: Option<i32>,
}

/// The type of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RangeKind {
    /// It never stops.
    NoEnd,
    /// It stops on a date.
    EndDate,
    /// It stops after a number of occurrences.
    Numbered,
}

/// An `Alteration`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alteration {
    /// `Exclusion` or `Inclusion`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
}

/// A PUT, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleWrite {
    /// The version that the client last read.
    pub version: Option<i32>,
    /// The id of the target that the body refers to.
    pub target_id: Option<String>,
    /// What to store.
    pub content: ScheduleContent,
}

impl ScheduleWrite {
    /// Reads a body that fits the family's schema. Read-only fields are dropped, whatever they hold.
    ///
    /// # Errors
    /// 400 `bad.request` where the types are narrower than the schema, as for the integer `3.0`.
    pub fn read(kind: ScheduleKind, mut body: Value) -> Result<Self, Refusal> {
        let mut take = |field: &str| body.as_object_mut().and_then(|object| object.remove(field));
        let version = match take("version") {
            None => None,
            Some(version) => Some(narrow(version, "version")?),
        };
        let target_id = take(kind.target_field())
            .and_then(|reference| reference.get("id").and_then(Value::as_str).map(str::to_owned));
        Ok(Self { version, target_id, content: narrow(body, "")? })
    }
}

fn narrow<T: serde::de::DeserializeOwned>(value: Value, at: &str) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = if at.is_empty() { error.path().to_string() } else { at.to_owned() };
        Refusal::bad_request(&place, &error.inner().to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn read_only_fields_are_dropped_and_the_rest_is_kept() {
        let body = json!({
            "id": "s", "dateCreated": "2020-01-01T00:00:00Z", "selfUri": "/x", "version": 3, "name": "n",
            "campaign": {"id": "c", "name": "anything"}, "intervals": [{"start": "a", "end": "b"}],
        });
        let write = ScheduleWrite::read(ScheduleKind::Campaign, body).unwrap();
        assert_eq!((write.version, write.target_id.as_deref()), (Some(3), Some("c")));
        let kept = json!({"name": "n", "intervals": [{"start": "a", "end": "b"}]});
        assert_eq!(serde_json::to_value(write.content).unwrap(), kept);
    }

    #[test]
    fn numbers_that_are_no_integers_on_the_wire_are_refused() {
        let body = json!({"version": 3.0, "campaign": {"id": "c"}, "intervals": []});
        let refusal = ScheduleWrite::read(ScheduleKind::Campaign, body).unwrap_err();
        assert_eq!((refusal.status, refusal.field.as_deref()), (400, Some("version")));
    }
}
