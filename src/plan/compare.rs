//! Both sides in, a plan out.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};

use crate::ledger::{Memory, Protection};
use crate::parallel;
use crate::schedule::equality::same_time;
use crate::schedule::{LiveSchedule, Owner, ScheduleKind};

use super::judge::{Judge, Verdict};
use super::{Action, Completeness, Header, Operation, Owned, Plan, Settled, Wanted};

/// How many schedules a thread takes at a time: worth a thread, and few enough to share.
// 64 is not zero, which the compiler checks: the constant is evaluated when it builds.
const CHUNK: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Everything that a plan is made from.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// What the plan is made with and from.
    pub header: Header,
    /// Whose schedules the plan is about.
    pub owner: Owner,
    /// What the manifests ask for; one per target unless the API keeps several.
    pub wanted: Vec<Wanted>,
    /// The live schedules that matter: those of the owner, and those on wanted targets.
    pub live: Vec<LiveSchedule>,
    /// How many others there are besides.
    pub passed_over: usize,
    /// What is allowed.
    pub policy: Policy,
    /// Whether live schedules carry names and can be changed; else they are told apart by their time.
    pub can_change: bool,
    /// What earlier runs have left behind.
    pub memory: Memory,
    /// Whether the live schedules of others are given one by one.
    pub lists_others: bool,
    /// When the plan is made; the effect is told from then on.
    pub as_of: DateTime<Utc>,
    /// How the live side is known to be complete.
    pub completeness: Completeness,
}

/// What a plan may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether missing schedules are created.
    pub create: bool,
    /// Whether owned schedules that differ are updated.
    pub update: bool,
    /// Whether owned schedules without a manifest are deleted.
    pub prune: bool,
    /// Whether schedules of others on a wanted target are taken over.
    pub adopt: bool,
    /// What becomes of schedules that were changed on both sides.
    pub on_conflict: OnConflict,
}

/// What becomes of a schedule that was changed both in the repository and in Genesys Cloud since the last apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Nothing: the plan refuses it
    #[default]
    Fail,
    /// What the repository asks for
    Ours,
    /// It stays as it is live
    Theirs,
}

impl Default for Policy {
    fn default() -> Self {
        Self { create: true, update: true, prune: false, adopt: false, on_conflict: OnConflict::Fail }
    }
}

/// Compares both sides.
pub fn compare(inputs: Inputs) -> Plan {
    let Inputs { header, owner, wanted, live, passed_over, mut policy, can_change, memory, lists_others, .. } = inputs;
    let (as_of, mut completeness) = (inputs.as_of, inputs.completeness);
    if policy.prune && !can_change {
        completeness.ignored.push("this API cannot delete, so nothing is pruned".to_owned());
    }
    // A saved plan looks again only at what it touches, which may be deletes alone.
    if policy.prune && wanted.is_empty() && completeness.manifests_considered == 0 {
        // A wrong path or an empty checkout looks just like this.
        policy.prune = false;
        completeness.ignored.push("no manifest declares a schedule, so nothing is pruned".to_owned());
    }
    let protections = if can_change { protections(&wanted, &memory) } else { Vec::new() };
    let settled = memory.open.iter().map(|begun| Settled::of(begun, &wanted, &live)).collect();
    let judge = Judge { policy, owner, memory, as_of };
    let (pairs, left) = if can_change { by_target(wanted, live) } else { by_time(wanted, live) };
    let mut verdicts = parallel::map(pairs, CHUNK, |(live, wanted)| match live {
        None => judge.create(wanted),
        Some(live) if can_change => judge.pair(live, wanted),
        Some(live) => judge.pair_of_same_time(live, wanted),
    });
    let (ours, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|live| can_change && judge.is_ours(live));
    let mut orphans = Vec::new();
    if policy.prune {
        verdicts.extend(parallel::map(ours, CHUNK, |live| judge.delete(live)));
    } else {
        orphans = ours;
    }
    let (mut actions, mut unchanged, mut owned, mut conceded) = (Vec::new(), 0, Owned::default(), Vec::new());
    orphans.iter().for_each(|live| owned.add(live.kind));
    for verdict in verdicts {
        match verdict {
            Verdict::Kept(kind) => {
                unchanged += 1;
                owned.add(kind);
            }
            Verdict::Conceded(operation) => {
                owned.add_of(&operation, None);
                conceded.push(operation.name().to_owned());
            }
            Verdict::Planned(action) => {
                owned.add_of(&action.operation, action.refusal.as_ref());
                actions.push(*action);
            }
        }
    }
    let rank = |action: &Action| match action.operation {
        _ if action.is_refused() => 3,
        Operation::Create { .. } => 0,
        Operation::Update { .. } => 1,
        Operation::Delete { .. } => 2,
    };
    actions.sort_by(|a, b| (rank(a), a.kind(), a.name()).cmp(&(rank(b), b.kind(), b.name())));
    if !conceded.is_empty() {
        let (count, names) = (conceded.len(), conceded.join(", "));
        completeness.ignored.push(format!("{count} changed on both sides, left as they are live: {names}"));
    }
    Plan {
        header,
        actions,
        unchanged,
        unmanaged: others.len() + passed_over,
        others: lists_others.then_some(others),
        orphans,
        protections,
        settled,
        owned,
        completeness,
    }
}

