//! The week grid as data: a panel for days alike, a row for each schedule and pool, a cell for each half hour.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::demand;
use super::{Calendar, Dates, Pool};
use crate::schedule::demand::{Busiest, Step};
use crate::schedule::local_day::{CELLS, LocalDay};
use crate::schedule::{ClockChange, Occurrence, Window, Zone};

/// A half hour of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// The clock jumps over it.
    Skipped,
    /// It does not dial.
    Idle,
    /// It dials for a part of it.
    Part,
    /// It dials all the time.
    Full,
    /// For some of it, two slots or two schedules of the target run at once.
    Overlap,
}

/// A half hour of a pool, at its busiest instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PoolCell {
    /// The clock jumps over it.
    Skipped,
    /// Nothing draws on the pool.
    Idle,
    /// The quarter of the limit, 0 to 3, up to which it is in use.
    Quarter(u8),
    /// The highest demand of the week.
    Peak,
    /// More is needed than there is.
    Over,
}

/// The cells of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// Of a schedule.
    Schedule([Cell; CELLS]),
    /// Of a pool.
    Pool([PoolCell; CELLS]),
}

/// Days that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// The days, in order, all of one week.
    pub dates: Vec<NaiveDate>,
    /// A row for each schedule, then one for each pool.
    pub rows: Vec<Row>,
    /// What the clocks do on these days, zone by zone.
    pub clock_changes: Vec<(Zone, ClockChange)>,
}

/// A week, or the part of it that is shown.
#[derive(Clone, Debug)]
pub struct Week {
    /// Each day is in one of them, in the order of their first days.
    pub panels: Vec<Panel>,
    /// For each pool its highest demand; `None` when nothing draws on it.
    pub busiest: Vec<Option<Busiest>>,
}

/// The zone of each row: the one that is asked for, or that of each schedule. A pool has the zone that its
/// schedules agree on, UTC otherwise.
pub fn zones(calendar: &Calendar, zone: Option<Zone>) -> Vec<Zone> {
    let of_pool = |pool: &Pool| {
        let members = pool.members.iter().filter_map(|n| calendar.entries.get(*n));
        super::common(members.map(super::Entry::zone)).unwrap_or_else(Zone::utc)
    };
    let own = calendar.entries.iter().map(super::Entry::zone).chain(calendar.pools.iter().map(of_pool));
    own.map(|own| zone.unwrap_or(own)).collect()
}

/// The grid of a week; the zones are those of the rows.
pub fn week(calendar: &Calendar, dates: Dates, zones: &[Zone]) -> Week {
    let window = widest(dates);
    let occupied: Vec<_> = calendar.entries.iter().map(|entry| entry.timetable.occupied(window)).collect();
    let overlaps = demand::overlaps(calendar, window);
    let pool_zones = zones.get(calendar.entries.len()..).unwrap_or_default();
    let demands: Vec<Vec<Step>> = calendar
        .pools
        .iter()
        .zip(pool_zones)
        .map(|(pool, zone)| within(demand::demand(pool, &occupied, calendar), dates.window(*zone)))
        .collect();
    let busiest: Vec<Option<Busiest>> = demands.iter().map(|steps| Busiest::of(steps)).collect();

    let mut panels: Vec<Panel> = Vec::new();
    for date in dates.iter() {
        let mut days: BTreeMap<&str, LocalDay> = BTreeMap::new();
        for zone in zones {
            days.entry(zone.name()).or_insert_with(|| LocalDay::of(*zone, date));
        }
        let day = |n: usize| zones.get(n).and_then(|zone| days.get(zone.name()));
        let schedules = occupied.iter().zip(&overlaps).enumerate();
        let schedules = schedules.filter_map(|(n, (runs, overlaps))| Some(schedule_row(day(n)?, runs, overlaps)));
        let pools = calendar.pools.iter().zip(&demands).zip(&busiest).enumerate();
        let pools = pools.filter_map(|(n, ((pool, steps), busiest))| {
            Some(pool_row(day(calendar.entries.len() + n)?, pool, steps, busiest.as_ref()))
        });
        let rows: Vec<Row> = schedules.chain(pools).collect();
        let changes = days.values().flat_map(|day| day.clock_changes().map(|change| (day.zone(), change)));
        let clock_changes: Vec<(Zone, ClockChange)> = changes.collect();
        match panels.iter_mut().find(|panel| panel.rows == rows && panel.clock_changes == clock_changes) {
            Some(panel) => panel.dates.push(date),
            None => panels.push(Panel { dates: vec![date], rows, clock_changes }),
        }
    }
    Week { panels, busiest }
}

fn schedule_row(day: &LocalDay, runs: &[Occurrence], overlaps: &[Occurrence]) -> Row {
    let (length, runs, overlaps) = (day.length(), day.seconds(runs), day.seconds(overlaps));
    let mut cells = [Cell::Skipped; CELLS];
    for ((cell, length), (runs, overlaps)) in cells.iter_mut().zip(length).zip(runs.into_iter().zip(overlaps)) {
        *cell = match (length, runs, overlaps) {
            (0, ..) => Cell::Skipped,
            (_, _, 1..) => Cell::Overlap,
            (_, 0, _) => Cell::Idle,
            (length, runs, _) if runs < length => Cell::Part,
            _ => Cell::Full,
        };
    }
    Row::Schedule(cells)
}

fn pool_row(day: &LocalDay, pool: &Pool, steps: &[Step], busiest: Option<&Busiest>) -> Row {
    let mut cells = day.length().map(|length| if length == 0 { PoolCell::Skipped } else { PoolCell::Idle });
    for step in steps {
        let busy = pool_cell(pool, step, busiest);
        for (cell, _) in day.parts(step.span) {
            if let Some(cell) = cells.get_mut(cell) {
                *cell = busy.max(*cell);
            }
        }
    }
    Row::Pool(cells)
}

fn pool_cell(pool: &Pool, step: &Step, busiest: Option<&Busiest>) -> PoolCell {
    let (calls, agents) = (u64::from(pool.capacity.calls), u64::from(pool.capacity.agents));
    if step.calls > calls || step.agents > agents {
        PoolCell::Over
    } else if busiest.is_some_and(|most| step.calls == most.calls.0 || step.agents == most.agents.0) {
        PoolCell::Peak
    } else {
        // Within the limit, and 4/4 only at the limit, which is a peak; 3 stands for the rest.
        let quarters = |used: u64, limit: u64| (used * 4 / limit.max(1)).min(3);
        let used = quarters(step.calls, calls).max(quarters(step.agents, agents));
        PoolCell::Quarter(u8::try_from(used).unwrap_or(3))
    }
}

fn within(steps: Vec<Step>, window: Window) -> Vec<Step> {
    steps.into_iter().filter_map(|step| Some(Step { span: step.span.intersection(&window)?, ..step })).collect()
}

/// Every instant that lies on one of the days in some zone.
fn widest(dates: Dates) -> Window {
    let midnight = |date: NaiveDate| DateTime::<Utc>::from_naive_utc_and_offset(date.into(), Utc);
    let days = Days::new(3);
    let (first, last) = (dates.first(), dates.last());
    Window {
        start: midnight(first.checked_sub_days(days).unwrap_or(first)),
        end: midnight(last.checked_add_days(days).unwrap_or(last)),
    }
}

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;
