//! The date-time notations of the API.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::schedule::Zone;

/// A date-time as it was written: with or without a zone of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Without zone, to be read on some wall clock.
    Local(NaiveDateTime),
    /// With `Z` or an offset.
    Instant(DateTime<Utc>),
}

impl Written {
    /// The instant, where a time without zone is read in `zone`.
    pub fn instant(self, zone: Zone) -> DateTime<Utc> {
        match self {
            Self::Local(local) => zone.instant(local),
            Self::Instant(instant) => instant,
        }
    }

    /// Whether this lies before another. Two local times are compared on the wall clock, so that a
    /// change of the clock between them does not turn them around.
    pub fn is_before(self, other: Self, zone: Zone) -> bool {
        match (self, other) {
            (Self::Local(a), Self::Local(b)) => a < b,
            _ => self.instant(zone) < other.instant(zone),
        }
    }
}

/// Reads `YYYY-MM-DDThh:mm:ss` without zone, the form of a recurrence's start and end.
pub fn local(text: &str) -> Option<NaiveDateTime> {
    has_shape(text).then_some(())?;
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok()
}

/// Reads ISO 8601: date and time to the second, optionally a fraction, optionally `Z` or an offset.
pub fn written(text: &str) -> Option<Written> {
    has_shape(text.get(..19)?).then_some(())?;
    if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        // `%.f` also takes a lone dot.
        return (!text.ends_with('.')).then_some(Written::Local(local));
    }
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|instant| Written::Instant(instant.to_utc()))
}

/// Reads an RFC 3339 instant, the form of the spans of `campaign-schedules`.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    has_shape(text.get(..19)?).then_some(())?;
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc())
}

/// The notation of instants that the service writes: UTC, milliseconds, `Z`.
pub fn shown(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// chrono takes signs, blanks, missing zeros and leap seconds; the API's notation has none of them.
fn has_shape(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:Dd";
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            b'D' => (b'0'..=b'5').contains(&byte),
            exact => byte == *exact,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_notations_of_the_document_and_no_others() {
        for (text, is_local, is_written, is_instant) in [
            ("2027-05-01T10:00:00", true, true, false),
            ("2027-05-01T10:00:00.123", false, true, false),
            ("2027-05-01T10:00:00.000Z", false, true, true),
            ("2027-05-01T10:00:00Z", false, true, true),
            ("2027-05-01T10:00:00+02:00", false, true, true),
            ("2027-05-01T10:00:00+0200", false, true, false),
            ("2027-05-01T10:00:00.", false, false, false),
            ("2027-05-01T10:00:60", false, false, false),
            ("2027-05-01 10:00:00", false, false, false),
            ("2027-05-01T10:00", false, false, false),
            ("2027-05-01", false, false, false),
            ("2027-02-30T10:00:00", false, false, false),
            ("2027-05-01T24:00:00", false, false, false),
            ("2027-05-01T10:00:00 Z", false, false, false),
            ("tomorrow", false, false, false),
            ("ääääääääääääääääää", false, false, false),
            ("", false, false, false),
        ] {
            assert_eq!(local(text).is_some(), is_local, "{text}");
            assert_eq!(written(text).is_some(), is_written, "{text}");
            assert_eq!(instant(text).is_some(), is_instant, "{text}");
        }
    }

    #[test]
    fn local_times_are_compared_on_the_wall_clock() {
        // 02:30 does not exist in New York on this day, so as an instant it lies after 03:00.
        let zone = Zone::named("America/New_York").unwrap();
        let (gap, after) = (written("2027-03-14T02:30:00").unwrap(), written("2027-03-14T03:00:00").unwrap());
        assert!(gap.is_before(after, zone));
        let utc = written("2027-03-14T07:00:00Z").unwrap();
        assert!(!after.is_before(utc, zone) && !utc.is_before(after, zone));
    }
}
