//! A schedule of the API `campaign-schedules`: reading it strictly.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::schedule::{TimeOfDay, Weekdays, Zone};

use super::date_time;
use super::refusal::Refusal;
use super::window_overlap::{DailyWindow, ValidWindows, clash_within};

/// A schedule as it was posted, with the id that it is kept under. Texts stay as they were written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CampaignWindow {
    /// Given by the client, or else by the sandbox.
    pub id: String,
    /// The campaign, as in the path.
    pub campaign_id: String,
    /// RFC 3339: the instant from which it is valid.
    pub start_time: String,
    /// RFC 3339: the instant until which it is valid; absent or null for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// IANA name.
    pub timezone: String,
    /// The windows of each week.
    pub daily_schedule: Vec<DailyEntry>,
    /// Calls dialed at once.
    pub max_concurrent_calls: i32,
    /// Agents busy at once.
    pub max_concurrent_agents: i32,
}

/// One window on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DailyEntry {
    /// `HH:MM` or `HH:MM:SS`.
    pub start_time: String,
    /// `HH:MM` or `HH:MM:SS`, also 24:00; earlier than the start means the next day.
    pub end_time: String,
    /// English day names; absent or empty for every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<String>>,
}

impl CampaignWindow {
    /// Reads and checks a body posted for a campaign; `new_id` is for a body without id.
    ///
    /// # Errors
    /// 400 with the field that is wrong.
    pub fn read(campaign_id: &str, mut body: Value, new_id: impl FnOnce() -> Uuid) -> Result<Self, Refusal> {
        if let Some(fields) = body.as_object_mut()
            && fields.get("id").is_none_or(Value::is_null)
        {
            fields.insert("id".to_owned(), new_id().to_string().into());
        }
        let window: Self = serde_path_to_error::deserialize(body).map_err(|error| {
            let path = error.path().to_string();
            let place = if path == "." { String::new() } else { path };
            Refusal::bad_request(&place, &error.inner().to_string())
        })?;
        if window.campaign_id != campaign_id {
            return Err(Refusal::bad_request("campaignId", "differs from the campaign in the path"));
        }
        if window.id.is_empty() {
            return Err(Refusal::invalid_value("id", "is empty; leave it out to have one given"));
        }
        for (field, value) in
            [("maxConcurrentCalls", window.max_concurrent_calls), ("maxConcurrentAgents", window.max_concurrent_agents)]
        {
            if value < 0 {
                return Err(Refusal::invalid_value(field, "must not be negative"));
            }
        }
        if let Some(clash) = clash_within(&window.windows()?) {
            return Err(Refusal::bad_request("dailySchedule", &format!("overlaps itself: {clash}")));
        }
        Ok(window)
    }

    /// When the schedule dials.
    ///
    /// # Errors
    /// 400 with the field that cannot be read.
    pub fn windows(&self) -> Result<ValidWindows, Refusal> {
        let start = instant(&self.start_time, "startTime")?;
        let end = self.end_time.as_deref().map(|end| instant(end, "endTime")).transpose()?;
        if end.is_some_and(|end| end <= start) {
            return Err(Refusal::invalid_interval_time("endTime", "must be later than startTime"));
        }
        let zone =
            Zone::named(&self.timezone).map_err(|unknown| Refusal::invalid_value("timezone", &unknown.to_string()))?;
        if self.daily_schedule.is_empty() {
            return Err(Refusal::bad_request("dailySchedule", "needs at least one window"));
        }
        let daily = self.daily_schedule.iter().enumerate().map(|(n, entry)| entry.window(n));
        Ok(ValidWindows { start, end, zone, daily: daily.collect::<Result<_, _>>()? })
    }
}

impl DailyEntry {
    fn window(&self, n: usize) -> Result<DailyWindow, Refusal> {
        let at = |field: &str| format!("dailySchedule[{n}].{field}");
        let time = |text: &str, field: &str| {
            text.parse::<TimeOfDay>().map_err(|invalid| Refusal::invalid_value(&at(field), &invalid.to_string()))
        };
        let (start, end) = (time(&self.start_time, "startTime")?, time(&self.end_time, "endTime")?);
        if start == TimeOfDay::END_OF_DAY {
            return Err(Refusal::invalid_value(&at("startTime"), "24:00 can only be an end"));
        }
        if start == end {
            return Err(Refusal::invalid_interval_time(&at("endTime"), "must differ from startTime"));
        }
        Ok(DailyWindow { start, end, days: self.weekdays(&at("days"))? })
    }

