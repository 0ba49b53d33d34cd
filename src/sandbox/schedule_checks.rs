//! What a schedule must obey beyond the OpenAPI document.
//!
//! Where the service's own rule is not published these are the strict readings: the sandbox may
//! refuse what the service takes, never the other way round.

use chrono::{DateTime, Utc};

use crate::schedule::Zone;

use super::assumptions::{Assumption, Assumptions};
use super::date_time::{self, Written};
use super::refusal::Refusal;
use super::schedule_content::{
    Alteration, Interval, Pattern, PatternKind, Range, RangeKind, Recurrence, ScheduleContent,
};

/// The longest name of an outbound object, in characters (help.mypurecloud.com,
/// limitations-with-outbound-dialer).
const NAME_MAX: usize = 64;

/// By what a schedule is judged.
#[derive(Clone, Copy)]
struct Judge<'a> {
    assumptions: &'a Assumptions,
    now: DateTime<Utc>,
}

/// Checks a schedule that is written at a time.
///
/// # Errors
/// 400 with the first field that is wrong.
pub fn check(content: &ScheduleContent, assumptions: &Assumptions, now: DateTime<Utc>) -> Result<(), Refusal> {
    let judge = Judge { assumptions, now };
    let ScheduleContent { name, intervals, recurrences, time_zone } = content;
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_MAX) {
        return Err(Refusal::invalid_value("name", &format!("is longer than {NAME_MAX} characters")));
    }
    let zone = zone(time_zone.as_deref(), "timeZone")?.unwrap_or_else(Zone::utc);
    for (n, interval) in intervals.iter().enumerate() {
        check_interval(interval, &format!("intervals[{n}]"), zone, judge)?;
    }
    for (n, recurrence) in recurrences.iter().flatten().enumerate() {
        check_recurrence(recurrence, &format!("recurrences[{n}]"), zone, judge)?;
    }
    Ok(())
}

/// Writes the times of intervals in UTC.
///
/// # Errors
/// As [`check`].
pub fn normalize_intervals(content: &mut ScheduleContent) -> Result<(), Refusal> {
    let zone = zone(content.time_zone.as_deref(), "timeZone")?.unwrap_or_else(Zone::utc);
    for (n, Interval { start, end }) in content.intervals.iter_mut().enumerate() {
        for (time, field) in [(start, "start"), (end, "end")] {
            *time = date_time::shown(iso(time, &format!("intervals[{n}].{field}"))?.instant(zone));
        }
    }
    Ok(())
}

fn check_interval(interval: &Interval, at: &str, zone: Zone, judge: Judge<'_>) -> Result<(), Refusal> {
    let start = iso(&interval.start, &format!("{at}.start"))?;
    let end = iso(&interval.end, &format!("{at}.end"))?;
    in_order(start, end, at, zone, judge)?;
    if judge.assumptions.hold(Assumption::PastIntervalsRefused) && start.instant(zone) < judge.now {
        return Err(Refusal::invalid_interval_time(&format!("{at}.start"), "lies in the past"));
    }
    Ok(())
}

fn check_recurrence(recurrence: &Recurrence, at: &str, schedule_zone: Zone, judge: Judge<'_>) -> Result<(), Refusal> {
    let Recurrence { id: _, start, end, time_zone, pattern, range, alterations } = recurrence;
    let zone = zone(time_zone.as_deref(), &format!("{at}.timeZone"))?.unwrap_or(schedule_zone);
    let start = wall_clock(start, &format!("{at}.start"))?;
    let end = wall_clock(end, &format!("{at}.end"))?;
    in_order(start, end, at, zone, judge)?;
    check_pattern(pattern, &format!("{at}.pattern"), judge)?;
    check_range(range, &format!("{at}.range"), judge)?;
    for (n, alteration) in alterations.iter().flatten().enumerate() {
        check_alteration(alteration, &format!("{at}.alterations[{n}]"), zone, judge)?;
    }
    Ok(())
}

fn check_pattern(pattern: &Pattern, at: &str, judge: Judge<'_>) -> Result<(), Refusal> {
    if pattern.interval < 1 {
        return Err(Refusal::invalid_value(&format!("{at}.interval"), "must be at least 1"));
    }
    let has_days = pattern.days_of_week.as_ref().is_some_and(|days| !days.is_empty());
    let may_be_open = judge.assumptions.hold(Assumption::OpenPatternsAccepted);
    if pattern.kind == PatternKind::Weekly && !has_days && !may_be_open {
        return Err(Refusal::bad_request(&format!("{at}.daysOfWeek"), "is required for Weekly"));
    }
    Ok(())
}

