//! When two schedules of one campaign run at the same time, under `campaign-schedules`.

use std::fmt;
use std::num::NonZeroU32;

use chrono::{DateTime, Days, TimeDelta, Utc};

use crate::schedule::{Bound, Occurrence, Pattern, Slot, TimeOfDay, Timetable, Weekdays, Window, Zone};

const DAY: u32 = 86_400;
const WEEK: u32 = 7 * DAY;
/// How far two schedules in different zones are compared. Their offsets change against each other in
/// the course of a year, then the pattern repeats.
const COMPARED: TimeDelta = TimeDelta::days(400);

/// A window of local time on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyWindow {
    /// When it starts, before 24:00.
    pub start: TimeOfDay,
    /// When it ends; not after the start means the next day. Never equal to the start.
    pub end: TimeOfDay,
    /// On which days it starts.
    pub days: Weekdays,
}

/// Weekly windows and the span of instants in which they are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidWindows {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The first instant after; `None` for ever.
    pub end: Option<DateTime<Utc>>,
    /// The zone whose wall clock the windows follow.
    pub zone: Zone,
    /// The windows.
    pub daily: Vec<DailyWindow>,
}

/// Two windows that run at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// In one zone: the two windows.
    SameWeek { first: DailyWindow, second: DailyWindow, zone: Zone },
    /// Across zones: the first instant that both share.
    SameInstant(DateTime<Utc>),
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameWeek { first, second, zone } => write!(f, "{first} and {second} ({})", zone.name()),
            Self::SameInstant(instant) => write!(f, "both run at {}", instant.to_rfc3339()),
        }
    }
}

impl fmt::Display for DailyWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days == Weekdays::ALL {
            f.write_str("every day")?;
        } else {
            f.write_str(&self.days.names().collect::<Vec<_>>().join(", "))?;
        }
        write!(f, " {}-{}", self.start, self.end)
    }
}

/// The first two windows of one schedule that overlap each other.
pub fn clash_within(windows: &ValidWindows) -> Option<Clash> {
    let daily = &windows.daily;
    daily.iter().enumerate().find_map(|(n, first)| {
        let second = daily.iter().skip(n + 1).find(|second| first.overlaps(second))?;
        Some(Clash::SameWeek { first: *first, second: *second, zone: windows.zone })
    })
}

/// Where two schedules of one campaign overlap: their validity spans share an instant, and their
/// windows do so in some week. Windows of one zone are compared on its wall clock, whichever days the
/// shared span covers; windows of different zones as the instants at which they occur.
pub fn clash_between(existing: &ValidWindows, new: &ValidWindows) -> Option<Clash> {
    let start = existing.start.max(new.start);
    let end = existing.end.into_iter().chain(new.end).min();
    if end.is_some_and(|end| end <= start) {
        return None;
    }
    if existing.zone == new.zone {
        return existing.daily.iter().find_map(|first| {
            let second = new.daily.iter().find(|second| first.overlaps(second))?;
            Some(Clash::SameWeek { first: *first, second: *second, zone: existing.zone })
        });
    }
    let horizon = start.checked_add_signed(COMPARED)?;
    let shared = Window { start, end: end.map_or(horizon, |end| end.min(horizon)) };
    let (mine, theirs) = (existing.timetable(shared)?.occupied(shared), new.timetable(shared)?.occupied(shared));
    first_shared(&mine, &theirs).map(|both| Clash::SameInstant(both.start))
}

/// The first span that two ordered lists share, in one pass over both.
fn first_shared(mine: &[Occurrence], theirs: &[Occurrence]) -> Option<Occurrence> {
    let (mut mine, mut theirs) = (mine.iter().peekable(), theirs.iter().peekable());
    while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
        if let Some(both) = a.intersection(b) {
            return Some(both);
        }
        if a.end <= b.start {
            mine.next()
        } else {
            theirs.next()
        };
    }
    None
}

impl DailyWindow {
    /// Seconds of the wall clock from start to end, 1 to a day.
    fn length(self) -> u32 {
        let (start, end) = (self.start.seconds(), self.end.seconds());
        if end > start { end - start } else { DAY - start + end }
    }

    /// The half-open spans of the week that it covers, in seconds from Monday 00:00, cut at the week's end.
    fn spans(self) -> impl Iterator<Item = (u32, u32)> {
        self.days.iter().flat_map(move |day| {
            let start = day.num_days_from_monday() * DAY + self.start.seconds();
            let end = start + self.length();
            let over = end.saturating_sub(WEEK);
            [(start, end.min(WEEK)), (0, over)].into_iter().filter(|(start, end)| start < end)
        })
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.spans().any(|(a, b)| other.spans().any(|(c, d)| a < d && c < b))
    }
}

