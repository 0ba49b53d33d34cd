//! Times as the API writes them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use crate::schedule::Zone;

/// How the times of intervals are written and read.
///
/// The API documents the pattern `yyyy-MM-ddTHH:mm:ss.SSSZ` and does not say whether a trailing `Z` means
/// UTC or nothing. The user interface takes local times of the schedule's zone for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IntervalTimes {
    /// Local times of the schedule's zone, written without a mark; a `Z` means nothing.
    #[default]
    Local,
    /// Instants, written in UTC with a `Z`; a time without a mark is local.
    Utc,
}

/// A time as text says it: what the wall shows, and how far that wall is from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    shown: NaiveDateTime,
    /// Seconds east of UTC, where the text says.
    offset: Option<i64>,
}

impl Stamp {
    /// Reads a date and time, with or without a zone; or a date alone, which means its midnight.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let unreadable = || format!("`{text}` is not a time that this program reads");
        let trimmed = text.trim();
        if let Ok(date) = trimmed.parse::<NaiveDate>() {
            return Ok(Self { shown: date.and_time(NaiveTime::MIN), offset: None });
        }
        let (body, offset) = split_offset(trimmed).ok_or_else(unreadable)?;
        let shown = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(body, format).ok())
            .ok_or_else(unreadable)?;
        if shown.nanosecond() != 0 {
            return Err(format!("`{text}` has a fraction of a second"));
        }
        Ok(Self { shown, offset })
    }

    /// The local time in a zone; a time without an offset is taken for one.
    pub(super) fn local(self, zone: Zone) -> NaiveDateTime {
        match self.offset {
            None => self.shown,
            Some(offset) => {
                let utc = self.shown.checked_sub_signed(TimeDelta::seconds(offset));
                utc.map_or(self.shown, |utc| zone.local(utc.and_utc()))
            }
        }
    }

    /// The local time in a zone, where a `Z` means nothing: it is part of the documented pattern even of
    /// times that are local. Any other offset is taken at its word.
    pub(super) fn wall(self, zone: Zone) -> NaiveDateTime {
        Self { offset: self.offset.filter(|offset| *offset != 0), ..self }.local(zone)
    }
}

impl IntervalTimes {
    /// Reads the time of an interval.
    pub(super) fn read(self, text: &str, zone: Zone) -> Result<NaiveDateTime, String> {
        let stamp = Stamp::read(text)?;
        Ok(match self {
            Self::Local => stamp.wall(zone),
            Self::Utc => stamp.local(zone),
        })
    }

    /// Writes the time of an interval.
    pub(super) fn write(self, local: NaiveDateTime, zone: Zone) -> String {
        match self {
            Self::Local => local.format("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
            Self::Utc => zone.instant(local).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        }
    }
}

/// Writes a time of the wall clock, without a zone.
pub(super) fn wall(local: NaiveDateTime) -> String {
    local.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Splits `Z`, `+hh`, `+hhmm` or `+hh:mm` off a time. `None` when what looks like one is none.
fn split_offset(text: &str) -> Option<(&str, Option<i64>)> {
    if let Some(body) = text.strip_suffix(['Z', 'z']) {
        return Some((body, Some(0)));
    }
    let after_date = text.find('T')?;
    let Some(at) = text.rfind(['+', '-']).filter(|at| *at > after_date) else { return Some((text, None)) };
    let (body, offset) = text.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits = offset.get(1..)?.replacen(':', "", 1);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) = match digits.len() {
        2 => (digits.parse().ok()?, 0),
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some((body, Some(sign * (hours * 3600 + minutes * 60))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york() -> Zone {
        Zone::named("America/New_York").unwrap()
    }

    #[test]
    fn reads_every_notation_under_both_readings() {
        for (text, local, utc) in [
            ("2027-05-01T10:00:00.000", "2027-05-01T10:00:00", "2027-05-01T10:00:00"),
            ("2027-05-01T10:00:00", "2027-05-01T10:00:00", "2027-05-01T10:00:00"),
            ("2027-05-01T10:00", "2027-05-01T10:00:00", "2027-05-01T10:00:00"),
            ("2027-05-01T10:00:00.000Z", "2027-05-01T10:00:00", "2027-05-01T06:00:00"),
            ("2027-05-01T10:00:00z", "2027-05-01T10:00:00", "2027-05-01T06:00:00"),
            ("2027-05-01T10:00:00.000+0000", "2027-05-01T10:00:00", "2027-05-01T06:00:00"),
            ("2027-05-01T10:00:00+02:00", "2027-05-01T04:00:00", "2027-05-01T04:00:00"),
            ("2027-05-01T01:00:00+05:30", "2027-04-30T15:30:00", "2027-04-30T15:30:00"),
            ("2027-05-01T10:00:00-04", "2027-05-01T10:00:00", "2027-05-01T10:00:00"),
            ("2027-05-01", "2027-05-01T00:00:00", "2027-05-01T00:00:00"),
        ] {
            let read = |times: IntervalTimes| times.read(text, new_york()).map(wall);
            assert_eq!(read(IntervalTimes::Local), Ok(local.to_owned()), "{text}");
            assert_eq!(read(IntervalTimes::Utc), Ok(utc.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2027-13-01T10:00:00",
            "2027-05-01 10:00",
            "2027-05-01T25:00:00",
            "2027-05-01T10:00:00+2",
            "2027-05-01T10:00:00+25:00",
            "2027-05-01T10:00:00.500",
            "2027-05-01T10:00:00é+1",
            "2027-05-01T10:00:00+é1",
            "ZZ",
        ] {
            assert!(Stamp::read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn writes_local_times_without_a_zone_and_instants_with_one() {
        let local = "2027-05-01T10:00:00".parse().unwrap();
        assert_eq!(IntervalTimes::Local.write(local, new_york()), "2027-05-01T10:00:00.000");
        assert_eq!(IntervalTimes::Utc.write(local, new_york()), "2027-05-01T14:00:00.000Z");
    }
}
