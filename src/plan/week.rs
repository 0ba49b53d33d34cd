//! The first week that an action touches, and what is dialed in it before and after.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

use super::Action;
use crate::schedule::equality::added_time;
use crate::schedule::{Occurrence, Timetable, Window, Zone, monday_of};

/// Days of a week.
const DAYS: u64 = 7;

/// The week in which an action is first felt, in the zone of the schedule.
#[derive(Clone, Debug)]
pub struct Week {
    /// The zone in which the days begin.
    pub zone: Zone,
    /// The first day.
    pub monday: NaiveDate,
    /// What is dialed before and after, in order; spans may reach past the week.
    pub kept: Vec<Occurrence>,
    /// What is dialed after and not before.
    pub added: Vec<Occurrence>,
    /// What is dialed before and not after.
    pub removed: Vec<Occurrence>,
}

impl Week {
    /// The week of an action; nothing for one that touches no time.
    pub fn of(action: &Action) -> Option<Self> {
        let (zone, monday) = first(action)?;
        let around = TimeDelta::days(2);
        let start = zone.start_of_day(monday).checked_sub_signed(around)?;
        let window = Window { start, end: start.checked_add_signed(TimeDelta::days(DAYS.cast_signed()) + around * 2)? };
        let occupied = |table: Option<&Timetable>| table.map_or_else(Vec::new, |table| table.occupied(window));
        let before = occupied(action.operation.timetable_before());
        let after = occupied(action.operation.timetable_after());
        let (added, removed) = (added_time(&before, &after), added_time(&after, &before));
        Some(Self { zone, monday, kept: added_time(&removed, &before), added, removed })
    }

    /// Whether there is a week of the action.
    pub fn exists(action: &Action) -> bool {
        first(action).is_some()
    }

    /// The days, Monday first.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let monday = self.monday;
        (0..DAYS).filter_map(move |n| monday.checked_add_days(Days::new(n)))
    }
}

fn first(action: &Action) -> Option<(Zone, NaiveDate)> {
    let (instant, zone) = (action.effect.next_affected_start?, action.effect.zone);
    let date = zone.local(instant).date();
    // No zone has rules beyond, and the days around it must exist.
    (1..9999).contains(&date.year()).then(|| (zone, monday_of(date)))
}
