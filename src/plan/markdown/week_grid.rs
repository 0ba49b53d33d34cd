//! The first week that an action touches: a row for each day, a mark for each half hour.

use super::super::Action;
use super::super::week::Week;
use super::escape::{code, inline};
use crate::schedule::local_day::{CELLS, LocalDay};

/// The grid in the schedule's own zone; nothing for an action that touches no time.
pub fn week_grid(action: &Action) -> Option<String> {
    let week = Week::of(action)?;
    let hours: String = (0..CELLS / 2).step_by(2).map(|hour| format!("{hour:02}  ")).collect();
    let mut lines = vec![format!("          {}", hours.trim_end())];
    for date in week.dates() {
        lines.push(format!("{} {}", date.format("%a %m-%d"), marks(&week, &LocalDay::of(week.zone, date))));
    }
    let (monday, zone) = (week.monday, inline(week.zone.name()));
    let clock = if lines.iter().skip(1).any(|line| line.contains(SKIPPED)) { ", `~` skipped by the clock" } else { "" };
    let both = if lines.iter().any(|line| line.contains(BOTH)) { ", `*` both" } else { "" };
    let legend = format!("Week of {monday}, {zone}: `=` kept, `+` added, `-` removed{both}{clock}");
    Some(format!("\n{legend}\n\n{}", code("text", &lines)))
}

const KEPT: char = '=';
const ADDED: char = '+';
const REMOVED: char = '-';
const BOTH: char = '*';
const SKIPPED: char = '~';
const IDLE: char = '.';

fn marks(week: &Week, day: &LocalDay) -> String {
    let (length, kept) = (day.length(), day.seconds(&week.kept));
    let (added, removed) = (day.seconds(&week.added), day.seconds(&week.removed));
    let dialed = kept.into_iter().zip(added).zip(removed);
    let mark = |(length, ((kept, added), removed))| match (length, kept, added, removed) {
        (0, ..) => SKIPPED,
        (_, _, 1.., 1..) => BOTH,
        (_, _, 1.., _) => ADDED,
        (_, _, _, 1..) => REMOVED,
        (_, 1.., ..) => KEPT,
        _ => IDLE,
    };
    length.into_iter().zip(dialed).map(mark).collect()
}