impl ValidWindows {
    /// The windows as slots that already recur when the given window begins.
    fn timetable(&self, window: Window) -> Option<Timetable> {
        let from = self.zone.local(window.start).date().checked_sub_days(Days::new(2))?;
        let slots = self.daily.iter().map(|daily| {
            let pattern = Pattern::Weekly { every: NonZeroU32::MIN, days: daily.days };
            Some(Slot {
                zone: self.zone,
                first: pattern.first_on_or_after(from)?,
                start: daily.start,
                length: NonZeroU32::new(daily.length())?,
                pattern,
                bound: Bound::Open,
                alterations: Vec::new(),
            })
        });
        Some(Timetable { zone: self.zone, slots: slots.collect::<Option<_>>()?, intervals: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(text: &str) -> DailyWindow {
        let (days, times) = text.split_once(' ').unwrap();
        let (start, end) = times.split_once('-').unwrap();
        let days = match days {
            "every" => Weekdays::ALL,
            days => days.split(',').map(|day| Weekdays::day_named(day).unwrap()).collect(),
        };
        DailyWindow { start: start.parse().unwrap(), end: end.parse().unwrap(), days }
    }

    fn windows(zone: &str, span: &str, entries: &str) -> ValidWindows {
        let (start, end) = span.split_once("..").unwrap();
        let midnight = |date: &str| format!("{date}T00:00:00Z").parse().unwrap();
        ValidWindows {
            start: midnight(start),
            end: (!end.is_empty()).then(|| midnight(end)),
            zone: Zone::named(zone).unwrap(),
            daily: entries.split("; ").map(daily).collect(),
        }
    }

    #[test]
    fn overlap_needs_a_shared_span_and_a_shared_time_of_the_week() {
        let open = "2027-03-01..";
        for (a, b, overlap) in [
            ((open, "Monday 09:00-13:00"), (open, "Monday 09:00-13:00"), true),
            ((open, "Monday 09:00-13:00"), (open, "Monday 13:00-17:00"), false),
            ((open, "Monday 09:00-13:00"), (open, "Monday 12:59:59-17:00"), true),
            ((open, "Monday 09:00-13:00"), (open, "Tuesday 09:00-13:00"), false),
            ((open, "Monday,Friday 09:00-13:00"), (open, "Friday 10:00-11:00"), true),
            ((open, "every 09:00-13:00"), (open, "Sunday 12:00-14:00"), true),
            ((open, "Monday 22:00-02:00"), (open, "Tuesday 01:00-03:00"), true),
            ((open, "Monday 22:00-02:00"), (open, "Tuesday 02:00-03:00"), false),
            ((open, "Monday 22:00-24:00"), (open, "Tuesday 00:00-03:00"), false),
            ((open, "Sunday 22:00-02:00"), (open, "Monday 01:00-03:00"), true),
            ((open, "Sunday 22:00-02:00"), (open, "Monday 02:00-03:00"), false),
            ((open, "Monday 08:00-09:00; Friday 09:00-10:00"), (open, "Friday 09:30-11:00"), true),
            (("2027-03-01..2027-04-01", "every 09:00-13:00"), ("2027-04-01..", "every 09:00-13:00"), false),
            (("2027-03-01..2027-04-02", "every 09:00-13:00"), ("2027-04-01..", "every 09:00-13:00"), true),
        ] {
            let (a, b) = (windows("Europe/Berlin", a.0, a.1), windows("Europe/Berlin", b.0, b.1));
            assert_eq!(clash_between(&a, &b).is_some(), overlap, "{a:?} {b:?}");
            assert_eq!(clash_between(&b, &a).is_some(), overlap, "{b:?} {a:?}");
        }
    }

    #[test]
    fn across_zones_instants_count() {
        for (a, b, overlap) in [
            // Berlin 09:00 is 08:00 UTC in winter and 07:00 UTC in summer.
            (("Europe/Berlin", "2027-01-01..2027-02-01", "every 09:00-10:00"), ("UTC", "every 08:00-09:00"), true),
            (("Europe/Berlin", "2027-01-01..2027-02-01", "every 09:00-10:00"), ("UTC", "every 07:00-08:00"), false),
            (("Europe/Berlin", "2027-01-01..", "every 09:00-10:00"), ("UTC", "every 07:00-08:00"), true),
            // The wall clocks agree, the instants do not.
            (("America/New_York", "2027-01-01..", "every 09:00-10:00"), ("UTC", "every 09:00-10:00"), false),
            // Sunday evening in New York is Monday morning in UTC.
            (("America/New_York", "2027-01-01..", "Sunday 20:00-21:00"), ("UTC", "Monday 01:30-02:00"), true),
        ] {
            let (a, b) = (windows(a.0, a.1, a.2), windows(b.0, "2026-01-01..", b.1));
            assert_eq!(clash_between(&a, &b).is_some(), overlap, "{a:?} {b:?}");
            assert_eq!(clash_between(&b, &a).is_some(), overlap, "{b:?} {a:?}");
        }
    }

    #[test]
    fn a_clash_says_which_windows_meet() {
        let a = windows("Europe/Berlin", "2027-03-01..", "Monday,Tuesday 09:00-13:00");
        let b = windows("Europe/Berlin", "2027-03-01..", "every 12:00-14:00");
        let clash = clash_between(&a, &b).unwrap();
        assert_eq!(clash.to_string(), "Monday, Tuesday 09:00-13:00 and every day 12:00-14:00 (Europe/Berlin)");
        let itself = windows("UTC", "2027-03-01..", "Monday 09:00-13:00; Sunday 23:00-10:00");
        assert!(clash_within(&itself).is_some());
        assert!(clash_within(&a).is_none());
    }
}
