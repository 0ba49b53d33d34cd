//! VTIMEZONE: what the clock of a zone does in the time concerned, change by change.

use std::io::{self, Write};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::lines;
use crate::schedule::{ClockChange, Window, Zone};

/// Writes the zone, right for every instant of the window.
pub fn write(zone: Zone, window: Window, out: &mut dyn Write) -> io::Result<()> {
    lines::write("BEGIN:VTIMEZONE", out)?;
    lines::write(&format!("TZID:{zone}"), out)?;
    match zone.clock_changes(DateTime::<Utc>::MIN_UTC, window.start).last() {
        Some(change) => write_observance(zone, &change, out)?,
        // The clock was never set until then.
        None => {
            let local = zone.local(window.start);
            write_observance(zone, &ClockChange { instant: window.start, before: local, after: local }, out)?;
        }
    }
    for change in zone.clock_changes(window.start, window.end) {
        write_observance(zone, &change, out)?;
    }
    lines::write("END:VTIMEZONE", out)
}

/// Writes the time that begins with a change.
fn write_observance(zone: Zone, change: &ClockChange, out: &mut dyn Write) -> io::Result<()> {
    let (name, is_daylight) = zone.time_name(change.instant);
    let from_utc = |local: NaiveDateTime| offset(local - change.instant.naive_utc());
    let part = if is_daylight { "DAYLIGHT" } else { "STANDARD" };
    lines::write(&format!("BEGIN:{part}"), out)?;
    // The onset is told by the clock as it ran before.
    lines::write(&format!("DTSTART:{}", super::local(change.before)), out)?;
    lines::write(&format!("TZOFFSETFROM:{}", from_utc(change.before)), out)?;
    lines::write(&format!("TZOFFSETTO:{}", from_utc(change.after)), out)?;
    lines::write(&format!("TZNAME:{}", lines::escaped(&name)), out)?;
    lines::write(&format!("END:{part}"), out)
}

fn offset(from_utc: TimeDelta) -> String {
    let sign = if from_utc < TimeDelta::zero() { '-' } else { '+' };
    let seconds = from_utc.num_seconds().abs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = if seconds > 0 { format!("{seconds:02}") } else { String::new() };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_a_sign_and_seconds_only_when_there_are_some() {
        for (seconds, shown) in [(0, "+0000"), (-12_600, "-0330"), (37_800, "+1030"), (-17_762, "-045602")] {
            assert_eq!(offset(TimeDelta::seconds(seconds)), shown);
        }
    }

    #[test]
    fn each_change_in_the_window_is_written_and_the_one_before_it() {
        let window = |start: &str, end: &str| Window { start: start.parse().unwrap(), end: end.parse().unwrap() };
        let onsets = |zone: &str, window| {
            let mut out = Vec::new();
            write(Zone::named(zone).unwrap(), window, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let onsets = text.lines().filter_map(|line| line.strip_prefix("DTSTART:").map(str::to_owned));
            onsets.collect::<Vec<_>>().join(" ")
        };
        let year = || window("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z");
        assert_eq!(onsets("America/New_York", year()), "20261101T020000 20270314T020000 20271107T020000");
        let summer = window("2027-03-14T07:00:00Z", "2027-04-01T00:00:00Z");
        assert_eq!(onsets("America/New_York", summer), "20261101T020000 20270314T020000");
        assert_eq!(onsets("Etc/GMT+5", year()), "20261231T190000");
    }
}
