//! The scalar fields of manifests: each with the words, the pattern and the check that belong to it.

use std::borrow::Cow;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc, Weekday};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

use crate::schedule::{ScheduleName, TimeOfDay, Weekdays};

/// A date, days of each month counted; only 29 February is left to a check that knows the year.
macro_rules! date_pattern {
    () => {
        "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))"
    };
}

/// A field that is written as text and read as something else.
///
/// The schema carries the pattern for editors and the format for what a pattern cannot say; `validate`
/// checks both.
pub(super) trait TextField: FromStr {
    /// The name of its definition and of its format.
    const NAME: &'static str;
    /// What it is, to follow "expected".
    const TITLE: &'static str;
    /// What it means.
    const DESCRIPTION: &'static str;
    /// An anchored regular expression.
    const PATTERN: &'static str;
    /// Values to start from.
    const EXAMPLES: &'static [&'static str];
}

macro_rules! text_field {
    ($(#[doc = $doc:literal])+ $type:ident($inner:ty), $title:expr, $pattern:expr, $examples:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $type(pub $inner);

        impl TextField for $type {
            const NAME: &'static str = stringify!($type);
            const TITLE: &'static str = $title;
            const DESCRIPTION: &'static str = concat!($($doc),+).trim_ascii();
            const PATTERN: &'static str = $pattern;
            const EXAMPLES: &'static [&'static str] = &$examples;
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                text(deserializer)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                Self::NAME.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                text_schema::<Self>()
            }
        }
    };
}

text_field!(
    /// The name of the manifest, unique per kind in the repository.
    ManifestName(ScheduleName),
    "a name of 1 to 50 characters: a-z, 0-9 and `-`",
    "^[a-z0-9-]{1,50}$",
    ["spring-renewals"]
);

text_field!(
    /// Local wall-clock time.
    StartTime(TimeOfDay),
    "a time of day from 00:00 to 23:59:59, written HH:MM or HH:MM:SS",
    "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$",
    ["09:00"]
);

text_field!(
    /// Local wall-clock time; earlier than the start means the next day, 24:00 the end of the day.
    EndTime(TimeOfDay),
    "a time of day from 00:00 to 24:00, written HH:MM or HH:MM:SS",
    "^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?|24:00(?::00)?)$",
    ["17:00"]
);

text_field!(
    /// A local date, or an instant with its offset from UTC.
    Boundary(DateOrInstant),
    "a date such as 2027-03-01, or an instant such as 2027-03-01T09:00:00-05:00",
    concat!(
        "^",
        date_pattern!(),
        "(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))?$"
    ),
    ["2027-03-01", "2027-03-01T09:00:00-05:00"]
);

text_field!(
    /// A local date.
    LocalDate(NaiveDate),
    "a date such as 2027-03-01",
    concat!("^", date_pattern!(), "$"),
    ["2027-12-24"]
);

text_field!(
    /// A local date and time, without an offset.
    LocalTime(NaiveDateTime),
    "a local date and time such as 2027-05-01T10:00, without an offset",
    concat!("^", date_pattern!(), "T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$"),
    ["2027-05-01T10:00:00"]
);

text_field!(
    /// A local date, or a local date and time without an offset.
    LocalBoundary(DateOrLocalTime),
    "a local date such as 2026-12-20, or a local date and time such as 2026-12-20T18:00, without an offset",
    concat!("^", date_pattern!(), "(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)?$"),
    ["2026-12-20", "2026-12-20T18:00:00"]
);

/// The two ways to say when something begins or ends on a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrLocalTime {
    /// A local date.
    Date(NaiveDate),
    /// A local date and time.
    Time(NaiveDateTime),
}

/// The two ways to say when something begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateOrInstant {
    /// A local date.
    Date(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
}

/// A day of the week by its full English name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Weekday);

/// The text is not what its field takes.
#[derive(Debug, thiserror::Error)]
#[error("expected {0}")]
pub struct InvalidText(&'static str);

impl FromStr for ManifestName {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        ScheduleName::try_from(text.to_owned()).map(Self).map_err(|_| InvalidText(Self::TITLE))
    }
}

impl FromStr for StartTime {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let time = text.parse().ok().filter(|time| *time != TimeOfDay::END_OF_DAY);
        time.map(Self).ok_or(InvalidText(Self::TITLE))
    }
}

impl FromStr for EndTime {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        text.parse().map(Self).map_err(|_| InvalidText(Self::TITLE))
    }
}

impl FromStr for Boundary {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let date = text.parse().map(DateOrInstant::Date);
        let instant = || DateTime::parse_from_rfc3339(text).map(|instant| DateOrInstant::Instant(instant.to_utc()));
        date.or_else(|_| instant()).map(Self).map_err(|_| InvalidText(Self::TITLE))
    }
}

