//! The shape of manifests: what each kind of document may say.
//!
//! These types are the source of the JSON Schema; their comments are its descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{Boundary, Day, EndTime, LocalDate, LocalTime, ManifestName, StartTime};
use crate::schedule::ScheduleKind;

/// The version of the manifest format.
pub const API_VERSION: &str = "dialctl/v1";

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A schedule of one of the five families.
    Schedule(ScheduleKind),
    /// What one campaign has.
    CampaignCapacity,
    /// What several campaigns share.
    CapacityPool,
    /// Days without dialing.
    BlackoutCalendar,
    /// The legal or agreed local hours.
    CallingHours,
}

impl Kind {
    /// Every kind, in the order of the reference.
    pub const ALL: [Self; 9] = [
        Self::Schedule(ScheduleKind::Campaign),
        Self::Schedule(ScheduleKind::Sequence),
        Self::Schedule(ScheduleKind::MessagingCampaign),
        Self::Schedule(ScheduleKind::EmailCampaign),
        Self::Schedule(ScheduleKind::WhatsAppCampaign),
        Self::CampaignCapacity,
        Self::CapacityPool,
        Self::BlackoutCalendar,
        Self::CallingHours,
    ];

    /// The `kind` of its documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule(kind) => kind.manifest_kind(),
            Self::CampaignCapacity => "CampaignCapacity",
            Self::CapacityPool => "CapacityPool",
            Self::BlackoutCalendar => "BlackoutCalendar",
            Self::CallingHours => "CallingHours",
        }
    }

    /// The kind with exactly this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What every document begins with.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope<Spec, M = Metadata> {
    /// The version of the manifest format.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// The kind of document.
    pub kind: String,
    /// Name and labels, and what else the kind has.
    pub metadata: M,
    /// What the document declares.
    pub spec: Spec,
}

/// Name and labels.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Unique per kind in the repository.
    pub name: ManifestName,
    /// Free labels, for selectors.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"team": "retention", "region": "us"}))]
    pub labels: BTreeMap<String, String>,
}

/// Name and labels of a schedule, and whether it is protected.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleMetadata {
    /// Unique per kind in the repository.
    pub name: ManifestName,
    /// Free labels, for selectors.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"team": "retention", "region": "us"}))]
    pub labels: BTreeMap<String, String>,
    /// Whether the live schedule outlives the manifest: it is not deleted, not even with `--prune`, before a run has
    /// applied the manifest with `false`.
    #[serde(default)]
    pub protect: bool,
}

/// What a schedule drives, by exactly one of its id and its exact name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Target {
    /// The id that the platform gave it.
    #[schemars(length(min = 1, max = 255), regex(pattern = "^[A-Za-z0-9_-]+$"))]
    #[schemars(title = "an id of letters, digits, `-` and `_`", example = "5b1c7a52-0f4e-4a2b-9c53-1d2f6f0c8a11")]
    pub id: Option<String>,
    /// Its exact name.
    #[schemars(length(min = 1), example = "Spring Renewals")]
    pub name: Option<String>,
}

/// When a schedule dials, and what it promises to stay within.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("dependentRequired" = {"dailySlots": ["startDate"]}))]
pub struct ScheduleSpec {
    /// What the schedule drives. Each kind has its own name for it, which the schema puts here.
    #[serde(
        alias = "campaign",
        alias = "sequence",
        alias = "messagingCampaign",
        alias = "emailCampaign",
        alias = "whatsAppCampaign"
    )]
    pub target: Target,
    /// The IANA time zone whose wall clock the schedule follows.
    #[serde(default = "utc")]
    #[schemars(example = "America/New_York")]
    pub timezone: String,
    /// The first local date (inclusive), or the instant from which slots may start.
    pub start_date: Option<Boundary>,
    /// The last local date on which a slot may start (inclusive), or the instant before which it must; absent means no end.
    pub end_date: Option<Boundary>,
    /// Recurring windows of local time.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub daily_slots: Vec<DailySlot>,
    /// One-off windows of local time.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub intervals: Vec<Span>,
    /// Local times in which the slots do not run.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub exclusions: Vec<Span>,
    /// Local times in which the schedule also runs; they win over exclusions.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub inclusions: Vec<Span>,
    /// Calls that the schedule dials at once, at most.
    #[serde(default = "default_calls")]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_concurrent_calls: u32,
    /// Agents that the schedule keeps busy at once, at most.
    #[serde(default = "default_agents")]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_concurrent_agents: u32,
}

