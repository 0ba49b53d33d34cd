//! How far ahead the rules look.

use chrono::{NaiveDateTime, TimeDelta};

use crate::schedule::{AlterationKind, Slot};

/// How far open-ended windows are looked at: a year with its changes of the clock, and a month.
pub const OPEN_DAYS: i64 = 400;

/// The local time from the first start of a slot to its last end, which is `None` when the slot is
/// open-ended; without inclusions, which may lie anywhere.
pub fn of_slot(slot: &Slot) -> (NaiveDateTime, Option<NaiveDateTime>) {
    let from = slot.local_span(slot.first).map_or_else(|| slot.first.into(), |(start, _)| start);
    // Past the end of the calendar there is nothing to look at, as with an open end.
    let until = slot.last_date().and_then(|last| slot.local_span(last)).map(|(_, end)| end);
    (from, until)
}

/// From the start of the first inclusion of a slot to the end of the last.
pub fn of_inclusions(slot: &Slot) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let inclusions = || slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion);
    Some((inclusions().map(|one| one.start).min()?, inclusions().map(|one| one.end).max()?))
}

/// A local time moved by days; unmoved at the ends of the calendar.
pub fn moved(time: NaiveDateTime, days: i64) -> NaiveDateTime {
    time.checked_add_signed(TimeDelta::days(days)).unwrap_or(time)
}
