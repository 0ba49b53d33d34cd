//! Events: what other systems are told about an action that succeeded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::notation;
use super::record::{ActionKind, Change};

/// Where events say they come from: `source` in their body and `ce-source` on the wire.
pub const SOURCE: &str = "genesys-outbound-automation";

/// One event. It serializes to the body that receivers get, and a ledger holds it in that form, so that
/// an undelivered event can be sent later from the ledger alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "Body", try_from = "Body")]
pub struct Event {
    /// The same on every attempt to deliver it; version 7, so ids sort by age.
    pub id: Uuid,
    /// The run that caused it.
    pub run_id: Uuid,
    /// When the action succeeded.
    pub timestamp: DateTime<Utc>,
    /// What was done, with the schedule in its normal form before and after.
    pub change: Change,
    /// The family of the schedule.
    pub kind: ScheduleKind,
    /// The name in the manifest.
    pub name: String,
    /// The labels of the manifest; those that it had when it was last applied, where the schedule is deleted.
    pub labels: BTreeMap<String, String>,
    /// The campaign or sequence that the schedule drives.
    pub campaign_id: String,
    /// The id of the schedule object, where the API gave one.
    pub schedule_id: Option<String>,
    /// The digest of the plan that the action was part of.
    pub plan_digest: String,
}

/// The types of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventType {
    /// A schedule now exists.
    ScheduleCreated,
    /// A schedule changed.
    ScheduleUpdated,
    /// A schedule is gone.
    ScheduleDeleted,
}

/// What makes two events be about the same schedule: its kind and its name.
pub type ScheduleKey = (ScheduleKind, String);

impl EventType {
    /// The type as receivers see it, for example `SCHEDULE_CREATED`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScheduleCreated => "SCHEDULE_CREATED",
            Self::ScheduleUpdated => "SCHEDULE_UPDATED",
            Self::ScheduleDeleted => "SCHEDULE_DELETED",
        }
    }
}

impl From<ActionKind> for EventType {
    fn from(action: ActionKind) -> Self {
        match action {
            ActionKind::Create => Self::ScheduleCreated,
            ActionKind::Update => Self::ScheduleUpdated,
            ActionKind::Delete => Self::ScheduleDeleted,
        }
    }
}

impl Event {
    /// Its type, which follows from the action.
    pub fn event_type(&self) -> EventType {
        self.change.kind().into()
    }

    /// The schedule that it is about. Events with one key are delivered in order.
    pub fn schedule_key(&self) -> ScheduleKey {
        (self.kind, self.name.clone())
    }
}

/// The body on the wire: the fields of the event, and those that follow from them.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
struct Body {
    schedule_id: Option<String>,
    campaign_id: String,
    event: EventType,
    #[serde(with = "notation::instant")]
    #[schemars(with = "DateTime<Utc>")]
    timestamp: DateTime<Utc>,
    source: String,
    id: Uuid,
    kind: ScheduleKind,
    name: String,
    labels: BTreeMap<String, String>,
    #[serde(flatten)]
    change: Change,
    run_id: Uuid,
    plan_digest: String,
}

impl From<Event> for Body {
    fn from(event: Event) -> Self {
        let event_type = event.event_type();
        let Event { id, run_id, timestamp, change, kind, name, labels, campaign_id, schedule_id, plan_digest } = event;
        Self {
            schedule_id,
            campaign_id,
            event: event_type,
            timestamp,
            source: SOURCE.to_owned(),
            id,
            kind,
            name,
            labels,
            change,
            run_id,
            plan_digest,
        }
    }
}

/// The body says one thing in two fields, and they differ.
#[derive(Debug, thiserror::Error)]
#[error("the event contradicts itself: {0}")]
struct Contradiction(String);

impl TryFrom<Body> for Event {
    type Error = Contradiction;
    fn try_from(body: Body) -> Result<Self, Contradiction> {
        let Body {
            schedule_id,
            campaign_id,
            event,
            timestamp,
            source,
            id,
            kind,
            name,
            labels,
            change,
            run_id,
            plan_digest,
        } = body;
        if event != EventType::from(change.kind()) {
            return Err(Contradiction(format!("{} after {}", event.as_str(), change.kind().as_str())));
        }
        if source != SOURCE {
            return Err(Contradiction(format!("its source is `{source}`, not `{SOURCE}`")));
        }
        Ok(Self { id, run_id, timestamp, change, kind, name, labels, campaign_id, schedule_id, plan_digest })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// An event about the schedule `name`, with an id made of `number`.
    pub fn event(number: u128, name: &str) -> Event {
        Event {
            id: Uuid::from_u128(number),
            run_id: Uuid::from_u128(0xface),
            timestamp: "2027-03-01T09:00:00.25Z".parse().unwrap(),
            change: Change::Create { after: json!({"timezone": "UTC"}) },
            kind: ScheduleKind::Campaign,
            name: name.to_owned(),
            labels: BTreeMap::from([("team".to_owned(), "retention".to_owned())]),
            campaign_id: "c-1".to_owned(),
            schedule_id: Some("s-1".to_owned()),
            plan_digest: "p".to_owned(),
        }
    }

    #[test]
    fn the_body_carries_the_agreed_fields() {
        assert_eq!(
            serde_json::to_value(event(7, "spring")).unwrap(),
            json!({
                "scheduleId": "s-1", "campaignId": "c-1", "event": "SCHEDULE_CREATED",
                "timestamp": "2027-03-01T09:00:00.250Z", "source": "genesys-outbound-automation",
                "id": "00000000-0000-0000-0000-000000000007", "kind": "CampaignSchedule", "name": "spring",
                "labels": {"team": "retention"}, "action": "create", "after": {"timezone": "UTC"},
                "runId": "00000000-0000-0000-0000-00000000face", "planDigest": "p",
            })
        );
    }

    #[test]
    fn an_event_comes_back_from_its_body() {
        let view = || json!({"timezone": "UTC"});
        for change in [
            Change::Create { after: view() },
            Change::Update { before: view(), after: view() },
            Change::Delete { before: view() },
        ] {
            let event = Event { change, schedule_id: None, ..event(7, "spring") };
            let body = serde_json::to_value(&event).unwrap();
            assert_eq!(body["event"], event.event_type().as_str());
            assert_eq!(serde_json::from_value::<Event>(body).unwrap(), event);
        }
    }

    #[test]
    fn a_body_that_contradicts_itself_is_refused() {
        for (field, value) in [("event", "SCHEDULE_DELETED"), ("source", "elsewhere"), ("kind", "Campaign")] {
            let mut body = serde_json::to_value(event(7, "spring")).unwrap();
            body[field] = json!(value);
            assert!(serde_json::from_value::<Event>(body).is_err(), "{field}");
        }
    }
}
