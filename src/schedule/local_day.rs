//! A local day in half hours of the wall clock, whatever the clock does on it.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{ClockChange, Occurrence, Window, Zone};

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

impl LocalDay {
    /// The day of this date in a zone.
    pub fn of(zone: Zone, date: NaiveDate) -> Self {
        let midnight = NaiveDateTime::from(date);
        let around = around(midnight);
        let mut pieces = Vec::new();
        let mut start = around.start;
        let mut offset = zone.local(start) - start.naive_utc();
        let changes = zone.clock_changes(around.start, around.end);
        let ends = changes.map(|change| (change.instant, change.after - change.instant.naive_utc()));
        for (end, next) in ends.chain([(around.end, offset)]) {
            let day_start = (midnight - offset).and_utc();
            let day = Occurrence { start: day_start, end: day_start + TimeDelta::days(1) };
            if let Some(span) = day.intersection(&Occurrence { start, end }) {
                pieces.push(Piece { span, from_utc: offset });
            }
            (start, offset) = (end, next);
        }
        Self { zone, midnight, pieces }
    }

    /// The zone whose clock it follows.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The stretches of the wall clock that a span of instants takes of the day, in seconds since midnight. A time
    /// that happens twice may be named twice.
    pub fn stretches(&self, span: Occurrence) -> impl Iterator<Item = (i64, i64)> {
        let pieces =
            self.pieces.iter().filter_map(move |piece| Some((piece.span.intersection(&span)?, piece.from_utc)));
        pieces.map(|(span, from_utc)| {
            let since_midnight = |at: NaiveDateTime| (at + from_utc - self.midnight).num_seconds();
            (since_midnight(span.start.naive_utc()), since_midnight(span.end.naive_utc()))
        })
    }

    /// The half hours that a span of instants touches, with the seconds that it takes of each. A half hour
    /// that happens twice may be named twice.
    pub fn parts(&self, span: Occurrence) -> impl Iterator<Item = (usize, u32)> {
        self.stretches(span).flat_map(|(from, until)| {
            (from / CELL_SECONDS..=(until - 1) / CELL_SECONDS).filter_map(move |cell| {
                let (start, end) = (from.max(cell * CELL_SECONDS), until.min((cell + 1) * CELL_SECONDS));
                Some((usize::try_from(cell).ok()?, u32::try_from(end - start).ok()?))
            })
        })
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

    /// The changes of the clock that let times of this day not exist, or exist twice.
    pub fn clock_changes(&self) -> impl Iterator<Item = ClockChange> {
        let (start, end) = (self.midnight, self.midnight + TimeDelta::days(1));
        let around = around(self.midnight);
        self.zone.clock_changes(around.start, around.end).filter(move |change| {
            let (from, until) = change.affected();
            from < end && start < until
        })
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
    fn changes_belong_to_their_day_alone() {
        let zone = Zone::named("America/New_York").unwrap();
        let changes = |date: &str| LocalDay::of(zone, date.parse().unwrap()).clock_changes().count();
        assert_eq!((changes("2027-03-13"), changes("2027-03-14"), changes("2027-03-15")), (0, 1, 0));
        assert_eq!((changes("2027-11-06"), changes("2027-11-07"), changes("2027-11-08")), (0, 1, 0));
    }
}