    fn weekdays(&self, at: &str) -> Result<Weekdays, Refusal> {
        let names = self.days.as_deref().unwrap_or_default();
        if names.is_empty() {
            return Ok(Weekdays::ALL);
        }
        let day = |name: &String| {
            Weekdays::day_named(name).ok_or_else(|| Refusal::invalid_value(at, &format!("there is no day `{name}`")))
        };
        names.iter().map(day).collect()
    }
}

fn instant(text: &str, field: &str) -> Result<DateTime<Utc>, Refusal> {
    date_time::instant(text).ok_or_else(|| Refusal::invalid_date(field, "must be an RFC 3339 instant"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(change: &Value) -> Value {
        let mut body = json!({
            "campaignId": "c", "startTime": "2027-03-01T00:00:00Z", "endTime": null, "timezone": "Europe/Berlin",
            "dailySchedule": [{"startTime": "09:00", "endTime": "13:00", "days": ["Monday"]}],
            "maxConcurrentCalls": 10, "maxConcurrentAgents": 5,
        });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    }

    fn read(body: Value) -> Result<CampaignWindow, Refusal> {
        CampaignWindow::read("c", body, || Uuid::from_u128(1))
    }

    #[test]
    fn reads_what_the_api_describes() {
        for good in [
            json!({}),
            json!({"id": "mine", "endTime": "2027-06-30T22:00:00+02:00"}),
            json!({"dailySchedule": [{"startTime": "22:00:00", "endTime": "02:00"}]}),
            json!({"dailySchedule": [{"startTime": "00:00", "endTime": "24:00", "days": []}]}),
        ] {
            assert!(read(body(&good)).is_ok(), "{good}");
        }
    }

    #[test]
    fn refuses_everything_else_and_names_the_field() {
        let daily = |entry: Value| json!({ "dailySchedule": [entry] });
        for (bad, code, named) in [
            (json!({"extra": 1}), "bad.request", "extra"),
            (json!({"campaignId": "other"}), "bad.request", "campaignId"),
            (json!({"id": ""}), "invalid.value", "id"),
            (json!({"id": 7}), "bad.request", "id"),
            (json!({"timezone": null}), "bad.request", "timezone"),
            (json!({"timezone": "Berlin"}), "invalid.value", "timezone"),
            (json!({"startTime": "2027-03-01"}), "invalid.date", "startTime"),
            (json!({"startTime": "2027-03-01T00:00:00"}), "invalid.date", "startTime"),
            (json!({"endTime": "2027-03-01T00:00:00Z"}), "invalid.interval.time", "endTime"),
            (json!({"maxConcurrentCalls": "10"}), "bad.request", "maxConcurrentCalls"),
            (json!({"maxConcurrentCalls": 3_000_000_000_u32}), "bad.request", "maxConcurrentCalls"),
            (json!({"maxConcurrentAgents": -1}), "invalid.value", "maxConcurrentAgents"),
            (json!({"dailySchedule": []}), "bad.request", "dailySchedule"),
            (daily(json!({"startTime": "09:00"})), "bad.request", "dailySchedule[0]"),
            (daily(json!({"startTime": "9:00", "endTime": "13:00"})), "invalid.value", "dailySchedule[0].startTime"),
            (daily(json!({"startTime": "24:00", "endTime": "13:00"})), "invalid.value", "dailySchedule[0].startTime"),
            (
                daily(json!({"startTime": "09:00", "endTime": "09:00"})),
                "invalid.interval.time",
                "dailySchedule[0].endTime",
            ),
            (
                daily(json!({"startTime": "09:00", "endTime": "13:00", "days": ["Mon"]})),
                "invalid.value",
                "dailySchedule[0].days",
            ),
            (
                json!({"dailySchedule": [{"startTime": "09:00", "endTime": "13:00"},
                    {"startTime": "12:00", "endTime": "14:00", "days": ["Friday"]}]}),
                "bad.request",
                "dailySchedule",
            ),
        ] {
            let refusal = read(body(&bad)).unwrap_err();
            assert_eq!((refusal.status, refusal.code), (400, code), "{bad}: {refusal:?}");
            assert!(refusal.message.contains(named), "{bad}: {refusal:?}");
        }
        for field in ["campaignId", "startTime", "timezone", "dailySchedule", "maxConcurrentCalls"] {
            let mut bad = body(&json!({}));
            bad.as_object_mut().unwrap().remove(field);
            let refusal = read(bad).unwrap_err();
            assert!(refusal.message.contains(field), "{refusal:?}");
        }
    }
}
