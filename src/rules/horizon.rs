//! How far ahead the rules look.

use chrono::{NaiveDateTime, TimeDelta};

use super::ranges::Ranges;
use crate::schedule::{AlterationKind, Slot, Timetable, common_period};

/// How far open-ended windows of every day or week are looked at: a year with its changes of the clock,
/// and a month.
pub const OPEN_DAYS: i64 = 400;

/// How far at most the windows of many schedules are looked at together: their peaks recur every year.
const TOGETHER_DAYS: i64 = 1100;

/// How far open-ended windows are looked at whose patterns together repeat after this many days, but no
/// further than `most`: all their meetings show within one round, and a month of margin.
pub fn of_period(period: u64, most: i64) -> i64 {
    i64::try_from(period).unwrap_or(i64::MAX).saturating_add(35).clamp(OPEN_DAYS, most)
}

/// The local time from the first start of a slot to its last end, which is `None` when the slot is
/// open-ended; without inclusions, which may lie anywhere.
pub fn of_slot(slot: &Slot) -> (NaiveDateTime, Option<NaiveDateTime>) {
    let from = slot.local_span(slot.first).map_or_else(|| slot.first.into(), |(start, _)| start);
    // Past the end of the calendar there is nothing to look at, as with an open end.
    let until = slot.last_date().and_then(|last| slot.local_span(last)).map(|(_, end)| end);
    (from, until)
}

/// When timetables run, from `as_of` on: what is over cannot be helped. Open-ended ones as far as their
/// patterns together take to repeat, [`OPEN_DAYS`] at least. Wide enough for any zone.
pub fn ahead<'a, I: Iterator<Item = &'a Timetable>>(timetables: impl Fn() -> I, as_of: NaiveDateTime) -> Ranges {
    let slots = || timetables().flat_map(|timetable| &timetable.slots);
    let round = slots().map(|slot| slot.pattern.period()).fold(1, common_period);
    let open_days = of_period(round, TOGETHER_DAYS);
    let mut ranges = Ranges::default();
    // Zones differ by at most 26 hours, so that two days more on both sides hold the same instants.
    let mut add = |from: NaiveDateTime, until: Option<NaiveDateTime>| {
        let from = from.max(as_of);
        let until = until.map_or(moved(from, open_days), |until| until.min(moved(from, TOGETHER_DAYS)));
        ranges.add((moved(from, -2), moved(until, 2)));
    };
    for slot in slots() {
        let (from, until) = of_slot(slot);
        add(from, until);
        for inclusion in slot.alterations.iter().filter(|one| one.kind == AlterationKind::Inclusion) {
            add(inclusion.start, Some(inclusion.end));
        }
    }
    for interval in timetables().flat_map(|timetable| &timetable.intervals) {
        add(interval.start, Some(interval.end));
    }
    ranges
}

/// A local time moved by days; unmoved at the ends of the calendar.
pub fn moved(time: NaiveDateTime, days: i64) -> NaiveDateTime {
    time.checked_add_signed(TimeDelta::days(days)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{as_of, interval, schedule};

    #[test]
    fn a_date_centuries_off_adds_its_own_days_and_not_the_centuries() {
        let mut timetable = schedule("a").timetable;
        timetable.intervals = vec![
            interval("2020-03-01T10:00:00", "2020-03-01T11:00:00"),
            interval("9027-03-01T10:00:00", "9027-03-01T11:00:00"),
        ];
        let ranges: Vec<_> = ahead(|| [&timetable].into_iter(), as_of().naive_utc()).iter().collect();
        let days: Vec<_> =
            ranges.iter().map(|(from, until)| (from.date().to_string(), (*until - *from).num_days())).collect();
        assert_eq!(days, [("2027-02-27".to_owned(), OPEN_DAYS + 4), ("9027-02-27".to_owned(), 4)]);
    }

    #[test]
    fn a_round_of_the_patterns_is_looked_at_within_bounds() {
        assert_eq!((of_period(7, 1000), of_period(420, 1000), of_period(u64::MAX, 1000)), (OPEN_DAYS, 455, 1000));
    }
}
