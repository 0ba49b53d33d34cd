//! A wall-clock time within a day, from 00:00 to 24:00.

use std::fmt;
use std::str::FromStr;

/// Seconds of the wall clock since the day began, 0 to 86,400. 24:00 is the end of the day, so it
/// can end a slot but not start one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u32);

/// The text is not a time of day.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a time of day: write HH:MM or HH:MM:SS, from 00:00 to 24:00")]
pub struct InvalidTimeOfDay(String);

impl TimeOfDay {
    /// 24:00, the end of the day.
    pub const END_OF_DAY: Self = Self(86_400);

    /// A time from seconds since the day began; `None` above 86,400.
    pub const fn from_seconds(seconds: u32) -> Option<Self> {
        if seconds <= 86_400 { Some(Self(seconds)) } else { None }
    }

    /// Seconds of the wall clock since the day began.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidTimeOfDay;

    fn from_str(text: &str) -> Result<Self, InvalidTimeOfDay> {
        let invalid = || InvalidTimeOfDay(text.to_owned());
        let two_digits = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            if plain { part.parse::<u32>().map_err(|_| invalid()) } else { Err(invalid()) }
        };
        let mut parts = text.split(':');
        let (Some(hours), Some(minutes), seconds, None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        let seconds = seconds.map_or(Ok(0), two_digits)?;
        if minutes > 59 || seconds > 59 {
            return Err(invalid());
        }
        Self::from_seconds(hours * 3600 + minutes * 60 + seconds).ok_or_else(invalid)
    }
}

/// `HH:MM`, or `HH:MM:SS` when there are seconds.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(f, "{hours:02}:{minutes:02}")?;
        if seconds > 0 { write!(f, ":{seconds:02}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_manifests_may_write() {
        for (text, seconds) in [
            ("00:00", Some(0)),
            ("09:00", Some(32_400)),
            ("09:00:01", Some(32_401)),
            ("24:00", Some(86_400)),
            ("24:00:00", Some(86_400)),
            ("24:00:01", None),
            ("23:60", None),
            ("23:59:60", None),
            ("9:00", None),
            ("+9:00", None),
            ("09:00:00:00", None),
            ("09", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<TimeOfDay>().ok().map(TimeOfDay::seconds), seconds, "{text:?}");
        }
    }

    #[test]
    fn shows_seconds_only_when_there_are_some() {
        for (text, shown) in [("09:00:00", "09:00"), ("09:00:30", "09:00:30"), ("24:00", "24:00")] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), shown);
        }
    }
}
