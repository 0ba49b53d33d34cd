//! A slot: a recurring window of local time.

use std::num::NonZeroU32;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};

use super::{TimeOfDay, Weekdays, Zone};

/// A recurring window of local time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The zone whose wall clock the slot follows.
    pub zone: Zone,
    /// The local date of the first occurrence; a day of the pattern.
    pub first: NaiveDate,
    /// When each occurrence starts, before 24:00.
    pub start: TimeOfDay,
    /// Seconds of the wall clock from start to end, at least 1.
    pub length: NonZeroU32,
    /// On which days it recurs.
    pub pattern: Pattern,
    /// When it stops recurring.
    pub bound: Bound,
    /// Exceptions to the pattern, in local time of the slot's zone.
    pub alterations: Vec<Alteration>,
}

/// The days on which a slot recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// Every n days, counted from the first occurrence.
    Daily { every: NonZeroU32 },
    /// On these days of every n weeks; weeks begin on Monday and count from the first occurrence.
    Weekly { every: NonZeroU32, days: Weekdays },
}

/// When a slot stops recurring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// Never.
    Open,
    /// The last local date on which an occurrence may start.
    Until(NaiveDate),
    /// After this many occurrences.
    Count(NonZeroU32),
}

/// An exception to the pattern of a slot, in local time of the slot's zone.
///
/// That an inclusion wins over an exclusion is documented by the official SDKs; that an exclusion
/// cuts time out of an occurrence rather than drop it whole is our reading.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alteration {
    /// Whether it takes time away or adds some.
    pub kind: AlterationKind,
    /// Local start, inclusive.
    pub start: NaiveDateTime,
    /// Local end, exclusive; after `start`.
    pub end: NaiveDateTime,
}

/// Whether an alteration takes time away or adds some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlterationKind {
    /// The slot does not run in this time.
    Exclusion,
    /// The slot also runs in this time.
    Inclusion,
}

impl Pattern {
    /// The first day of the pattern on or after a date. `None` past the end of the calendar, or when
    /// a weekly pattern has no day.
    pub fn first_on_or_after(self, date: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Daily { .. } => Some(date),
            Self::Weekly { days, .. } => {
                (0..7).filter_map(|n| date.checked_add_days(Days::new(n))).find(|day| days.contains(day.weekday()))
            }
        }
    }

    /// After how many days the pattern repeats, weekdays included.
    pub fn period(self) -> u64 {
        match self {
            Self::Daily { every } => u64::from(every.get()),
            Self::Weekly { every, .. } => 7 * u64::from(every.get()),
        }
    }

    /// The same days of every week, where the pattern is that simple.
    pub fn every_week(self) -> Option<Weekdays> {
        match self {
            Self::Daily { every: NonZeroU32::MIN } => Some(Weekdays::ALL),
            Self::Weekly { every: NonZeroU32::MIN, days } => Some(days),
            Self::Daily { .. } | Self::Weekly { .. } => None,
        }
    }
}

impl Slot {
    /// The local dates on which the slot starts an occurrence, in order, from `from` on; alterations
    /// aside. Endless (to the end of the calendar) when the slot has no bound.
    pub fn start_dates(&self, from: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last_date();
        let (first, pattern) = (self.first, self.pattern);
        let skipped = match pattern {
            Pattern::Daily { every } => days_between(first, from) / u64::from(every.get()),
            Pattern::Weekly { every, .. } => days_between(first, from) / 7 / u64::from(every.get()),
        };
        (skipped..)
            .map_while(move |step| step_dates(first, pattern, step))
            .flatten()
            .skip_while(move |date| *date < from)
            .take_while(move |date| last.is_none_or(|last| *date <= last))
    }

    /// The last local date on which an occurrence may start; `None` when the slot is open-ended or
    /// its last date lies past the end of the calendar.
    pub fn last_date(&self) -> Option<NaiveDate> {
        match self.bound {
            Bound::Open => None,
            Bound::Until(date) => Some(date),
            Bound::Count(count) => self.date_of(u64::from(count.get()) - 1),
        }
    }

    /// Whether no day of the pattern lies within the bound.
    pub fn never_starts(&self) -> bool {
        self.last_date().is_some_and(|last| last < self.first)
    }

    /// The local start and end of the occurrence that starts on a date.
    pub fn local_span(&self, date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let start = NaiveDateTime::from(date).checked_add_signed(TimeDelta::seconds(self.start.seconds().into()))?;
        let end = start.checked_add_signed(TimeDelta::seconds(self.length.get().into()))?;
        Some((start, end))
    }

    /// The date of the n-th occurrence, counted from 0.
    fn date_of(&self, n: u64) -> Option<NaiveDate> {
        match self.pattern {
            Pattern::Daily { every } => self.first.checked_add_days(Days::new(n.checked_mul(every.get().into())?)),
            Pattern::Weekly { days, .. } => {
                let before_first = days.iter().take_while(|day| *day != self.first.weekday()).count() as u64;
                let per_week = u64::from(days.len());
                let nth = n.checked_add(before_first)?;
                step_dates(self.monday(), self.pattern, nth / per_week)?.nth((nth % per_week) as usize)
            }
        }
    }

