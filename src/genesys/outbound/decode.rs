//! A schedule as the API returned it, in the program's words.
//!
//! Whatever cannot be read becomes the reason why this one timetable is unknown; it never fails the
//! listing that it came in.

use std::num::NonZeroU32;

use chrono::{NaiveDateTime, Timelike};
use serde_json::Value;

use crate::genesys::page::text;
use crate::schedule::{
    Alteration, AlterationKind, Bound, Interval, LiveSchedule, Pattern, ScheduleKind, Slot, Target, TimeOfDay,
    Timetable, Weekdays, Zone,
};

use super::stamp::{IntervalTimes, Stamp};
use super::wire;

/// The id of the target that a schedule drives, as its body says.
pub(super) fn target_id(kind: ScheduleKind, body: &Value) -> Option<&str> {
    body.get(kind.target_field())?.get("id")?.as_str()
}

/// The name of a schedule.
pub(super) fn name(body: &Value) -> Option<&str> {
    body.get("name")?.as_str()
}

/// Reads one schedule. `asked` is the target that it was asked for by, if it was; otherwise the body says.
pub(super) fn live(kind: ScheduleKind, body: &Value, asked: Option<&Target>, times: IntervalTimes) -> LiveSchedule {
    let id = asked.map(|target| target.id.as_str()).or_else(|| target_id(kind, body));
    let timetable = match id {
        Some(_) => timetable(body, times),
        None => Err(format!("it names no {}", kind.target_field())),
    };
    LiveSchedule {
        kind,
        target: Target {
            id: id.unwrap_or_default().to_owned(),
            name: text(body, &format!("/{}/name", kind.target_field()))
                .or_else(|| asked.and_then(|target| target.name.clone())),
        },
        id: text(body, "/id"),
        name: name(body).map(str::to_owned),
        version: body.get("version").and_then(Value::as_i64).and_then(|version| i32::try_from(version).ok()),
        timetable,
        capacity: None,
    }
}

fn timetable(body: &Value, times: IntervalTimes) -> Result<Timetable, String> {
    let wire::Times { time_zone, intervals, recurrences } =
        serde_path_to_error::deserialize(body).map_err(|error| error.to_string())?;
    let zone = zone(time_zone.as_deref(), Zone::utc())?;
    let intervals = intervals.unwrap_or_default();
    let recurrences = recurrences.unwrap_or_default();
    Ok(Timetable {
        zone,
        slots: each("recurrences", &recurrences, |recurrence| slot(recurrence, zone))?,
        intervals: each("intervals", &intervals, |interval| {
            let (start, end) = (times.read(&interval.start, zone)?, times.read(&interval.end, zone)?);
            ordered(start, end)?;
            Ok(Interval { start, end })
        })?,
    })
}

fn each<W, T>(field: &str, items: &[W], read: impl Fn(&W) -> Result<T, String>) -> Result<Vec<T>, String> {
    let named = |(n, item)| read(item).map_err(|reason| format!("{field}[{n}]: {reason}"));
    items.iter().enumerate().map(named).collect()
}

/// The zone with this name; an absent or empty name stands for the one around it.
fn zone(name: Option<&str>, around: Zone) -> Result<Zone, String> {
    match name {
        None | Some("") => Ok(around),
        Some(name) => Zone::named(name).map_err(|error| error.to_string()),
    }
}

fn slot(recurrence: &wire::Recurrence, schedule_zone: Zone) -> Result<Slot, String> {
    let zone = zone(recurrence.time_zone.as_deref(), schedule_zone)?;
    let start = Stamp::read(&recurrence.start)?.wall(zone);
    let end = Stamp::read(&recurrence.end)?.wall(zone);
    ordered(start, end)?;
    let length = u32::try_from((end - start).num_seconds()).ok().and_then(NonZeroU32::new);
    let pattern = pattern(&recurrence.pattern)?;
    Ok(Slot {
        zone,
        // A start on a day that is none of the pattern's cannot be an occurrence itself.
        first: pattern.first_on_or_after(start.date()).ok_or("it starts at the end of the calendar")?,
        start: TimeOfDay::from_seconds(start.num_seconds_from_midnight()).ok_or("it starts at no time of the day")?,
        length: length.ok_or("it lasts longer than a century")?,
        pattern,
        bound: bound(&recurrence.range, zone)?,
        alterations: each("alterations", recurrence.alterations.as_deref().unwrap_or_default(), |it| {
            alteration(it, zone)
        })?,
    })
}

