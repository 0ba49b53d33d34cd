//! The first week that an action touches: a row for each day, a mark for each half hour.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

use super::super::Action;
use super::escape::{code, inline};
use crate::schedule::equality::added_time;
use crate::schedule::local_day::{CELLS, LocalDay};
use crate::schedule::{Occurrence, Timetable, Window, Zone, monday_of};

/// Days of a week.
const DAYS: u64 = 7;

/// The grid in the schedule's own zone; nothing for an action that touches no time.
pub fn week_grid(action: &Action) -> Option<String> {
    let (zone, monday) = week(action)?;
    let around = TimeDelta::days(2);
    let start = zone.start_of_day(monday).checked_sub_signed(around)?;
    let window = Window { start, end: start.checked_add_signed(TimeDelta::days(DAYS.cast_signed()) + around * 2)? };
    let occupied = |table: Option<&Timetable>| table.map_or_else(Vec::new, |table| table.occupied(window));
    let before = occupied(action.operation.timetable_before());
    let after = occupied(action.operation.timetable_after());
    let week = Week::of(&before, &after);

    let hours: String = (0..CELLS / 2).step_by(2).map(|hour| format!("{hour:02}  ")).collect();
    let mut lines = vec![format!("          {}", hours.trim_end())];
    for date in (0..DAYS).filter_map(|n| monday.checked_add_days(Days::new(n))) {
        let marks = week.marks(&LocalDay::of(zone, date));
        lines.push(format!("{} {marks}", date.format("%a %m-%d")));
    }
    let zone = inline(zone.name());
    let clock = if lines.iter().skip(1).any(|line| line.contains(SKIPPED)) { ", `~` skipped by the clock" } else { "" };
    let both = if lines.iter().any(|line| line.contains(BOTH)) { ", `*` both" } else { "" };
    let legend = format!("Week of {monday}, {zone}: `=` kept, `+` added, `-` removed{both}{clock}");
    Some(format!("\n{legend}\n\n{}", code("text", &lines)))
}

/// Whether there is a grid of the action.
pub fn has_grid(action: &Action) -> bool {
    week(action).is_some()
}

/// The Monday of the week in which the action is first felt.
fn week(action: &Action) -> Option<(Zone, NaiveDate)> {
    let (instant, zone) = (action.effect.next_affected_start?, action.effect.zone);
    let date = zone.local(instant).date();
    // No zone has rules beyond, and the days around it must exist.
    (1..9999).contains(&date.year()).then(|| (zone, monday_of(date)))
}

const KEPT: char = '=';
const ADDED: char = '+';
const REMOVED: char = '-';
const BOTH: char = '*';
const SKIPPED: char = '~';
const IDLE: char = '.';

/// What is dialed around the week.
struct Week {
    kept: Vec<Occurrence>,
    added: Vec<Occurrence>,
    removed: Vec<Occurrence>,
}

impl Week {
    fn of(before: &[Occurrence], after: &[Occurrence]) -> Self {
        let removed = added_time(after, before);
        Self { kept: added_time(&removed, before), added: added_time(before, after), removed }
    }

    fn marks(&self, day: &LocalDay) -> String {
        let (length, kept) = (day.length(), day.seconds(&self.kept));
        let (added, removed) = (day.seconds(&self.added), day.seconds(&self.removed));
        let dialed = kept.into_iter().zip(added).zip(removed);
        let mark = |(length, ((kept, added), removed))| match (length, kept, added, removed) {
            (0, ..) => SKIPPED,
            (_, _, 1.., 1..) => BOTH,
            (_, _, 1.., _) => ADDED,
            (_, _, _, 1..) => REMOVED,
            (_, 1.., ..) => KEPT,
            _ => IDLE,
        };
        length.into_iter().zip(dialed).map(mark).collect()
    }
}
