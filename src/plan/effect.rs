//! What an action does to the time that is dialed.

use std::borrow::Cow;

use chrono::{DateTime, Days, NaiveDate, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::schedule::equality::added_time;
use crate::schedule::{Occurrence, Timetable, Window, Zone, iso8601};

use super::fortnight::{self, Fortnight};

/// The time that is looked at, in days: four weeks, so that patterns of one, two and four weeks show
/// their true average.
const WINDOW_DAYS: u64 = 28;

/// How many times four weeks are looked at for the first difference: a year and a half, for a change
/// may concern next year's holidays only.
const LOOKS: u64 = 20;

/// What an action adds to and takes from the time that is dialed, over four weeks from the first day
/// that it touches.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Hours that are dialed after the action and not before, on average per week.
    pub added_hours_per_week: f64,
    /// Hours that are dialed before the action and no more after it, on average per week.
    pub removed_hours_per_week: f64,
    /// The start of the first stretch of time that is affected and not over yet. It lies in the past while the
    /// stretch is under way: it is the same whenever within the stretch the plan is made.
    pub next_affected_start: Option<DateTime<Utc>>,
    /// What the next 14 days gain and lose.
    pub next_days: Fortnight,
    /// The zone in which times are told to people: that of the schedule after the action, else before it.
    pub zone: Zone,
}

impl Effect {
    /// The effect of replacing one timetable by another, seen from an instant on.
    pub fn of(before: Option<&Timetable>, after: Option<&Timetable>, as_of: DateTime<Utc>) -> Self {
        let zone = after.or(before).map_or_else(Zone::utc, |table| table.zone);
        let start = [before, after].into_iter().flatten().filter_map(start).min().unwrap_or(as_of).max(as_of);
        let first_day = zone.local(start).date();
        let looks = (0..LOOKS).filter_map(|n| first_day.checked_add_days(Days::new(n * WINDOW_DAYS)));
        let mut differences = looks.filter_map(|day| {
            let weeks = FourWeeks::compare(before, after, zone, day);
            Some((day, weeks.next(as_of)?, weeks))
        });
        let next_days = Fortnight::of(before, after, zone, as_of);
        let Some((day, next, weeks)) = differences.next() else {
            let (added_hours_per_week, removed_hours_per_week) = (0.0, 0.0);
            return Self { added_hours_per_week, removed_hours_per_week, next_affected_start: None, next_days, zone };
        };
        let touched = zone.local(next).date();
        let FourWeeks { added, removed } =
            if touched == day { weeks } else { FourWeeks::compare(before, after, zone, touched) };
        Self {
            added_hours_per_week: hours_per_week(&added),
            removed_hours_per_week: hours_per_week(&removed),
            next_affected_start: Some(next),
            next_days,
            zone,
        }
    }

    /// For example `adds 7 h a week, from Mon 2027-03-01 09:00 America/New_York (2027-03-01 14:00 UTC) on`.
    pub fn in_words(&self) -> String {
        let (added, removed) = (self.added_hours_per_week, self.removed_hours_per_week);
        let hours = match (added > 0.0, removed > 0.0) {
            (true, true) => format!("adds {added} h and removes {removed} h a week"),
            (true, false) => format!("adds {added} h a week"),
            (false, true) => format!("removes {removed} h a week"),
            (false, false) => "no effect on the time dialed within a year and a half".to_owned(),
        };
        let (Some(instant), zone) = (self.next_affected_start, self.zone) else { return hours };
        let (local, utc) = (zone.local(instant).format("%a %Y-%m-%d %H:%M"), instant.format("%Y-%m-%d %H:%M"));
        format!("{hours}, from {local} {zone} ({utc} UTC) on")
    }
}

/// What differs within four weeks.
struct FourWeeks {
    added: Vec<Occurrence>,
    removed: Vec<Occurrence>,
}

impl FourWeeks {
    /// Compares whole local days, so that a change of the clock within the weeks counts on neither side.
    fn compare(before: Option<&Timetable>, after: Option<&Timetable>, zone: Zone, first_day: NaiveDate) -> Self {
        let last_day = first_day.checked_add_days(Days::new(WINDOW_DAYS)).unwrap_or(first_day);
        let window = Window { start: zone.start_of_day(first_day), end: zone.start_of_day(last_day) };
        let occupied = |table: Option<&Timetable>| table.map_or_else(Vec::new, |table| table.occupied(window));
        let (before, after) = (occupied(before), occupied(after));
        Self { added: added_time(&before, &after), removed: added_time(&after, &before) }
    }

    /// The start of the first difference that is not over yet.
    fn next(&self, as_of: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ahead = self.added.iter().chain(&self.removed).filter(|span| span.end > as_of);
        ahead.map(|span| span.start).min()
    }
}

/// No occurrence of a timetable begins before this.
fn start(table: &Timetable) -> Option<DateTime<Utc>> {
    let firsts = table.slots.iter().map(|slot| slot.zone.start_of_day(slot.first));
    let inclusions = table
        .slots
        .iter()
        .flat_map(|slot| slot.alterations.iter().map(|alteration| slot.zone.instant(alteration.start)));
    let intervals = table.intervals.iter().map(|interval| table.zone.instant(interval.start));
    firsts.chain(inclusions).chain(intervals).min()
}

fn hours_per_week(spans: &[Occurrence]) -> f64 {
    let seconds: i64 = spans.iter().map(|span| (span.end - span.start).num_seconds()).sum();
    // A 28-day window holds at most 2,419,200 seconds, which a float keeps exactly.
    (seconds as f64 / 3600.0 / (WINDOW_DAYS / 7) as f64 * 100.0).round() / 100.0
}

/// What the action does to the time that is dialed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Effect")]
struct Shown {
    hours_per_week: HoursPerWeek,
    next_affected_start: Option<NextStart>,
    #[serde(rename = "next14Days")]
    next_days: fortnight::Shown,
}

/// Hours on average over four weeks from the first day that is touched.
#[derive(Serialize, JsonSchema)]
struct HoursPerWeek {
    /// Dialed after the action and not before.
    added: f64,
    /// Dialed before the action and not after it.
    removed: f64,
}

/// The start of the first stretch of time that is affected and not over yet.
#[derive(Serialize, JsonSchema)]
struct NextStart {
    utc: String,
    local: String,
    timezone: &'static str,
}

/// As the JSON plan has it.
impl Serialize for Effect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let zone = self.zone;
        let next_affected_start = self.next_affected_start.map(|instant| NextStart {
            utc: iso8601(instant.naive_utc()) + "Z",
            local: iso8601(zone.local(instant)),
            timezone: zone.name(),
        });
        let hours_per_week = HoursPerWeek { added: self.added_hours_per_week, removed: self.removed_hours_per_week };
        Shown { hours_per_week, next_affected_start, next_days: self.next_days.shown(zone) }.serialize(serializer)
    }
}

impl JsonSchema for Effect {
    fn schema_name() -> Cow<'static, str> {
        Shown::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Shown::json_schema(generator)
    }
}
