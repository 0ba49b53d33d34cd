//! The schedules of the campaigns that share a pool together need more than it has.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;

use super::over_capacity::{RESOURCES, Resource};
use super::peak::{Change, Peak, over};
use super::ranges::Ranges;
use super::{CapacityPool, Code, Context, Declared, DocumentId, Finding, Place, Severity, horizon, place, spans};
use crate::schedule::{Capacity, Occurrence, Pattern, ScheduleKind, TargetRef, Timetable, Window, Zone};

/// Names in a message; all schedules are related places anyway.
const NAMED: usize = 3;

/// Finds the highest demand over each pool, for calls and for agents.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    let repository = context.repository;
    let pool_of = repository.pool_of_campaign();
    let mut drawing: HashMap<&str, Vec<Demand>> = HashMap::new();
    for schedule in repository.schedules.iter().filter(|schedule| schedule.item.kind == ScheduleKind::Campaign) {
        if let Some(pool) = pool_of.get(&schedule.item.target) {
            drawing.entry(*pool).or_default().push(Demand {
                origin: Origin::Manifest(schedule.document),
                name: schedule.item.name.as_str(),
                timetable: &schedule.item.timetable,
                capacity: schedule.item.capacity,
            });
        }
    }
    for live in &context.live.schedules {
        if let Some(pool) = pool_of.get(&TargetRef::Id(live.campaign.clone())) {
            drawing.entry(*pool).or_default().push(Demand {
                origin: Origin::Live { campaign: &live.campaign },
                name: &live.name,
                timetable: &live.timetable,
                capacity: live.capacity,
            });
        }
    }
    for pool in &repository.pools {
        let Some(demands) = drawing.get(pool.item.name.as_str()) else { continue };
        findings.extend(of_pool(pool, demands, context));
    }
}

/// A schedule that draws on a pool.
struct Demand<'a> {
    origin: Origin<'a>,
    name: &'a str,
    timetable: &'a Timetable,
    capacity: Capacity,
}

/// Where a demand comes from; in the order in which messages name them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin<'a> {
    Manifest(DocumentId),
    Live { campaign: &'a str },
}

/// Schedules that dial at the same times.
struct Load<'a> {
    demands: Vec<&'a Demand<'a>>,
    occupied: Vec<Occurrence>,
}

fn of_pool(pool: &Declared<CapacityPool>, demands: &[Demand], context: &Context) -> Vec<Finding> {
    let total = |resource: &Resource| demands.iter().map(|one| i64::from((resource.of)(one.capacity))).sum();
    let limit = |resource: &Resource| i64::from((resource.of)(pool.item.capacity));
    // A pool that holds all of them at once needs no sweep.
    let tight: Vec<Resource> = RESOURCES.into_iter().filter(|one| limit(one) < total(one)).collect();
    if tight.is_empty() {
        return Vec::new();
    }
    let timetables = || demands.iter().map(|demand| demand.timetable);
    let ranges = horizon::ahead(timetables, context.as_of.naive_utc());
    let Some(until) = ranges.end() else { return Vec::new() };
    let loads = loads(demands, &ranges);
    let mut ends: Vec<(Change, usize)> = Vec::new();
    for (n, load) in loads.iter().enumerate() {
        for span in &load.occupied {
            ends.push((Change { at: span.start, by: 1 }, n));
            ends.push((Change { at: span.end, by: -1 }, n));
        }
    }
    ends.sort_unstable();
    let mut findings = Vec::new();
    for resource in tight {
        let sums: Vec<i64> = loads
            .iter()
            .map(|load| load.demands.iter().map(|one| i64::from((resource.of)(one.capacity))).sum())
            .collect();
        let changes =
            ends.iter().filter_map(|(change, n)| Some(Change { at: change.at, by: change.by * sums.get(*n)? }));
        if let Some(peak) = over(changes, limit(&resource)) {
            findings.push(finding(pool, &resource, &peak, &loads, until.date()));
        }
    }
    findings
}

