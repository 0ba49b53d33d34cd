//! The next 14 days as an action changes them: each concrete stretch of time, in local time and UTC.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::schedule::equality::added_time;
use crate::schedule::{Occurrence, Timetable, Window, Zone, iso8601};

/// How far is looked ahead, in local days, today among them.
const DAYS: u64 = 14;

/// How many stretches are shown to people.
const SHOWN: usize = 6;

/// What an action adds to and takes from the time that is dialed within the next 14 local days, as far as it is
/// not over yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fortnight {
    /// Dialed after the action and not before, in order.
    pub added: Vec<Occurrence>,
    /// Dialed before the action and not after it, in order.
    pub removed: Vec<Occurrence>,
}

/// What happens to the time that is dialed as soon as an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imminent {
    /// Dialing that is running, or begins shortly, stops.
    Cut(DateTime<Utc>),
    /// Dialing that nobody dials now begins at once or shortly.
    Start(DateTime<Utc>),
}

impl Fortnight {
    /// The days from the local date of `as_of` on.
    pub fn of(before: Option<&Timetable>, after: Option<&Timetable>, zone: Zone, as_of: DateTime<Utc>) -> Self {
        let today = zone.local(as_of).date();
        // A stretch may have begun before; its true start is shown.
        let earlier = today.checked_sub_days(Days::new(2)).unwrap_or(today);
        let last = today.checked_add_days(Days::new(DAYS)).unwrap_or(today);
        let window = Window { start: zone.start_of_day(earlier), end: zone.start_of_day(last) };
        let occupied = |table: Option<&Timetable>| table.map_or_else(Vec::new, |table| table.occupied(window));
        let (before, after) = (occupied(before), occupied(after));
        let ahead = |mut spans: Vec<Occurrence>| {
            spans.retain(|span| span.end > as_of);
            spans
        };
        Self { added: ahead(added_time(&before, &after)), removed: ahead(added_time(&after, &before)) }
    }

    /// What happens at once, or begins within `grace`.
    pub fn imminent(&self, as_of: DateTime<Utc>, grace: TimeDelta) -> Option<Imminent> {
        let horizon = as_of.checked_add_signed(grace).unwrap_or(as_of);
        let first = |spans: &[Occurrence]| {
            let near = spans.iter().find(|span| span.end > as_of && span.start < horizon);
            near.map(|span| span.start)
        };
        let cut = first(&self.removed).map(Imminent::Cut);
        cut.or_else(|| first(&self.added).map(Imminent::Start))
    }

    /// For people: a line for each of the first stretches, for example
    /// `+ Mon 2027-03-01 09:00-13:00 (14:00-18:00 UTC)`.
    pub fn lines(&self, zone: Zone) -> Vec<String> {
        let added = self.added.iter().map(|span| (span, '+'));
        let removed = self.removed.iter().map(|span| (span, '-'));
        let mut all: Vec<(&Occurrence, char)> = added.chain(removed).collect();
        all.sort_unstable();
        let mut lines: Vec<String> =
            all.iter().take(SHOWN).map(|(span, sign)| format!("{sign} {}", told(span, zone))).collect();
        if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// As the JSON plan has it.
    pub(super) fn shown(&self, zone: Zone) -> Shown {
        let each = |spans: &[Occurrence]| spans.iter().map(|span| Stretch::of(span, zone)).collect();
        Shown { timezone: zone.name(), added: each(&self.added), removed: each(&self.removed) }
    }
}

/// A stretch of time on the clock of a zone and, where that is another one, in UTC.
fn told(span: &Occurrence, zone: Zone) -> String {
    let (start, end) = (zone.local(span.start), zone.local(span.end));
    let local = format!("{} {}", start.format("%a %Y-%m-%d"), hours(start, end));
    let utc = (span.start.naive_utc(), span.end.naive_utc());
    if utc == (start, end) {
        return format!("{local} UTC");
    }
    let date = if utc.0.date() == start.date() { String::new() } else { utc.0.format("%Y-%m-%d ").to_string() };
    format!("{local} ({date}{} UTC)", hours(utc.0, utc.1))
}

/// For example `09:00-13:00`, `22:00-24:00`, or `22:00-02:00 (+1 d)`.
fn hours(start: NaiveDateTime, end: NaiveDateTime) -> String {
    let days = (end.date() - start.date()).num_days();
    let is_end_of_day = days == 1 && end.time() == NaiveTime::MIN;
    let until = if is_end_of_day { "24:00".to_owned() } else { clock(end.time()) };
    let later = if days > 0 && !is_end_of_day { format!(" (+{days} d)") } else { String::new() };
    format!("{}-{until}{later}", clock(start.time()))
}

/// Hours and minutes, and seconds where there are some.
fn clock(time: NaiveTime) -> String {
    let text = time.format("%H:%M:%S").to_string();
    text.strip_suffix(":00").map_or_else(|| text.clone(), str::to_owned)
}

/// The concrete stretches of time that are added and removed within the next 14 local days, as far as they are not over.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Next14Days")]
pub(super) struct Shown {
    /// The zone of the local times.
    timezone: &'static str,
    /// Dialed after the action and not before.
    added: Vec<Stretch>,
    /// Dialed before the action and not after it.
    removed: Vec<Stretch>,
}

/// A stretch of time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Stretch {
    /// UTC.
    start: String,
    /// UTC, exclusive.
    end: String,
    local_start: String,
    local_end: String,
}

