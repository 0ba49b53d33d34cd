//! Blackout calendars: days without dialing, and what they take out of a schedule.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use super::{ScheduleName, Selector, Zone};

/// A half-open span of local time.
pub type LocalSpan = (NaiveDateTime, NaiveDateTime);

/// Days without dialing, for some schedules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlackoutCalendar {
    /// The name of the manifest.
    pub name: ScheduleName,
    /// The schedules that it is for.
    pub selector: Selector,
    /// The zone of its days; that of each schedule when there is none.
    pub zone: Option<Zone>,
    /// The days. The n-th stands at `/spec/dates/n`.
    pub dates: Vec<BlackoutDate>,
    /// What becomes of a schedule that would dial on them.
    pub action: BlackoutAction,
}

/// One day, or a span of local time, without dialing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlackoutDate {
    /// What it is called; without control characters.
    pub name: String,
    /// When it is.
    pub time: BlackoutTime,
    /// Whether it comes back on the same date of every year, before and after the one that is written.
    pub yearly: bool,
}

/// The two ways to say when nothing is dialed, in local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlackoutTime {
    /// A whole day.
    Day(NaiveDate),
    /// From the first moment to the second, which is later; at most a year later when it is yearly.
    Span(NaiveDateTime, NaiveDateTime),
}

/// What becomes of a schedule that would dial on a day without dialing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlackoutAction {
    /// The day is cut out of its slots.
    Exclude,
    /// It is refused.
    Deny,
}

/// A day that a calendar took out of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlackoutCut {
    /// The name of the calendar.
    pub calendar: ScheduleName,
    /// The position of the day among the calendar's dates.
    pub date: usize,
    /// What the day is called; without control characters.
    pub name: String,
    /// When it is, on the clock of `zone`.
    pub span: LocalSpan,
    /// The zone of the calendar, or of the schedule when the calendar has none.
    pub zone: Zone,
    /// The positions of the slots that would dial on it.
    pub slots: Vec<usize>,
}

impl BlackoutDate {
    /// When it is, in order; a yearly one in each of the years in which it begins.
    pub fn spans(&self, years: RangeInclusive<i32>) -> impl Iterator<Item = LocalSpan> {
        let once = (!self.yearly).then(|| self.time.span()).flatten();
        // An empty range of years for what does not come back.
        let years = if self.yearly { years } else { RangeInclusive::new(1, 0) };
        once.into_iter().chain(years.filter_map(|year| self.time.in_year(year)))
    }

    /// Whether it would meet itself a year later.
    pub fn is_longer_than_a_year(&self) -> bool {
        match self.time {
            BlackoutTime::Day(_) => false,
            BlackoutTime::Span(start, end) => moved(start, 1) < end,
        }
    }
}

impl BlackoutTime {
    fn span(self) -> Option<LocalSpan> {
        match self {
            Self::Day(date) => Some((date.into(), date.succ_opt()?.into())),
            Self::Span(start, end) => Some((start, end)),
        }
    }

    /// The span of another year; `None` for a 29 February that the year does not have.
    fn in_year(self, year: i32) -> Option<LocalSpan> {
        match self {
            Self::Day(date) => Self::Day(date.with_year(year)?).span(),
            Self::Span(start, end) => {
                let years = year - start.year();
                let (start, end) = (moved(start, years), moved(end, years));
                (start < end).then_some((start, end))
            }
        }
    }
}

/// The same date and time of another year. A time of 29 February that the year does not have is the
/// beginning of 1 March, so that a span over that day keeps the days around it.
fn moved(time: NaiveDateTime, years: i32) -> NaiveDateTime {
    let year = time.year().saturating_add(years);
    let first_of_march = || NaiveDate::from_ymd_opt(year, 3, 1).map(|date| date.and_time(NaiveTime::MIN));
    time.with_year(year).or_else(first_of_march).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BlackoutTime {
        BlackoutTime::Day(text.parse().unwrap())
    }

    fn span(start: &str, end: &str) -> BlackoutTime {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        BlackoutTime::Span(at(start), at(end))
    }

    #[test]
    fn a_day_comes_back_when_its_year_has_it() {
        for (time, yearly, spans) in [
            (day("2027-12-25"), false, "2027-12-25T00:00/2027-12-26T00:00"),
            (day("2024-12-31"), true, "2027-12-31T00:00/2028-01-01T00:00 2028-12-31T00:00/2029-01-01T00:00"),
            (day("2028-02-29"), true, "2028-02-29T00:00/2028-03-01T00:00"),
            (day("2027-02-28"), true, "2027-02-28T00:00/2027-03-01T00:00 2028-02-28T00:00/2028-02-29T00:00"),
            (
                span("2026-12-24T12:00", "2027-01-02T00:00"),
                true,
                "2027-12-24T12:00/2028-01-02T00:00 2028-12-24T12:00/2029-01-02T00:00",
            ),
            (
                span("2028-02-29T08:00", "2028-03-02T00:00"),
                true,
                "2027-03-01T00:00/2027-03-02T00:00 2028-02-29T08:00/2028-03-02T00:00",
            ),
            (span("2028-02-29T08:00", "2028-02-29T12:00"), true, "2028-02-29T08:00/2028-02-29T12:00"),
        ] {
            let date = BlackoutDate { name: "Day".into(), time, yearly };
            let text = |time: NaiveDateTime| time.format("%Y-%m-%dT%H:%M").to_string();
            let told: Vec<_> = date.spans(2027..=2028).map(|(a, b)| format!("{}/{}", text(a), text(b))).collect();
            assert_eq!(told.join(" "), spans, "{time:?}");
        }
    }

    #[test]
    fn a_yearly_span_may_last_a_year_and_no_longer() {
        for (end, longer) in [("2028-03-01T00:00", false), ("2028-03-01T00:01", true), ("2035-01-01T00:00", true)] {
            let date = BlackoutDate { name: "Day".into(), time: span("2027-03-01T00:00", end), yearly: true };
            assert_eq!(date.is_longer_than_a_year(), longer, "{end}");
        }
    }
}
