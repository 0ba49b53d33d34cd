//! More calls or agents promised than there are: by a schedule against its campaign, and by a
//! campaign against its pool. Also pools that do not exist.

use std::collections::HashMap;

use crate::schedule::{Capacity, ScheduleKind, TargetRef};

use super::{Code, Context, DocumentId, Finding, Repository, place};

/// One of the two things that capacities count.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// What is counted, for messages.
    pub name: &'static str,
    /// The value in every kind of document that has a capacity.
    pub pointer: &'static str,
    /// The code when one declaration is over another.
    pub code: Code,
    /// The amount in a capacity.
    pub of: fn(Capacity) -> u32,
}

const CALLS: Resource = Resource {
    name: "calls",
    pointer: "/spec/maxConcurrentCalls",
    code: Code::CallsOverCapacity,
    of: |capacity| capacity.calls,
};

/// Calls and agents.
pub const RESOURCES: [Resource; 2] = [
    CALLS,
    Resource {
        name: "agents",
        pointer: "/spec/maxConcurrentAgents",
        code: Code::AgentsOverCapacity,
        of: |capacity| capacity.agents,
    },
];

/// A capacity that a document declares, and for whom.
struct Claim {
    document: DocumentId,
    capacity: Capacity,
    holder: String,
}

/// Finds schedules over their campaign, campaigns over their pool, and unknown pools.
pub fn check(context: &Context, findings: &mut Vec<Finding>) {
    let repository = context.repository;
    let mut campaigns = HashMap::new();
    for capacity in &repository.campaign_capacities {
        campaigns.entry(&capacity.item.campaign).or_insert(capacity);
    }
    for schedule in repository.schedules.iter().filter(|schedule| schedule.item.kind == ScheduleKind::Campaign) {
        let Some(campaign) = campaigns.get(&schedule.item.target) else { continue };
        let (has, wants) = (
            Claim {
                document: campaign.document,
                capacity: campaign.item.capacity,
                holder: format!("campaign {}", campaign.item.campaign),
            },
            Claim {
                document: schedule.document,
                capacity: schedule.item.capacity,
                holder: format!("schedule `{}`", schedule.item.name),
            },
        );
        compare(repository, &wants, &has, findings);
    }
    over_live_lines(context, findings);
    let mut pools = HashMap::new();
    for pool in &repository.pools {
        pools.entry(pool.item.name.as_str()).or_insert(pool);
    }
    for campaign in &repository.campaign_capacities {
        let Some(name) = &campaign.item.pool else { continue };
        let Some(pool) = pools.get(name.as_str()) else {
            findings.push(unknown_pool(campaign.document, name, pools.keys().copied()));
            continue;
        };
        let holder = format!("campaign {}", campaign.item.campaign);
        compare(
            repository,
            &Claim { document: campaign.document, capacity: campaign.item.capacity, holder },
            &Claim { document: pool.document, capacity: pool.item.capacity, holder: format!("pool `{name}`") },
            findings,
        );
    }
}

/// Finds schedules and declared capacities that ask for more calls than their campaign dials lines at once.
fn over_live_lines(context: &Context, findings: &mut Vec<Finding>) {
    let repository = context.repository;
    let lines = |target: &TargetRef| match target {
        TargetRef::Id(id) => context.live.lines.get(id).copied(),
        TargetRef::Name(_) => None,
    };
    let voice = repository.schedules.iter().filter(|schedule| schedule.item.kind == ScheduleKind::Campaign);
    let schedules = voice
        .map(|one| (one.document, format!("schedule `{}`", one.item.name), &one.item.target, one.item.capacity.calls));
    let capacities = repository.campaign_capacities.iter().map(|one| {
        (one.document, format!("CampaignCapacity `{}`", one.item.name), &one.item.campaign, one.item.capacity.calls)
    });
    for (document, holder, campaign, calls) in schedules.chain(capacities) {
        let Some(there) = lines(campaign).filter(|there| *there < calls) else { continue };
        findings.push(
            Finding::new(
                Code::CallsOverCapacity,
                place::value(document, CALLS.pointer),
                format!("{holder} asks for {calls} calls, but campaign {campaign} dials {there} lines at once"),
            )
            .label(excess(repository, document, &CALLS, calls, there))
            .help(format!("lower it to {there}, or raise the outbound line count of the campaign in Genesys Cloud")),
        );
    }
}

fn compare(repository: &Repository, wants: &Claim, has: &Claim, findings: &mut Vec<Finding>) {
    for resource in RESOURCES {
        let (wanted, there) = ((resource.of)(wants.capacity), (resource.of)(has.capacity));
        if wanted <= there {
            continue;
        }
        let what = resource.name;
        findings.push(
            Finding::new(
                resource.code,
                place::value(wants.document, resource.pointer),
                format!("{} asks for {wanted} {what}, but {} has {there}", wants.holder, has.holder),
            )
            .label(excess(repository, wants.document, &resource, wanted, there))
            .related(place::value(has.document, resource.pointer), format!("{} has {there} {what}", has.holder))
            .help(format!("lower it to {there}, or raise {} to {wanted}", has.holder)),
        );
    }
}

