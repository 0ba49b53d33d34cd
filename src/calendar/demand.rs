//! What runs at once: overlaps, and the demand over a pool.

use std::collections::BTreeMap;

use super::{Calendar, Pool};
use crate::schedule::demand::{Step, steps};
use crate::schedule::occurrences::merged;
use crate::schedule::{Capacity, Occurrence, Timetable, Window};

/// For each entry of the calendar, the time within the window in which two of its slots, or it and another
/// schedule of the same target, run at once.
pub fn overlaps(calendar: &Calendar, window: Window) -> Vec<Vec<Occurrence>> {
    let mut by_target: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (n, entry) in calendar.entries.iter().enumerate() {
        by_target.entry((entry.kind, &entry.target)).or_default().push(n);
    }
    let mut overlaps = vec![Vec::new(); calendar.entries.len()];
    for members in by_target.values() {
        let timetables = members.iter().filter_map(|n| calendar.entries.get(*n)).map(|entry| &entry.timetable);
        let windows: Vec<Occurrence> = timetables.flat_map(|timetable| each_window(timetable, window)).collect();
        let twice = merged(steps(windows.into_iter().map(|span| (span, 1, 0))).filter(|s| s.calls > 1).map(|s| s.span));
        for n in members {
            let (Some(entry), Some(own)) = (calendar.entries.get(*n), overlaps.get_mut(*n)) else { continue };
            *own = both(&twice, &entry.timetable.occupied(window));
        }
    }
    overlaps
}

/// The demand over a pool, step by step, where there is any; a schedule counts once, however many of its
/// slots run.
pub fn demand(pool: &Pool, occupied: &[Vec<Occurrence>], calendar: &Calendar) -> Vec<Step> {
    let loads = pool.members.iter().filter_map(|n| {
        let Capacity { calls, agents } = calendar.entries.get(*n)?.capacity?;
        Some(occupied.get(*n)?.iter().map(move |span| (*span, calls.into(), agents.into())))
    });
    steps(loads.flatten()).collect()
}

/// The times of each slot and interval within the window, each merged with itself: an inclusion that
/// lengthens an occurrence of its own slot is no overlap.
fn each_window(timetable: &Timetable, window: Window) -> Vec<Occurrence> {
    let slots = timetable.slots.iter().flat_map(|slot| merged(slot.occurrences(window)));
    let intervals = timetable.intervals.iter().filter_map(|interval| interval.occurrence(timetable.zone));
    slots.chain(intervals).filter_map(|span| span.intersection(&window)).collect()
}

/// The time that lies in both; each is in order and merged.
fn both(a: &[Occurrence], b: &[Occurrence]) -> Vec<Occurrence> {
    let mut shared = Vec::new();
    for span in a {
        let first = b.partition_point(|other| other.end <= span.start);
        let near = b.iter().skip(first).take_while(|other| other.start < span.end);
        shared.extend(near.filter_map(|other| other.intersection(span)));
    }
    shared
}
