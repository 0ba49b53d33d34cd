//! Which windows run at the same time: a cheap test of every pair, then one sweep over the
//! occurrences of those that it could not clear.
//!
//! Windows of one zone are compared on its wall clock, as people write and read them, so that a
//! change of the clock neither makes neighbours overlap nor hides an overlap. Windows of different
//! zones are compared as instants.

#[cfg(test)]
mod oracle;
mod outline;
mod sweep;

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Utc};

pub use super::ranges::LocalSpan;
use super::ranges::Ranges;
use crate::schedule::{Interval, Slot, Timetable, Zone};

use outline::Outline;
use sweep::Clock;

/// A slot or an interval, and whom it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Windows of one owner are not compared with each other.
    pub owner: usize,
    /// The window.
    pub shape: Shape<'a>,
}

/// The two kinds of windows.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'a> {
    /// A recurring window.
    Slot(&'a Slot),
    /// A one-off window in a zone.
    Interval(&'a Interval, Zone),
}

/// How the two occurrences of an overlap lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same span.
    Same,
    /// The first begins and ends sooner.
    FirstSooner,
    /// The second begins and ends sooner.
    SecondSooner,
    /// The first lies within the second.
    FirstWithin,
    /// The second lies within the first.
    SecondWithin,
}

/// The first time that two owners' windows run at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The position of the window that was declared first.
    pub first: usize,
    /// The position of the other.
    pub second: usize,
    /// The first window's occurrence, in its own zone.
    pub first_span: LocalSpan,
    /// The second window's occurrence, in its own zone.
    pub second_span: LocalSpan,
    /// What both share, in the zone of the second.
    pub common: LocalSpan,
    /// How the two occurrences lie to each other.
    pub relation: Relation,
}

/// The overlaps among some windows.
#[derive(Debug, Default)]
pub struct Overlaps {
    /// At most one for each pair of owners, by the second window, then by the first.
    pub pairs: Vec<Overlap>,
    /// Whether the search was cut short after it had found many.
    pub cut_short: bool,
}

impl Shape<'_> {
    /// The zone whose wall clock the window follows.
    pub fn zone(&self) -> Zone {
        match self {
            Self::Slot(slot) => slot.zone,
            Self::Interval(_, zone) => *zone,
        }
    }
}

/// The windows of a timetable, slots first, all of them with an owner chosen by position.
pub fn items<'a>(timetable: &'a Timetable, owner: impl Fn(usize) -> usize) -> impl Iterator<Item = Item<'a>> {
    let slots = timetable.slots.iter().map(Shape::Slot);
    let intervals = timetable.intervals.iter().map(|interval| Shape::Interval(interval, timetable.zone));
    slots.chain(intervals).enumerate().map(move |(n, shape)| Item { owner: owner(n), shape })
}

/// Where the n-th window of a timetable stands in its manifest.
pub fn pointer(timetable: &Timetable, n: usize) -> String {
    match n.checked_sub(timetable.slots.len()) {
        None => format!("/spec/dailySlots/{n}"),
        Some(n) => format!("/spec/intervals/{n}"),
    }
}

/// What the cheap test could not clear.
#[derive(Default)]
struct Suspects {
    owners: HashSet<(usize, usize)>,
    items: Vec<bool>,
    /// The zones in which two suspects share the wall clock.
    zones: Vec<Zone>,
    /// Whether two suspects follow different clocks.
    mixed: bool,
    /// When pairs could overlap, on any clock.
    ranges: Ranges,
}

/// The first overlap of every two owners.
///
/// Bounded windows are compared over all of their common time (30 years at most), open-ended ones
/// over one round of their patterns together, 400 days at least, from the later start or `as_of`.
pub fn find(items: &[Item], as_of: DateTime<Utc>) -> Overlaps {
    let suspects = suspects(items, as_of.naive_utc());
    let mut overlaps = Overlaps::default();
    let clocks = suspects.zones.iter().map(|zone| Clock::Wall(*zone)).chain(suspects.mixed.then_some(Clock::Instants));
    let mut open = suspects.owners;
    for clock in clocks {
        let items = items.iter().enumerate().filter(|(n, _)| suspects.items.get(*n) == Some(&true));
        overlaps.cut_short |= sweep::run(items, clock, &suspects.ranges, &mut open, &mut overlaps.pairs);
    }
    overlaps.pairs.sort_by_key(|overlap| (overlap.second, overlap.first));
    overlaps
}

fn suspects(items: &[Item], as_of: NaiveDateTime) -> Suspects {
    let outlines: Vec<Outline> = items.iter().map(|item| Outline::of(item.shape)).collect();
    let mut suspects = Suspects { items: vec![false; items.len()], ..Suspects::default() };
    let all = || items.iter().zip(&outlines).enumerate();
    for (n, (item, outline)) in all() {
        for (m, (other, other_outline)) in all().take(n) {
            if item.owner == other.owner || !outline.may_overlap(other_outline) {
                continue;
            }
            suspects.owners.insert((other.owner.min(item.owner), other.owner.max(item.owner)));
            for position in [n, m] {
                if let Some(suspect) = suspects.items.get_mut(position) {
                    *suspect = true;
                }
            }
            if outline.zone != other_outline.zone {
                suspects.mixed = true;
            } else if !suspects.zones.contains(&outline.zone) {
                suspects.zones.push(outline.zone);
            }
            suspects.ranges.add(outline.common_range(other_outline, as_of));
        }
    }
    suspects
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::rules::tests::{as_of, interval, slot, zone};
    use crate::schedule::Pattern;

    #[test]
    fn dates_centuries_off_are_looked_at_and_the_centuries_are_not() {
        let fortnightly = |first: &str| {
            let every = NonZeroU32::new(2).unwrap();
            Slot { first: first.parse().unwrap(), pattern: Pattern::Daily { every }, ..slot("09:00", "10:00", &[]) }
        };
        let slots = [fortnightly("2027-03-01"), fortnightly("2027-03-02")];
        let typos = [
            interval("9027-03-01T10:00:00", "9027-03-01T12:00:00"),
            interval("9027-03-01T11:00:00", "9027-03-01T13:00:00"),
        ];
        let shapes = slots.iter().map(Shape::Slot).chain(typos.iter().map(|one| Shape::Interval(one, zone("UTC"))));
        let items: Vec<Item> = shapes.enumerate().map(|(owner, shape)| Item { owner, shape }).collect();
        let days: i64 =
            suspects(&items, as_of().naive_utc()).ranges.iter().map(|(from, until)| (until - from).num_days()).sum();
        assert!(days < 500, "{days}");
        let pairs: Vec<_> = find(&items, as_of()).pairs.iter().map(|one| (one.first, one.second)).collect();
        assert_eq!(pairs, [(2, 3)]);
    }
}
