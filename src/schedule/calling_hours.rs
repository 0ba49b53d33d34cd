//! Calling hours: when the wall clock allows dialing, week by week.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike, Weekday};

use super::{LocalSpan, ScheduleName, Selector, TimeOfDay, Weekdays};

const DAY: u32 = 86_400;
const WEEK: u32 = 7 * DAY;

/// The legal or agreed local hours, for some schedules.
#[derive(Clone, Debug)]
pub struct CallingHours {
    /// The name of the manifest.
    pub name: ScheduleName,
    /// The schedules that they are for.
    pub selector: Selector,
    /// When dialing is allowed.
    pub allowed: WeekSet,
    /// The rule or agreement behind them; without control characters.
    pub source: Option<String>,
}

/// A window of local time in which dialing is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedHours {
    /// The days on which it begins.
    pub days: Weekdays,
    /// When it begins, before 24:00.
    pub start: TimeOfDay,
    /// When it ends; no later than `start` means the next day.
    pub end: TimeOfDay,
}

/// The part of every week that some windows cover together, on the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekSet {
    /// Seconds since Monday 00:00 over two weeks, so that nothing wraps around within a week from any
    /// moment of the first; half-open, in order, neither overlapping nor touching.
    fortnight: Vec<(u32, u32)>,
}

impl WeekSet {
    /// What the windows cover, however they overlap or touch.
    pub fn of(windows: &[AllowedHours]) -> Self {
        let mut spans: Vec<(u32, u32)> = Vec::new();
        for AllowedHours { days, start, end } in windows {
            let (start, end) = (start.seconds(), end.seconds());
            let length = if end > start { end - start } else { end + DAY - start };
            for day in days.iter() {
                let start = day.num_days_from_monday() * DAY + start;
                // Sunday's window may reach into the next Monday, and so does that of the week before.
                let weeks = [(start, start + length), (start + WEEK, start + WEEK + length)];
                spans.extend(weeks);
                spans.extend((start + length).checked_sub(WEEK).filter(|end| *end > 0).map(|end| (0, end)));
            }
        }
        spans.sort_unstable();
        let mut fortnight: Vec<(u32, u32)> = Vec::new();
        for (start, end) in spans {
            let end = end.min(2 * WEEK);
            match fortnight.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => fortnight.push((start, end)),
            }
        }
        Self { fortnight }
    }

    /// The parts of a span of local time that lie outside, in order.
    pub fn outside(&self, (start, end): LocalSpan) -> Vec<LocalSpan> {
        let mut outside: Vec<LocalSpan> = Vec::new();
        let mut from = start;
        while from < end {
            // A longer span is looked at week by week; a second round repeats the first.
            let until = end.min(from.checked_add_signed(TimeDelta::seconds(WEEK.into())).unwrap_or(end));
            let zero = second_of_week(from);
            // At most a week, so it fits.
            let length = u32::try_from((until - from).num_seconds()).unwrap_or(WEEK);
            for (gap_start, gap_end) in self.gaps(zero, zero + length) {
                let at = |second: u32| from.checked_add_signed(TimeDelta::seconds((second - zero).into()));
                let (Some(gap_start), Some(gap_end)) = (at(gap_start), at(gap_end)) else { continue };
                match outside.last_mut() {
                    Some(last) if last.1 == gap_start => last.1 = gap_end,
                    _ => outside.push((gap_start, gap_end)),
                }
            }
            if outside.is_empty() && end - start > TimeDelta::seconds(WEEK.into()) {
                return outside;
            }
            if until <= from {
                break;
            }
            from = until;
        }
        outside
    }

    /// Whether a window of a weekday, given in seconds since its midnight, lies inside as a whole.
    pub fn covers(&self, day: Weekday, start: u32, length: u32) -> bool {
        let start = day.num_days_from_monday() * DAY + start;
        if length >= WEEK {
            return self.fortnight.first() == Some(&(0, 2 * WEEK));
        }
        let next = self.fortnight.partition_point(|(_, end)| *end <= start);
        self.fortnight.get(next).is_some_and(|(from, until)| *from <= start && start + length <= *until)
    }

    /// What a day allows, in order: seconds since its midnight, 0 to 86,400.
    pub fn on(&self, day: Weekday) -> Vec<(u32, u32)> {
        let (from, until) = (day.num_days_from_monday() * DAY, (day.num_days_from_monday() + 1) * DAY);
        let met = self.fortnight.iter().filter(|(start, end)| *start < until && from < *end);
        met.map(|(start, end)| ((*start).max(from) - from, (*end).min(until) - from)).collect()
    }

    /// What is missing of a stretch that begins in the first week and lasts a week at most.
    fn gaps(&self, start: u32, end: u32) -> Vec<(u32, u32)> {
        let mut gaps = Vec::new();
        let mut from = start;
        let first = self.fortnight.partition_point(|(_, until)| *until <= start);
        for (begins, ends) in self.fortnight.get(first..).unwrap_or_default() {
            if *begins >= end {
                break;
            }
            if from < *begins {
                gaps.push((from, *begins));
            }
            from = *ends;
        }
        if from < end {
            gaps.push((from, end));
        }
        gaps
    }
}