fn finding(
    pool: &Declared<CapacityPool>,
    resource: &Resource,
    peak: &Peak,
    loads: &[Load],
    until: NaiveDate,
) -> Finding {
    let (name, what, has) = (&pool.item.name, resource.name, (resource.of)(pool.item.capacity));
    let runs = |load: &&Load| load.occupied.iter().any(|span| span.overlaps(&peak.span));
    let mut active: Vec<_> = loads.iter().filter(runs).flat_map(|load| load.demands.iter()).collect();
    active.sort_by_key(|demand| demand.origin);
    let names: Vec<String> = active.iter().take(NAMED).map(|one| format!("`{}`", one.name)).collect();
    let others = match active.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let (start, end) = (peak.span.start.naive_utc(), peak.span.end.naive_utc());
    let when = format!("{} to {} UTC", spans::dated(start), spans::dated(end));
    let again = match peak.spans_over {
        0 | 1 => String::new(),
        n => format!("; over it in {n} spans until {until}"),
    };
    let message = format!(
        "pool `{name}` has {has} {what}, but {} are needed from {when}: {}{others}{again}",
        peak.demand,
        names.join(", ")
    );
    let too_many = peak.demand - i64::from(has);
    let mut finding = Finding::new(Code::PoolOverCapacity, place::value(pool.document, resource.pointer), message)
        .label(format!("{too_many} too few"))
        .help(format!(
            "lower what these schedules ask for from {when} by {too_many} {what}, move one of them, \
             or raise the pool to {}",
            peak.demand
        ));
    if active.iter().any(|demand| matches!(demand.origin, Origin::Live { .. })) {
        // What it really uses is not known, only what its campaign has.
        finding.severity = Severity::Warning;
    }
    active.into_iter().fold(finding, |finding, demand| {
        let (name, amount) = (demand.name, (resource.of)(demand.capacity));
        match demand.origin {
            Origin::Manifest(document) => finding
                .related(place::value(document, resource.pointer), format!("`{name}` asks for {amount} {what} then")),
            Origin::Live { campaign } => finding.related(
                Place::Path(format!("live schedule of campaign {campaign}")),
                format!("`{name}`, which no manifest declares, may use the {amount} {what} of its campaign then"),
            ),
        }
    })
}

/// The demands grouped by timetable: in large repositories many share one, and its occurrences are
/// most of the work.
fn loads<'a>(demands: &'a [Demand<'a>], ranges: &Ranges) -> Vec<Load<'a>> {
    let mut loads: Vec<Load> = Vec::new();
    let mut alike: HashMap<u64, Vec<usize>> = HashMap::new();
    for demand in demands {
        let timetable = demand.timetable;
        let candidates = alike.entry(fingerprint(timetable)).or_default();
        let same = |load: &Load| load.demands.first().is_some_and(|one| one.timetable == timetable);
        match candidates.iter().find(|n| loads.get(**n).is_some_and(same)).and_then(|n| loads.get_mut(*n)) {
            Some(load) => load.demands.push(demand),
            None => {
                candidates.push(loads.len());
                loads.push(Load { demands: vec![demand], occupied: occupied(timetable, ranges) });
            }
        }
    }
    loads
}

fn occupied(timetable: &Timetable, ranges: &Ranges) -> Vec<Occurrence> {
    ranges
        .iter()
        .flat_map(|(from, until)| timetable.occupied(Window { start: from.and_utc(), end: until.and_utc() }))
        .collect()
}

/// Equal for equal timetables.
fn fingerprint(timetable: &Timetable) -> u64 {
    let mut hasher = DefaultHasher::new();
    timetable.zone.hash(&mut hasher);
    for slot in &timetable.slots {
        let zone: Zone = slot.zone;
        let days = match slot.pattern {
            Pattern::Daily { every } => (every, None),
            Pattern::Weekly { every, days } => (every, Some(days)),
        };
        (zone, slot.first, slot.start, slot.length, days).hash(&mut hasher);
    }
    for interval in &timetable.intervals {
        (interval.start, interval.end).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
#[path = "pool_over_capacity_tests.rs"]
mod tests;
