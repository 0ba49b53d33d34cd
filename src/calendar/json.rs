//! Occurrences as JSON, one after the other, in UTC.

use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{Calendar, Driven};
use crate::schedule::{Occurrence, Window, Zone};

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Item<'a> {
    #[serde(skip)]
    order: (DateTime<Utc>, &'static str),
    kind: &'static str,
    name: Option<&'a str>,
    target: Target<'a>,
    start: String,
    end: String,
    timezone: &'static str,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Target<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
}

/// Writes the occurrences that reach into the window as a JSON array, in order of start, kind and name.
/// They are given whole; `timezone` is that of the slot or interval.
pub fn write(calendar: &Calendar, window: Window, out: &mut dyn Write) -> io::Result<()> {
    let mut items: Vec<Item> = Vec::new();
    for entry in &calendar.entries {
        let kind = entry.kind.manifest_kind();
        let item = |(span, zone): (Occurrence, Zone)| Item {
            order: (span.start, kind),
            kind,
            name: entry.name.as_deref(),
            target: Target::of(&entry.target),
            start: instant(span.start),
            end: instant(span.end),
            timezone: zone.name(),
        };
        let timetable = &entry.timetable;
        let slots =
            timetable.slots.iter().flat_map(|slot| slot.occurrences(window).into_iter().map(|span| (span, slot.zone)));
        let intervals = timetable.intervals.iter().filter_map(|interval| interval.occurrence(timetable.zone));
        let intervals = intervals.filter(|span| span.overlaps(&window)).map(|span| (span, timetable.zone));
        items.extend(slots.chain(intervals).map(item));
    }
    items.sort_unstable();
    serde_json::to_writer_pretty(&mut *out, &items)?;
    writeln!(out)
}

impl<'a> Target<'a> {
    fn of(driven: &'a Driven) -> Self {
        Self { id: driven.id(), name: driven.name() }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
