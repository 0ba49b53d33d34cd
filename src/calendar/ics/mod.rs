//! Schedules as iCalendar (RFC 5545): a rule for each slot as far as it is exact, single events elsewhere.

mod events;
mod lines;
mod zones;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Calendar, Entry};
use crate::schedule::{Occurrence, Pattern, Window, Zone};
use events::{Event, Rule};

/// The namespace of the ids of events.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0c_4d6b_2f61_5c1e_9d53_8f27_1b0a_7e44);

/// When a calendar was made, which tells programs that have an older one what is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The instant.
    pub made_at: DateTime<Utc>,
    /// Not lower than that of any older edition.
    pub sequence: u32,
}

impl Edition {
    /// The edition of an instant. Its sequence counts the seconds since 2020, so that later editions have
    /// higher ones without anybody keeping count.
    pub fn at(made_at: DateTime<Utc>) -> Self {
        const START_OF_2020: i64 = 1_577_836_800;
        let seconds = made_at.timestamp() - START_OF_2020;
        // iCalendar programs keep it in 32 bits with a sign, enough until 2088.
        Self { made_at, sequence: u32::try_from(seconds.clamp(0, i32::MAX.into())).unwrap_or_default() }
    }
}

/// Writes a calendar whose events expand to exactly the occurrences that reach into the window.
pub fn write(calendar: &Calendar, window: Window, edition: Edition, out: &mut dyn Write) -> io::Result<()> {
    let events: Vec<Vec<Event>> =
        calendar.entries.iter().map(|entry| events::of_timetable(&entry.timetable, window)).collect();
    lines::write("BEGIN:VCALENDAR", out)?;
    lines::write("VERSION:2.0", out)?;
    lines::write(concat!("PRODID:-//dialctl//dialctl ", env!("CARGO_PKG_VERSION"), "//EN"), out)?;
    lines::write("X-WR-CALNAME:Dialing schedules", out)?;
    for (zone, window) in zones_of(events.iter().flatten()).into_values() {
        zones::write(zone, window, out)?;
    }
    let mut ids = Ids::default();
    for (entry, events) in calendar.entries.iter().zip(&events) {
        for event in events {
            write_event(entry, event, &ids.id(entry, event), edition, out)?;
        }
    }
    lines::write("END:VCALENDAR", out)
}

/// Ids that an event keeps as long as what makes it this event stays.
#[derive(Default)]
struct Ids(HashMap<String, u32>);

impl Ids {
    fn id(&mut self, entry: &Entry, event: &Event) -> String {
        let name = entry.name.as_deref().or(entry.target.id()).unwrap_or_default();
        let key = format!("{}/{name}/{}", entry.kind, event.key);
        // Names are not unique in what is live.
        let alike = self.0.entry(key.clone()).or_default();
        *alike += 1;
        format!("{}@dialctl", Uuid::new_v5(&NAMESPACE, format!("{key}/{alike}").as_bytes()))
    }
}

fn write_event(entry: &Entry, event: &Event, id: &str, edition: Edition, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |line: String| lines::write(&line, out);
    line("BEGIN:VEVENT".to_owned())?;
    line(format!("UID:{id}"))?;
    line(format!("DTSTAMP:{}", utc(edition.made_at)))?;
    line(format!("SEQUENCE:{}", edition.sequence))?;
    let is_local = is_local(event);
    for (name, instant) in [("DTSTART", event.span.start), ("DTEND", event.span.end)] {
        line(if is_local {
            format!("{name};TZID={}:{}", event.zone, local(event.zone.local(instant)))
        } else {
            format!("{name}:{}", utc(instant))
        })?;
    }
    if let Some(rule) = &event.rule {
        line(format!("RRULE:{};UNTIL={}", recurrence(rule.pattern), utc(event.zone.instant(rule.last))))?;
        if !rule.except.is_empty() {
            line(exceptions(event.zone, rule))?;
        }
    }
    line(format!("SUMMARY:{}", lines::escaped(entry.title())))?;
    line(format!("DESCRIPTION:{}", lines::escaped(&description(entry))))?;
    if !entry.labels.is_empty() {
        let labels: Vec<String> =
            entry.labels.iter().map(|(key, value)| lines::escaped(&format!("{key}={value}"))).collect();
        line(format!("CATEGORIES:{}", labels.join(",")))?;
    }
    // Dialing makes nobody busy who has the calendar.
    line("TRANSP:TRANSPARENT".to_owned())?;
    line("END:VEVENT".to_owned())
}

fn exceptions(zone: Zone, rule: &Rule) -> String {
    if zone == Zone::utc() {
        let starts: Vec<String> = rule.except.iter().map(|start| utc(start.and_utc())).collect();
        return format!("EXDATE:{}", starts.join(","));
    }
    let starts: Vec<String> = rule.except.iter().map(|start| local(*start)).collect();
    format!("EXDATE;TZID={zone}:{}", starts.join(","))
}

fn recurrence(pattern: Pattern) -> String {
    match pattern {
        Pattern::Daily { every } => format!("FREQ=DAILY;INTERVAL={every}"),
        Pattern::Weekly { every, days } => {
            let days: Vec<String> =
                days.names().filter_map(|name| name.get(..2)).map(str::to_ascii_uppercase).collect();
            format!("FREQ=WEEKLY;INTERVAL={every};WKST=MO;BYDAY={}", days.join(","))
        }
    }
}

fn description(entry: &Entry) -> String {
    let target = match (entry.target.name(), entry.target.id()) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    };
    let mut description = format!("{}\n{}: {target}", entry.kind, entry.kind.target_field());
    if let Some(capacity) = entry.capacity {
        description.push_str(&format!("\ncalls at once: {}\nagents at once: {}", capacity.calls, capacity.agents));
    }
    description
}

/// Whether the times of an event stand in local time: not in UTC, and not where the clock shows them twice.
fn is_local(event: &Event) -> bool {
    let once = |instant| event.zone.clock_change_at(event.zone.local(instant)).is_none();
    event.zone != Zone::utc() && once(event.span.start) && once(event.span.end)
}

/// The zones that events name, each with the time in which they name it.
fn zones_of<'a>(events: impl Iterator<Item = &'a Event>) -> BTreeMap<&'static str, (Zone, Window)> {
    let margin = TimeDelta::days(1);
    let mut zones: BTreeMap<&'static str, (Zone, Window)> = BTreeMap::new();
    for event in events.filter(|event| is_local(event)) {
        let Occurrence { start, end } = event.span;
        let last = event.rule.as_ref().map_or(start, |rule| event.zone.instant(rule.last));
        let end = last.checked_add_signed(end - start + margin).unwrap_or(end);
        let start = start.checked_sub_signed(margin).unwrap_or(start);
        let (_, window) = zones.entry(event.zone.name()).or_insert((event.zone, Window { start, end }));
        *window = Window { start: window.start.min(start), end: window.end.max(end) };
    }
    zones
}

fn local(time: NaiveDateTime) -> String {
    format!("{:04}{}", time.year(), time.format("%m%dT%H%M%S"))
}

fn utc(instant: DateTime<Utc>) -> String {
    format!("{}Z", local(instant.naive_utc()))
}
