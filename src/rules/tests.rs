//! What the tests of the rules build their repositories from.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use super::*;
use crate::schedule::*;

/// Every test looks from this instant on, a Friday.
pub fn as_of() -> DateTime<Utc> {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

pub fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

pub fn name(text: &str) -> ScheduleName {
    ScheduleName::try_from(text.to_owned()).unwrap()
}

/// A slot in New York from Monday 2027-03-01 on, weekly on the given days, daily when there are none.
pub fn slot(start: &str, end: &str, days: &[&str]) -> Slot {
    let (start, end): (TimeOfDay, TimeOfDay) = (start.parse().unwrap(), end.parse().unwrap());
    let length = if end > start { end.seconds() - start.seconds() } else { 86_400 + end.seconds() - start.seconds() };
    let every = NonZeroU32::MIN;
    let pattern = if days.is_empty() {
        Pattern::Daily { every }
    } else {
        Pattern::Weekly { every, days: days.iter().filter_map(|day| Weekdays::day_named(day)).collect() }
    };
    Slot {
        zone: zone("America/New_York"),
        first: pattern.first_on_or_after("2027-03-01".parse().unwrap()).unwrap(),
        start,
        length: NonZeroU32::new(length).unwrap(),
        pattern,
        bound: Bound::Open,
        alterations: Vec::new(),
    }
}

pub fn interval(start: &str, end: &str) -> Interval {
    Interval { start: start.parse().unwrap(), end: end.parse().unwrap() }
}

pub fn exclusion(start: &str, end: &str) -> Alteration {
    Alteration { kind: AlterationKind::Exclusion, start: start.parse().unwrap(), end: end.parse().unwrap() }
}

pub fn inclusion(start: &str, end: &str) -> Alteration {
    Alteration { kind: AlterationKind::Inclusion, ..exclusion(start, end) }
}

/// A schedule of campaign `one` with one slot, 09:00-13:00 daily, 10 calls and 5 agents.
pub fn schedule(text: &str) -> Schedule {
    Schedule {
        kind: ScheduleKind::Campaign,
        name: name(text),
        labels: BTreeMap::new(),
        target: TargetRef::Id("one".into()),
        timetable: Timetable {
            zone: zone("America/New_York"),
            slots: vec![slot("09:00", "13:00", &[])],
            intervals: Vec::new(),
        },
        capacity: Capacity { calls: 10, agents: 5 },
        listed_days: vec![Vec::new()],
        protect: false,
        blackouts: Vec::new(),
    }
}

/// A calendar for every schedule, which excludes its days.
pub fn calendar(text: &str, dates: Vec<BlackoutDate>) -> BlackoutCalendar {
    let (selector, action) = (Selector::default(), BlackoutAction::Exclude);
    BlackoutCalendar { name: name(text), selector, zone: None, dates, action }
}

/// A whole day of a calendar.
pub fn day(date: &str, name: &str, yearly: bool) -> BlackoutDate {
    BlackoutDate { name: name.to_owned(), time: BlackoutTime::Day(date.parse().unwrap()), yearly }
}

/// The schedules as documents 0, 1, 2 and so on.
pub fn repository(schedules: impl IntoIterator<Item = Schedule>) -> Repository {
    let declared = |(n, item)| Declared { document: DocumentId(n), item };
    Repository { schedules: schedules.into_iter().enumerate().map(declared).collect(), ..Repository::default() }
}

/// The capacity of campaign `one`.
pub fn capacity(document: usize, text: &str, calls: u32, agents: u32) -> Declared<CampaignCapacity> {
    let item = CampaignCapacity {
        name: name(text),
        campaign: TargetRef::Id("one".into()),
        capacity: Capacity { calls, agents },
        pool: None,
    };
    Declared { document: DocumentId(document), item }
}

pub fn found(repository: &Repository, rule: fn(&Context, &mut Vec<Finding>)) -> Vec<Finding> {
    found_under(ApiShape::OutboundSchedules, repository, rule)
}

/// The repository as every test looks at it, for the public API and without the platform.
pub fn context(repository: &Repository) -> Context<'_> {
    Context { repository, api: ApiShape::OutboundSchedules, as_of: as_of(), live: LiveSide::unasked() }
}

pub fn found_under(api: ApiShape, repository: &Repository, rule: fn(&Context, &mut Vec<Finding>)) -> Vec<Finding> {
    let mut findings = Vec::new();
    rule(&Context { api, ..context(repository) }, &mut findings);
    findings
}

/// What a rule finds when it looks from another instant on.
pub fn found_from(as_of: &str, repository: &Repository, rule: fn(&Context, &mut Vec<Finding>)) -> Vec<Finding> {
    let mut findings = Vec::new();
    rule(&Context { as_of: as_of.parse().unwrap(), ..context(repository) }, &mut findings);
    findings
}

/// Code, document and pointer of each finding.
pub fn codes(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| match &finding.place {
            Place::Value { document, pointer } | Place::Key { document, pointer } => {
                format!("{} {}{pointer}", finding.code, document.0)
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn all_rules_together_give_their_findings_by_document() {
    let mut first = schedule("a");
    first.timetable.slots.push(slot("12:00", "14:00", &[]));
    first.capacity.calls = 11;
    let mut repository = repository([first, schedule("a")]);
    repository.campaign_capacities = vec![capacity(2, "c", 10, 5)];
    assert_eq!(
        codes(&check(&context(&repository))),
        [
            "slots-overlap 0/spec/dailySlots/1",
            "calls-over-capacity 0/spec/maxConcurrentCalls",
            "duplicate-name 1/metadata/name",
            "duplicate-target 1/spec/campaign/id",
        ]
    );
}