fn check_range(range: &Range, at: &str, judge: Judge<'_>) -> Result<(), Refusal> {
    if let Some(end) = &range.end {
        iso(end, &format!("{at}.end"))?;
    }
    let count_field = format!("{at}.numberOfOccurrences");
    let must_be_closed = !judge.assumptions.hold(Assumption::OpenPatternsAccepted);
    match (range.kind, &range.end, range.number_of_occurrences) {
        (RangeKind::EndDate, None, _) if must_be_closed => {
            Err(Refusal::bad_request(&format!("{at}.end"), "is required for EndDate"))
        }
        (RangeKind::Numbered, _, None) if must_be_closed => {
            Err(Refusal::bad_request(&count_field, "is required for Numbered"))
        }
        (_, _, Some(count)) if count < 1 => Err(Refusal::invalid_value(&count_field, "must be at least 1")),
        _ => Ok(()),
    }
}

fn check_alteration(alteration: &Alteration, at: &str, zone: Zone, judge: Judge<'_>) -> Result<(), Refusal> {
    // The document requires none of the three, yet without them it is not known what changes when.
    let required = |value: &Option<String>, field: &str| {
        value.clone().ok_or_else(|| Refusal::bad_request(&format!("{at}.{field}"), "is required"))
    };
    required(&alteration.kind, "type")?;
    let start = iso(&required(&alteration.start, "start")?, &format!("{at}.start"))?;
    let end = iso(&required(&alteration.end, "end")?, &format!("{at}.end"))?;
    in_order(start, end, at, zone, judge)
}

fn in_order(start: Written, end: Written, at: &str, zone: Zone, judge: Judge<'_>) -> Result<(), Refusal> {
    if start.is_before(end, zone) || judge.assumptions.hold(Assumption::EmptyIntervalsAccepted) {
        Ok(())
    } else {
        Err(Refusal::invalid_interval_time(at, "end must be later than start"))
    }
}

fn iso(text: &str, at: &str) -> Result<Written, Refusal> {
    date_time::written(text).ok_or_else(|| Refusal::invalid_date(at, "Dates must be ISO-8601 strings."))
}

fn wall_clock(text: &str, at: &str) -> Result<Written, Refusal> {
    let local = date_time::local(text);
    local.map(Written::Local).ok_or_else(|| Refusal::invalid_date(at, "must have the form YYYY-MM-DDThh:mm:ss"))
}

