//! What an action does to the time that is dialed.

use chrono::{DateTime, Days, Utc};
use serde::Serialize;

use crate::schedule::equality::added_time;
use crate::schedule::{Occurrence, Timetable, Window, Zone};

/// The time that is looked at, in days: four weeks, so that patterns of one, two and four weeks show
/// their true average.
const WINDOW_DAYS: u64 = 28;

/// What an action adds to and takes from the time that is dialed, over four weeks from the first
/// occurrence that it touches.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Hours that are dialed after the action and not before, on average per week.
    pub added_hours_per_week: f64,
    /// Hours that are dialed before the action and no more after it, on average per week.
    pub removed_hours_per_week: f64,
    /// The start of the first stretch of time that is affected and not over yet, and the zone to tell it
    /// in. It lies in the past while the stretch is under way: it is the same whenever within the stretch
    /// the plan is made.
    pub next_affected_start: Option<(DateTime<Utc>, Zone)>,
}

impl Effect {
    /// The effect of replacing one timetable by another, seen from an instant on.
    pub fn of(before: Option<&Timetable>, after: Option<&Timetable>, as_of: DateTime<Utc>) -> Self {
        let touched = [before, after].into_iter().flatten();
        let from = touched.clone().filter_map(|table| first_start(table, as_of)).min().unwrap_or(as_of);
        let zone = after.or(before).map_or_else(Zone::utc, |table| table.zone);
        // Whole local days, so that a change of the clock within the weeks counts on neither side.
        let first_day = zone.local(from).date();
        let last_day = first_day.checked_add_days(Days::new(WINDOW_DAYS)).unwrap_or(first_day);
        let window = Window { start: zone.start_of_day(first_day), end: zone.start_of_day(last_day) };
        let occupied = |table: Option<&Timetable>| table.map_or_else(Vec::new, |table| table.occupied(window));
        let (before_time, after_time) = (occupied(before), occupied(after));
        let added = added_time(&before_time, &after_time);
        let removed = added_time(&after_time, &before_time);
        let ahead = added.iter().chain(&removed).filter(|span| span.end > as_of);
        let next = ahead.map(|span| span.start).min();
        Self {
            added_hours_per_week: hours_per_week(&added),
            removed_hours_per_week: hours_per_week(&removed),
            next_affected_start: next.map(|instant| (instant, zone)),
        }
    }
}

/// The start of the first occurrence that ends after an instant, as far as it lies within a year and
/// a half, the longest that a yearly campaign sleeps.
fn first_start(table: &Timetable, as_of: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let firsts = table.slots.iter().map(|slot| slot.zone.start_of_day(slot.first));
    let intervals = table.intervals.iter().map(|interval| table.zone.instant(interval.start));
    let start = firsts.chain(intervals).min()?.max(as_of);
    let ends = [1, WINDOW_DAYS, 550].into_iter().filter_map(|days| start.checked_add_days(Days::new(days)));
    ends.map(|end| Window { start, end }).find_map(|window| table.occupied(window).first().map(|span| span.start))
}

fn hours_per_week(spans: &[Occurrence]) -> f64 {
    let seconds: i64 = spans.iter().map(|span| (span.end - span.start).num_seconds()).sum();
    // A 28-day window holds at most 2,419,200 seconds, which a float keeps exactly.
    (seconds as f64 / 3600.0 / (WINDOW_DAYS / 7) as f64 * 100.0).round() / 100.0
}

/// As the JSON plan has it: `{hoursPerWeek: {added, removed}, nextAffectedStart: {utc, local, timezone}?}`.
impl Serialize for Effect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let next = self.next_affected_start.map(|(instant, zone)| {
            serde_json::json!({
                "utc": instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                "local": zone.local(instant).format("%Y-%m-%dT%H:%M:%S").to_string(),
                "timezone": zone.name(),
            })
        });
        serde_json::json!({
            "hoursPerWeek": {"added": self.added_hours_per_week, "removed": self.removed_hours_per_week},
            "nextAffectedStart": next,
        })
        .serialize(serializer)
    }
}
