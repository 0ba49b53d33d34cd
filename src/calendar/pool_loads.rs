//! What the pools of a repository are asked for in the first week in which a plan touches them, before and after it.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{common, zone_of};
use crate::plan::{Action, Operation, Plan, PoolLoad};
use crate::rules::Repository;
use crate::schedule::demand::{Step, steps};
use crate::schedule::{Capacity, ScheduleKind, TargetRef, Timetable, Window, Zone, monday_of};

/// When a schedule draws on a pool, and how much.
type Draw<'a> = (&'a Timetable, Capacity);

/// A schedule that draws on a pool.
struct Member<'a> {
    /// What is done to it, where something is.
    action: Option<&'a Action>,
    before: Option<Draw<'a>>,
    after: Option<Draw<'a>>,
}

/// A load for each pool, in the order of the repository, whose targets are known by id. A schedule that the plan does
/// not touch counts as declared on both sides; a live one that stores no capacity with the one that its manifest
/// promises or, where the manifest is gone, with what its campaign has. A pool that the plan does not touch is shown in
/// the first week of the plan, else in that of `as_of`.
pub fn pool_loads(repository: &Repository, plan: &Plan, as_of: DateTime<Utc>) -> Vec<PoolLoad> {
    let members = members(repository, plan);
    let first = plan.actions.iter().filter_map(|action| action.effect.next_affected_start).min();
    let pools = repository.pools.iter().map(|pool| {
        let members = members.get(pool.item.name.as_str()).map_or(&[][..], Vec::as_slice);
        let tables = members.iter().flat_map(|member| [member.before, member.after]).flatten();
        let zone = common(tables.map(|(table, _)| zone_of(table))).unwrap_or_else(Zone::utc);
        let touched = members.iter().filter_map(|member| member.action?.effect.next_affected_start).min();
        // A stretch that is under way may have begun last week.
        let instant = touched.or(first).map_or(as_of, |first| first.max(as_of));
        let monday = monday_of(zone.local(instant).date());
        let window = around(zone, monday);
        let before = load(members.iter().filter_map(|member| member.before), window);
        let after = load(members.iter().filter_map(|member| member.after), window);
        PoolLoad { name: pool.item.name.to_string(), capacity: pool.item.capacity, zone, monday, before, after }
    });
    pools.collect()
}

/// What all of them draw together.
fn load<'a>(draws: impl Iterator<Item = Draw<'a>>, window: Window) -> Vec<Step> {
    let loads = draws.flat_map(|(table, Capacity { calls, agents })| {
        table.occupied(window).into_iter().map(move |span| (span, calls.into(), agents.into()))
    });
    steps(loads).collect()
}

/// The schedules that draw on each pool before or after the plan.
fn members<'a>(repository: &'a Repository, plan: &'a Plan) -> HashMap<&'a str, Vec<Member<'a>>> {
    let pool_of = repository.pool_of_campaign();
    let mut members: HashMap<&str, Vec<Member>> = HashMap::new();
    let of_voice = |action: &&Action| action.kind() == ScheduleKind::Campaign;
    let (declared, gone): (Vec<&Action>, Vec<&Action>) =
        plan.actions.iter().filter(of_voice).partition(|action| action.wanted().is_some());
    let actions: HashMap<&str, &Action> = declared.into_iter().map(|action| (action.name(), action)).collect();
    for schedule in repository.schedules.iter().filter(|one| one.item.kind == ScheduleKind::Campaign) {
        let Some(pool) = pool_of.get(&schedule.item.target) else { continue };
        let after = (&schedule.item.timetable, schedule.item.capacity);
        let action = actions.get(schedule.item.name.as_str()).copied();
        let live = |action: &'a Action| {
            let stored = action.live().and_then(|live| live.capacity);
            Some((action.operation.timetable_before()?, stored.unwrap_or(after.1)))
        };
        let before = action.map_or(Some(after), live);
        members.entry(*pool).or_default().push(Member { action, before, after: Some(after) });
    }
    for action in gone {
        let Operation::Delete { live, .. } = &action.operation else { continue };
        let campaign = TargetRef::Id(live.target.id.clone());
        let Some(pool) = pool_of.get(&campaign) else { continue };
        let capacity = repository.campaign_capacities.iter().find(|capacity| capacity.item.campaign == campaign);
        let capacity = live.capacity.or(capacity.map(|capacity| capacity.item.capacity));
        let before = action.operation.timetable_before().zip(capacity);
        members.entry(*pool).or_default().push(Member { action: Some(action), before, after: None });
    }
    members
}

/// The week that begins on a day, with room on both sides: occurrences are cut at the ends.
fn around(zone: Zone, monday: NaiveDate) -> Window {
    let first = monday.checked_sub_days(Days::new(1)).unwrap_or(monday);
    let last = monday.checked_add_days(Days::new(8)).unwrap_or(monday);
    Window { start: zone.start_of_day(first), end: zone.start_of_day(last) }
}

#[cfg(test)]
#[path = "pool_loads_tests.rs"]
mod tests;
