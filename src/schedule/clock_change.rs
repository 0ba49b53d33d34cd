//! Changes of a zone's clock: where its local time skips a stretch or shows it twice.

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneTransition};

/// One change of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockChange {
    /// The instant of the change.
    pub instant: DateTime<Utc>,
    /// The local time that the instant would have without the change.
    pub before: NaiveDateTime,
    /// The local time that the instant has; never equal to `before`.
    pub after: NaiveDateTime,
}

/// What a change does to local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChangeKind {
    /// The clock jumps ahead: some local times do not exist.
    Gap,
    /// The clock is set back: some local times exist twice.
    Fold,
}

impl ClockChange {
    /// Whether the clock jumps ahead or is set back.
    pub fn kind(&self) -> ClockChangeKind {
        if self.before < self.after { ClockChangeKind::Gap } else { ClockChangeKind::Fold }
    }

    /// The local times that do not exist or exist twice, half-open.
    pub fn affected(&self) -> (NaiveDateTime, NaiveDateTime) {
        (self.before.min(self.after), self.before.max(self.after))
    }

    /// What it does to local time, for example `02:00 to 03:00 does not exist`.
    pub fn in_words(&self) -> String {
        let clock = |time: NaiveDateTime| time.format("%H:%M").to_string();
        let until = |from: NaiveDateTime, time: NaiveDateTime| {
            if from.date() == time.date() {
                clock(time)
            } else if from.date().succ_opt() == Some(time.date()) && time.num_seconds_from_midnight() == 0 {
                "24:00".to_owned()
            } else {
                time.format("%Y-%m-%d %H:%M").to_string()
            }
        };
        let (from, to) = self.affected();
        let span = format!("{} to {}", clock(from), until(from, to));
        match self.kind() {
            ClockChangeKind::Gap => format!("{span} does not exist"),
            ClockChangeKind::Fold => format!("{span} is shown once and happens twice"),
        }
    }

    /// The times of the day that it skips or repeats, in seconds since midnight: two spans where they go past it.
    fn times_of_day(&self) -> [(u32, u32); 2] {
        const DAY: u32 = 86_400;
        let (low, high) = self.affected();
        let (start, end) = (low.num_seconds_from_midnight(), high.num_seconds_from_midnight());
        if high - low >= TimeDelta::days(1) {
            [(0, DAY), (0, 0)]
        } else if low.date() == high.date() {
            [(start, end), (0, 0)]
        } else {
            [(start, DAY), (0, end)]
        }
    }

    /// A transition between two offsets; `None` where the offset stays, and only its name is another one.
    fn new(rules: &TimeZone, transition: &TimeZoneTransition<'_>) -> Option<Self> {
        let timestamp = transition.timestamp();
        let just_before = timestamp.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?;
        let instant = DateTime::from_timestamp(timestamp.as_second(), 0)?;
        let shown = |offset: jiff::tz::Offset| {
            instant.naive_utc().checked_add_signed(TimeDelta::seconds(offset.seconds().into()))
        };
        let (before, after) = (shown(rules.to_offset(just_before))?, shown(transition.offset())?);
        (before != after).then_some(Self { instant, before, after })
    }
}

/// The changes of one clock. Those until [`KNOWN_UNTIL`] are looked up once.
pub(super) struct ClockChanges {
    known: OnceLock<Known>,
}

struct Known {
    changes: Vec<ClockChange>,
    /// The times of the day that some change skips or repeats, as spans of seconds since midnight.
    times: Vec<(u32, u32)>,
    /// What the clock shows between the changes, the time before the first one first.
    offsets: Vec<Offset>,
}

/// How far a clock is ahead of UTC from some time on.
struct Offset {
    /// In seconds since 1970, UTC.
    from: i64,
    /// In seconds since 1970, local time: from here on. What a change skips or repeats still counts before it.
    local_from: i64,
    /// In seconds.
    ahead: i64,
}

/// The start of 2100 in seconds since 1970: no schedule looks further ahead, save by a slip, and the changes
/// until then take a few kilobytes.
const KNOWN_UNTIL: i64 = 4_102_444_800;