    fn monday(&self) -> NaiveDate {
        monday_of(self.first)
    }
}

/// After how many days two patterns, given by their periods, repeat together.
pub fn common_period(a: u64, b: u64) -> u64 {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor.max(1)).saturating_mul(b)
}

fn days_between(first: NaiveDate, from: NaiveDate) -> u64 {
    // A slot that starts in the week of `from` must not lose the days before it, hence the margin.
    u64::try_from((from - first).num_days()).unwrap_or(0).saturating_sub(7)
}

/// The Monday of the week of a date.
pub fn monday_of(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into())).unwrap_or(date)
}

/// The dates of the n-th step of a pattern: one date, or the chosen days of one week, none before `first`.
fn step_dates(first: NaiveDate, pattern: Pattern, step: u64) -> Option<impl Iterator<Item = NaiveDate> + use<>> {
    let (anchor, every, days) = match pattern {
        Pattern::Daily { every } => (first, u64::from(every.get()), None),
        Pattern::Weekly { every, days } => (monday_of(first), u64::from(every.get()) * 7, Some(days)),
    };
    let start = anchor.checked_add_days(Days::new(step.checked_mul(every)?))?;
    let span = if days.is_some() { 7 } else { 1 };
    Some(
        (0..span)
            .filter_map(move |n| start.checked_add_days(Days::new(n)))
            .filter(move |date| *date >= first && days.is_none_or(|days| days.contains(date.weekday()))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Weekday;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn n(n: u32) -> NonZeroU32 {
        NonZeroU32::new(n).unwrap()
    }

    fn slot(first: &str, pattern: Pattern, bound: Bound) -> Slot {
        Slot {
            zone: Zone::utc(),
            first: date(first),
            start: "09:00".parse().unwrap(),
            length: n(3600),
            pattern,
            bound,
            alterations: Vec::new(),
        }
    }

    fn dates(slot: &Slot, from: &str, take: usize) -> Vec<String> {
        slot.start_dates(date(from)).take(take).map(|date| date.to_string()).collect()
    }

    #[test]
    fn weeks_count_from_the_monday_of_the_first_occurrence() {
        // 2027-03-03 is a Wednesday.
        let days = [Weekday::Mon, Weekday::Wed].into_iter().collect();
        let slot = slot("2027-03-03", Pattern::Weekly { every: n(2), days }, Bound::Open);
        assert_eq!(dates(&slot, "2027-01-01", 4), ["2027-03-03", "2027-03-15", "2027-03-17", "2027-03-29"]);
        assert_eq!(dates(&slot, "2027-03-16", 2), ["2027-03-17", "2027-03-29"]);
    }

    #[test]
    fn days_count_from_the_first_occurrence() {
        let slot = slot("2027-02-27", Pattern::Daily { every: n(3) }, Bound::Until(date("2027-03-06")));
        assert_eq!(dates(&slot, "2027-02-28", 9), ["2027-03-02", "2027-03-05"]);
    }

    #[test]
    fn a_count_ends_where_counting_the_dates_ends() {
        let days = [Weekday::Mon, Weekday::Thu, Weekday::Sun].into_iter().collect();
        for (pattern, first) in [
            (Pattern::Weekly { every: n(1), days }, "2027-03-04"),
            (Pattern::Weekly { every: n(3), days }, "2027-03-07"),
            (Pattern::Daily { every: n(5) }, "2027-03-04"),
        ] {
            for count in 1..20 {
                let slot = slot(first, pattern, Bound::Count(n(count)));
                assert_eq!(slot.start_dates(slot.first).count(), count as usize, "{pattern:?} {count}");
                assert_eq!(slot.start_dates(slot.first).last(), slot.last_date());
            }
        }
    }

    #[test]
    fn looking_from_later_gives_the_tail_of_the_same_dates() {
        let days = [Weekday::Tue, Weekday::Sat].into_iter().collect();
        for pattern in [Pattern::Weekly { every: n(3), days }, Pattern::Daily { every: n(4) }] {
            let slot = slot("2027-03-02", pattern, Bound::Open);
            let all: Vec<_> = slot.start_dates(slot.first).take(60).collect();
            for ahead in 0..120 {
                let from = slot.first + Days::new(ahead);
                let tail: Vec<_> = all.iter().copied().filter(|date| *date >= from).take(3).collect();
                assert_eq!(slot.start_dates(from).take(3).collect::<Vec<_>>(), tail, "{pattern:?} +{ahead}");
            }
        }
    }

    #[test]
    fn patterns_repeat_together_after_their_common_period() {
        for (a, b, together) in [(1, 1, 1), (7, 14, 14), (28, 30, 420), (u64::MAX, 2, u64::MAX)] {
            assert_eq!(common_period(a, b), together, "{a} {b}");
        }
    }

    #[test]
    fn a_bound_before_the_first_day_never_starts() {
        let pattern = Pattern::Daily { every: n(1) };
        assert!(slot("2027-03-02", pattern, Bound::Until(date("2027-03-01"))).never_starts());
        assert!(!slot("2027-03-02", pattern, Bound::Until(date("2027-03-02"))).never_starts());
    }
}
