//! `apply --plan FILE`: the plan in the file, provided that everything it touches is as it was.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::checking::Checked;
use super::connection::Connection;
use super::error::CommandError;
use super::past::Past;
use super::planning::{self, PlanningArgs};
use super::{Invocation, targets};
use crate::genesys::ScheduleApi;
use crate::ledger::{self, ActionRecord, Memory};
use crate::plan::{Completeness, Inputs, Plan, SavedPlan, Settled, Settlement, Wanted, compare};
use crate::schedule::{LiveSchedule, ScheduleKind, Target};

/// How many schedules are read at once. They share one rate limit, so more would only wait.
const CONCURRENCY: usize = 8;

/// The largest file that is read, in bytes: a plan of ten thousand changes is a tenth of it.
const SIZE_MAX: u64 = 512 * 1024 * 1024;

/// Reads a saved plan.
///
/// # Errors
/// When it cannot be read or is not what was written.
pub fn read(path: &Path) -> Result<SavedPlan, CommandError> {
    let failed = |source| CommandError::File {
        doing: format!("read the plan {}, which `dialctl plan --out` writes", path.display()),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() || metadata.len() > SIZE_MAX {
        let source = std::io::Error::other(format!("it is not a file of at most {SIZE_MAX} bytes"));
        return Err(failed(source));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    SavedPlan::parse(&text).map_err(|reason| CommandError::BrokenPlan { path: path.to_owned(), reason })
}

/// Refuses a plan that a run has begun to carry out before.
///
/// # Errors
/// When there was such a run, or nobody can tell.
pub fn check_unused(saved: &SavedPlan, invocation: &Invocation<'_>) -> Result<(), CommandError> {
    let state = invocation.folder();
    let doing = || format!("read in {} whether the plan was applied before", state.display());
    let begun =
        ledger::begun_with(state, saved.digest()).map_err(|source| CommandError::File { doing: doing(), source })?;
    match begun {
        None => Ok(()),
        Some(at) => Err(CommandError::StalePlan(vec![format!("a run has applied it already, begun at {at}")])),
    }
}

/// Makes the plan again from what the saved one touches, and gives it where it is the same.
///
/// # Errors
/// When anything has moved since, each field told.
pub async fn make_again(
    saved: &SavedPlan,
    args: &PlanningArgs,
    invocation: &Invocation<'_>,
    checked: &mut Checked,
    connection: &Connection,
    past: &Past,
) -> Result<Plan, CommandError> {
    let settings = &invocation.settings;
    let now = invocation.now();
    let header = planning::header(args, invocation, checked, connection);
    let outdated = saved.outdated(&header, now);
    if !outdated.is_empty() {
        return Err(CommandError::StalePlan(outdated));
    }
    let named: BTreeSet<(&str, &str)> = saved.touched().map(|touched| (touched.kind, touched.name)).collect();
    let repository = &mut checked.loaded.repository;
    repository.schedules.retain(|one| named.contains(&(one.item.kind.manifest_kind(), one.item.name.as_str())));
    // Names of campaigns that only capacities use are of no interest any more.
    repository.campaign_capacities.clear();
    let api = connection.api.as_ref();
    let known = targets::look_up(&checked.loaded.repository, api).await?;
    let wanted = targets::resolve(settings, checked, &known, api.can_change())?;

    let mut touched: BTreeSet<(ScheduleKind, String)> =
        wanted.iter().map(|wanted| (wanted.schedule.kind, wanted.schedule.target.id.clone())).collect();
    touched.extend(saved.touched().filter(|touched| touched.is_delete).filter_map(|touched| {
        let kind: ScheduleKind = touched.kind.parse().ok()?;
        Some((kind, touched.target.to_owned()))
    }));
    let read = |(kind, id): (ScheduleKind, String)| async move {
        let target = Target { id, name: None };
        api.read(kind, &target).await
    };
    let live: Vec<Vec<LiveSchedule>> = stream::iter(touched).map(read).buffered(CONCURRENCY).try_collect().await?;
    let settled = settle(&past.memory.open, &wanted, api).await?;
    let mut plan = compare(Inputs {
        header,
        owner: settings.owner.clone(),
        wanted,
        live: live.into_iter().flatten().collect(),
        passed_over: 0,
        policy: settings.policy(&args.switches()),
        can_change: api.can_change(),
        memory: Memory { open: Vec::new(), ..past.memory.clone() },
        lists_others: false,
        as_of: now,
        completeness: Completeness { manifests_considered: saved.manifests(), ..Completeness::default() },
    });
    plan.settled = settled;
    // Of the others none was looked at again.
    plan.owned = saved.owned();
    let moved = saved.moved(&plan);
    if moved.is_empty() { Ok(plan) } else { Err(CommandError::StalePlan(moved)) }
}

/// What became of actions that earlier runs began. The manifests of those that the plan does not touch are not looked at, so
/// that what is unclear may be clear to a run that looks at all of them: it stays open.
async fn settle(open: &[ActionRecord], wanted: &[Wanted], api: &dyn ScheduleApi) -> Result<Vec<Settled>, CommandError> {
    let mut settled = Vec::new();
    for begun in open {
        let target = Target { id: begun.campaign_id.clone(), name: None };
        let found = Settled::of(begun, wanted, &api.read(begun.kind, &target).await?);
        if !matches!(found.settlement, Settlement::Unclear) {
            settled.push(found);
        }
    }
    Ok(settled)
}
