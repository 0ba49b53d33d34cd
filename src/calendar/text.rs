//! The week grid as people read it, at most 100 columns wide. Characters that a terminal would obey are
//! shown as in program text.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use chrono::{Datelike, NaiveDate};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::grid::{self, Cell, Panel, PoolCell, Row, Week};
use super::{Calendar, Dates, Pool};
use crate::schedule::demand::Busiest;
use crate::schedule::local_day::CELLS;
use crate::schedule::{ScheduleKind, Zone};

const WIDTH: usize = 100;
/// The cells, a blank and a frame before them, and a frame after them under the first digit of `24`.
const GRID_WIDTH: usize = CELLS + 4;

const DIALS: Style = AnsiColor::Green.on_default();
const WRONG: Style = AnsiColor::Red.on_default().bold();
const BUSY: Style = AnsiColor::Cyan.on_default();
const PEAK: Style = AnsiColor::Yellow.on_default().bold();
const QUIET: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Writes the grid of each week with colour codes; the writer strips them where they are not wanted. With
/// a zone, all rows are in its time; without, each is in its own.
pub fn write(calendar: &Calendar, dates: Dates, zone: Option<Zone>, out: &mut dyn Write) -> io::Result<()> {
    if calendar.entries.is_empty() {
        return writeln!(out, "There is no schedule to show.");
    }
    let zones = grid::zones(calendar, zone);
    let common = zone.or_else(|| super::common(zones.iter().copied()));
    let times = match common {
        Some(zone) => format!("All times are in {zone}."),
        None => "Rows have their own zones; --timezone gives one.".to_owned(),
    };
    writeln!(out, "{BOLD}{} to {}{BOLD:#}, by half hour. {times}", day(dates.first()), day(dates.last()))?;
    let labels = Labels::new(calendar, &zones, common.is_none());
    let mut used = BTreeSet::new();
    for dates in dates.weeks() {
        let week = grid::week(calendar, dates, &zones);
        for panel in &week.panels {
            writeln!(out)?;
            write_panel(panel, &labels, &mut used, out)?;
        }
        write_pools(calendar, &week, &zones, out)?;
    }
    write_legend(&used, out)
}

/// What stands before each row.
struct Labels {
    rows: Vec<String>,
    width: usize,
}

impl Labels {
    fn new(calendar: &Calendar, zones: &[Zone], with_zones: bool) -> Self {
        let mut titles: Vec<String> =
            calendar.entries.iter().map(|entry| entry.title().escape_debug().to_string()).collect();
        let mut kinds: BTreeMap<&str, BTreeSet<ScheduleKind>> = BTreeMap::new();
        for entry in &calendar.entries {
            kinds.entry(entry.title()).or_default().insert(entry.kind);
        }
        for (title, entry) in titles.iter_mut().zip(&calendar.entries) {
            // Names are unique within a kind only.
            if kinds.get(entry.title()).is_some_and(|kinds| kinds.len() > 1) {
                *title = format!("{title} ({})", entry.kind.target_field());
            }
        }
        titles.extend(calendar.pools.iter().map(|pool| format!("pool {}", pool.name)));
        let widest = |most: usize| titles.iter().map(|title| title.width()).max().unwrap_or_default().min(most);
        let room = WIDTH - GRID_WIDTH;
        if !with_zones {
            let width = widest(room);
            return Self { rows: titles.iter().map(|title| fitted(title, width)).collect(), width };
        }
        let zone_width = zones.iter().map(|zone| zone.name().len()).max().unwrap_or_default().min(room / 2);
        let width = widest(room - zone_width - 1);
        let row =
            |(title, zone): (&String, &Zone)| format!("{} {}", fitted(title, width), fitted(zone.name(), zone_width));
        Self { rows: titles.iter().zip(zones).map(row).collect(), width: width + 1 + zone_width }
    }
}

fn write_panel(panel: &Panel, labels: &Labels, used: &mut BTreeSet<char>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", days(&panel.dates))?;
    let is_idle = |row: &Row| match row {
        Row::Schedule(cells) => cells.iter().all(|cell| matches!(cell, Cell::Idle | Cell::Skipped)),
        Row::Pool(cells) => cells.iter().all(|cell| matches!(cell, PoolCell::Idle | PoolCell::Skipped)),
    };
    if panel.rows.iter().all(is_idle) {
        writeln!(out, "Nothing is dialed.")?;
    } else {
        let hours: String = (0..24).step_by(2).map(|hour| format!("{hour:02}  ")).collect();
        writeln!(out, "{:width$}  {QUIET}{hours}24{QUIET:#}", "", width = labels.width)?;
        for (label, row) in labels.rows.iter().zip(&panel.rows) {
            write!(out, "{label} {QUIET}|{QUIET:#}")?;
            write_row(row, used, out)?;
            writeln!(out, "{QUIET}|{QUIET:#}")?;
        }
    }
    for (zone, change) in &panel.clock_changes {
        writeln!(out, "{PEAK}Clock change{PEAK:#} in {zone}: {}.", change.in_words())?;
    }
    Ok(())
}

fn write_row(row: &Row, used: &mut BTreeSet<char>, out: &mut dyn Write) -> io::Result<()> {
    let shown = |place: usize| match row {
        Row::Schedule(cells) => cells.get(place).map(|cell| schedule_sign(*cell, place)),
        Row::Pool(cells) => cells.get(place).map(|cell| pool_sign(*cell, place)),
    };
    let signs: Vec<(char, Style)> = (0..CELLS).filter_map(shown).collect();
    for run in signs.chunk_by(|a, b| a.1 == b.1) {
        let Some((_, style)) = run.first() else { continue };
        let text: String = run.iter().map(|(sign, _)| *sign).collect();
        write!(out, "{style}{text}{style:#}")?;
    }
    used.extend(signs.into_iter().map(|(sign, _)| sign));
    Ok(())
}

