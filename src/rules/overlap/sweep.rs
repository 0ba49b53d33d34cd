//! The sweep: all occurrences in the order of their starts, each against those still running.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};

use crate::schedule::{AlterationKind, Occurrence, Slot, Window, Zone};

use super::outline::inclusions;
use super::{Item, Overlap, Ranges, Relation, Shape};

/// How much time is looked at in one go: most overlaps show up in the first weeks.
const STRIDE: TimeDelta = TimeDelta::days(56);
/// After this many comparisons the search ends, provided that it found [`MANY`].
const COMPARISONS: u64 = 20_000_000;
/// More overlaps than anyone reads.
const MANY: usize = 100;

/// On which clock windows are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Windows of this zone, on its wall clock.
    Wall(Zone),
    /// Windows of different zones, as instants.
    Instants,
}

/// A window made ready for the sweep. On a wall clock its local times are taken as if they were UTC.
struct Lane {
    position: usize,
    owner: usize,
    zone: Zone,
    pattern: LanePattern,
    inclusions: Vec<Occurrence>,
}

enum LanePattern {
    Once(Option<Occurrence>),
    Recurring(Box<Slot>),
}

struct Span<'a> {
    occurrence: Occurrence,
    lane: &'a Lane,
    included: bool,
}

/// Adds the first overlap of every pair of owners in `open`, and takes those pairs out of it. Gives
/// whether the search was cut short.
pub fn run<'a>(
    items: impl Iterator<Item = (usize, &'a Item<'a>)>,
    clock: Clock,
    ranges: &Ranges,
    open: &mut HashSet<(usize, usize)>,
    found: &mut Vec<Overlap>,
) -> bool {
    let lanes: Vec<Lane> = items.filter_map(|(position, item)| Lane::on(clock, position, item)).collect();
    let mut search = Search { clock, comparisons: 0, open, found };
    for (from, end) in ranges.iter() {
        let (mut from, end) = (from.and_utc(), end.and_utc());
        while from < end && !search.open.is_empty() {
            let until = from.checked_add_signed(STRIDE).unwrap_or(end).min(end);
            if search.stride(&lanes, Window { start: from, end: until }) {
                return true;
            }
            from = until;
        }
    }
    false
}

/// What the sweep of one clock has found, and what it still looks for.
struct Search<'a> {
    clock: Clock,
    comparisons: u64,
    open: &'a mut HashSet<(usize, usize)>,
    found: &'a mut Vec<Overlap>,
}

impl Search<'_> {
    /// Looks at one stretch of time. Gives whether the search is to be cut short.
    fn stride(&mut self, lanes: &[Lane], window: Window) -> bool {
        let mut spans: Vec<Span> = lanes.iter().flat_map(|lane| lane.spans(window)).collect();
        spans.sort_by_key(|span| (span.occurrence, span.lane.position));
        let mut running: Vec<&Span> = Vec::new();
        for span in &spans {
            running.retain(|earlier| span.occurrence.start < earlier.occurrence.end);
            for earlier in &running {
                self.comparisons += 1;
                let owners = (earlier.lane.owner.min(span.lane.owner), earlier.lane.owner.max(span.lane.owner));
                if comparable(self.clock, earlier, span) && self.open.remove(&owners) {
                    self.found.extend(overlap(self.clock, earlier, span));
                }
            }
            if self.open.is_empty() {
                return false;
            }
            if self.comparisons > COMPARISONS && self.found.len() >= MANY {
                return true;
            }
            running.push(span);
        }
        false
    }
}

impl Lane {
    fn on(clock: Clock, position: usize, item: &Item) -> Option<Self> {
        let zone = item.shape.zone();
        let read_in = match clock {
            Clock::Wall(wall) if wall == zone => Zone::utc(),
            Clock::Wall(_) => return None,
            Clock::Instants => zone,
        };
        let (pattern, inclusions) = match item.shape {
            Shape::Interval(interval, _) => (LanePattern::Once(interval.occurrence(read_in)), Vec::new()),
            Shape::Slot(slot) => {
                let mut pattern = Slot { zone: read_in, ..slot.clone() };
                pattern.alterations.retain(|one| one.kind == AlterationKind::Exclusion);
                (LanePattern::Recurring(Box::new(pattern)), inclusions(slot, read_in))
            }
        };
        Some(Self { position, owner: item.owner, zone, pattern, inclusions })
    }

    fn spans(&self, window: Window) -> impl Iterator<Item = Span<'_>> {
        let pattern = match &self.pattern {
            LanePattern::Once(occurrence) => occurrence.iter().copied().collect(),
            LanePattern::Recurring(slot) => slot.occurrences(window),
        };
        let regular = pattern.into_iter().map(|occurrence| (occurrence, false));
        let included = self.inclusions.iter().map(|occurrence| (*occurrence, true));
        regular
            .chain(included)
            .filter(move |(occurrence, _)| occurrence.overlaps(&window))
            .map(|(occurrence, included)| Span { occurrence, lane: self, included })
    }
}

fn comparable(clock: Clock, a: &Span, b: &Span) -> bool {
    // An inclusion that both windows have was written once, for the whole schedule.
    let shared = |span: &Span, other: &Span| span.included && other.lane.inclusions.contains(&span.occurrence);
    let another_clock = clock == Clock::Instants && a.lane.zone == b.lane.zone;
    a.lane.owner != b.lane.owner && !another_clock && !shared(a, b) && !shared(b, a)
}

fn overlap(clock: Clock, a: &Span, b: &Span) -> Option<Overlap> {
    let (first, second) = if a.lane.position < b.lane.position { (a, b) } else { (b, a) };
    let common = first.occurrence.intersection(&second.occurrence)?;
    let local = |lane: &Lane, span: Occurrence| -> (NaiveDateTime, NaiveDateTime) {
        match clock {
            Clock::Wall(_) => (span.start.naive_utc(), span.end.naive_utc()),
            Clock::Instants => (lane.zone.local(span.start), lane.zone.local(span.end)),
        }
    };
    Some(Overlap {
        first: first.lane.position,
        second: second.lane.position,
        first_span: local(first.lane, first.occurrence),
        second_span: local(second.lane, second.occurrence),
        common: local(second.lane, common),
        relation: relation(first.occurrence, second.occurrence),
    })
}

fn relation(first: Occurrence, second: Occurrence) -> Relation {
    let within = |inner: Occurrence, outer: Occurrence| outer.start <= inner.start && inner.end <= outer.end;
    if first == second {
        Relation::Same
    } else if within(first, second) {
        Relation::FirstWithin
    } else if within(second, first) {
        Relation::SecondWithin
    } else if first.start < second.start {
        Relation::FirstSooner
    } else {
        Relation::SecondSooner
    }
}
