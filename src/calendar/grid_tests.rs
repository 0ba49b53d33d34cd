//! The grid against a look at every minute.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use proptest::prelude::*;

use super::*;
use crate::calendar::{Driven, Entry};
use crate::schedule::{
    Bound, Capacity, Interval, Pattern, ScheduleKind, Slot, TargetRef, TimeOfDay, Timetable, Weekdays,
};

/// Weeks in which some of the zones below set their clocks, and one in which none does.
const MONDAYS: [&str; 5] = ["2027-03-08", "2027-03-29", "2027-09-27", "2027-11-01", "2027-06-07"];
const ZONES: [&str; 4] = ["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(ZONES.to_vec()).prop_map(|name| Zone::named(name).unwrap())
}

/// Half hours mostly, for overlaps and peaks to begin and end together; any minute otherwise.
fn minute(most: u32) -> impl Strategy<Value = u32> {
    prop_oneof![3 => (0..most / 30).prop_map(|n| n * 30), 1 => 0..most]
}

fn slot() -> impl Strategy<Value = Slot> {
    (zone(), minute(1440), minute(1800), 0..127_u32).prop_map(|(zone, start, length, days)| {
        let days: Weekdays =
            Weekdays::ALL.iter().enumerate().filter(|(n, _)| days & 1 << n == 0).map(|(_, d)| d).collect();
        let pattern = Pattern::Weekly { every: NonZeroU32::MIN, days };
        Slot {
            zone,
            first: pattern.first_on_or_after("2027-01-01".parse().unwrap()).unwrap(),
            start: TimeOfDay::from_seconds(start * 60).unwrap(),
            length: NonZeroU32::new(length.max(1) * 60).unwrap(),
            pattern,
            bound: Bound::Open,
            alterations: Vec::new(),
        }
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let interval = (0..7_i64, minute(1440), 1..900_u32);
    (zone(), prop::collection::vec(slot(), 0..3), prop::option::of(interval), 0..2_u8, 0..9_u32, 0..9_u32).prop_map(
        |(zone, slots, interval, target, calls, agents)| {
            let interval = interval.map(|(day, start, length)| {
                let monday: NaiveDate = MONDAYS[0].parse().unwrap();
                let start = NaiveDateTime::from(monday) + TimeDelta::days(day) + TimeDelta::minutes(start.into());
                Interval { start, end: start + TimeDelta::minutes(length.into()) }
            });
            Entry {
                kind: ScheduleKind::Campaign,
                name: None,
                target: Driven::Declared(TargetRef::Id(target.to_string())),
                labels: BTreeMap::new(),
                timetable: Timetable { zone, slots, intervals: interval.into_iter().collect() },
                capacity: Some(Capacity { calls, agents }),
            }
        },
    )
}

/// What one minute adds to a cell.
#[derive(Clone, Default)]
struct Seen {
    minutes: u32,
    runs: u32,
    overlaps: u32,
    /// Calls and agents, at most.
    demand: (u32, u32),
}

/// The spans of each slot and interval of an entry, to be asked minute by minute.
fn windows(entry: &Entry, around: Window) -> Vec<Vec<Occurrence>> {
    let table = &entry.timetable;
    let intervals = table.intervals.iter().map(|interval| interval.occurrence(table.zone).into_iter().collect());
    table.slots.iter().map(|slot| slot.occurrences(around)).chain(intervals).collect()
}

/// Every cell of a row by day and place, and the highest demand on the days.
fn seen(calendar: &Calendar, n: Option<usize>, zone: Zone, dates: Dates) -> BTreeMap<(NaiveDate, usize), Seen> {
    let around = widest(dates);
    let windows: Vec<_> = calendar.entries.iter().map(|entry| windows(entry, around)).collect();
    let mut seen: BTreeMap<(NaiveDate, usize), Seen> = BTreeMap::new();
    let mut at = around.start;
    while at < around.end {
        let minute = Occurrence { start: at, end: at + TimeDelta::minutes(1) };
        at = minute.end;
        let local = zone.local(minute.start);
        if local.date() < dates.first() || dates.last() < local.date() {
            continue;
        }
        let active =
            |n: usize| windows[n].iter().filter(|spans| spans.iter().any(|span| span.overlaps(&minute))).count();
        let cell = seen.entry((local.date(), (local.num_seconds_from_midnight() / 1800) as usize)).or_default();
        cell.minutes += 1;
        if let Some(n) = n {
            let target = &calendar.entries[n].target;
            let same = (0..windows.len()).filter(|other| calendar.entries[*other].target == *target);
            let own = active(n);
            cell.runs += u32::from(own > 0);
            cell.overlaps += u32::from(own > 0 && same.map(active).sum::<usize>() > 1);
        } else {
            let running = calendar.pools[0].members.iter().filter(|n| active(**n) > 0);
            let needs: Vec<Capacity> = running.map(|n| calendar.entries[*n].capacity.unwrap()).collect();
            let (calls, agents) = (needs.iter().map(|one| one.calls).sum(), needs.iter().map(|one| one.agents).sum());
            cell.runs += u32::from(!needs.is_empty());
            cell.demand = (cell.demand.0.max(calls), cell.demand.1.max(agents));
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cells_are_what_a_look_at_every_minute_finds(
        entries in prop::collection::vec(entry(), 1..4),
        monday in prop::sample::select(MONDAYS.to_vec()),
        asked in prop::option::of(zone()),
        (calls, agents) in (1..20_u32, 1..20_u32),
    ) {
        let members = (0..entries.len()).collect();
        let pool = Pool { name: "shared".to_owned(), capacity: Capacity { calls, agents }, members };
        let calendar = Calendar { entries, pools: vec![pool] };
        let monday: NaiveDate = monday.parse().unwrap();
        let dates = Dates::new(monday, monday + Days::new(6)).unwrap();
        let zones = zones(&calendar, asked);
        let week = week(&calendar, dates, &zones);
        let mut shown: Vec<NaiveDate> = week.panels.iter().flat_map(|panel| panel.dates.clone()).collect();
        shown.sort_unstable();
        prop_assert_eq!(shown, dates.iter().collect::<Vec<_>>());

        for (n, zone) in zones.iter().enumerate() {
            let is_schedule = n < calendar.entries.len();
            let seen = seen(&calendar, is_schedule.then_some(n), *zone, dates);
            let highest = |of: fn(&Seen) -> u32| seen.values().map(of).max().unwrap_or_default();
            let (most_calls, most_agents) = (highest(|cell| cell.demand.0), highest(|cell| cell.demand.1));
            for (panel, date) in week.panels.iter().flat_map(|panel| panel.dates.iter().map(move |date| (panel, *date))) {
                for place in 0..CELLS {
                    let minutes = seen.get(&(date, place)).cloned().unwrap_or_default();
                    match &panel.rows[n] {
                        Row::Schedule(cells) => {
                            let expected = match minutes {
                                Seen { minutes: 0, .. } => Cell::Skipped,
                                Seen { overlaps: 1.., .. } => Cell::Overlap,
                                Seen { runs: 0, .. } => Cell::Idle,
                                Seen { runs, minutes, .. } if runs == minutes => Cell::Full,
                                Seen { .. } => Cell::Part,
                            };
                            prop_assert_eq!(cells[place], expected, "{} {} {}", n, date, place);
                        }
                        Row::Pool(cells) => {
                            let (calls_then, agents_then) = minutes.demand;
                            let share = f64::from(calls_then) / f64::from(calls);
                            let share = share.max(f64::from(agents_then) / f64::from(agents));
                            let expected = match minutes {
                                Seen { minutes: 0, .. } => PoolCell::Skipped,
                                Seen { runs: 0, .. } => PoolCell::Idle,
                                _ if calls_then > calls || agents_then > agents => PoolCell::Over,
                                _ if calls_then == most_calls || agents_then == most_agents => PoolCell::Peak,
                                _ => PoolCell::Quarter(((share * 4.0 + 1e-9) as u8).min(3)),
                            };
                            prop_assert_eq!(cells[place], expected, "{} {}", date, place);
                        }
                    }
                }
            }
            if !is_schedule && let Some(busiest) = week.busiest[0] {
                prop_assert_eq!((busiest.calls.0, busiest.agents.0), (most_calls.into(), most_agents.into()));
            }
        }
    }
}
