//! `freeze` in `dialctl.yaml`: times in which apply changes nothing.

use std::num::NonZeroU32;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::manifest::{DateOrLocalTime, Day, EndTime, LocalBoundary, StartTime, harmless, listed, shown};
use crate::plan::{Freeze, FreezeWindow};
use crate::schedule::{Bound, Interval, Pattern, Slot, TimeOfDay, Timetable, Zone, zone};

/// From when on recurring windows are there: before every run.
// There is such a day, which the compiler checks: the constant is evaluated when it builds.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();

const DAY: u32 = 86_400;

/// A time in which apply changes nothing: once from `start` to `end`, or on days of the week from `startTime` to
/// `endTime`. It does not hold with `--sandbox`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend(
    "dependentRequired" = {
        "start": ["end"], "end": ["start"], "startTime": ["endTime"], "endTime": ["startTime"], "days": ["startTime"]
    },
    "dependentSchemas" = {"start": {"properties": {"days": false, "startTime": false, "endTime": false}}},
    "if" = {"required": ["start"]},
    "else" = {"required": ["startTime"]}
))]
pub struct FreezeWindowFile {
    /// The first local date, or the local time from which on nothing is changed.
    start: Option<LocalBoundary>,
    /// The last local date (inclusive), or the local time from which on changes are allowed again.
    end: Option<LocalBoundary>,
    /// The days of the week on which it begins, instead of `start` and `end`; absent means every day.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    days: Option<Vec<Day>>,
    /// When it begins on each of them.
    start_time: Option<StartTime>,
    /// When it ends; earlier than `startTime` means the next day.
    end_time: Option<EndTime>,
    /// The IANA time zone of its dates and times. Default UTC.
    #[schemars(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// Why nothing is changed; shown to whom it stops.
    #[schemars(length(min = 1), example = "year-end")]
    reason: String,
}

/// What is wrong with a value: its JSON pointer, and the words.
type Problem = (String, String);

/// The windows; otherwise all that is wrong with them.
pub fn freeze(windows: &[FreezeWindowFile]) -> Result<Freeze, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut lowered = Vec::new();
    for (n, window) in windows.iter().enumerate() {
        match window.lower() {
            Ok(window) => lowered.push(window),
            Err(found) => {
                problems.extend(found.into_iter().map(|(field, told)| (format!("/freeze/{n}/{field}"), told)))
            }
        }
    }
    if problems.is_empty() { Ok(Freeze(lowered)) } else { Err(problems) }
}

impl FreezeWindowFile {
    /// What it means; otherwise the fields that are wrong.
    fn lower(&self) -> Result<FreezeWindow, Vec<(&'static str, String)>> {
        let named = self.timezone.as_deref().map_or_else(|| Ok(Zone::utc()), zone_named);
        let zone = named.as_ref().copied().unwrap_or_else(|_| Zone::utc());
        match (named, self.timetable(zone)) {
            (Ok(_), Ok(timetable)) => Ok(FreezeWindow { timetable, reason: harmless(&self.reason) }),
            (zone, timetable) => {
                Err([zone.err().map(|told| ("timezone", told)), timetable.err()].into_iter().flatten().collect())
            }
        }
    }

    fn timetable(&self, zone: Zone) -> Result<Timetable, (&'static str, String)> {
        let (slots, intervals) = match (&self.start, &self.end, &self.start_time, &self.end_time) {
            (Some(start), Some(end), ..) => (Vec::new(), vec![once(start, end)?]),
            (.., Some(start), Some(end)) => (vec![self.recurring(zone, start.0, end.0)?], Vec::new()),
            // The schema takes no such window.
            _ => return Err(("reason", "either `start` or `startTime` must be given beside it".to_owned())),
        };
        Ok(Timetable { zone, slots, intervals })
    }

    fn recurring(&self, zone: Zone, start: TimeOfDay, end: TimeOfDay) -> Result<Slot, (&'static str, String)> {
        let (from, until) = (start.seconds(), end.seconds());
        let length = if until > from { until - from } else { until + DAY - from };
        let Some(length) = NonZeroU32::new(length).filter(|_| from != until) else {
            return Err(("endTime", "the window ends when it starts; for a whole day write 00:00 to 24:00".to_owned()));
        };
        let every = NonZeroU32::MIN;
        let pattern = match &self.days {
            Some(days) => Pattern::Weekly { every, days: days.iter().map(|day| day.0).collect() },
            None => Pattern::Daily { every },
        };
        let first = pattern.first_on_or_after(FIRST).unwrap_or(FIRST);
        Ok(Slot { zone, first, start, length, pattern, bound: Bound::Open, alterations: Vec::new() })
    }
}

fn once(start: &LocalBoundary, end: &LocalBoundary) -> Result<Interval, (&'static str, String)> {
    let start = match start.0 {
        DateOrLocalTime::Date(date) => date.into(),
        DateOrLocalTime::Time(time) => time,
    };
    let end = match end.0 {
        // Dates come from years of four digits, far from the end of the calendar.
        DateOrLocalTime::Date(date) => date.succ_opt().unwrap_or(date).into(),
        DateOrLocalTime::Time(time) => time,
    };
    if start < end {
        Ok(Interval { start, end })
    } else {
        Err(("end", "the end does not lie after the start; move one of them".to_owned()))
    }
}

fn zone_named(name: &str) -> Result<Zone, String> {
    Zone::named(name).map_err(|_| {
        // Names are short, and comparing long ones takes long.
        let similar = if name.len() > 60 { Vec::new() } else { zone::similar_names(name) };
        let way_out = if similar.is_empty() {
            "use a name of the IANA database such as America/New_York or UTC".to_owned()
        } else {
            format!("did you mean {}?", listed(similar, "or"))
        };
        format!("there is no time zone `{}`; {way_out}", shown(name))
    })
}

