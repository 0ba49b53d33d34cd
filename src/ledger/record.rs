//! Records: what the ledger says about a run, before they are chained.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::attempt::FailedAttempt;
use super::canonical::{Digest, canonical};
use super::event::Event;
use super::notation;
use super::provenance::Provenance;

/// One record: when, in which run, and what. In JSON the fields of the entry stand beside the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// When it happened; written with milliseconds.
    #[serde(with = "notation::instant")]
    #[schemars(with = "DateTime<Utc>")]
    pub timestamp: DateTime<Utc>,
    /// The run that it belongs to, a uuid of version 7.
    pub run_id: Uuid,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a record tells; the field `record` names which it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "record", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Entry {
    /// A run begins.
    RunStarted(RunStart),
    /// An action is about to be sent to the API; written before the call.
    ActionIntended(ActionRecord),
    /// An action is done or has failed.
    ActionFinished(FinishedAction),
    /// An event is to be delivered; it stands here whole.
    EventQueued {
        /// The event.
        event: Event,
        /// The names of the receivers that it is owed to: those that want it and were configured at that time.
        receivers: BTreeSet<String>,
    },
    /// A receiver took an event.
    EventDelivered {
        /// The event, by its id.
        event_id: Uuid,
        /// The receiver, by its name.
        receiver: String,
        /// The HTTP status it answered with.
        status: u16,
        /// How long that took, in milliseconds.
        latency_ms: u64,
        /// The attempts of this run before that one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failed_attempts: Vec<FailedAttempt>,
    },
    /// An event did not reach a receiver in this run and is still owed to it.
    EventFailed {
        /// The event, by its id.
        event_id: Uuid,
        /// The receiver, by its name.
        receiver: String,
        /// Why not.
        error: String,
        /// The attempts of this run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failed_attempts: Vec<FailedAttempt>,
    },
    /// A receiver has said that it is gone (410). Nothing is sent to it until it has another address.
    ReceiverDisabled {
        /// The receiver, by its name.
        receiver: String,
        /// The digest of its address.
        address_digest: String,
    },
    /// The manifests have begun, or ceased, to protect a schedule from being deleted.
    ProtectionSet(Protection),
    /// Events are sent once more, and nothing else is done.
    RedeliveryStarted(RedeliveryStart),
    /// A run ends.
    RunFinished {
        /// What came of it.
        counts: Counts,
    },
}

/// Who runs what, on which basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunStart {
    /// Who starts the run, and where.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// The commit that the manifests come from, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// Whether manifests differ from the commit that is checked out, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_dirty: Option<bool>,
    /// The version of this program.
    pub tool_version: String,
    /// What stands for the organisation: the host of the API, or `sandbox`.
    pub org: String,
    /// The name of the API, as `dialctl.yaml` spells it.
    pub api: String,
    /// The owner whose schedules the run manages.
    pub owner: String,
    /// The digest of the plan that is carried out.
    pub plan_digest: String,
    /// The digest over all manifests.
    pub manifest_digest: String,
    /// The limits that somebody has replaced for the run, as the JSON plan has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Value>,
    /// Why the run may change something at a time at which nothing is to be changed. Whoever started it said so, whether or
    /// not it was such a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze_override: Option<String>,
}

/// Who sends events once more, about whose schedules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedeliveryStart {
    /// Who starts it, and where.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// The version of this program.
    pub tool_version: String,
    /// What stands for the organisation: the host of the API, or `sandbox`.
    pub org: String,
    /// The owner of the schedules.
    pub owner: String,
}

/// Whether a schedule may be deleted. It holds until another record says otherwise, whatever becomes of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// The family of the schedule.
    pub kind: ScheduleKind,
    /// The name in the manifest.
    pub name: String,
    /// The campaign or sequence that the schedule drives.
    pub campaign_id: String,
    /// Whether it is protected from now on.
    pub protect: bool,
}

/// What is done to a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// It is created.
    Create,
    /// It is replaced.
    Update,
    /// It is deleted.
    Delete,
}

impl ActionKind {
    /// The word for it: `create`, `update` or `delete`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One action, with the schedule before it, as it was read, and after it, as it is wanted, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum Change {
    /// A schedule is created.
    Create {
        /// The new schedule.
        after: Value,
    },
    /// A schedule is replaced.
    Update {
        /// The schedule as it was read.
        before: Value,
        /// The schedule that takes its place.
        after: Value,
    },
    /// A schedule is deleted.
    Delete {
        /// The schedule as it was read.
        before: Value,
    },
}

