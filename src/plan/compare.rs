//! Both sides in, a plan out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::schedule::equality::same_time;
use crate::schedule::{LiveSchedule, Owner, ScheduleKind};

use super::{Action, Completeness, Effect, Header, Operation, Plan, Refusal, Wanted};

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
}

impl Default for Policy {
    fn default() -> Self {
        Self { create: true, update: true, prune: false, adopt: false }
    }
}

/// Compares both sides.
pub fn compare(inputs: Inputs) -> Plan {
    let Inputs { header, owner, wanted, live, passed_over, mut policy, can_change, as_of, mut completeness } = inputs;
    if policy.prune && !can_change {
        completeness.ignored.push("this API cannot delete, so nothing is pruned".to_owned());
    }
    // A saved plan looks again only at what it touches, which may be deletes alone.
    if policy.prune && wanted.is_empty() && completeness.manifests_considered == 0 {
        // A wrong path or an empty checkout looks just like this.
        policy.prune = false;
        completeness.ignored.push("no manifest declares a schedule, so nothing is pruned".to_owned());
    }
    let mut pairing = Pairing { policy, owner, as_of, actions: Vec::new(), unchanged: 0, left: Vec::new() };
    if can_change {
        pairing.by_target(wanted, live);
    } else {
        pairing.by_time(wanted, live);
    }
    let mut plan = pairing.into_plan(header, completeness, can_change);
    plan.unmanaged += passed_over;
    plan
}

struct Pairing {
    policy: Policy,
    owner: Owner,
    as_of: DateTime<Utc>,
    actions: Vec<Action>,
    unchanged: usize,
    /// Live schedules that no manifest asks for.
    left: Vec<LiveSchedule>,
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
                Some(live) if is_as_wanted(&live, &wanted) => self.unchanged += 1,
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
                Some(live) if live.capacity == Some(wanted.schedule.capacity) => self.unchanged += 1,
                Some(live) => self.add(Operation::Update { live, wanted }, Some(Refusal::CannotChange)),
            }
        }
        self.left = by_target.into_values().flatten().collect();
    }

    fn create(&mut self, wanted: Wanted) {
        let denied = (!self.policy.create).then_some(Refusal::Policy("create"));
        self.add(Operation::Create { wanted }, denied);
    }

    fn add(&mut self, operation: Operation, refusal: Option<Refusal>) {
        let effect = Effect::of(operation.timetable_before(), operation.timetable_after(), self.as_of);
        self.actions.push(Action { operation, effect, refusal });
    }

    fn is_ours(&self, live: &LiveSchedule) -> bool {
        live.name.as_deref().is_some_and(|name| self.owner.owned_name(name).is_some())
    }

    fn into_plan(mut self, header: Header, completeness: Completeness, can_change: bool) -> Plan {
        let left = std::mem::take(&mut self.left);
        let (owned, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|live| can_change && self.is_ours(live));
        let mut orphans = Vec::new();
        if self.policy.prune {
            for live in owned {
                self.add(Operation::Delete { live }, None);
            }
        } else {
            orphans = owned;
        }
        let rank = |action: &Action| match action.operation {
            _ if action.is_refused() => 3,
            Operation::Create { .. } => 0,
            Operation::Update { .. } => 1,
            Operation::Delete { .. } => 2,
        };
        self.actions.sort_by(|a, b| (rank(a), a.kind(), a.name()).cmp(&(rank(b), b.kind(), b.name())));
        Plan {
            header,
            actions: self.actions,
            unchanged: self.unchanged,
            unmanaged: others.len(),
            orphans,
            completeness,
        }
    }
}

fn has_same_time(live: &LiveSchedule, wanted: &Wanted) -> bool {
    live.timetable.as_ref().is_ok_and(|timetable| same_time(timetable, &wanted.schedule.timetable))
}

/// Whether a live schedule, as it was read, is what a manifest wants.
pub fn is_as_wanted(live: &LiveSchedule, wanted: &Wanted) -> bool {
    let named = !wanted.stores_capacity;
    let name_fits = !named || live.name.as_deref() == Some(wanted.schedule.live_name.as_str());
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
}
