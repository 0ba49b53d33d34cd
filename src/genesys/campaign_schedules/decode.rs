//! A schedule as this API returned it, in the program's words. What cannot be read becomes the reason why
//! this one timetable is unknown.

use std::num::NonZeroU32;

use serde_json::Value;

use crate::genesys::page::text;
use crate::schedule::{
    Bound, Capacity, LiveSchedule, Pattern, ScheduleKind, Slot, Target, TimeOfDay, Timetable, Weekdays, Zone,
};

use super::boundaries::Boundary;
use super::wire::{DailySlot, Times};

/// Reads one schedule of a campaign.
pub(super) fn live(body: &Value, campaign: &Target) -> LiveSchedule {
    let number = |field: &str| body.get(field).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let capacity = match (number("maxConcurrentCalls"), number("maxConcurrentAgents")) {
        (Some(calls), Some(agents)) => Some(Capacity { calls, agents }),
        _ => None,
    };
    LiveSchedule {
        kind: ScheduleKind::Campaign,
        target: campaign.clone(),
        id: text(body, "/id"),
        name: None,
        version: None,
        timetable: timetable(body),
        capacity,
    }
}

fn timetable(body: &Value) -> Result<Timetable, String> {
    let times: Times = serde_path_to_error::deserialize(body).map_err(|error| error.to_string())?;
    let zone = match times.timezone.as_deref() {
        None | Some("") => Zone::utc(),
        Some(name) => Zone::named(name).map_err(|error| error.to_string())?,
    };
    let start = Boundary::read(&times.start_time, zone).map_err(|reason| format!("startTime: {reason}"))?;
    let end = times.end_time.as_deref().map(|end| Boundary::read(end, zone)).transpose();
    let end = end.map_err(|reason| format!("endTime: {reason}"))?;
    let named = |(n, daily)| slot(daily, zone, start, end).map_err(|reason| format!("dailySchedule[{n}]: {reason}"));
    let slots = times.daily_schedule.iter().enumerate().map(named).collect::<Result<_, _>>()?;
    Ok(Timetable { zone, slots, intervals: Vec::new() })
}

fn slot(daily: &DailySlot, zone: Zone, start: Boundary, end: Option<Boundary>) -> Result<Slot, String> {
    let time = |text: &str| text.parse::<TimeOfDay>().map_err(|error| error.to_string());
    let (from, to) = (time(&daily.start_time)?, time(&daily.end_time)?);
    let day = TimeOfDay::END_OF_DAY.seconds();
    // An end before the start is on the next day.
    let to = to.seconds() + if to < from { day } else { 0 };
    let length = NonZeroU32::new(to - from.seconds()).ok_or("it ends when it starts")?;
    let pattern = pattern(daily.days.as_deref())?;
    let first = start.first(from.seconds(), to)?;
    Ok(Slot {
        zone,
        first: pattern.first_on_or_after(first).ok_or("it starts at the end of the calendar")?,
        start: from,
        length,
        pattern,
        bound: match end {
            Some(end) => Bound::Until(end.last(from.seconds(), to)?),
            None => Bound::Open,
        },
        alterations: Vec::new(),
    })
}

fn pattern(days: Option<&[String]>) -> Result<Pattern, String> {
    let Some(names) = days else { return Ok(Pattern::Daily { every: NonZeroU32::MIN }) };
    let day = |name: &String| Weekdays::day_named(name).ok_or_else(|| format!("there is no day `{name}`"));
    match names.iter().map(day).collect::<Result<Weekdays, _>>()? {
        days if days.is_empty() => Err("it names no day".to_owned()),
        Weekdays::ALL => Ok(Pattern::Daily { every: NonZeroU32::MIN }),
        days => Ok(Pattern::Weekly { every: NonZeroU32::MIN, days }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body() -> Value {
        json!({
            "id": "s", "campaignId": "c", "startTime": "2027-03-02T05:00:00Z", "endTime": "2027-07-01T04:00:00Z",
            "timezone": "America/New_York", "maxConcurrentCalls": 25, "maxConcurrentAgents": 10,
            "dailySchedule": [{"startTime": "22:00", "endTime": "06:00", "days": ["Monday", "Friday"]}],
        })
    }

    fn read(body: &Value) -> LiveSchedule {
        live(body, &Target { id: "c".into(), name: None })
    }

    #[test]
    fn reads_the_shape_of_the_reference() {
        let live = read(&body());
        assert_eq!((live.id.as_deref(), live.capacity), (Some("s"), Some(Capacity { calls: 25, agents: 10 })));
        let slot = live.timetable.unwrap().slots.remove(0);
        // 2027-03-02 is a Tuesday, so the first occurrence is on the Friday.
        assert_eq!((slot.first.to_string().as_str(), slot.length.get()), ("2027-03-05", 8 * 3600));
        assert_eq!(slot.bound, Bound::Until("2027-06-30".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_read_names_its_place_and_reason() {
        for (pointer, value, reason) in [
            ("/timezone", json!("Mars/Olympus"), "no time zone"),
            ("/startTime", json!("soon"), "startTime: `soon`"),
            ("/startTime", json!("2027-03-02T23:00:00-05:00"), "startTime lies within a slot"),
            ("/endTime", json!("never"), "endTime: `never`"),
            ("/dailySchedule", json!(null), "dailySchedule"),
            ("/dailySchedule/0/startTime", json!("9am"), "dailySchedule[0]: `9am`"),
            ("/dailySchedule/0/endTime", json!("22:00"), "ends when it starts"),
            ("/dailySchedule/0/days", json!(["Mon"]), "no day `Mon`"),
            ("/dailySchedule/0/days", json!([]), "names no day"),
        ] {
            let mut body = body();
            *body.pointer_mut(pointer).unwrap() = value;
            let live = read(&body);
            assert_eq!(live.id.as_deref(), Some("s"));
            let error = live.timetable.expect_err(pointer);
            assert!(error.contains(reason), "{pointer}: {error}");
        }
    }
}
