//! Both sides in, a plan out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::ledger::{Applied, Memory, Protection};
use crate::schedule::equality::same_time;
use crate::schedule::{LiveSchedule, Owner, ScheduleKind};

use super::{Action, Completeness, Effect, Header, Operation, Origin, Owned, Plan, Refusal, Settled, Wanted, origin};

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
    let mut pairing = Pairing {
        policy,
        owner,
        memory,
        as_of,
        actions: Vec::new(),
        unchanged: 0,
        owned: Owned::default(),
        left: Vec::new(),
        conceded: Vec::new(),
    };
    if can_change {
        pairing.by_target(wanted, live);
    } else {
        pairing.by_time(wanted, live);
    }
    let mut plan = pairing.into_plan(header, completeness, can_change, lists_others);
    plan.unmanaged += passed_over;
    plan.settled = settled;
    plan.protections = protections;
    plan
}

struct Pairing {
    policy: Policy,
    owner: Owner,
    memory: Memory,
    as_of: DateTime<Utc>,
    actions: Vec<Action>,
    unchanged: usize,
    owned: Owned,
    /// Live schedules that no manifest asks for.
    left: Vec<LiveSchedule>,
    /// The names of schedules that stay as others have left them.
    conceded: Vec<String>,
}

impl Pairing {
    /// A target holds at most one schedule, and its name tells whose it is.
    fn by_target(&mut self, wanted: Vec<Wanted>, live: Vec<LiveSchedule>) {
        let mut by_target: BTreeMap<(ScheduleKind, String), LiveSchedule> =
            live.into_iter().map(|live| ((live.kind, live.target.id.clone()), live)).collect();
        for wanted in wanted {
            let key = (wanted.schedule.kind, wanted.schedule.target.id.clone());
            match by_target.remove(&key) {
                None => self.create(wanted),
                Some(live) if !self.is_ours(&live) && !self.policy.adopt => {
                    let reason = Refusal::NotOurs { name: live.name.clone() };
                    self.add(Operation::Update { live, wanted }, Some(reason));
                }
                Some(live) if self.is_as_wanted(&live, &wanted) => self.keep(&live),
                Some(live) => {
                    let denied = (!self.policy.update).then_some(Refusal::Policy("update"));
                    self.add(Operation::Update { live, wanted }, denied);
                }
            }
        }
        self.left = by_target.into_values().collect();
    }

    /// A target holds several schedules without names: the one with the same time is the wanted one.
    fn by_time(&mut self, wanted: Vec<Wanted>, live: Vec<LiveSchedule>) {
        let mut by_target: BTreeMap<String, Vec<LiveSchedule>> = BTreeMap::new();
        for live in live {
            by_target.entry(live.target.id.clone()).or_default().push(live);
        }
        for wanted in wanted {
            let candidates = by_target.entry(wanted.schedule.target.id.clone()).or_default();
            let same = candidates.iter().position(|live| has_same_time(live, &wanted));
            match same.map(|at| candidates.swap_remove(at)) {
                None => self.create(wanted),
                Some(live) if live.capacity == Some(wanted.schedule.capacity) => self.keep(&live),
                Some(live) => self.add(Operation::Update { live, wanted }, Some(Refusal::CannotChange)),
            }
        }
        self.left = by_target.into_values().flatten().collect();
    }

    fn keep(&mut self, live: &LiveSchedule) {
        self.unchanged += 1;
        self.owned.add(live.kind);
    }

    fn create(&mut self, wanted: Wanted) {
        let denied = (!self.policy.create).then_some(Refusal::Policy("create"));
        self.add(Operation::Create { wanted }, denied);
    }

    fn add(&mut self, operation: Operation, refusal: Option<Refusal>) {
        self.owned.add_of(&operation, refusal.as_ref());
        let applied = self.memory.applied.get(&(operation.kind(), operation.target().id.clone()));
        let origin = Origin::of(applied, operation.live(), operation.wanted());
        let mut refusal = refusal;
        if let (Origin::Conflict(_), None) = (&origin, &refusal) {
            match self.policy.on_conflict {
                OnConflict::Fail => refusal = Some(Refusal::Conflict),
                OnConflict::Ours => {}
                OnConflict::Theirs => return self.conceded.push(operation.name().to_owned()),
            }
        }
        let effect = Effect::of(operation.timetable_before(), operation.timetable_after(), self.as_of);
        self.actions.push(Action { operation, effect, origin, refusal });
    }

    fn applied(&self, live: &LiveSchedule) -> Option<&Applied> {
        self.memory.applied.get(&(live.kind, live.target.id.clone()))
    }

    fn is_as_wanted(&self, live: &LiveSchedule, wanted: &Wanted) -> bool {
        is_as_wanted(live, wanted) || (self.is_proven(live) && is_stored_as_sent(live, wanted))
    }

    /// Whether a schedule without a name is ours, because the ledger says so: some services may keep no names.
    fn is_proven(&self, live: &LiveSchedule) -> bool {
        live.name.is_none() && origin::is_proven(self.applied(live), live)
    }

    /// Takes a live schedule of ours that no manifest asks for out of what is dialed.
    fn delete(&mut self, live: LiveSchedule) {
        let place = (live.kind, live.target.id.clone());
        let refusal = self.memory.protected.contains(&place).then_some(Refusal::Protected);
        let remembered = self.applied(&live).map_or("", |applied| applied.name.as_str());
        let name = live.name.clone().unwrap_or_else(|| format!("{}/{remembered}", self.owner));
        self.add(Operation::Delete { live, name }, refusal);
    }

    fn is_ours(&self, live: &LiveSchedule) -> bool {
        live.name.as_deref().is_some_and(|name| self.owner.owned_name(name).is_some()) || self.is_proven(live)
    }

    fn into_plan(
        mut self,
        header: Header,
        mut completeness: Completeness,
        can_change: bool,
        lists_others: bool,
    ) -> Plan {
        let left = std::mem::take(&mut self.left);
        let (owned, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|live| can_change && self.is_ours(live));
        let mut orphans = Vec::new();
        if self.policy.prune {
            for live in owned {
                self.delete(live);
            }
        } else {
            orphans = owned;
            orphans.iter().for_each(|live| self.owned.add(live.kind));
        }
        let rank = |action: &Action| match action.operation {
            _ if action.is_refused() => 3,
            Operation::Create { .. } => 0,
            Operation::Update { .. } => 1,
            Operation::Delete { .. } => 2,
        };
        self.actions.sort_by(|a, b| (rank(a), a.kind(), a.name()).cmp(&(rank(b), b.kind(), b.name())));
        if !self.conceded.is_empty() {
            let (count, names) = (self.conceded.len(), self.conceded.join(", "));
            completeness.ignored.push(format!("{count} changed on both sides, left as they are live: {names}"));
        }
        Plan {
            header,
            actions: self.actions,
            unchanged: self.unchanged,
            unmanaged: others.len(),
            others: lists_others.then_some(others),
            settled: Vec::new(),
            protections: Vec::new(),
            orphans,
            owned: self.owned,
            completeness,
        }
    }
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
