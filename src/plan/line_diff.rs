//! Two schedules line by line: all lines of what is new or gone; of what changes, the changed lines and
//! two lines around them.

use std::fmt;

use similar::{ChangeTag, TextDiff};

use crate::schedule::ScheduleView;

/// How many lines around a change are shown.
const AROUND: usize = 2;

/// A line of the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    /// Only before.
    Gone(String),
    /// Only after.
    New(String),
    /// In both.
    Kept(String),
    /// Lines in both that are not shown.
    Skipped,
}

/// With the sign of the text plan: `- slot 09:00-13:00 daily`.
impl fmt::Display for DiffLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(line) => write!(f, "- {line}"),
            Self::New(line) => write!(f, "+ {line}"),
            Self::Kept(line) => write!(f, "  {line}"),
            Self::Skipped => f.write_str("  ..."),
        }
    }
}

/// The difference of two schedules; one that does not exist has no lines.
pub fn line_diff(before: Option<&ScheduleView>, after: Option<&ScheduleView>) -> Vec<DiffLine> {
    let (before, after) = (text_of(before), text_of(after));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            lines.push(DiffLine::Skipped);
        }
        lines.extend(group.iter().flat_map(|op| diff.iter_changes(op)).map(|change| {
            let line = change.value().trim_end().to_owned();
            match change.tag() {
                ChangeTag::Delete => DiffLine::Gone(line),
                ChangeTag::Insert => DiffLine::New(line),
                ChangeTag::Equal => DiffLine::Kept(line),
            }
        }));
    }
    lines
}

fn text_of(view: Option<&ScheduleView>) -> String {
    view.map_or_else(String::new, |view| view.lines().into_iter().map(|line| line + "\n").collect())
}
