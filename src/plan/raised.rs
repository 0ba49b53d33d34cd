//! Limits that somebody replaces for one run, by number: `--max-deletes 5`, `--max-deletes SequenceSchedule=2`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schedule::ScheduleKind;

use super::limits::Limited;

/// The limits that are replaced for one run. In JSON as `limits` in `dialctl.yaml` has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Raised {
    /// Those of all schedules of the owner together.
    #[serde(flatten)]
    all: Numbers,
    /// Those of single kinds of schedules, by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    kinds: BTreeMap<ScheduleKind, Numbers>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RaisedNumbers")]
struct Numbers {
    /// So many updates are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_updates: Option<usize>,
    /// So many deletes are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_deletes: Option<usize>,
}

/// One number, for all schedules of the owner together or for one kind of them: `5` or `SequenceSchedule=2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raise {
    /// The kind that it is for.
    pub kind: Option<ScheduleKind>,
    /// What is allowed.
    pub number: usize,
}

/// The text is no such number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRaise {
    /// There is no whole number where one is expected.
    #[error("expected a whole number, or KIND=NUMBER such as SequenceSchedule=2")]
    NoNumber,
    /// What stands before the number is no kind.
    #[error(transparent)]
    UnknownKind(#[from] crate::schedule::UnknownKind),
}

impl FromStr for Raise {
    type Err = InvalidRaise;

    fn from_str(text: &str) -> Result<Self, InvalidRaise> {
        let (kind, number) = match text.split_once('=') {
            Some((kind, number)) => (Some(kind), number),
            None => (None, text),
        };
        let number = number.parse().map_err(|_| InvalidRaise::NoNumber)?;
        Ok(Self { kind: kind.map(str::parse).transpose()?, number })
    }
}

/// As it is written on the command line.
impl fmt::Display for Raise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "{kind}={}", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

impl Raised {
    /// Whether no limit is replaced.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The number that replaces a limit of a kind, or of all schedules together.
    pub fn to(&self, limited: Limited, kind: Option<ScheduleKind>) -> Option<usize> {
        let numbers = match kind {
            Some(kind) => self.kinds.get(&kind)?,
            None => &self.all,
        };
        match limited {
            Limited::Update => numbers.max_updates,
            Limited::Delete => numbers.max_deletes,
        }
    }

    /// Replaces a limit, and gives the number that it was replaced by before, if any.
    pub fn raise(&mut self, limited: Limited, Raise { kind, number }: Raise) -> Option<usize> {
        let numbers = match kind {
            Some(kind) => self.kinds.entry(kind).or_default(),
            None => &mut self.all,
        };
        match limited {
            Limited::Update => numbers.max_updates.replace(number),
            Limited::Delete => numbers.max_deletes.replace(number),
        }
    }

    /// The kinds for which a limit is replaced.
    pub fn kinds(&self) -> impl Iterator<Item = ScheduleKind> {
        self.kinds.keys().copied()
    }

    /// These numbers, and those of `other` where there are none.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        for (limited, raise) in other.each() {
            if self.to(limited, raise.kind).is_none() {
                self.raise(limited, raise);
            }
        }
        self
    }

    /// Each limit that is replaced: those of all schedules first, then by kind.
    pub fn each(&self) -> impl Iterator<Item = (Limited, Raise)> {
        let scopes = std::iter::once(None).chain(self.kinds().map(Some));
        scopes.flat_map(move |kind| {
            let raises = Limited::ALL.into_iter().map(move |limited| (limited, self.to(limited, kind)));
            raises.filter_map(move |(limited, number)| Some((limited, Raise { kind, number: number? })))
        })
    }
}

/// As it is written on the command line.
impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (limited, raise)) in self.each().enumerate() {
            write!(f, "{}{} {raise}", if n > 0 { ", " } else { "" }, limited.flag())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raised(numbers: &[(Limited, &str)]) -> Raised {
        let mut raised = Raised::default();
        for (limited, text) in numbers {
            assert_eq!(raised.raise(*limited, text.parse().unwrap()), None, "{text}");
        }
        raised
    }

    #[test]
    fn a_number_may_be_for_one_kind() {
        for (text, read) in [
            ("5", Ok(Raise { kind: None, number: 5 })),
            ("0", Ok(Raise { kind: None, number: 0 })),
            ("SequenceSchedule=2", Ok(Raise { kind: Some(ScheduleKind::Sequence), number: 2 })),
            ("", Err("whole number")),
            ("many", Err("whole number")),
            ("-1", Err("whole number")),
            ("SequenceSchedule", Err("whole number")),
            ("SequenceSchedule=", Err("whole number")),
            ("SequenceSchedule=2=3", Err("whole number")),
            ("Sequence=2", Err("there is no kind of schedule `Sequence`")),
            ("=2", Err("there is no kind of schedule ``")),
        ] {
            match (text.parse::<Raise>(), read) {
                (Ok(found), Ok(read)) => {
                    assert_eq!(found, read);
                    assert_eq!(found.to_string(), text);
                }
                (Err(error), Err(told)) => assert!(error.to_string().contains(told), "{text}: {error}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_written_is_read_and_said_as_it_was_given() {
        use Limited::{Delete, Update};
        for (raised, json, words) in [
            (raised(&[]), json!({}), ""),
            (raised(&[(Update, "40")]), json!({"maxUpdates": 40}), "--max-updates 40"),
            (
                raised(&[(Delete, "SequenceSchedule=2"), (Delete, "5"), (Update, "SequenceSchedule=1")]),
                json!({"maxDeletes": 5, "kinds": {"SequenceSchedule": {"maxUpdates": 1, "maxDeletes": 2}}}),
                "--max-deletes 5, --max-updates SequenceSchedule=1, --max-deletes SequenceSchedule=2",
            ),
        ] {
            assert_eq!((json!(raised), raised.to_string().as_str()), (json.clone(), words));
            assert_eq!(serde_json::from_value::<Raised>(json).unwrap(), raised);
        }
    }

    #[test]
    fn a_number_that_is_given_wins_over_one_that_was_saved() {
        use Limited::{Delete, Update};
        let saved = raised(&[(Update, "40"), (Delete, "SequenceSchedule=2")]);
        let given = raised(&[(Update, "50"), (Delete, "5")]);
        let both = raised(&[(Update, "50"), (Delete, "5"), (Delete, "SequenceSchedule=2")]);
        assert_eq!(given.or(&saved), both);
    }
}