fn schedule_sign(cell: Cell, place: usize) -> (char, Style) {
    match cell {
        Cell::Skipped => ('~', PEAK),
        Cell::Idle => idle(place),
        Cell::Part => ('▒', DIALS),
        Cell::Full => ('█', DIALS),
        Cell::Overlap => ('X', WRONG),
    }
}

fn pool_sign(cell: PoolCell, place: usize) -> (char, Style) {
    match cell {
        PoolCell::Skipped => ('~', PEAK),
        PoolCell::Idle => idle(place),
        PoolCell::Quarter(0) => ('▁', BUSY),
        PoolCell::Quarter(1) => ('▃', BUSY),
        PoolCell::Quarter(2) => ('▅', BUSY),
        PoolCell::Quarter(_) => ('▇', BUSY),
        PoolCell::Peak => ('^', PEAK),
        PoolCell::Over => ('!', WRONG),
    }
}

/// A dot under each hour of the ruler leads the eye; more of them would hide what is not idle.
fn idle(place: usize) -> (char, Style) {
    (if place.is_multiple_of(4) { '·' } else { ' ' }, QUIET)
}

fn write_pools(calendar: &Calendar, week: &Week, zones: &[Zone], out: &mut dyn Write) -> io::Result<()> {
    let zones = zones.get(calendar.entries.len()..).unwrap_or_default();
    for (n, ((pool, busiest), zone)) in calendar.pools.iter().zip(&week.busiest).zip(zones).enumerate() {
        if n == 0 {
            writeln!(out)?;
        }
        write_pool(pool, busiest.as_ref(), *zone, out)?;
    }
    Ok(())
}

fn write_pool(pool: &Pool, busiest: Option<&Busiest>, zone: Zone, out: &mut dyn Write) -> io::Result<()> {
    let Some(busiest) = busiest else { return writeln!(out, "{BOLD}pool {}{BOLD:#}: not used", pool.name) };
    writeln!(out, "{BOLD}pool {}{BOLD:#}, busiest in {zone}:", pool.name)?;
    let needs = [("calls", busiest.calls, pool.capacity.calls), ("agents", busiest.agents, pool.capacity.agents)];
    for (what, (most, span), limit) in needs {
        let most_of = format!("{most} of {limit} {what}");
        let too_many = most.saturating_sub(limit.into());
        write!(out, "  {most_of:<22} from {}", span.in_words(zone))?;
        if too_many > 0 {
            write!(out, ", {WRONG}{too_many} too many{WRONG:#}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_legend(used: &BTreeSet<char>, out: &mut dyn Write) -> io::Result<()> {
    let signs = [
        ("█", "dials", DIALS),
        ("▒", "dials for a part of the half hour", DIALS),
        ("X", "overlap: dials twice at once", WRONG),
        ("~", "the clock jumps over it", PEAK),
        ("▁▃▅▇", "share of the pool in use", BUSY),
        ("^", "the pool at its busiest", PEAK),
        ("!", "the pool has too little", WRONG),
    ];
    let shown = signs.into_iter().filter(|(sign, ..)| sign.chars().any(|sign| used.contains(&sign)));
    let mut column = 0;
    for (n, (sign, meaning, style)) in shown.enumerate() {
        let width = sign.width() + 1 + meaning.width();
        if n == 0 {
            writeln!(out)?;
        } else if column + 3 + width > WIDTH {
            writeln!(out)?;
            column = 0;
        } else {
            write!(out, "   ")?;
            column += 3;
        }
        write!(out, "{style}{sign}{style:#} {meaning}")?;
        column += width;
    }
    if column > 0 { writeln!(out) } else { Ok(()) }
}

fn day(date: NaiveDate) -> String {
    date.format("%a %Y-%m-%d").to_string()
}

/// Days of one week in order, three and more in a row put together: `Mon-Wed, Fri  2027-03-01 to 03-03, 03-05`.
fn days(dates: &[NaiveDate]) -> String {
    let one_year = dates.first().map(Datelike::year) == dates.last().map(Datelike::year);
    let short = if one_year { "%m-%d" } else { "%Y-%m-%d" };
    let runs = dates.chunk_by(|a, b| a.succ_opt() == Some(*b));
    let parts = runs.flat_map(|run| run.chunks(if run.len() < 3 { 1 } else { run.len() }));
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    for part in parts {
        let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
        let number = first.format(if numbers.is_empty() { "%Y-%m-%d" } else { short });
        if first == last {
            names.push(first.format("%a").to_string());
            numbers.push(number.to_string());
        } else {
            names.push(format!("{}-{}", first.format("%a"), last.format("%a")));
            numbers.push(format!("{number} to {}", last.format(short)));
        }
    }
    format!("{}  {}", names.join(", "), numbers.join(", "))
}

/// A text in exactly so many columns, cut with an ellipsis or filled with blanks.
fn fitted(text: &str, width: usize) -> String {
    let mut fitted = String::new();
    let mut columns = text.width();
    if columns <= width {
        fitted.push_str(text);
    } else {
        columns = 0;
        for sign in text.chars() {
            let more = sign.width().unwrap_or(0);
            if columns + more + 1 > width {
                break;
            }
            fitted.push(sign);
            columns += more;
        }
        if columns < width {
            fitted.push('…');
            columns += 1;
        }
    }
    fitted.extend(std::iter::repeat_n(' ', width.saturating_sub(columns)));
    fitted
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