/// What manifests ask for, each with the live schedule that is to become it; and the live schedules that none asks for.
type Pairs = (Vec<(Option<LiveSchedule>, Wanted)>, Vec<LiveSchedule>);

/// A target holds at most one schedule, and its name tells whose it is.
fn by_target(wanted: Vec<Wanted>, live: Vec<LiveSchedule>) -> Pairs {
    let mut by_target: BTreeMap<(ScheduleKind, String), LiveSchedule> =
        live.into_iter().map(|live| ((live.kind, live.target.id.clone()), live)).collect();
    let of = |wanted: &Wanted| (wanted.schedule.kind, wanted.schedule.target.id.clone());
    let pairs = wanted.into_iter().map(|wanted| (by_target.remove(&of(&wanted)), wanted)).collect();
    (pairs, by_target.into_values().collect())
}

/// A target holds several schedules without names: the one with the same time is the wanted one.
fn by_time(wanted: Vec<Wanted>, live: Vec<LiveSchedule>) -> Pairs {
    let mut by_target: BTreeMap<String, Vec<LiveSchedule>> = BTreeMap::new();
    for live in live {
        by_target.entry(live.target.id.clone()).or_default().push(live);
    }
    let pairs = wanted.into_iter().map(|wanted| {
        let candidates = by_target.entry(wanted.schedule.target.id.clone()).or_default();
        let same = candidates.iter().position(|live| has_same_time(live, &wanted));
        (same.map(|at| candidates.swap_remove(at)), wanted)
    });
    (pairs.collect(), by_target.into_values().flatten().collect())
}

/// What the ledger is to remember of which schedules must not be deleted, and does not yet.
fn protections(wanted: &[Wanted], memory: &Memory) -> Vec<Protection> {
    let schedules = wanted.iter().map(|wanted| &wanted.schedule);
    let each = schedules.map(|one| Protection {
        kind: one.kind,
        name: one.name.to_string(),
        campaign_id: one.target.id.clone(),
        protect: one.protect,
    });
    let is_known = |one: &Protection| memory.protected.contains(&(one.kind, one.campaign_id.clone())) == one.protect;
    each.filter(|one| !is_known(one)).collect()
}

fn has_same_time(live: &LiveSchedule, wanted: &Wanted) -> bool {
    live.timetable.as_ref().is_ok_and(|timetable| same_time(timetable, &wanted.schedule.timetable))
}

/// Whether a live schedule, as it was read, is what a manifest wants.
pub fn is_as_wanted(live: &LiveSchedule, wanted: &Wanted) -> bool {
    let named = !wanted.stores_capacity;
    let name_fits = !named || live.name.as_deref() == Some(wanted.schedule.live_name.as_str());
    name_fits && is_stored_as_sent(live, wanted)
}

/// Whether a live schedule is what was sent for a manifest, by a service that may keep no names (whether it does is not
/// documented).
pub fn is_stored_as_sent(live: &LiveSchedule, wanted: &Wanted) -> bool {
    let name_fits = live.name.as_deref().is_none_or(|name| name == wanted.schedule.live_name.as_str());
    let capacity_fits = !wanted.stores_capacity || live.capacity == Some(wanted.schedule.capacity);
    name_fits && capacity_fits && has_same_time(live, wanted)
}

impl Plan {
    /// The plan without the schedules that are not named; their number is told as ignored.
    #[must_use]
    pub fn only(mut self, names: &BTreeSet<String>, owner: &Owner) -> Self {
        let is_named = |action: &Action| match action.wanted() {
            Some(wanted) => names.contains(wanted.schedule.name.as_str()),
            None => owner.owned_name(action.name()).is_some_and(|name| names.contains(name)),
        };
        let before = self.actions.len();
        self.actions.retain(is_named);
        let left_out = before - self.actions.len();
        if left_out > 0 {
            self.completeness.ignored.push(format!("{left_out} actions on schedules that `--only` does not name"));
        }
        self
    }

    /// The plan without what nobody but the repository has changed: what is left was changed in Genesys Cloud since the
    /// last apply.
    #[must_use]
    pub fn only_drift(mut self) -> Self {
        let before = self.actions.len();
        self.actions.retain(|action| action.origin.theirs().is_some());
        let left_out = before - self.actions.len();
        if left_out > 0 {
            self.completeness.ignored.push(format!(
                "what only the repository has changed, {left_out} in number: leave --drift out to see it"
            ));
        }
        self
    }
}
