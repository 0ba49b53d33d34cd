//! The days that a calendar shows.

use chrono::{Datelike, Days, NaiveDate};

use crate::schedule::{Window, Zone, monday_of};

/// The longest stretch that is shown, in days: a year and a bit.
pub const MOST_DAYS: i64 = 400;

/// Days in a row, at least one and at most [`MOST_DAYS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    first: NaiveDate,
    last: NaiveDate,
}

/// These days cannot be shown.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidDates {
    /// The last day comes before the first.
    #[error("--to {last} is before --from {first}: give a later --to, or an earlier --from")]
    Reversed {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// A day lies outside the years whose clocks are known.
    #[error("{0} lies outside the years that a calendar shows, 1 to 9998")]
    OutOfReach(NaiveDate),
    /// There are too many.
    #[error("{first} to {last} are {days} days, and a calendar shows {MOST_DAYS} at most: give an earlier --to")]
    TooMany {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
        /// How many days these are.
        days: i64,
    },
}

impl Dates {
    /// The days from the first to the last, both included.
    ///
    /// # Errors
    /// When they are in the wrong order, too many, or centuries off.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, InvalidDates> {
        if let Some(date) = [first, last].into_iter().find(|date| !(1..=9998).contains(&date.year())) {
            return Err(InvalidDates::OutOfReach(date));
        }
        let days = (last - first).num_days() + 1;
        if days < 1 {
            Err(InvalidDates::Reversed { first, last })
        } else if days > MOST_DAYS {
            Err(InvalidDates::TooMany { first, last, days })
        } else {
            Ok(Self { first, last })
        }
    }

    /// The first day.
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub fn last(self) -> NaiveDate {
        self.last
    }

    /// The instants of these days in a zone.
    pub fn window(self, zone: Zone) -> Window {
        Window { start: zone.start_of_day(self.first), end: zone.start_of_day(next(self.last)) }
    }

    /// The days, in order.
    pub fn iter(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |date| *date <= self.last)
    }

    /// The days week by week, weeks beginning on Monday; the first and the last may be parts of weeks.
    pub fn weeks(self) -> impl Iterator<Item = Self> {
        let mut rest = Some(self.first);
        std::iter::from_fn(move || {
            let first = rest.filter(|first| *first <= self.last)?;
            let sunday = monday_of(first).checked_add_days(Days::new(6)).unwrap_or(self.last);
            rest = sunday.succ_opt();
            Some(Self { first, last: sunday.min(self.last) })
        })
    }
}

fn next(date: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(first: &str, last: &str) -> Result<Dates, InvalidDates> {
        Dates::new(first.parse().unwrap(), last.parse().unwrap())
    }

    #[test]
    fn one_day_to_four_hundred_are_shown() {
        for (first, last, problem) in [
            ("2027-03-01", "2027-03-01", ""),
            ("2027-03-01", "2028-04-03", ""),
            ("2027-03-02", "2027-03-01", "--to 2027-03-01 is before --from 2027-03-02"),
            ("2027-03-01", "9999-01-01", "9999-01-01 lies outside the years"),
            ("2027-03-01", "2028-04-04", "are 401 days, and a calendar shows 400 at most"),
        ] {
            let told = dates(first, last).map_or_else(|error| error.to_string(), |_| String::new());
            assert!(told.contains(problem) && told.is_empty() == problem.is_empty(), "{first} {last}: {told}");
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        let weeks = dates("2027-03-03", "2027-03-16").unwrap().weeks();
        let shown: Vec<_> = weeks.map(|week| format!("{} {}", week.first(), week.last())).collect();
        assert_eq!(shown, ["2027-03-03 2027-03-07", "2027-03-08 2027-03-14", "2027-03-15 2027-03-16"]);
    }

    #[test]
    fn a_window_holds_days_of_any_length() {
        let zone = Zone::named("America/New_York").unwrap();
        for (date, hours) in [("2027-03-13", 24), ("2027-03-14", 23), ("2027-11-07", 25)] {
            let window = dates(date, date).unwrap().window(zone);
            assert_eq!((window.end - window.start).num_hours(), hours, "{date}");
        }
    }
}
