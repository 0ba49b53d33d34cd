//! Campaigns and sequences as the look-ups show them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::schedule::ScheduleKind;

use super::date_time::shown;
use super::families::{digital_type, target_path};
use super::seed_document::DialingMode;

/// The division that everything in the sandbox belongs to.
pub const DIVISION: &str = "6f0b1d3e-8a52-4c57-9d0e-2b7c4f1a9e60";
/// Lines that a new campaign dials at once, and messages that a new digital campaign sends a minute.
const DEFAULT_CAPACITY: i32 = 100;

/// A campaign or sequence that the sandbox knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KnownTarget {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    date_created: DateTime<Utc>,
    /// Lines dialed at once, or messages a minute; a sequence has no use for it.
    pub(super) capacity: i32,
    /// How it dials; only campaigns do.
    #[serde(default)]
    pub(super) dialing_mode: DialingMode,
    /// The id of its queue, where it is a campaign that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) queue: Option<String>,
    /// The id of its site, where it is a campaign that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<String>,
    /// The ids of its campaigns in their order, where it is a sequence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) campaigns: Vec<String>,
}

/// The entities that a target refers to, as references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetReferences {
    /// Its queue.
    pub queue: Option<Value>,
    /// Its site.
    pub site: Option<Value>,
    /// Its campaigns in their order.
    pub campaigns: Vec<Value>,
}

impl KnownTarget {
    /// A target with the default capacity.
    pub fn new(id: String, name: String, now: DateTime<Utc>) -> Self {
        Self {
            id,
            name,
            date_created: now,
            capacity: DEFAULT_CAPACITY,
            dialing_mode: DialingMode::default(),
            queue: None,
            site: None,
            campaigns: Vec::new(),
        }
    }

    /// Raises the lines that it dials at once to this many.
    pub fn dial_at_least(&mut self, lines: u32) {
        self.capacity = self.capacity.max(i32::try_from(lines).unwrap_or(i32::MAX));
    }

    /// The target as a schedule refers to it.
    pub fn reference(&self, self_uri: String, with_division: bool) -> Value {
        let mut reference = json!({"id": self.id, "name": self.name, "selfUri": self_uri});
        if with_division {
            reference["division"] = division();
        }
        reference
    }

    /// The target as its look-up shows it: a `Campaign`, a `CampaignSequence`, or a digital campaign.
    pub fn shown(&self, kind: ScheduleKind, references: TargetReferences) -> Value {
        let TargetReferences { queue, site, campaigns } = references;
        let mut target = json!({
            "id": self.id,
            "name": self.name,
            "dateCreated": shown(self.date_created),
            "dateModified": shown(self.date_created),
            "version": 1,
            "selfUri": target_path(kind, &self.id),
        });
        let own = match kind {
            ScheduleKind::Campaign => json!({
                "contactList": {"id": "00000000-0000-4000-8000-000000000001", "name": "Contacts"},
                "dialingMode": self.dialing_mode,
                "campaignStatus": "off",
                "phoneColumns": [{"columnName": "phone", "type": "home"}],
                "callerName": "dialctl sandbox",
                "callerAddress": "+15550100",
                "outboundLineCount": self.capacity,
                "division": division(),
            }),
            ScheduleKind::Sequence => json!({"campaigns": campaigns, "currentCampaign": 0, "status": "off"}),
            ScheduleKind::MessagingCampaign | ScheduleKind::EmailCampaign | ScheduleKind::WhatsAppCampaign => json!({
                "campaignStatus": "off",
                "messagesPerMinute": self.capacity,
                "division": division(),
            }),
        };
        if let (Value::Object(target), Value::Object(own)) = (&mut target, own) {
            target.extend(own);
            target.extend(queue.map(|queue| ("queue".to_owned(), queue)));
            target.extend(site.map(|site| ("site".to_owned(), site)));
        }
        target
    }

    /// The target as the division view of campaigns shows it.
    pub fn division_view(&self) -> Value {
        self.reference(format!("/api/v2/outbound/campaigns/divisionviews/{}", self.id), true)
    }

    /// A `CampaignOutboundLinesDistribution`: the campaign has its lines for itself.
    pub fn line_distribution(&self) -> Value {
        json!({
            "campaign": {"id": self.id, "selfUri": target_path(ScheduleKind::Campaign, &self.id)},
            "maxOutboundLineCount": self.capacity,
            "maxLineUtilization": 1.0,
            "availableOutboundLines": self.capacity,
            "reservedLines": 0,
            "campaignsWithReservedLines": [],
            "campaignsWithDynamicallyAllocatedLines": [],
        })
    }
}

/// Whether the look-up of digital campaigns shows a family under this `type` filter.
pub fn is_of_type(kind: ScheduleKind, filter: Option<&str>) -> bool {
    digital_type(kind).is_some_and(|own| filter.is_none_or(|filter| filter == own))
}

pub fn division() -> Value {
    json!({"id": DIVISION, "selfUri": format!("/api/v2/authorization/divisions/{DIVISION}")})
}