#[cfg(test)]
mod tests {
    use super::super::file::Config;

    /// What a window comes to: its slots and intervals, its zone and its reason.
    fn lowered(window: &str) -> String {
        let config = Config::parse("dialctl.yaml", format!("freeze: [{window}]\n")).unwrap();
        let [window] = config.freeze.0.as_slice() else { panic!("{window}") };
        let slots = window.timetable.slots.iter().map(|slot| {
            let days = slot.pattern.every_week().unwrap().names().map(|name| &name[..2]).collect::<Vec<_>>().join(",");
            format!("{days} {}+{} h {}", slot.start, f64::from(slot.length.get()) / 3600.0, slot.zone)
        });
        let text = "%Y-%m-%dT%H:%M";
        let intervals = window.timetable.intervals.iter();
        let intervals = intervals.map(|one| format!("{}/{}", one.start.format(text), one.end.format(text)));
        let times: Vec<String> = slots.chain(intervals).collect();
        format!("{} {} {}", times.join(" "), window.timetable.zone, window.reason)
    }

    #[test]
    fn windows_mean_what_they_say() {
        for (window, expected) in [
            (
                "{start: 2026-12-20, end: 2027-01-03, timezone: Europe/Berlin, reason: year-end}",
                "2026-12-20T00:00/2027-01-04T00:00 Europe/Berlin year-end",
            ),
            ("{start: 2026-12-20, end: 2026-12-20, reason: a day}", "2026-12-20T00:00/2026-12-21T00:00 UTC a day"),
            (
                "{start: \"2026-12-20T18:00:00\", end: 2026-12-21T06:30, reason: night}",
                "2026-12-20T18:00/2026-12-21T06:30 UTC night",
            ),
            (
                "{start: 2026-12-20, end: 2026-12-20T06:00, reason: morning}",
                "2026-12-20T00:00/2026-12-20T06:00 UTC morning",
            ),
            (
                "{days: [Friday], startTime: \"15:00\", endTime: 24:00, timezone: America/New_York, reason: weekend ahead}",
                "Fr 15:00+9 h America/New_York America/New_York weekend ahead",
            ),
            (
                "{days: [Sunday, Saturday], startTime: 22:30, endTime: 06:00, reason: \"a\\eb\"}",
                "Sa,Su 22:30+7.5 h UTC UTC a\\u{1b}b",
            ),
            (
                "{startTime: 00:00, endTime: 24:00, reason: for good}",
                "Mo,Tu,We,Th,Fr,Sa,Su 00:00+24 h UTC UTC for good",
            ),
        ] {
            assert_eq!(lowered(window), expected, "{window}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (window, told) in [
            (
                "{start: 2026-12-20, end: 2027-01-03, timezone: Europe/Berln, reason: a}",
                &["1:57: there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`"][..],
            ),
            (
                "{startTime: 09:00, endTime: 10:00, timezone: Nowhere, reason: a}",
                &["`Nowhere`; use a name of the IANA"],
            ),
            ("{start: 2026-12-20, end: 2026-12-19, reason: a}", &["1:35: the end does not lie after the start"]),
            (
                "{start: 2026-12-20T10:00, end: 2026-12-20T10:00, reason: a}",
                &["1:41: the end does not lie after the start"],
            ),
            (
                "{start: 2026-12-20, end: 2026-12-19, timezone: Mars, reason: a}, {startTime: 09:00, endTime: 09:00, reason: a}",
                &[
                    "1:35: the end does not",
                    "1:57: there is no time zone `Mars`",
                    "1:103: the window ends when it starts",
                ],
            ),
            ("{reason: a}", &["either `start` or `startTime` must be given"]),
            ("{start: 2026-12-20, reason: a}", &["`start` needs `end` beside it"]),
            ("{days: [Friday], reason: a}", &["`days` needs `startTime` beside it"]),
            (
                "{start: 2026-12-20, end: 2026-12-21, days: [Friday], reason: a}",
                &["1:47: `days` cannot stand beside `start`"],
            ),
            ("{start: 2026-12-20, end: 2026-12-21}", &["the field `reason` is missing"]),
            ("{start: 2026-12-20, end: 2026-12-21, reason: \"\"}", &["expected a text that is not empty"]),
            (
                "{start: 2026-12-32, end: 2026-12-21, reason: a}",
                &["1:18: expected a local date such as", "`2026-12-32`"],
            ),
            (
                "{start: 2027-02-29, end: 2027-03-01, reason: a}",
                &["1:18: expected a local date such as", "`2027-02-29`"],
            ),
            (
                "{start: 2026-12-20T10:00:00Z, end: 2026-12-21, reason: a}",
                &["or a local date and time such as 2026-12-20T18:00, without an offset"],
            ),
            ("{days: [Fri], startTime: 09:00, endTime: 10:00, reason: a}", &["1:18: expected `Monday`", "`Friday`"]),
            ("{days: Friday, startTime: 09:00, endTime: 10:00, reason: a}", &["1:17: expected a list", "write a list"]),
        ] {
            let message = Config::parse("dialctl.yaml", format!("freeze: [{window}]\n")).unwrap_err().join("\n");
            assert!(told.iter().all(|part| message.contains(part)), "{window}: {message}");
            assert_eq!(message.lines().count(), if told.len() == 3 { 3 } else { 1 }, "{window}: {message}");
        }
    }
}