fn ordered(start: NaiveDateTime, end: NaiveDateTime) -> Result<(), String> {
    if start < end { Ok(()) } else { Err(format!("it ends at {end}, which is not after its start at {start}")) }
}

fn pattern(pattern: &wire::Pattern) -> Result<Pattern, String> {
    let every = u32::try_from(pattern.interval).ok().and_then(NonZeroU32::new);
    let every = every.ok_or_else(|| format!("a pattern cannot recur every {}", pattern.interval))?;
    match pattern.kind.as_str() {
        "Daily" => Ok(Pattern::Daily { every }),
        "Weekly" => {
            let names = pattern.days_of_week.as_deref().unwrap_or_default();
            let day = |name: &String| Weekdays::day_named(name).ok_or_else(|| format!("there is no day `{name}`"));
            let days: Weekdays = names.iter().map(day).collect::<Result<_, _>>()?;
            if days.is_empty() {
                Err("a weekly pattern names no day".to_owned())
            } else {
                Ok(Pattern::Weekly { every, days })
            }
        }
        other => Err(format!("there is no pattern `{other}`")),
    }
}

fn bound(range: &wire::Range, zone: Zone) -> Result<Bound, String> {
    match (range.kind.as_str(), range.end.as_deref(), range.number_of_occurrences) {
        ("NoEnd", _, _) => Ok(Bound::Open),
        ("EndDate", Some(end), _) => Ok(Bound::Until(Stamp::read(end)?.local(zone).date())),
        ("EndDate", None, _) => Err("a range of type EndDate has no end".to_owned()),
        ("Numbered", _, Some(count)) => {
            let count_read = u32::try_from(count).ok().and_then(NonZeroU32::new);
            count_read.map(Bound::Count).ok_or_else(|| format!("a range cannot have {count} occurrences"))
        }
        ("Numbered", _, None) => Err("a range of type Numbered has no number".to_owned()),
        (other, _, _) => Err(format!("there is no range `{other}`")),
    }
}

