//! What a pool is asked for before and after plans of each sort.

use super::*;
use crate::plan::tests::{inputs, live, wanted};
use crate::plan::{Policy, Wanted, compare};
use crate::rules::{CampaignCapacity, CapacityPool, Declared, DocumentId};
use crate::schedule::{LiveSchedule, Schedule, ScheduleName};

/// A repository in which each wanted schedule is declared, and the campaigns `1` to `4` share a pool.
fn repository(wanted: &[Wanted]) -> Repository {
    let name = |text: &str| ScheduleName::try_from(text.to_owned()).unwrap();
    let schedule = |wanted: &Wanted| Schedule {
        kind: wanted.schedule.kind,
        name: wanted.schedule.name.clone(),
        labels: Default::default(),
        protect: false,
        target: TargetRef::Id(wanted.schedule.target.id.clone()),
        timetable: wanted.schedule.timetable.clone(),
        capacity: wanted.schedule.capacity,
        listed_days: Vec::new(),
        blackouts: Vec::new(),
    };
    let capacity = |campaign: &str| CampaignCapacity {
        name: name(campaign),
        campaign: TargetRef::Id(campaign.to_owned()),
        capacity: Capacity { calls: 7, agents: 3 },
        pool: Some("lines".to_owned()),
    };
    fn declared<T>(item: T) -> Declared<T> {
        Declared { document: DocumentId(0), item }
    }
    let pool = |text| CapacityPool { name: name(text), capacity: Capacity { calls: 40, agents: 20 } };
    Repository {
        schedules: wanted.iter().map(schedule).map(declared).collect(),
        campaign_capacities: ["1", "2", "3", "4"].map(capacity).map(declared).into(),
        pools: ["lines", "idle"].map(pool).map(declared).into(),
        ..Repository::default()
    }
}

fn loads(as_of: &str, wanted: Vec<Wanted>, live: Vec<LiveSchedule>) -> Vec<PoolLoad> {
    let repository = repository(&wanted);
    let plan = compare(inputs(wanted, live, Policy { prune: true, ..Policy::default() }));
    pool_loads(&repository, &plan, as_of.parse().unwrap())
}

/// The calls and agents at each full hour of Monday in New York from which on they are others.
fn monday(steps: &[Step], load: &PoolLoad) -> Vec<(i64, u64, u64)> {
    let start = load.zone.start_of_day(load.monday);
    let hour = |step: &Step| ((step.span.start - start).num_hours(), step.calls, step.agents);
    steps.iter().map(hour).filter(|(hour, ..)| (0..24).contains(hour)).collect()
}

#[test]
fn both_sides_are_those_of_the_actions() {
    for (what, wanted, live, before, after) in [
        (
            "unchanged",
            vec![wanted("a", "1", "09:00")],
            vec![live(Some("dialctl/a"), "1", "09:00")],
            vec![(9, 10, 5)],
            vec![(9, 10, 5)],
        ),
        ("created", vec![wanted("a", "1", "09:00")], vec![], vec![], vec![(9, 10, 5)]),
        (
            "updated, beside one that stays",
            vec![wanted("a", "1", "09:00"), wanted("b", "2", "11:00")],
            vec![live(Some("dialctl/a"), "1", "09:00"), live(Some("dialctl/b"), "2", "12:00")],
            vec![(9, 10, 5), (12, 20, 10), (13, 10, 5)],
            vec![(9, 10, 5), (11, 20, 10), (13, 10, 5)],
        ),
        (
            "deleted: its manifest is gone, its campaign is not",
            vec![wanted("a", "1", "09:00")],
            vec![live(Some("dialctl/a"), "1", "09:00"), live(Some("dialctl/c"), "3", "10:00")],
            vec![(9, 10, 5), (10, 17, 8), (13, 7, 3)],
            vec![(9, 10, 5)],
        ),
        ("of no pool", vec![wanted("a", "5", "09:00")], vec![], vec![], vec![]),
    ] {
        let loads = loads("2027-03-01T12:00:00Z", wanted, live);
        assert_eq!(monday(&loads[0].before, &loads[0]), before, "{what}");
        assert_eq!(monday(&loads[0].after, &loads[0]), after, "{what}");
        assert!(loads[1].name == "idle" && loads[1].before.is_empty() && loads[1].after.is_empty(), "{what}");
    }
}

#[test]
fn the_week_is_the_first_that_the_plan_touches() {
    let (same, other) = (live(Some("dialctl/a"), "1", "09:00"), wanted("b", "5", "09:00"));
    for (what, wanted, live, monday) in [
        ("of the pool's own change", vec![wanted("a", "1", "09:00")], vec![], "2027-03-01"),
        ("of another change", vec![wanted("a", "1", "09:00"), other], vec![same.clone()], "2027-03-01"),
        ("of the plan", vec![wanted("a", "1", "09:00")], vec![same], "2027-02-01"),
    ] {
        assert_eq!(loads("2027-02-01T12:00:00Z", wanted, live)[0].monday.to_string(), monday, "{what}");
    }
}
