//! Takes the days of `exclude` calendars out of the slots of the schedules that they are for.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};

use super::ranges::Ranges;
use super::{Declared, Repository, horizon};
use crate::schedule::{
    Alteration, AlterationKind, BlackoutAction, BlackoutCalendar, BlackoutCut, LocalSpan, Schedule, Slot, Zone,
};

impl Repository {
    /// The repository with the days of its `exclude` calendars as exclusions in the slots that would dial on
    /// them. Days that come back are written out for some years around `as_of`, so that what is asked for
    /// changes once a year at most.
    #[must_use]
    pub fn with_blackouts(mut self, as_of: DateTime<Utc>) -> Self {
        let excludes = |one: &&Declared<BlackoutCalendar>| one.item.action == BlackoutAction::Exclude;
        let calendars: Vec<&BlackoutCalendar> =
            self.blackout_calendars.iter().filter(excludes).map(|one| &one.item).collect();
        if calendars.is_empty() {
            return self;
        }
        for schedule in &mut self.schedules {
            exclude(&mut schedule.item, &calendars, as_of);
        }
        self
    }
}

/// The years in which days that come back are written out for a slot: from the one before, so that a day
/// which has just passed is not a change, to the one after this year or the first of the slot.
pub fn years_written(slot: &Slot, as_of: DateTime<Utc>) -> RangeInclusive<i32> {
    // What begins in the year before the first may end in it.
    let (now, first) = (as_of.year(), slot.first.year());
    (now - 1).max(first - 1)..=now.max(first) + 1
}

fn exclude(schedule: &mut Schedule, calendars: &[&BlackoutCalendar], as_of: DateTime<Utc>) {
    let mut matching = calendars.iter().filter(|calendar| calendar.selector.matches(&schedule.labels)).peekable();
    if matching.peek().is_none() {
        return;
    }
    let own_zone = schedule.timetable.zone;
    let mut slots: Vec<Remaining> = schedule.timetable.slots.iter_mut().map(Remaining::of).collect();
    let mut cuts = Vec::new();
    for calendar in matching {
        let zone = calendar.zone.unwrap_or(own_zone);
        for (date, blackout) in calendar.dates.iter().enumerate() {
            let years = slots.iter().map(|one| years_written(one.slot, as_of)).reduce(|a, b| {
                let (start, end) = (*a.start().min(b.start()), *a.end().max(b.end()));
                start..=end
            });
            for span in years.into_iter().flat_map(|years| blackout.spans(years)) {
                let mut cut = Vec::new();
                for (n, slot) in slots.iter_mut().enumerate() {
                    let year = span.0.year();
                    let written = !blackout.yearly || years_written(slot.slot, as_of).contains(&year);
                    if written && slot.exclude(zone, span) {
                        cut.push(n);
                    }
                }
                if !cut.is_empty() {
                    let (calendar, name) = (calendar.name.clone(), blackout.name.clone());
                    cuts.push(BlackoutCut { calendar, date, name, span, zone, slots: cut });
                }
            }
        }
    }
    cuts.sort_by_key(|cut| cut.span);
    schedule.blackouts = cuts;
}

/// A slot, and what is excluded from it so far.
struct Remaining<'a> {
    slot: &'a mut Slot,
    from: NaiveDateTime,
    until: Option<NaiveDateTime>,
    excluded: Ranges,
}

impl<'a> Remaining<'a> {
    fn of(slot: &'a mut Slot) -> Self {
        let (from, until) = horizon::of_slot(slot);
        let mut excluded = Ranges::default();
        for one in slot.alterations.iter().filter(|one| one.kind == AlterationKind::Exclusion) {
            excluded.add((one.start, one.end));
        }
        Self { slot, from, until, excluded }
    }

    /// Excludes a span of a zone; `false` when that takes nothing away.
    fn exclude(&mut self, zone: Zone, span: LocalSpan) -> bool {
        let own = self.slot.zone;
        let (start, end) = (zone.early_on(own, span.0), zone.late_on(own, span.1));
        if end <= self.from || self.until.is_some_and(|until| until <= start) || start >= end {
            return false;
        }
        if self.slot.parts_within(start, end).into_iter().all(|part| self.excluded.holds(part)) {
            return false;
        }
        self.slot.alterations.push(Alteration { kind: AlterationKind::Exclusion, start, end });
        self.excluded.add((start, end));
        true
    }
}

#[cfg(test)]
#[path = "blackouts_tests.rs"]
mod tests;
