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