/// A recurring window of local time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("dependentSchemas" = {"occurrences": {"properties": {"endDate": false}}}))]
pub struct DailySlot {
    /// When each occurrence starts.
    pub start_time: StartTime,
    /// When each occurrence ends; earlier than `startTime` means the next day.
    pub end_time: EndTime,
    /// The days on which it recurs; absent means every day.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub days: Option<Vec<Day>>,
    /// Every how many weeks (days when `days` is absent).
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub every: u32,
    /// The time zone of this slot, when it is not that of the schedule.
    #[schemars(example = "America/Chicago")]
    pub timezone: Option<String>,
    /// The first date of this slot, when it is not that of the schedule.
    pub start_date: Option<Boundary>,
    /// The last date of this slot, when it is not that of the schedule.
    pub end_date: Option<Boundary>,
    /// After how many occurrences the slot ends, instead of `endDate`.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub occurrences: Option<u32>,
}

/// A span of local time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Span {
    /// Its first moment.
    pub start: LocalTime,
    /// The moment after its last; later than `start`.
    pub end: LocalTime,
}

/// What one campaign has at any instant.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CampaignCapacitySpec {
    /// The campaign.
    pub campaign: Target,
    /// Calls that it can dial at once.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_concurrent_calls: u32,
    /// Agents that it has at once.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_concurrent_agents: u32,
    /// The name of the `CapacityPool` that it draws on.
    pub pool: Option<ManifestName>,
}

/// What several campaigns share at the same instant.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CapacityPoolSpec {
    /// Calls that they can dial at once, together.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_concurrent_calls: u32,
    /// Agents that they have at once, together.
    #[schemars(range(min = 1, max = 100_000))]
    pub max_concurrent_agents: u32,
}

/// Which schedules a document is about.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// Labels that a schedule must have, all of them; none matches every schedule.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"region": "us"}))]
    pub match_labels: BTreeMap<String, String>,
}

/// Days without dialing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlackoutCalendarSpec {
    /// The schedules that the calendar is for.
    pub selector: Selector,
    /// The IANA time zone of the days; absent means that of each schedule.
    pub timezone: Option<String>,
    /// The days.
    #[schemars(length(min = 1, max = 1000))]
    pub dates: Vec<BlackoutDate>,
    /// What becomes of a schedule that would dial on such a day.
    pub action: BlackoutAction,
}

/// One day, or a span of local time, without dialing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend(
    "dependentRequired" = {"start": ["end"], "end": ["start"]},
    "if" = {"required": ["date"]},
    "then" = {"properties": {"start": false, "end": false}},
    "else" = {"required": ["start"]}
))]
pub struct BlackoutDate {
    /// The whole local day.
    pub date: Option<LocalDate>,
    /// The first moment of a span, instead of `date`.
    pub start: Option<LocalTime>,
    /// The moment after the last of a span.
    pub end: Option<LocalTime>,
    /// What the day is called.
    #[schemars(length(min = 1), example = "Memorial Day")]
    pub name: String,
    /// Whether it comes back on the same date each year; 29 February does in leap years only.
    #[serde(default)]
    pub yearly: bool,
}

/// What becomes of a schedule that would dial on a day without dialing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BlackoutAction {
    /// The day is cut out of the schedule.
    Exclude,
    /// The schedule is refused.
    Deny,
}

/// The legal or agreed local hours.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallingHoursSpec {
    /// The schedules that the hours are for.
    pub selector: Selector,
    /// When dialing is allowed.
    #[schemars(length(min = 1, max = 1000))]
    pub hours: Vec<AllowedHours>,
    /// The rule or agreement behind the hours.
    #[schemars(example = "47 CFR 64.1200(c)(1)")]
    pub source: Option<String>,
}

/// A window of local time in which dialing is allowed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AllowedHours {
    /// The days.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub days: Vec<Day>,
    /// From when on.
    pub start_time: StartTime,
    /// Until when.
    pub end_time: EndTime,
}

fn utc() -> String {
    "UTC".to_owned()
}

const fn default_calls() -> u32 {
    10
}

const fn default_agents() -> u32 {
    5
}

const fn one() -> u32 {
    1
}