impl ClockChanges {
    pub const fn new() -> Self {
        Self { known: OnceLock::new() }
    }

    /// The changes at or after `from` and before `until`, in order.
    pub fn between<'a>(
        &'a self,
        rules: &'a TimeZone,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Iterator<Item = ClockChange> + use<'a> {
        let known = &self.known(rules).changes;
        let first = known.partition_point(|change| change.instant < from);
        let later = (until.timestamp() > KNOWN_UNTIL).then(|| {
            // `following` leaves out a change at the very instant that it is given.
            let just_before = from.timestamp().max(KNOWN_UNTIL).saturating_sub(1);
            let start = Timestamp::from_second(just_before).unwrap_or(Timestamp::MAX);
            rules.following(start).filter_map(|one| ClockChange::new(rules, &one))
        });
        let known = known.get(first..).unwrap_or_default().iter().copied();
        known
            .chain(later.into_iter().flatten())
            .skip_while(move |change| change.instant < from)
            .take_while(move |change| change.instant < until)
    }

    /// Whether some change, at whatever date, skips or repeats a time of the day in seconds since midnight.
    pub fn ever_at(&self, rules: &TimeZone, seconds: u32) -> bool {
        // The changes after those that are known follow the rule of the last years among them.
        self.known(rules).times.iter().any(|(start, end)| (*start..*end).contains(&seconds))
    }

    /// How many seconds the clock is ahead of UTC at an instant, given in seconds since 1970. The rules would work it
    /// out anew each time; this is looked up, as far as it is known.
    pub fn ahead_at(&self, rules: &TimeZone, seconds: i64) -> Option<i64> {
        let offsets = &self.known(rules).offsets;
        let next = offsets.partition_point(|offset| offset.from <= seconds);
        Self::known_offset(offsets, next, seconds)
    }

    /// The same for a local time, given in seconds since 1970 as the clock shows them. A time that does not exist or
    /// exists twice is read as before the change.
    pub fn ahead_at_local(&self, rules: &TimeZone, seconds: i64) -> Option<i64> {
        let offsets = &self.known(rules).offsets;
        let next = offsets.partition_point(|offset| offset.local_from <= seconds);
        Self::known_offset(offsets, next, seconds)
    }

    fn known_offset(offsets: &[Offset], next: usize, seconds: i64) -> Option<i64> {
        // Local time is less than a day from UTC.
        let is_known = seconds < KNOWN_UNTIL - 2 * 86_400;
        next.checked_sub(1).and_then(|n| offsets.get(n)).filter(|_| is_known).map(|offset| offset.ahead)
    }