/// The zone with this name; `None` when the name is absent or empty.
fn zone(name: Option<&str>, at: &str) -> Result<Option<Zone>, Refusal> {
    match name {
        None | Some("") => Ok(None),
        Some(name) => Zone::named(name).map(Some).map_err(|unknown| Refusal::invalid_value(at, &unknown.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn recurrence(change: &Value) -> Value {
        let mut recurrence = json!({
            "start": "2027-03-01T09:00:00", "end": "2027-03-01T13:00:00",
            "pattern": {"type": "Weekly", "interval": 1, "daysOfWeek": ["Monday"]}, "range": {"type": "NoEnd"},
        });
        recurrence.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"intervals": [], "recurrences": [recurrence]})
    }

    fn interval(start: &str, end: &str) -> Value {
        json!({"intervals": [{"start": start, "end": end}]})
    }

    fn outcome(schedule: Value, refuse_before: Option<DateTime<Utc>>) -> Result<(), (&'static str, String)> {
        let content: ScheduleContent = serde_json::from_value(schedule).unwrap();
        let assumptions = refuse_before.map(|_| Assumption::PastIntervalsRefused).into_iter().collect();
        check(&content, &assumptions, refuse_before.unwrap_or_default()).map_err(|refusal| {
            assert_eq!(refusal.status, 400);
            (refusal.code, refusal.field.unwrap())
        })
    }

    #[test]
    fn what_can_be_dialed_is_accepted() {
        for good in [
            json!({"intervals": []}),
            json!({"intervals": [], "timeZone": ""}),
            json!({"intervals": [], "name": "ä".repeat(64)}),
            interval("2027-05-01T10:00:00", "2027-05-01T14:00:00.000Z"),
            recurrence(&json!({})),
            recurrence(&json!({"end": "2027-03-02T01:00:00", "timeZone": "Europe/Berlin"})),
            recurrence(&json!({"pattern": {"type": "Daily", "interval": 3}})),
            recurrence(&json!({"range": {"type": "EndDate", "end": "2027-06-30T09:00:00"}})),
            recurrence(&json!({"range": {"type": "Numbered", "numberOfOccurrences": 1}})),
            recurrence(&json!({"alterations":
                [{"type": "Exclusion", "start": "2027-05-31T00:00:00", "end": "2027-06-01T00:00:00"}]})),
        ] {
            assert_eq!(outcome(good.clone(), None), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_cannot_be_dialed_is_refused_with_its_code_and_field() {
        let pattern = |pattern: Value| recurrence(&json!({ "pattern": pattern }));
        let range = |range: Value| recurrence(&json!({ "range": range }));
        let alteration = |alteration: Value| recurrence(&json!({ "alterations": [alteration] }));
        for (bad, code, field) in [
            (json!({"intervals": [], "name": "n".repeat(65)}), "invalid.value", "name"),
            (json!({"intervals": [], "timeZone": "Europe/Berlim"}), "invalid.value", "timeZone"),
            (interval("2027-05-01T10:00:00", "2027-05-01T10:00:00"), "invalid.interval.time", "intervals[0]"),
            (interval("2027-05-01T10:00:00Z", "2027-05-01T09:59:59Z"), "invalid.interval.time", "intervals[0]"),
            (interval("2027-05-01T10:00:00Z", "2027-05-01T11:00:00+02:00"), "invalid.interval.time", "intervals[0]"),
            (interval("2027-05-01", "2027-05-02T00:00:00"), "invalid.date", "intervals[0].start"),
            (interval("2027-05-01T10:00:00", "noon"), "invalid.date", "intervals[0].end"),
            (recurrence(&json!({"start": "2027-03-01T13:00:00"})), "invalid.interval.time", "recurrences[0]"),
            (recurrence(&json!({"start": "2027-03-01T09:00:00Z"})), "invalid.date", "recurrences[0].start"),
            (recurrence(&json!({"end": "2027-03-01T13:00"})), "invalid.date", "recurrences[0].end"),
            (recurrence(&json!({"timeZone": "Mars"})), "invalid.value", "recurrences[0].timeZone"),
            (pattern(json!({"type": "Daily", "interval": 0})), "invalid.value", "recurrences[0].pattern.interval"),
            (pattern(json!({"type": "Weekly", "interval": 1})), "bad.request", "recurrences[0].pattern.daysOfWeek"),
            (
                pattern(json!({"type": "Weekly", "interval": 1, "daysOfWeek": []})),
                "bad.request",
                "recurrences[0].pattern.daysOfWeek",
            ),
            (range(json!({"type": "EndDate"})), "bad.request", "recurrences[0].range.end"),
            (range(json!({"type": "EndDate", "end": "June"})), "invalid.date", "recurrences[0].range.end"),
            (range(json!({"type": "Numbered"})), "bad.request", "recurrences[0].range.numberOfOccurrences"),
            (
                range(json!({"type": "Numbered", "numberOfOccurrences": 0})),
                "invalid.value",
                "recurrences[0].range.numberOfOccurrences",
            ),
            (
                alteration(json!({"start": "2027-05-31T00:00:00", "end": "2027-06-01T00:00:00"})),
                "bad.request",
                "recurrences[0].alterations[0].type",
            ),
            (
                alteration(json!({"type": "Exclusion", "start": "2027-05-31T00:00:00"})),
                "bad.request",
                "recurrences[0].alterations[0].end",
            ),
            (
                alteration(json!({"type": "Inclusion", "start": "31.5.", "end": "2027-06-01T00:00:00"})),
                "invalid.date",
                "recurrences[0].alterations[0].start",
            ),
            (
                alteration(json!({"type": "Inclusion", "start": "2027-06-01T00:00:00", "end": "2027-06-01T00:00:00"})),
                "invalid.interval.time",
                "recurrences[0].alterations[0]",
            ),
        ] {
            assert_eq!(outcome(bad.clone(), None), Err((code, field.to_owned())), "{bad}");
        }
    }

    #[test]
    fn past_intervals_are_refused_only_when_asked_for() {
        let now = Some("2027-05-01T08:00:01Z".parse().unwrap());
        let mut schedule = interval("2027-05-01T10:00:00", "2027-05-01T14:00:00");
        schedule["timeZone"] = json!("Europe/Berlin");
        assert_eq!(outcome(schedule.clone(), None), Ok(()));
        assert_eq!(outcome(schedule, now), Err(("invalid.interval.time", "intervals[0].start".to_owned())));
        let later = interval("2027-05-01T10:00:00", "2027-05-01T14:00:00");
        assert_eq!(outcome(later, now), Ok(()), "10:00 UTC is still to come");
    }
}