/// An action and the schedule that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActionRecord {
    /// The same in every record of the action, and the id of its event; of version 7, so that ids sort by age.
    pub change_id: Uuid,
    /// What is done.
    #[serde(flatten)]
    pub change: Change,
    /// The family of the schedule.
    pub kind: ScheduleKind,
    /// The name in the manifest.
    pub name: String,
    /// The labels of the manifest; those that it had when it was last applied, where the schedule is deleted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The campaign or sequence that the schedule drives.
    pub campaign_id: String,
    /// The id of the schedule object, once the API has given one.
    pub schedule_id: Option<String>,
    /// The IANA zone of the schedule, where it can be read.
    pub timezone: Option<String>,
    /// Calls dialed at once, where a limit is declared.
    pub max_concurrent_calls: Option<u32>,
    /// The manifest, as a path within the repository; a delete has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_file: Option<String>,
    /// The digest of the manifest file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_digest: Option<String>,
    /// The digest of the plan that the action is part of.
    pub plan_digest: String,
}

/// How an action ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FinishedAction {
    /// The action.
    #[serde(flatten)]
    pub action: ActionRecord,
    /// Whether it succeeded.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the service has stored now, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<Stored>,
    /// Whether nobody knows yet if it happened. A later run finds out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_open: bool,
    /// How long it took with all its attempts, in milliseconds.
    pub latency_ms: u64,
    /// How many of its requests repeated an earlier one, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// SHA-256 over the schedule as it was read, where there was one that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_digest: Option<String>,
    /// SHA-256 over the schedule as it is wanted, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_digest: Option<String>,
    /// The service's correlation id, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

/// What tells a stored schedule from all others that the same target may have: the proof that nobody has touched it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stored {
    /// Its version, where the service keeps one.
    pub version: Option<i32>,
    /// SHA-256 over its normal form, where it can be read.
    pub digest: Option<String>,
}

/// Whether an action succeeded. In JSON: `status` and `error`, which is null after a success, so that
/// every finished action has the same fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "StatusAndError", try_from = "StatusAndError")]
pub enum Outcome {
    /// It did.
    Success,
    /// It did not.
    Failure {
        /// Why not.
        error: String,
    },
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Counts {
    /// Actions done.
    pub succeeded: u32,
    /// Actions failed.
    pub failed: u32,
    /// Actions not begun.
    pub not_attempted: u32,
    /// Events that a receiver took, each counted for each receiver.
    pub events_delivered: u32,
    /// Events still owed to a receiver, each counted for each receiver.
    pub events_failed: u32,
}

impl Change {
    /// What is done, without the schedules.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Create { .. } => ActionKind::Create,
            Self::Update { .. } => ActionKind::Update,
            Self::Delete { .. } => ActionKind::Delete,
        }
    }

    /// The digest of the schedule before, where there was one that can be read.
    pub fn before_digest(&self) -> Option<String> {
        match self {
            Self::Create { .. } => None,
            Self::Update { before, .. } | Self::Delete { before } => digest(before),
        }
    }

    /// The digest of the schedule after, where there is to be one.
    pub fn after_digest(&self) -> Option<String> {
        match self {
            Self::Create { after } | Self::Update { after, .. } => digest(after),
            Self::Delete { .. } => None,
        }
    }
}

/// The same that [`Stored`] has, so that one can be followed from change to change.
fn digest(schedule: &Value) -> Option<String> {
    (!schedule.is_null()).then(|| Digest::of(canonical(schedule).as_bytes()).to_string())
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Success,
    Failure,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct StatusAndError {
    status: Status,
    error: Option<String>,
}

impl From<Outcome> for StatusAndError {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self { status: Status::Success, error: None },
            Outcome::Failure { error } => Self { status: Status::Failure, error: Some(error) },
        }
    }
}

impl TryFrom<StatusAndError> for Outcome {
    type Error = &'static str;
    fn try_from(wire: StatusAndError) -> Result<Self, &'static str> {
        match (wire.status, wire.error) {
            (Status::Success, None) => Ok(Self::Success),
            (Status::Failure, Some(error)) => Ok(Self::Failure { error }),
            (Status::Success, Some(_)) => Err("a success has an `error`"),
            (Status::Failure, None) => Err("a failure has no `error`"),
        }
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
pub(super) mod tests;
