//! The first week that an action touches, as a picture and in words. Above is before, below is after: what stays runs
//! through, and what goes is hatched.

use std::fmt::{self, Display, Write as _};

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::super::Action;
use super::super::week::Week;
use super::action::lines;
use super::escape::text;
use crate::schedule::local_day::LocalDay;
use crate::schedule::{ClockChangeKind, Occurrence, Weekdays, short_days};

/// The height of a day in the picture; the width is its 1440 minutes.
const ROW: usize = 24;

/// What becomes of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Kept,
    Added,
    Removed,
    /// The clock jumps over it.
    Skipped,
}

/// A stretch of a day, in seconds since midnight of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    from: i64,
    until: i64,
    fate: Fate,
}

struct Day {
    date: NaiveDate,
    stretches: Vec<Stretch>,
    clock: Vec<String>,
}

/// What the marks of all pictures mean.
pub fn legend() -> impl Display {
    let mark = |fate: Fate, word: &'static str| {
        let (line, class) = (Line { fate, is_alone: false }, fate.class());
        fmt::from_fn(move |f| {
            let path = line.path(0, &Stretch { from: 0, until: 86_400, fate });
            writeln!(
                f,
                "<li><svg class=\"{class}\" viewBox=\"0 0 1440 {ROW}\" preserveAspectRatio=\"none\" \
                 aria-hidden=\"true\"><path class=\"{class}\" d=\"{path}\"/></svg> {word}</li>"
            )
        })
    };
    let marks = [
        mark(Fate::Removed, "removed (upper half: before)"),
        mark(Fate::Added, "added (lower half: after)"),
        mark(Fate::Kept, "kept"),
        mark(Fate::Skipped, "skipped by the clock"),
    ];
    fmt::from_fn(move |f| {
        f.write_str("<ul class=\"legend\" aria-label=\"Marks of the weeks\">\n")?;
        marks.iter().try_for_each(|mark| mark.fmt(f))?;
        f.write_str("</ul>\n")
    })
}

/// The week of an action; nothing for one that touches no time.
pub fn figure(action: &Action) -> Option<impl Display> {
    let week = Week::of(action)?;
    let days = days(&week);
    // Where there is one side only, it takes the whole height.
    let operation = &action.operation;
    let is_alone = operation.timetable_before().is_none() || operation.timetable_after().is_none();
    Some(fmt::from_fn(move |f| {
        let (monday, zone) = (week.monday.format("%a %Y-%m-%d"), text(week.zone.name()));
        write!(
            f,
            "<figure class=\"week\"><figcaption>Week of {monday}, {zone}</figcaption><div aria-hidden=\"true\">"
        )?;
        f.write_str("<span class=\"clock\">00 03 06 09 12 15 18 21 24</span><span class=\"days\">")?;
        for (n, day) in days.iter().enumerate() {
            let end = if n == 0 { "" } else { "\n" };
            write!(f, "{end}{}", day.date.format("%a %m-%d"))?;
        }
        let height = ROW * days.len();
        write!(f, "</span><svg viewBox=\"0 0 1440 {height}\" preserveAspectRatio=\"none\">")?;
        for fate in [Fate::Skipped, Fate::Kept, Fate::Removed, Fate::Added] {
            let line = Line { fate, is_alone };
            let mut path = String::new();
            for (n, day) in days.iter().enumerate() {
                path.extend(day.stretches.iter().filter(|one| one.fate == fate).map(|one| line.path(n, one)));
            }
            if !path.is_empty() {
                write!(f, "<path class=\"{}\" d=\"{path}\"/>", line.class())?;
            }
        }
        write!(f, "</svg></div>{}</figure>", lines(&in_words(&days)))
    }))
}

fn days(week: &Week) -> Vec<Day> {
    let of_day = |date| {
        let day = LocalDay::of(week.zone, date);
        let sorts = [(Fate::Kept, &week.kept), (Fate::Added, &week.added), (Fate::Removed, &week.removed)];
        let mut stretches: Vec<Stretch> =
            sorts.into_iter().flat_map(|(fate, spans)| on_day(&day, fate, spans)).collect();
        let mut clock = Vec::new();
        for change in day.clock_changes() {
            clock.push(format!("{}: {}", date.format("%a %m-%d"), change.in_words()));
            if change.kind() == ClockChangeKind::Gap {
                let since_midnight =
                    |time: NaiveDateTime| (time - NaiveDateTime::from(date)).num_seconds().clamp(0, 86_400);
                let (from, until) = change.affected();
                let (from, until) = (since_midnight(from), since_midnight(until));
                stretches.push(Stretch { from, until, fate: Fate::Skipped });
            }
        }
        stretches.sort_unstable();
        Day { date, stretches, clock }
    };
    week.dates().map(of_day).collect()
}

fn on_day(day: &LocalDay, fate: Fate, spans: &[Occurrence]) -> Vec<Stretch> {
    let stretches = spans.iter().flat_map(|span| day.stretches(*span));
    stretches.map(|(from, until)| Stretch { from, until, fate }).collect()
}

/// How a fate is drawn: as a line of its own height, along the middle of what it takes.
#[derive(Clone, Copy)]
struct Line {
    fate: Fate,
    is_alone: bool,
}