    fn known(&self, rules: &TimeZone) -> &Known {
        self.known.get_or_init(|| {
            let all = rules.following(Timestamp::MIN);
            let changes: Vec<ClockChange> = all
                .take_while(|one| one.timestamp().as_second() < KNOWN_UNTIL)
                .filter_map(|one| ClockChange::new(rules, &one))
                .collect();
            let mut times: Vec<(u32, u32)> = changes.iter().flat_map(ClockChange::times_of_day).collect();
            times.sort_unstable();
            times.dedup();
            let first = i64::from(rules.to_offset(Timestamp::MIN).seconds());
            let since = changes.iter().map(|change| Offset {
                from: change.instant.timestamp(),
                local_from: change.affected().1.and_utc().timestamp(),
                ahead: (change.after - change.instant.naive_utc()).num_seconds(),
            });
            let offsets = [Offset { from: i64::MIN, local_from: i64::MIN, ahead: first }].into_iter().chain(since);
            Known { times, offsets: offsets.collect(), changes }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Zone;

    fn changes(zone: &str, from: &str, until: &str) -> Vec<String> {
        let day = |text: &str| format!("{text}T00:00:00Z").parse().unwrap();
        Zone::named(zone)
            .unwrap()
            .clock_changes(day(from), day(until))
            .map(|change| format!("{:?} {} {}", change.kind(), change.before, change.after))
            .collect()
    }

    #[test]
    fn a_clock_changes_where_its_offset_does() {
        for (zone, from, until, expected) in [
            (
                "America/New_York",
                "2027-01-01",
                "2028-01-01",
                &["Gap 2027-03-14 02:00:00 2027-03-14 03:00:00", "Fold 2027-11-07 02:00:00 2027-11-07 01:00:00"][..],
            ),
            (
                "Australia/Lord_Howe",
                "2027-01-01",
                "2028-01-01",
                &["Fold 2027-04-04 02:00:00 2027-04-04 01:30:00", "Gap 2027-10-03 02:00:00 2027-10-03 02:30:00"],
            ),
            ("Pacific/Apia", "2011-12-01", "2012-03-01", &["Gap 2011-12-30 00:00:00 2011-12-31 00:00:00"]),
            ("Africa/Cairo", "2027-06-01", "2028-01-01", &["Fold 2027-10-29 00:00:00 2027-10-28 23:00:00"]),
            // Of the two changes at this time of the year, only those of the time until 2100 are kept.
            (
                "Europe/Paris",
                "2099-10-01",
                "2100-04-01",
                &["Fold 2099-10-25 03:00:00 2099-10-25 02:00:00", "Gap 2100-03-28 02:00:00 2100-03-28 03:00:00"],
            ),
            ("Europe/Paris", "9998-06-01", "9999-01-01", &["Fold 9998-10-25 03:00:00 9998-10-25 02:00:00"]),
            ("Asia/Tokyo", "2000-01-01", "9999-01-01", &[]),
            ("UTC", "1900-01-01", "9999-01-01", &[]),
            ("America/New_York", "2028-01-01", "2027-01-01", &[]),
        ] {
            assert_eq!(changes(zone, from, until), expected, "{zone} {from}");
        }
    }

    #[test]
    fn times_that_never_change_are_told_from_those_that_do() {
        for (zone, time, expected) in [
            ("America/New_York", "02:30", true),
            ("America/New_York", "01:00", true),
            ("America/New_York", "03:00", false),
            ("America/New_York", "09:00", false),
            ("Africa/Cairo", "23:30", true),
            ("Africa/Cairo", "00:00", true),
            ("Pacific/Apia", "17:00", true),
            ("UTC", "02:30", false),
        ] {
            let time: crate::schedule::TimeOfDay = time.parse().unwrap();
            assert_eq!(Zone::named(zone).unwrap().clock_ever_changes_at(time.seconds()), expected, "{zone} {time}");
        }
    }

    #[test]
    fn the_start_of_a_span_belongs_to_it_and_the_end_does_not() {
        let zone = Zone::named("America/New_York").unwrap();
        let at = |text: &str| text.parse().unwrap();
        for spring in ["2027-03-14T07:00:00Z", "2127-03-09T07:00:00Z"] {
            let next = at(spring) + TimeDelta::seconds(1);
            assert_eq!(zone.clock_changes(at(spring), next).map(|one| one.instant).collect::<Vec<_>>(), [at(spring)]);
            assert_eq!(zone.clock_changes(next, next + TimeDelta::days(30)).count(), 0);
            assert_eq!(zone.clock_changes(at(spring) - TimeDelta::days(30), at(spring)).count(), 0);
        }
    }

    #[test]
    fn changes_are_told_in_words() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        for (before, after, in_words) in [
            ("2027-03-14T02:00:00", "2027-03-14T03:00:00", "02:00 to 03:00 does not exist"),
            ("2011-12-30T00:00:00", "2011-12-31T00:00:00", "00:00 to 24:00 does not exist"),
            ("2027-10-30T23:30:00", "2027-10-31T00:30:00", "23:30 to 2027-10-31 00:30 does not exist"),
            ("2027-11-07T02:00:00", "2027-11-07T01:00:00", "01:00 to 02:00 is shown once and happens twice"),
        ] {
            let change = ClockChange { instant: at(before).and_utc(), before: at(before), after: at(after) };
            assert_eq!(change.in_words(), in_words);
        }
    }
}
