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
    let mut pool_of = HashMap::new();
    for capacity in &repository.campaign_capacities {
        pool_of.entry(&capacity.item.campaign).or_insert(capacity.item.pool.as_deref());
    }
    let mut drawing: HashMap<&str, Vec<Demand>> = HashMap::new();
    for schedule in repository.schedules.iter().filter(|schedule| schedule.item.kind == ScheduleKind::Campaign) {
        if let Some(Some(pool)) = pool_of.get(&schedule.item.target) {
            drawing.entry(*pool).or_default().push(Demand {
                origin: Origin::Manifest(schedule.document),
                name: schedule.item.name.as_str(),
                timetable: &schedule.item.timetable,
                capacity: schedule.item.capacity,
            });
        }
    }
    for live in &context.live.schedules {
        if let Some(Some(pool)) = pool_of.get(&TargetRef::Id(live.campaign.clone())) {
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::tests::{capacity, codes, context, found, name, repository, schedule, slot, zone};
    use crate::rules::{DocumentId, LiveSide, Repository, UndeclaredSchedule};
    use crate::schedule::{Capacity, Schedule, Slot, TargetRef};

    /// Schedules of campaigns of their own that share a pool; its document is number 100.
    fn sharing(schedules: Vec<Schedule>, calls: u32, agents: u32) -> Repository {
        let mut repository = repository(schedules);
        for (n, schedule) in repository.schedules.iter_mut().enumerate() {
            schedule.item.target = TargetRef::Id(format!("campaign-{n}"));
            let mut campaign = capacity(50 + n, &format!("capacity-{n}"), 1000, 1000);
            campaign.item.campaign = schedule.item.target.clone();
            campaign.item.pool = Some("shared".into());
            repository.campaign_capacities.push(campaign);
        }
        let pool = CapacityPool { name: name("shared"), capacity: Capacity { calls, agents } };
        repository.pools.push(Declared { document: DocumentId(100), item: pool });
        repository
    }

    fn at(text: &str, zone_name: &str, slots: Vec<Slot>) -> Schedule {
        let mut schedule = schedule(text);
        schedule.timetable.zone = zone(zone_name);
        schedule.timetable.slots = slots.into_iter().map(|slot| Slot { zone: zone(zone_name), ..slot }).collect();
        schedule
    }

    #[test]
    fn zones_meet_at_the_same_instant() {
        let nine_to_one = || vec![slot("09:00", "13:00", &["Monday"])];
        let new_york = || at("east", "America/New_York", nine_to_one());
        let los_angeles = || at("west", "America/Los_Angeles", nine_to_one());
        let findings = found(&sharing(vec![new_york(), los_angeles()], 19, 10), check);
        assert_eq!(codes(&findings), ["pool-over-capacity 100/spec/maxConcurrentCalls"]);
        assert_eq!(
            findings[0].message,
            "pool `shared` has 19 calls, but 20 are needed from 2027-03-01 17:00 to 2027-03-01 18:00 UTC: \
             `east`, `west`; over it in 58 spans until 2028-04-06"
        );
        let related: Vec<_> = findings[0].related.iter().map(|related| related.message.as_str()).collect();
        assert_eq!(related, ["`east` asks for 10 calls then", "`west` asks for 10 calls then"]);
        assert_eq!(found(&sharing(vec![new_york(), los_angeles()], 20, 10), check), []);
    }

    #[test]
    fn a_schedule_counts_once_and_neighbours_do_not_add_up() {
        let twice = at("a", "UTC", vec![slot("09:00", "13:00", &[]), slot("10:00", "12:00", &[])]);
        let after = at("b", "UTC", vec![slot("13:00", "14:00", &[])]);
        assert_eq!(found(&sharing(vec![twice, after], 10, 5), check), []);
    }

    #[test]
    fn schedules_with_one_timetable_add_up_for_each_resource() {
        let findings = found(&sharing(vec![schedule("a"), schedule("b"), schedule("c"), schedule("d")], 29, 19), check);
        assert_eq!(
            codes(&findings),
            ["pool-over-capacity 100/spec/maxConcurrentCalls", "pool-over-capacity 100/spec/maxConcurrentAgents"]
        );
        assert!(findings[0].message.contains("40 are needed"), "{}", findings[0].message);
        assert!(findings[0].message.contains("`a`, `b`, `c` and 1 more"), "{}", findings[0].message);
        assert!(findings[1].message.contains("20 are needed"), "{}", findings[1].message);
    }

    #[test]
    fn what_runs_without_a_manifest_counts_with_all_that_its_campaign_has() {
        let mut repository = sharing(vec![schedule("a")], 29, 100);
        let mut other = capacity(60, "capacity-other", 20, 5);
        other.item.campaign = TargetRef::Id("other".into());
        other.item.pool = Some("shared".into());
        repository.campaign_capacities.push(other);
        let live = LiveSide {
            schedules: vec![UndeclaredSchedule {
                name: "by hand".into(),
                campaign: "other".into(),
                timetable: schedule("b").timetable,
                capacity: Capacity { calls: 20, agents: 5 },
            }],
            ..LiveSide::default()
        };
        assert_eq!(found(&repository, check), []);
        let mut findings = Vec::new();
        check(&Context { live: &live, ..context(&repository) }, &mut findings);
        assert_eq!(codes(&findings), ["pool-over-capacity 100/spec/maxConcurrentCalls"]);
        assert!(findings[0].message.contains("30 are needed"), "{}", findings[0].message);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(findings[0].related[1].place, Place::Path("live schedule of campaign other".into()));
    }

    fn arb_schedule() -> impl Strategy<Value = Schedule> {
        let zones = prop::sample::select(vec!["America/New_York", "Europe/Paris", "Asia/Kathmandu", "UTC"]);
        let days = prop::sample::subsequence(vec!["Monday", "Wednesday", "Saturday", "Sunday"], 0..3);
        let slots = prop::collection::vec((0..48_u32, 1..48_u32, days), 1..3);
        (zones, slots, 1..20_u32).prop_map(|(zone_name, slots, calls)| {
            let slots = slots.into_iter().map(|(start, length, days)| {
                let text = |half_hours: u32| format!("{:02}:{:02}", half_hours / 2 % 24, half_hours % 2 * 30);
                let bound = crate::schedule::Bound::Until("2027-03-31".parse().unwrap());
                Slot { bound, ..slot(&text(start), &text(start + length), &days) }
            });
            let mut schedule = at("a", zone_name, slots.collect());
            schedule.capacity.calls = calls;
            schedule
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_peak_is_that_of_every_minute(schedules in prop::collection::vec(arb_schedule(), 1..5), limit in 1..40_u32) {
            let begin: chrono::DateTime<chrono::Utc> = "2027-02-25T00:00:00Z".parse().unwrap();
            let window = Window { start: begin, end: begin + chrono::TimeDelta::days(45) };
            let spans: Vec<_> = schedules.iter().map(|one| (one.timetable.occurrences(window), one.capacity.calls)).collect();
            // Everything lies on quarters of an hour, in every zone used.
            let highest = (0..45 * 96).map(|n| {
                let time = begin + chrono::TimeDelta::minutes(15 * n);
                let runs = |spans: &[Occurrence]| spans.iter().any(|span| span.start <= time && time < span.end);
                let demand: u32 = spans.iter().filter(|(spans, _)| runs(spans)).map(|(_, calls)| *calls).sum();
                (demand, std::cmp::Reverse(time))
            });
            let (demand, std::cmp::Reverse(time)) = highest.max().unwrap();
            let findings = found(&sharing(schedules, limit, 1000), check);
            prop_assert_eq!(findings.len(), usize::from(demand > limit));
            if let Some(finding) = findings.first() {
                let expected = format!("but {demand} are needed from {} to", spans::dated(time.naive_utc()));
                prop_assert!(finding.message.contains(&expected), "{}, not {}", finding.message, expected);
            }
        }
    }

    #[test]
    fn no_pool_no_finding() {
        let mut repository = sharing(vec![schedule("a"), schedule("b")], 1, 1);
        repository.pools.clear();
        assert_eq!(found(&repository, check), []);
    }
}