impl FromStr for LocalDate {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        text.parse().map(Self).map_err(|_| InvalidText(Self::TITLE))
    }
}

impl FromStr for LocalTime {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let with_seconds = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
        let time = with_seconds.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"));
        time.map(Self).map_err(|_| InvalidText(Self::TITLE))
    }
}

impl FromStr for LocalBoundary {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let date = text.parse().map(DateOrLocalTime::Date).ok();
        let time = || text.parse().map(|LocalTime(time)| DateOrLocalTime::Time(time)).ok();
        date.or_else(time).map(Self).ok_or(InvalidText(Self::TITLE))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Weekdays::day_named(&name).map(Self).ok_or_else(|| de::Error::custom("expected a day of the week"))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Weekdays::ALL.names().collect();
        json_schema!({ "title": "a day of the week", "type": "string", "enum": names })
    }
}

fn text<'de, T: TextField, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom(format_args!("expected {}", T::TITLE)))
}

fn text_schema<T: TextField>() -> Schema {
    json_schema!({
        "title": T::TITLE,
        "description": T::DESCRIPTION,
        "type": "string",
        "format": format_name::<T>(),
        "pattern": T::PATTERN,
        "examples": T::EXAMPLES,
    })
}

fn format_name<T: TextField>() -> String {
    format!("dialctl:{}", T::NAME)
}

/// Teaches a validator the checks behind the formats of these fields.
pub(super) fn with_formats(options: jsonschema::ValidationOptions<'_>) -> jsonschema::ValidationOptions<'_> {
    fn check<T: TextField>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }
    options
        .should_validate_formats(true)
        .with_format(format_name::<ManifestName>(), check::<ManifestName>)
        .with_format(format_name::<StartTime>(), check::<StartTime>)
        .with_format(format_name::<EndTime>(), check::<EndTime>)
        .with_format(format_name::<Boundary>(), check::<Boundary>)
        .with_format(format_name::<LocalDate>(), check::<LocalDate>)
        .with_format(format_name::<LocalTime>(), check::<LocalTime>)
        .with_format(format_name::<LocalBoundary>(), check::<LocalBoundary>)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether pattern and check take a text.
    fn taken<T: TextField>(text: &str) -> (bool, bool) {
        let schema = serde_json::json!({ "pattern": T::PATTERN });
        (jsonschema::is_valid(&schema, &text.into()), text.parse::<T>().is_ok())
    }

    #[test]
    fn pattern_and_check_agree() {
        type Taken = fn(&str) -> (bool, bool);
        let table: [(Taken, &[&str], &[&str]); 7] = [
            (taken::<ManifestName>, &["a", "spring-2027"], &["", "A", "a b", "a/b", "a\n"]),
            (taken::<StartTime>, &["00:00", "23:59:59"], &["24:00", "9:00", "09:60", "09:00:60", "", "09:00\n"]),
            (taken::<EndTime>, &["00:00", "24:00", "24:00:00"], &["24:01", "24:00:01", "25:00"]),
            (
                taken::<Boundary>,
                &["2027-03-01", "2028-02-29", "2027-03-01T09:00:00Z", "2027-03-01T09:00:00.5+05:30"],
                &["2027-04-31", "2027-13-01", "2027-00-10", "2027-3-1", "2027-03-01T09:00:00", "2027-03-01 09:00:00Z"],
            ),
            (taken::<LocalDate>, &["2027-12-31"], &["2027-12-32", "2027-02-30", "2027-12-31T00:00"]),
            (
                taken::<LocalTime>,
                &["2027-05-01T10:00", "2027-05-01T10:00:30"],
                &["2027-05-01", "2027-05-01T24:00", "2027-05-01T10:00:00Z", "2027-06-31T10:00"],
            ),
            (
                taken::<LocalBoundary>,
                &["2027-05-01", "2028-02-29", "2027-05-01T10:00", "2027-05-01T10:00:30"],
                &["2027-05", "2027-06-31", "2027-05-01T24:00", "2027-05-01T10:00:00Z", "2027-05-01 10:00", ""],
            ),
        ];
        for (taken, good, bad) in table {
            for text in good {
                assert_eq!(taken(text), (true, true), "{text:?}");
            }
            for text in bad {
                // The check is the laxer of the two in notation; both must agree to a text.
                let (pattern, check) = taken(text);
                assert!(!(pattern && check), "{text:?}");
            }
        }
        // The one thing that takes more than a pattern.
        assert_eq!(taken::<LocalDate>("2027-02-29"), (true, false));
    }
}
