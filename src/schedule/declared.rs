//! Schedules as manifests declare them, and as a plan wants them once their targets are known.

use std::collections::BTreeMap;
use std::fmt;

use chrono::Weekday;

use super::{BlackoutCut, LiveName, ScheduleName, Timetable};

/// The five families of outbound schedules. Each has its own manifest kind and its own path in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScheduleKind {
    /// Drives a voice campaign.
    Campaign,
    /// Drives a campaign sequence.
    Sequence,
    /// Drives an SMS campaign.
    MessagingCampaign,
    /// Drives an email campaign.
    EmailCampaign,
    /// Drives a WhatsApp campaign.
    WhatsAppCampaign,
}

impl ScheduleKind {
    /// Every kind, in the order of the reference.
    pub const ALL: [Self; 5] =
        [Self::Campaign, Self::Sequence, Self::MessagingCampaign, Self::EmailCampaign, Self::WhatsAppCampaign];

    /// The `kind` of its manifests, for example `CampaignSchedule`.
    pub const fn manifest_kind(self) -> &'static str {
        match self {
            Self::Campaign => "CampaignSchedule",
            Self::Sequence => "SequenceSchedule",
            Self::MessagingCampaign => "MessagingCampaignSchedule",
            Self::EmailCampaign => "EmailCampaignSchedule",
            Self::WhatsAppCampaign => "WhatsAppCampaignSchedule",
        }
    }

    /// The field that names the target, in manifests and in the public API alike, for example `campaign`.
    pub const fn target_field(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Sequence => "sequence",
            Self::MessagingCampaign => "messagingCampaign",
            Self::EmailCampaign => "emailCampaign",
            Self::WhatsAppCampaign => "whatsAppCampaign",
        }
    }
}

impl fmt::Display for ScheduleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.manifest_kind())
    }
}

/// How a manifest points at the campaign or sequence that its schedule drives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetRef {
    /// By the id that the platform gave it.
    Id(String),
    /// By its exact name, which must be looked up.
    Name(String),
}

impl fmt::Display for TargetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Name(name) => write!(f, "\"{name}\""),
        }
    }
}

/// A campaign or sequence that is known to the platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The id that the platform gave it; part of the schedule's path.
    pub id: String,
    /// Its name, where it is known.
    pub name: Option<String>,
}

/// What a schedule may use at any instant while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Capacity {
    /// Calls dialed at once.
    #[serde(rename = "maxConcurrentCalls")]
    pub calls: u32,
    /// Agents busy at once.
    #[serde(rename = "maxConcurrentAgents")]
    pub agents: u32,
}

/// A schedule as its manifest declares it.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The family it belongs to.
    pub kind: ScheduleKind,
    /// Unique per kind in the repository.
    pub name: ScheduleName,
    /// Free labels, for selectors.
    pub labels: BTreeMap<String, String>,
    /// Whether the live schedule outlives the manifest.
    pub protect: bool,
    /// The campaign or sequence that it drives.
    pub target: TargetRef,
    /// When it dials.
    pub timetable: Timetable,
    /// What it promises to stay within.
    pub capacity: Capacity,
    /// The days of each slot in the order in which the manifest lists them; empty for a slot that lists none.
    pub listed_days: Vec<Vec<Weekday>>,
    /// What blackout calendars took out of its slots, in order of time. The slots have it as exclusions.
    pub blackouts: Vec<BlackoutCut>,
}

/// A declared schedule whose target is resolved and whose name carries its owner: what a plan asks for.
#[derive(Clone, Debug)]
pub struct DesiredSchedule {
    /// The family it belongs to.
    pub kind: ScheduleKind,
    /// The name in the manifest.
    pub name: ScheduleName,
    /// The name that marks the live schedule as ours.
    pub live_name: LiveName,
    /// Whether the live schedule outlives the manifest.
    pub protect: bool,
    /// The campaign or sequence that it drives.
    pub target: Target,
    /// When it dials.
    pub timetable: Timetable,
    /// What it promises to stay within.
    pub capacity: Capacity,
    /// What blackout calendars took out of its slots, in order of time. The slots have it as exclusions.
    pub blackouts: Vec<BlackoutCut>,
}
