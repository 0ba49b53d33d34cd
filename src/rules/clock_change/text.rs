//! The words about a time that does not exist or exists twice.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::hits::{End, Hit};
use crate::rules::{horizon, spans};
use crate::schedule::{ClockChange, ClockChangeKind, TimeOfDay, Zone};

const DAY: u32 = 86_400;

/// What starts or ends at such a time.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// What people call it.
    pub name: &'static str,
    /// Which end of it.
    pub end: End,
    /// Whose clock it follows.
    pub zone: Zone,
    /// Whether it has other days.
    pub recurs: bool,
}

/// What the clock does, and what comes of it.
pub fn message(what: &Subject, first: &Hit, more: &[&Hit]) -> String {
    let Subject { name, end, zone, .. } = what;
    let Hit { change, local, instant, occurs } = first;
    let (time, date) = (spans::clock(*local), local.date());
    let (low, high) = times(change);
    let read = zone.local(*instant);
    let read_time = if read.date() == date { spans::clock(read) } else { spans::dated(read) };
    let (clock, at) = match change.kind() {
        ClockChangeKind::Gap => {
            (format!("there is no {time} on {date}: the clock of {zone} goes from {low} to {high}"), read_time)
        }
        ClockChangeKind::Fold => (
            format!("{time} on {date} comes twice: the clock of {zone} goes back from {high} to {low}"),
            format!("the earlier {time}"),
        ),
    };
    let utc = spans::dated(instant.naive_utc());
    let (does, its) = match end {
        End::Start => ("starts", "start"),
        End::End => ("ends", "end"),
    };
    let outcome = if *occurs {
        format!("the {name} {does} at {at} ({utc} UTC)")
    } else {
        format!("with its {its} read as {at} ({utc} UTC) the {name} has no time left and does not occur")
    };
    let more = match more.last() {
        Some(last) => format!("; and {} more until {}", more.len(), last.local.date()),
        None => String::new(),
    };
    format!("{clock}; {outcome}{more}")
}

/// A few words for under the time.
pub fn label(first: &Hit) -> String {
    let date = first.local.date();
    match first.change.kind() {
        ClockChangeKind::Gap => format!("skipped on {date}"),
        ClockChangeKind::Fold => format!("comes twice on {date}"),
    }
}

/// The times to take instead.
pub fn help(what: &Subject, first: &Hit) -> String {
    let zone = what.zone;
    let (low, high) = times(&first.change);
    if !what.recurs {
        return format!("move it before {low}, or to {high} or later");
    }
    if is_of_days(&first.change) {
        return format!("exclude the time from {low} to {high}, which the clock of {zone} skips or repeats");
    }
    let changed = changed_times(zone, &first.change);
    let clock = |seconds: u32| TimeOfDay::from_seconds(seconds).map(|time| time.to_string()).unwrap_or_default();
    let listed = |texts: Vec<String>| texts.join(" and ");
    let spans = changed.iter().map(|(from, until)| format!("{}-{}", clock(*from), clock(*until))).collect();
    let ends = changed.iter().map(|(_, until)| clock(until % DAY)).collect();
    format!(
        "write a time outside of {}, where the clock of {zone} changes; from {} on it is safe again",
        listed(spans),
        listed(ends)
    )
}

/// The local times between which a change lies, with dates where they are needed.
fn times(change: &ClockChange) -> (String, String) {
    let (low, high) = change.affected();
    if low.date() == high.date() {
        (spans::clock(low), spans::clock(high))
    } else if high.time() == NaiveTime::MIN && !is_of_days(change) {
        (spans::clock(low), "24:00".to_owned())
    } else {
        (spans::dated(low), spans::dated(high))
    }
}

fn is_of_days(change: &ClockChange) -> bool {
    let (low, high) = change.affected();
    high - low >= TimeDelta::days(1)
}

/// The times of the day that the clock skips or repeats within a year from a change on, as spans of seconds
/// that neither overlap nor touch. The last one may end after midnight, and so before it starts.
fn changed_times(zone: Zone, from: &ClockChange) -> Vec<(u32, u32)> {
    let until = horizon::moved(from.instant.naive_utc(), horizon::OPEN_DAYS).and_utc();
    let mut spans: Vec<(u32, u32)> = zone
        .clock_changes(from.instant, until)
        .filter(|change| !is_of_days(change))
        .map(|change| {
            let (low, high) = change.affected();
            let start = low.num_seconds_from_midnight();
            (start, start + length(low, high))
        })
        .collect();
    spans.sort_unstable();
    spans.dedup_by(|later, earlier| {
        let joins = later.0 <= earlier.1;
        if joins {
            earlier.1 = earlier.1.max(later.1);
        }
        joins
    });
    // What ends after midnight takes up what starts there.
    while let [first, .., last] = spans.as_mut_slice()
        && first.0 + DAY <= last.1
    {
        last.1 = last.1.max(first.1 + DAY);
        spans.remove(0);
    }
    spans.into_iter().map(|(start, end)| (start, if end > DAY { end - DAY } else { end })).collect()
}

/// Seconds of a change that takes less than a day.
fn length(low: NaiveDateTime, high: NaiveDateTime) -> u32 {
    u32::try_from((high - low).num_seconds()).unwrap_or(DAY)
}
