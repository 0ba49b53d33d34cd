//! Freeze windows: times in which nothing is to be changed, whatever the manifests ask for.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::schedule::occurrences::merged;
use crate::schedule::{Occurrence, Timetable, Window, Zone};

/// How far is looked for the end of a freeze.
const LOOK: TimeDelta = TimeDelta::days(366);

/// All the times in which nothing is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freeze(pub Vec<FreezeWindow>);

/// A time in which nothing is to be changed, once or again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreezeWindow {
    /// When it is. Local times that a change of the clock skips or repeats are read as those of schedules are.
    pub timetable: Timetable,
    /// Why; without control characters.
    pub reason: String,
}

/// Nothing is to be changed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// From when on changes are allowed again; none where that is more than a year away.
    pub until: Option<DateTime<Utc>>,
    /// The zone of the first of the windows that are open, in which the end is told.
    pub zone: Zone,
    /// Why, for each window that is open, in the order of the settings.
    pub reasons: Vec<String>,
}

impl Freeze {
    /// What is frozen at an instant. Windows that touch or overlap count as one: it ends with the last of them.
    pub fn at(&self, now: DateTime<Utc>) -> Option<Frozen> {
        let ahead = Window { start: now, end: now.checked_add_signed(LOOK).unwrap_or(DateTime::<Utc>::MAX_UTC) };
        let windows = self.0.iter().map(|window| (window, window.timetable.occurrences(ahead)));
        let windows: Vec<(&FreezeWindow, Vec<Occurrence>)> = windows.collect();
        let is_open = |spans: &[Occurrence]| spans.iter().any(|span| span.start <= now);
        let open: Vec<&FreezeWindow> =
            windows.iter().filter(|(_, spans)| is_open(spans)).map(|(window, _)| *window).collect();
        let zone = open.first()?.timetable.zone;
        let mut spans: Vec<Occurrence> = windows.iter().flat_map(|(_, spans)| spans.iter().copied()).collect();
        spans.sort_unstable();
        // None of them ends before now, so that the first is open, too.
        let until = merged(spans).first().map(|span| span.end).filter(|end| *end < ahead.end);
        Some(Frozen { until, zone, reasons: open.into_iter().map(|window| window.reason.clone()).collect() })
    }
}

/// For example `changes are frozen until Mon 2027-01-04 00:00 Europe/Berlin (2027-01-03 23:00 UTC): year-end`, and the
/// way out.
impl fmt::Display for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { until, zone, reasons } = self;
        let reasons = reasons.join(", ");
        match until {
            Some(until) => {
                let (local, utc) = (zone.local(*until).format("%a %Y-%m-%d %H:%M"), until.format("%Y-%m-%d %H:%M"));
                write!(f, "changes are frozen until {local} {zone} ({utc} UTC): {reasons}; apply again then, or, ")?;
            }
            None => write!(f, "changes are frozen for more than a year: {reasons}; ")?,
        }
        f.write_str("in an emergency, say why with `--override-freeze REASON`, which the ledger keeps")
    }
}

#[cfg(test)]
#[path = "freeze_tests.rs"]
mod tests;