impl Stretch {
    fn of(span: &Occurrence, zone: Zone) -> Self {
        let utc = |instant: DateTime<Utc>| iso8601(instant.naive_utc()) + "Z";
        let local = |instant| iso8601(zone.local(instant));
        Self { start: utc(span.start), end: utc(span.end), local_start: local(span.start), local_end: local(span.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn span(start: &str, end: &str) -> Occurrence {
        Occurrence { start: at(start), end: at(end) }
    }

    #[test]
    fn stretches_are_told_on_both_clocks() {
        for (zone, start, end, text) in [
            (
                "America/New_York",
                "2027-03-01T14:00:00Z",
                "2027-03-01T18:00:00Z",
                "Mon 2027-03-01 09:00-13:00 (14:00-18:00 UTC)",
            ),
            ("UTC", "2027-03-01T14:00:00Z", "2027-03-02T00:00:00Z", "Mon 2027-03-01 14:00-24:00 UTC"),
            (
                "Asia/Tokyo",
                "2027-03-01T20:00:00Z",
                "2027-03-01T21:30:30Z",
                "Tue 2027-03-02 05:00-06:30:30 (2027-03-01 20:00-21:30:30 UTC)",
            ),
            (
                "Europe/Berlin",
                "2027-03-01T21:00:00Z",
                "2027-03-02T01:00:00Z",
                "Mon 2027-03-01 22:00-02:00 (+1 d) (21:00-01:00 (+1 d) UTC)",
            ),
            // The hour that is left out counts on neither clock's face.
            (
                "America/New_York",
                "2027-03-14T06:00:00Z",
                "2027-03-14T08:00:00Z",
                "Sun 2027-03-14 01:00-04:00 (06:00-08:00 UTC)",
            ),
        ] {
            assert_eq!(told(&span(start, end), Zone::named(zone).unwrap()), text);
        }
    }

    #[test]
    fn what_runs_or_begins_within_the_grace_is_imminent() {
        let now = at("2027-03-01T12:00:00Z");
        let (running, soon, later) = (
            span("2027-03-01T11:00:00Z", "2027-03-01T13:00:00Z"),
            span("2027-03-01T12:14:59Z", "2027-03-01T13:00:00Z"),
            span("2027-03-01T12:15:00Z", "2027-03-01T13:00:00Z"),
        );
        let over = span("2027-03-01T11:00:00Z", "2027-03-01T12:00:00Z");
        for (what, added, removed, grace, expected) in [
            ("cut", vec![], vec![running], 15, Some(Imminent::Cut(running.start))),
            ("started", vec![running], vec![], 15, Some(Imminent::Start(running.start))),
            ("begins within", vec![soon], vec![], 15, Some(Imminent::Start(soon.start))),
            ("would have begun", vec![], vec![soon], 15, Some(Imminent::Cut(soon.start))),
            ("begins at the end of the grace", vec![later], vec![later], 15, None),
            ("over", vec![over], vec![over], 15, None),
            ("cut before started", vec![running], vec![soon], 15, Some(Imminent::Cut(soon.start))),
            ("running without grace", vec![], vec![running], 0, Some(Imminent::Cut(running.start))),
        ] {
            let fortnight = Fortnight { added, removed };
            assert_eq!(fortnight.imminent(now, TimeDelta::minutes(grace)), expected, "{what}");
        }
    }

    #[test]
    fn people_see_the_first_stretches_and_the_number_of_the_others() {
        let day = |n: u64| {
            let one = Days::new(n);
            let span = span("2027-03-01T09:00:00Z", "2027-03-01T10:00:00Z");
            Occurrence { start: span.start + one, end: span.end + one }
        };
        let fortnight = Fortnight { added: vec![day(1), day(3)], removed: vec![day(0), day(2)] };
        let signs = |fortnight: &Fortnight| -> Vec<String> {
            fortnight.lines(Zone::utc()).iter().map(|line| line.chars().take(16).collect()).collect()
        };
        assert_eq!(signs(&fortnight), ["- Mon 2027-03-01", "+ Tue 2027-03-02", "- Wed 2027-03-03", "+ Thu 2027-03-04"]);
        let many = Fortnight { added: (0..9).map(day).collect(), removed: Vec::new() };
        assert_eq!((signs(&many).len(), signs(&many)[6].as_str()), (7, "and 3 more"));
    }
}
