//! The bodies of the public API. Field names and formats are those of the official Python SDK.
//!
//! The same types are read and written. Reading is lenient: unknown fields are ignored, and what may be
//! absent may be null. Words such as `Weekly` stay text here, so that one that this program does not know
//! is a reason it can name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The part of a schedule that says when it dials.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Times {
    pub(super) time_zone: Option<String>,
    pub(super) intervals: Option<Vec<Interval>>,
    pub(super) recurrences: Option<Vec<Recurrence>>,
}

/// A schedule as it is sent: without the fields that are read-only (id, dates, selfUri).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleBody {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i32>,
    pub(super) time_zone: &'static str,
    /// Required even when there are none.
    pub(super) intervals: Vec<Interval>,
    pub(super) recurrences: Vec<Recurrence>,
    /// The one reference to the target, under the name that its family has for it.
    #[serde(flatten)]
    pub(super) target: BTreeMap<&'static str, Reference>,
}

#[derive(Debug, Serialize)]
pub(super) struct Reference {
    pub(super) id: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Interval {
    pub(super) start: String,
    pub(super) end: String,
}

/// The API spells the model `Reoccurrence`, the field `recurrences`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recurrence {
    pub(super) start: String,
    pub(super) end: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) time_zone: Option<String>,
    pub(super) pattern: Pattern,
    pub(super) range: Range,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alterations: Option<Vec<Alteration>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pattern {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) interval: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) days_of_week: Option<Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Range {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number_of_occurrences: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Alteration {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
}
