//! A local day in half hours of the wall clock, whatever the clock does on it.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::schedule::{Occurrence, Window, Zone};

/// Half hours of a day.
pub const CELLS: usize = 48;

const CELL_SECONDS: i64 = 1800;

/// How far from UTC a local day can begin, with room for the day that the clock may leave out.
const REACH: TimeDelta = TimeDelta::days(3);

/// One day of a wall clock.
#[derive(Clone, Debug)]
pub struct LocalDay {
    zone: Zone,
    midnight: NaiveDateTime,
    pieces: Vec<Piece>,
}

/// A part of a day in which the clock runs evenly.
#[derive(Clone, Copy, Debug)]
struct Piece {
    span: Occurrence,
    from_utc: TimeDelta,
}

/// What the clock does at a change on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Jump {
    /// These local times do not exist.
    Skipped(NaiveDateTime, NaiveDateTime),
    /// These local times happen twice.
    Repeated(NaiveDateTime, NaiveDateTime),
}

impl LocalDay {
    /// The day of this date in a zone.
    pub fn of(zone: Zone, date: NaiveDate) -> Self {
        let midnight = NaiveDateTime::from(date);
        let around = around(midnight);
        let mut pieces = Vec::new();
        let mut start = around.start;
        let mut offset = zone.offset(start).from_utc;
        let changes = zone.changes(around);
        let ends = changes.iter().map(|change| (change.at, change.after.from_utc)).chain([(around.end, offset)]);
        for (end, next) in ends {
            let day_start = (midnight - offset).and_utc();
            let day = Occurrence { start: day_start, end: day_start + TimeDelta::days(1) };
            if let Some(span) = day.intersection(&Occurrence { start, end }) {
                pieces.push(Piece { span, from_utc: offset });
            }
            (start, offset) = (end, next);
        }
        Self { zone, midnight, pieces }
    }

    /// The half hours that a span of instants touches, with the seconds that it takes of each. A half hour
    /// that happens twice may be named twice.
    pub fn parts(&self, span: Occurrence) -> impl Iterator<Item = (usize, u32)> {
        self.pieces.iter().filter_map(move |piece| Some((piece.span.intersection(&span)?, piece.from_utc))).flat_map(
            |(span, from_utc)| {
                let since_midnight = |at: NaiveDateTime| (at + from_utc - self.midnight).num_seconds();
                let (from, until) = (since_midnight(span.start.naive_utc()), since_midnight(span.end.naive_utc()));
                (from / CELL_SECONDS..=(until - 1) / CELL_SECONDS).filter_map(move |cell| {
                    let (start, end) = (from.max(cell * CELL_SECONDS), until.min((cell + 1) * CELL_SECONDS));
                    Some((usize::try_from(cell).ok()?, u32::try_from(end - start).ok()?))
                })
            },
        )
    }

    /// How many seconds of each half hour spans take; they are in order and do not overlap.
    pub fn seconds(&self, spans: &[Occurrence]) -> [u32; CELLS] {
        let mut seconds = [0; CELLS];
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else { return seconds };
        let skipped = spans.partition_point(|span| span.end <= first.span.start);
        let on_the_day = spans.iter().skip(skipped).take_while(|span| span.start < last.span.end);
        for (cell, more) in on_the_day.flat_map(|span| self.parts(*span)) {
            if let Some(seconds) = seconds.get_mut(cell) {
                *seconds += more;
            }
        }
        seconds
    }

    /// How many seconds each half hour has: none where the clock jumps over it, twice as many where it
    /// happens twice.
    pub fn length(&self) -> [u32; CELLS] {
        self.seconds(&[around(self.midnight)])
    }

    /// The changes of the clock that touch this day.
    pub fn jumps(&self) -> Vec<Jump> {
        let changes = self.zone.changes(around(self.midnight));
        let jumps = changes.iter().filter_map(|change| {
            let before = change.at.naive_utc() + change.before.from_utc;
            let after = change.at.naive_utc() + change.after.from_utc;
            let jump = if before < after { Jump::Skipped(before, after) } else { Jump::Repeated(after, before) };
            let (from, until) = (before.min(after), before.max(after));
            let touches = from < self.midnight + TimeDelta::days(1) && self.midnight < until;
            (before != after && touches).then_some(jump)
        });
        jumps.collect()
    }
}

/// Every instant that may belong to the day.
fn around(midnight: NaiveDateTime) -> Window {
    Window { start: (midnight - REACH).and_utc(), end: (midnight + REACH).and_utc() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths of half hours that are not 30 minutes long: the place in the day, and the minutes.
    fn odd(zone: &str, date: &str) -> Vec<(usize, u32)> {
        let length = LocalDay::of(Zone::named(zone).unwrap(), date.parse().unwrap()).length();
        length.into_iter().enumerate().filter(|(_, seconds)| *seconds != 1800).map(|(n, s)| (n, s / 60)).collect()
    }

    #[test]
    fn half_hours_are_missing_or_happen_twice_where_the_clock_is_set() {
        assert_eq!(odd("America/New_York", "2027-03-13"), []);
        assert_eq!(odd("America/New_York", "2027-03-14"), [(4, 0), (5, 0)]);
        assert_eq!(odd("America/New_York", "2027-11-07"), [(2, 60), (3, 60)]);
        assert_eq!(odd("Australia/Lord_Howe", "2027-10-03"), [(4, 0)]);
        assert_eq!(odd("Australia/Lord_Howe", "2027-04-04"), [(3, 60)]);
        assert_eq!(odd("Pacific/Apia", "2011-12-30").len(), CELLS);
        assert_eq!(odd("UTC", "9998-12-31"), []);
    }

    #[test]
    fn jumps_are_told_on_their_day_alone() {
        let jumps = |date: &str| LocalDay::of(Zone::named("America/New_York").unwrap(), date.parse().unwrap()).jumps();
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let skipped = Jump::Skipped(at("2027-03-14T02:00:00"), at("2027-03-14T03:00:00"));
        let repeated = Jump::Repeated(at("2027-11-07T01:00:00"), at("2027-11-07T02:00:00"));
        assert_eq!((jumps("2027-03-14"), jumps("2027-11-07")), (vec![skipped], vec![repeated]));
        assert_eq!((jumps("2027-03-13"), jumps("2027-03-15")), (vec![], vec![]));
    }
}