fn alteration(alteration: &wire::Alteration, zone: Zone) -> Result<Alteration, String> {
    let kind = match alteration.kind.as_deref() {
        Some("Exclusion") => AlterationKind::Exclusion,
        Some("Inclusion") => AlterationKind::Inclusion,
        Some(other) => return Err(format!("there is no alteration `{other}`")),
        None => return Err("it has no type".to_owned()),
    };
    let (Some(start), Some(end)) = (&alteration.start, &alteration.end) else {
        return Err("it has no start or no end".to_owned());
    };
    let (start, end) = (Stamp::read(start)?.wall(zone), Stamp::read(end)?.wall(zone));
    ordered(start, end)?;
    Ok(Alteration { kind, start, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn recurrence() -> Value {
        json!({
            "start": "2027-03-01T09:00:00", "end": "2027-03-01T13:00:00",
            "pattern": {"type": "Weekly", "interval": 1, "daysOfWeek": ["Monday", "Friday"]},
            "range": {"type": "NoEnd"},
        })
    }

    fn read(body: &Value) -> LiveSchedule {
        live(ScheduleKind::Campaign, body, None, IntervalTimes::Local)
    }

    fn read_slot(pointer: &str, value: Value) -> Result<Slot, String> {
        let mut body = json!({"campaign": {"id": "c"}, "timeZone": "America/New_York", "recurrences": [recurrence()]});
        *body.pointer_mut(pointer).unwrap() = value;
        Ok(read(&body).timetable?.slots.remove(0))
    }

    #[test]
    fn the_head_is_read_even_when_the_timetable_cannot_be() {
        let live = read(&json!({
            "id": "s", "name": "dialctl/a", "version": 3, "campaign": {"id": "c", "name": "C"}, "intervals": "none",
        }));
        assert_eq!((live.id.as_deref(), live.name.as_deref(), live.version), (Some("s"), Some("dialctl/a"), Some(3)));
        assert_eq!(live.target, Target { id: "c".into(), name: Some("C".into()) });
        assert!(live.timetable.unwrap_err().contains("intervals"));
    }

    #[test]
    fn absent_and_null_parts_are_empty_and_the_zone_is_utc() {
        for body in [
            json!({"campaign": {"id": "c"}}),
            json!({"campaign": {"id": "c"}, "timeZone": null, "intervals": null, "recurrences": null, "new": 1}),
            json!({"campaign": {"id": "c"}, "timeZone": "", "intervals": []}),
        ] {
            let empty = Timetable { zone: Zone::utc(), slots: Vec::new(), intervals: Vec::new() };
            assert_eq!(read(&body).timetable, Ok(empty), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_read_names_its_place_and_reason() {
        for (pointer, value, reason) in [
            ("/timeZone", json!("Mars/Olympus"), "no time zone `Mars/Olympus`"),
            ("/campaign", json!({}), "names no campaign"),
            ("/recurrences/0/start", json!("soon"), "recurrences[0]: `soon` is not a time"),
            ("/recurrences/0/end", json!("2027-03-01T09:00:00"), "not after its start"),
            ("/recurrences/0/end", json!("2027-03-01T08:00:00"), "not after its start"),
            ("/recurrences/0/end", json!("9027-03-01T08:00:00"), "longer than a century"),
            ("/recurrences/0/pattern/interval", json!(0), "every 0"),
            ("/recurrences/0/pattern/interval", json!(-1), "every -1"),
            ("/recurrences/0/pattern/type", json!("Monthly"), "no pattern `Monthly`"),
            ("/recurrences/0/pattern/daysOfWeek", json!(["Moonday"]), "no day `Moonday`"),
            ("/recurrences/0/pattern/daysOfWeek", json!(null), "names no day"),
            ("/recurrences/0/range", json!({"type": "EndDate"}), "has no end"),
            ("/recurrences/0/range", json!({"type": "Numbered"}), "has no number"),
            ("/recurrences/0/range", json!({"type": "Numbered", "numberOfOccurrences": 0}), "0 occurrences"),
            ("/recurrences/0/range", json!({"type": "Forever"}), "no range `Forever`"),
            ("/recurrences/0", json!({"start": 1}), "recurrences[0]"),
        ] {
            let error = read_slot(pointer, value).expect_err(pointer);
            assert!(error.contains(reason), "{pointer}: {error}");
        }
    }

    #[test]
    fn the_last_date_is_that_of_the_slots_zone() {
        for (end, last) in [
            ("2027-06-30T23:59:59", "2027-06-30"),
            ("2027-06-30", "2027-06-30"),
            ("2027-07-01T03:59:59Z", "2027-06-30"),
            ("2027-07-01T04:00:00Z", "2027-07-01"),
            ("2027-07-01T02:00:00+02:00", "2027-06-30"),
        ] {
            let slot = read_slot("/recurrences/0/range", json!({"type": "EndDate", "end": end})).unwrap();
            assert_eq!(slot.bound, Bound::Until(last.parse().unwrap()), "{end}");
        }
    }

    #[test]
    fn the_first_occurrence_is_on_a_day_of_the_pattern() {
        let slot = read_slot("/recurrences/0/pattern/daysOfWeek", json!(["Wednesday"])).unwrap();
        assert_eq!(slot.first.to_string(), "2027-03-03");
        let long = read_slot("/recurrences/0/end", json!("2027-03-03T09:00:30")).unwrap();
        assert_eq!(long.length.get(), 2 * 86_400 + 30);
    }
}