impl Line {
    /// A line along the row of a day. In minutes, with a fraction where there are seconds.
    fn path(self, row: usize, stretch: &Stretch) -> String {
        let middle = match self.fate {
            Fate::Removed if !self.is_alone => ROW / 4 + 1,
            Fate::Added if !self.is_alone => 3 * ROW / 4 - 1,
            _ => ROW / 2,
        };
        let minutes = |seconds: i64| {
            let mut text = (seconds / 60).to_string();
            if seconds % 60 != 0 {
                // Six seconds are less than a pixel.
                let _ = write!(text, ".{}", seconds % 60 / 6);
            }
            text
        };
        format!("M{} {}H{}", minutes(stretch.from), row * ROW + middle, minutes(stretch.until))
    }

    fn class(self) -> String {
        let alone = if self.is_alone { " alone" } else { "" };
        format!("{}{alone}", self.fate.class())
    }
}

impl Fate {
    const fn class(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Skipped => "skipped",
        }
    }
}

/// A line for days alike, for example `Mon-Fri: 09:00-12:00 kept, 12:00-13:00 added`, then what the clock does.
fn in_words(days: &[Day]) -> Vec<String> {
    let told =
        |day: &Day| -> Vec<Stretch> { day.stretches.iter().filter(|one| one.fate != Fate::Skipped).copied().collect() };
    let mut alike: Vec<(Vec<Stretch>, Vec<NaiveDate>)> = Vec::new();
    for day in days {
        let stretches = told(day);
        match alike.iter_mut().find(|(others, _)| *others == stretches) {
            _ if stretches.is_empty() => {}
            Some((_, dates)) => dates.push(day.date),
            None => alike.push((stretches, vec![day.date])),
        }
    }
    let line = |(stretches, dates): &(Vec<Stretch>, Vec<NaiveDate>)| {
        let names: Vec<&str> = dates.iter().map(Datelike::weekday).collect::<Weekdays>().names().collect();
        let parts: Vec<String> = stretches.iter().map(Stretch::in_words).collect();
        format!("{}: {}", short_days(&names), parts.join(", "))
    };
    let clock = days.iter().flat_map(|day| &day.clock).cloned();
    alike.iter().map(line).chain(clock).collect()
}

impl Stretch {
    fn in_words(&self) -> String {
        format!("{}-{} {}", clock(self.from), clock(self.until), self.fate.class())
    }
}

/// Hours and minutes of a day up to 24:00, and seconds where there are some.
fn clock(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Zone;

    /// The words and the pictures of a week, each span of instants with what becomes of it.
    fn shown(zone: &str, monday: &str, spans: &[(Fate, &str, &str)]) -> (Vec<String>, Vec<String>) {
        let of = |fate: Fate| {
            let spans = spans.iter().filter(|span| span.0 == fate);
            let at = |text: &str| text.parse().unwrap();
            spans.map(|(_, start, end)| Occurrence { start: at(start), end: at(end) }).collect()
        };
        let (kept, added, removed) = (of(Fate::Kept), of(Fate::Added), of(Fate::Removed));
        let (zone, monday) = (Zone::named(zone).unwrap(), monday.parse().unwrap());
        let days = days(&Week { zone, monday, kept, added, removed });
        let path = |(n, day): (usize, &Day)| -> Vec<String> {
            let line = |one: &Stretch| Line { fate: one.fate, is_alone: false }.path(n, one);
            day.stretches.iter().map(line).collect()
        };
        (in_words(&days), days.iter().enumerate().flat_map(path).collect())
    }

    #[test]
    fn days_alike_are_told_together_and_each_is_drawn_in_its_row() {
        let (words, paths) = shown(
            "America/New_York",
            "2027-03-01",
            &[
                (Fate::Kept, "2027-03-01T15:00:00Z", "2027-03-01T18:00:00Z"),
                (Fate::Kept, "2027-03-02T15:00:00Z", "2027-03-02T18:00:00Z"),
                (Fate::Removed, "2027-03-01T14:00:00Z", "2027-03-01T15:00:00Z"),
                (Fate::Removed, "2027-03-02T14:00:00Z", "2027-03-02T15:00:00Z"),
                (Fate::Added, "2027-03-07T03:00:00Z", "2027-03-07T07:30:30Z"),
            ],
        );
        assert_eq!(
            words,
            ["Mon, Tue: 09:00-10:00 removed, 10:00-13:00 kept", "Sat: 22:00-24:00 added", "Sun: 00:00-02:30:30 added"]
        );
        assert_eq!(
            paths,
            ["M540 7H600", "M600 12H780", "M540 31H600", "M600 36H780", "M1320 137H1440", "M0 161H150.5"]
        );
    }

    #[test]
    fn what_the_clock_skips_or_repeats_is_told() {
        let (words, paths) =
            shown("America/New_York", "2027-03-08", &[(Fate::Kept, "2027-03-14T06:00:00Z", "2027-03-14T08:00:00Z")]);
        assert_eq!(words, ["Sun: 01:00-02:00 kept, 03:00-04:00 kept", "Sun 03-14: 02:00 to 03:00 does not exist"]);
        assert_eq!(paths, ["M60 156H120", "M120 156H180", "M180 156H240"]);
        let (words, _) =
            shown("America/New_York", "2027-11-01", &[(Fate::Added, "2027-11-07T05:00:00Z", "2027-11-07T07:00:00Z")]);
        assert_eq!(
            words,
            ["Sun: 01:00-02:00 added, 01:00-02:00 added", "Sun 11-07: 01:00 to 02:00 is shown once and happens twice"]
        );
    }
}