/// By how much a document asks for too many.
fn excess(repository: &Repository, document: DocumentId, resource: &Resource, wanted: u32, there: u32) -> String {
    let excess = format!("{} too many", wanted - there);
    // A value that is not there has no place of its own, and what is underlined does not show it.
    if repository.defaults.contains(&(document, resource.pointer)) {
        let field = resource.pointer.trim_start_matches("/spec/");
        format!("`{field}` is {wanted} by default, {excess}")
    } else {
        excess
    }
}

fn unknown_pool<'a>(document: DocumentId, name: &str, known: impl Iterator<Item = &'a str>) -> Finding {
    let near = known
        .map(|pool| (strsim::damerau_levenshtein(name, pool), pool))
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .min();
    Finding::new(Code::UnknownPool, place::value(document, "/spec/pool"), format!("there is no CapacityPool `{name}`"))
        .help(match near {
            Some((_, pool)) => format!("did you mean `{pool}`?"),
            None => format!("add a CapacityPool named `{name}`, or remove the field"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::{capacity, codes, context, found, name, repository, schedule};
    use crate::rules::{CapacityPool, Declared, LiveSide};
    use crate::schedule::{Schedule, TargetRef};

    fn pool(document: usize, text: &str, calls: u32, agents: u32) -> Declared<CapacityPool> {
        let item = CapacityPool { name: name(text), capacity: Capacity { calls, agents } };
        Declared { document: DocumentId(document), item }
    }

    fn with(schedule: Schedule, calls: u32, agents: u32) -> Repository {
        Repository { campaign_capacities: vec![capacity(1, "c", calls, agents)], ..repository([schedule]) }
    }

    #[test]
    fn a_schedule_stays_within_its_campaign() {
        // The schedule asks for 10 calls and 5 agents.
        for (calls, agents, expected) in [
            (10, 5, &[][..]),
            (9, 5, &["calls-over-capacity 0/spec/maxConcurrentCalls"]),
            (10, 4, &["agents-over-capacity 0/spec/maxConcurrentAgents"]),
            (
                1,
                1,
                &["calls-over-capacity 0/spec/maxConcurrentCalls", "agents-over-capacity 0/spec/maxConcurrentAgents"],
            ),
        ] {
            assert_eq!(codes(&found(&with(schedule("a"), calls, agents), check)), expected, "{calls} {agents}");
        }
        let mut elsewhere = schedule("a");
        elsewhere.target = TargetRef::Name("one".into());
        let mut sequence = schedule("a");
        sequence.kind = ScheduleKind::Sequence;
        for other in [elsewhere, sequence] {
            assert_eq!(found(&with(other, 1, 1), check), []);
        }
    }

    #[test]
    fn nobody_asks_for_more_calls_than_the_campaign_dials_lines() {
        // The schedule asks for 10 calls, its campaign has 12.
        let repository = with(schedule("a"), 12, 5);
        for (campaign, lines, expected) in [
            ("one", 12, &[][..]),
            ("one", 11, &["calls-over-capacity 1/spec/maxConcurrentCalls"]),
            (
                "one",
                9,
                &["calls-over-capacity 0/spec/maxConcurrentCalls", "calls-over-capacity 1/spec/maxConcurrentCalls"],
            ),
            ("other", 1, &[]),
        ] {
            let live = LiveSide { lines: [(campaign.to_owned(), lines)].into(), ..LiveSide::default() };
            let mut findings = Vec::new();
            check(&Context { live: &live, ..context(&repository) }, &mut findings);
            assert_eq!(codes(&findings), expected, "{campaign} {lines}");
        }
    }

    #[test]
    fn a_capacity_that_is_not_written_is_called_a_default() {
        let mut repository = with(schedule("a"), 8, 1);
        repository.defaults.insert((DocumentId(0), "/spec/maxConcurrentCalls"));
        let labels: Vec<_> = found(&repository, check).into_iter().filter_map(|finding| finding.label).collect();
        assert_eq!(labels, ["`maxConcurrentCalls` is 10 by default, 2 too many", "4 too many"]);
    }

    #[test]
    fn a_campaign_stays_within_its_pool_which_must_exist() {
        let mut repository = repository([]);
        let mut campaign = capacity(0, "c", 10, 5);
        campaign.item.pool = Some("us-pool".into());
        repository.campaign_capacities = vec![campaign];
        for (pools, expected, help) in [
            (vec![pool(1, "us-pool", 10, 5)], None, ""),
            (
                vec![pool(1, "us-pool", 8, 5)],
                Some("calls-over-capacity 0/spec/maxConcurrentCalls"),
                "lower it to 8, or raise pool `us-pool` to 10",
            ),
            (vec![pool(1, "us-pol", 10, 5)], Some("unknown-pool 0/spec/pool"), "did you mean `us-pol`?"),
            (vec![], Some("unknown-pool 0/spec/pool"), "add a CapacityPool named `us-pool`, or remove the field"),
        ] {
            repository.pools = pools;
            let findings = found(&repository, check);
            assert_eq!(codes(&findings).first().map(String::as_str), expected);
            assert_eq!(findings.first().and_then(|finding| finding.help.as_deref()).unwrap_or_default(), help);
        }
    }
}
