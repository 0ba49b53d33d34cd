//! The body of a schedule under `/api/v2/outbound/campaigns/{campaignId}/schedules`.

use serde::{Deserialize, Serialize};

/// A schedule as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleBody {
    pub(super) id: String,
    pub(super) campaign_id: String,
    #[serde(flatten)]
    pub(super) times: Times,
    pub(super) max_concurrent_calls: u32,
    pub(super) max_concurrent_agents: u32,
}

/// The part of a schedule that says when it dials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Times {
    /// The instant from which it is valid.
    pub(super) start_time: String,
    /// The instant until which it is valid; absent when it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) daily_schedule: Vec<DailySlot>,
}

/// A window of local time, on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DailySlot {
    pub(super) start_time: String,
    pub(super) end_time: String,
    /// Full English names; read as every day when absent.
    pub(super) days: Option<Vec<String>>,
}