fn second_of_week(time: NaiveDateTime) -> u32 {
    time.weekday().num_days_from_monday() * DAY + time.num_seconds_from_midnight()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(days: &[&str], start: &str, end: &str) -> AllowedHours {
        AllowedHours {
            days: days.iter().filter_map(|day| Weekdays::day_named(day)).collect(),
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        }
    }

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    #[test]
    fn what_lies_outside_is_told_across_midnight_and_the_end_of_the_week() {
        // 2027-03-01 is a Monday.
        let nights = [hours(&["Sunday"], "22:00", "02:00"), hours(&["Monday"], "02:00", "24:00")];
        let days = [hours(&["Monday", "Tuesday"], "08:00", "12:00"), hours(&["Monday", "Tuesday"], "12:00", "21:00")];
        let whole =
            [hours(&["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], "00:00", "24:00")];
        for (windows, start, end, outside) in [
            (&nights[..], "2027-02-28T22:00", "2027-03-02T00:00", ""),
            (&nights, "2027-02-28T21:00", "2027-03-01T03:00", "2027-02-28 21:00-2027-02-28 22:00"),
            (&nights, "2027-03-01T23:00", "2027-03-02T01:00", "2027-03-02 00:00-2027-03-02 01:00"),
            (&days, "2027-03-01T08:00", "2027-03-01T21:00", ""),
            (
                &days,
                "2027-03-01T07:00",
                "2027-03-01T22:00",
                "2027-03-01 07:00-2027-03-01 08:00, 2027-03-01 21:00-2027-03-01 22:00",
            ),
            (&days, "2027-03-03T08:00", "2027-03-03T21:00", "2027-03-03 08:00-2027-03-03 21:00"),
            (&days, "2027-03-01T08:00", "2027-03-02T09:00", "2027-03-01 21:00-2027-03-02 08:00"),
            (&whole, "2027-03-01T08:00", "2027-04-02T09:00", ""),
        ] {
            let text = |time: NaiveDateTime| time.format("%Y-%m-%d %H:%M").to_string();
            let found = WeekSet::of(windows).outside((at(start), at(end)));
            let told: Vec<_> = found.into_iter().map(|(a, b)| format!("{}-{}", text(a), text(b))).collect();
            assert_eq!(told.join(", "), outside, "{start} {end}");
        }
    }

    #[test]
    fn a_day_tells_what_it_allows() {
        let set = WeekSet::of(&[hours(&["Sunday"], "22:00", "02:00"), hours(&["Monday"], "08:00", "21:00")]);
        assert_eq!(set.on(Weekday::Mon), [(0, 7200), (8 * 3600, 21 * 3600)]);
        assert_eq!(set.on(Weekday::Sun), [(22 * 3600, DAY)]);
        assert_eq!(set.on(Weekday::Tue), []);
    }

    proptest! {
        #[test]
        fn outside_are_the_hours_that_no_window_holds(
            windows in prop::collection::vec((0_u32..7, 0_u32..24, 1_u32..=24), 0..8),
            start in 0_i64..168,
            length in 1_i64..400,
        ) {
            let of = |(day, from, until): &(u32, u32, u32)| AllowedHours {
                days: Weekdays::ALL.iter().nth(*day as usize).into_iter().collect(),
                start: TimeOfDay::from_seconds(from * 3600).unwrap(),
                end: TimeOfDay::from_seconds(until * 3600).unwrap(),
            };
            let set = WeekSet::of(&windows.iter().map(of).collect::<Vec<_>>());
            let monday = at("2027-03-01T00:00");
            let (from, until) = (monday + TimeDelta::hours(start), monday + TimeDelta::hours(start + length));
            let outside = set.outside((from, until));
            for hour in start..start + length {
                let held = windows.iter().any(|(day, from, until)| {
                    let begins = i64::from(day * 24 + from);
                    let length = i64::from(if until > from { until - from } else { until + 24 - from });
                    (hour - begins).rem_euclid(168) < length
                });
                let time = monday + TimeDelta::hours(hour);
                let told = outside.iter().filter(|(a, b)| *a <= time && time < *b).count();
                prop_assert_eq!(told, usize::from(!held), "{}", time);
            }
            prop_assert!(outside.windows(2).all(|pair| pair[0].1 < pair[1].0));
            let (day, second) = (from.weekday(), from.num_seconds_from_midnight());
            prop_assert_eq!(set.covers(day, second, u32::try_from(length * 3600).unwrap()), outside.is_empty());
        }
    }
}
