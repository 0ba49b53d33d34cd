//! Capacity with the platform in view: what `validate` cannot know of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::error::CommandError;
use super::targets::Known;
use crate::genesys::{Failure, ScheduleApi};
use crate::plan::{Policy, Wanted};
use crate::rules::{
    ApiShape, CampaignCapacity, Context, Finding, LiveSide, Repository, UndeclaredSchedule, check_capacity,
};
use crate::schedule::{Capacity, LiveSchedule, Owner, ScheduleKind, TargetRef};

/// What a look at the platform's capacity told.
#[derive(Debug, Default)]
pub struct LiveCapacity {
    /// What the rules find with the platform in view, also what they find without.
    pub findings: Vec<Finding>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// What decides which live schedules run on after an apply.
#[derive(Clone, Copy, Debug)]
pub struct After<'a> {
    /// What manifests declare.
    pub wanted: &'a [Wanted],
    /// What is live.
    pub live: &'a [LiveSchedule],
    /// What a plan may contain.
    pub policy: Policy,
    /// Whose schedules a prune deletes.
    pub owner: &'a Owner,
}

/// Runs the rules of capacity over the manifests, the live schedules that run on besides them, and the line
/// counts of the campaigns. Only for campaigns with a `CampaignCapacity`: who declares none wants no check,
/// and gets no request.
pub async fn look(
    repository: &Repository,
    known: &Known,
    after: After<'_>,
    api: &dyn ScheduleApi,
    as_of: DateTime<Utc>,
) -> Result<LiveCapacity, CommandError> {
    if repository.campaign_capacities.is_empty() || !api.can_change() {
        return Ok(LiveCapacity::default());
    }
    let capacities = limited(repository, known);
    let repository = by_id(repository, known);
    let mut notes = Vec::new();
    let ids: BTreeSet<String> = capacities.keys().cloned().collect();
    let lines = match api.campaign_lines(&ids).await {
        Ok(lines) => lines,
        Err(error) if matches!(error.failure, Failure::NotPermitted { .. }) => {
            notes.push(format!("the line counts of campaigns were not checked: {error}"));
            BTreeMap::new()
        }
        Err(error) => return Err(error.into()),
    };
    let schedules = undeclared(after, &capacities, &mut notes);
    let live = LiveSide { schedules, lines };
    let context = Context { repository: &repository, api: ApiShape::OutboundSchedules, as_of, live: &live };
    Ok(LiveCapacity { findings: check_capacity(&context), notes })
}

/// The manifests with each target by its id where that is known, so that one that names its campaign and one
/// that points at it meet.
pub fn by_id(repository: &Repository, known: &Known) -> Repository {
    let mut repository = repository.clone();
    let find = |kind, target: &mut TargetRef| {
        if let Ok(found) = known.target(kind, target) {
            *target = TargetRef::Id(found.id);
        }
    };
    for schedule in &mut repository.schedules {
        find(schedule.item.kind, &mut schedule.item.target);
    }
    for CampaignCapacity { campaign, .. } in repository.campaign_capacities.iter_mut().map(|one| &mut one.item) {
        find(ScheduleKind::Campaign, campaign);
    }
    repository
}

/// The voice campaigns with a declared capacity, by id; without those whose name is unknown or not unique.
pub fn limited(repository: &Repository, known: &Known) -> BTreeMap<String, Capacity> {
    let each = repository.campaign_capacities.iter().filter_map(|one| {
        let target = known.target(ScheduleKind::Campaign, &one.item.campaign).ok()?;
        Some((target.id, one.item.capacity))
    });
    each.collect()
}

/// The live schedules of voice campaigns with a declared capacity that no manifest replaces and no prune deletes.
fn undeclared(
    after: After<'_>,
    capacities: &BTreeMap<String, Capacity>,
    notes: &mut Vec<String>,
) -> Vec<UndeclaredSchedule> {
    let voice = after.wanted.iter().filter(|wanted| wanted.schedule.kind == ScheduleKind::Campaign);
    let driven: BTreeSet<&str> = voice.map(|wanted| wanted.schedule.target.id.as_str()).collect();
    let mut undeclared = Vec::new();
    for live in after.live.iter().filter(|live| live.kind == ScheduleKind::Campaign) {
        let campaign = live.target.id.as_str();
        let Some(capacity) = capacities.get(campaign).filter(|_| !driven.contains(campaign)) else { continue };
        let is_ours = live.name.as_deref().is_some_and(|name| after.owner.owned_name(name).is_some());
        if after.policy.prune && is_ours {
            continue;
        }
        // Anybody may have named it, and messages reach terminals and logs.
        let name = live.name.as_deref().map_or_else(|| "unnamed".to_owned(), |name| name.escape_debug().to_string());
        match &live.timetable {
            Ok(timetable) => undeclared.push(UndeclaredSchedule {
                name,
                campaign: campaign.to_owned(),
                timetable: timetable.clone(),
                capacity: *capacity,
            }),
            Err(why) => notes.push(format!(
                "the live schedule `{name}` of campaign {campaign} counts for no capacity, for it cannot be read: {why}"
            )),
        }
    }
    undeclared
}
