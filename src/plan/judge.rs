//! What becomes of one schedule: kept, changed, or refused.

use chrono::{DateTime, Utc};

use crate::ledger::{Applied, Memory};
use crate::schedule::{LiveSchedule, Owner, ScheduleKind};

use super::compare::{is_as_wanted, is_stored_as_sent};
use super::{Action, Effect, OnConflict, Operation, Origin, Policy, Refusal, Wanted, origin};

/// What becomes of a schedule.
pub enum Verdict {
    /// It is as its manifest wants it.
    Kept(ScheduleKind),
    /// Both sides have changed it, and it stays as it is live.
    Conceded(Box<Operation>),
    /// It is to be changed, or that is refused.
    Planned(Box<Action>),
}

/// What decides over each schedule alone.
pub struct Judge {
    /// What is allowed.
    pub policy: Policy,
    /// Whose schedules the plan is about.
    pub owner: Owner,
    /// What earlier runs have left behind.
    pub memory: Memory,
    /// When the plan is made.
    pub as_of: DateTime<Utc>,
}

impl Judge {
    /// No live schedule has its target.
    pub fn create(&self, wanted: Wanted) -> Verdict {
        let denied = (!self.policy.create).then_some(Refusal::Policy("create"));
        self.plan(Operation::Create { wanted }, denied)
    }

    /// A live schedule has its target.
    pub fn pair(&self, live: LiveSchedule, wanted: Wanted) -> Verdict {
        if !self.is_ours(&live) && !self.policy.adopt {
            let reason = Refusal::NotOurs { name: live.name.clone() };
            return self.plan(Operation::Update { live, wanted }, Some(reason));
        }
        if self.is_as_wanted(&live, &wanted) {
            return Verdict::Kept(live.kind);
        }
        let denied = (!self.policy.update).then_some(Refusal::Policy("update"));
        self.plan(Operation::Update { live, wanted }, denied)
    }

    /// A live schedule that cannot be changed has its target and its time.
    pub fn pair_of_same_time(&self, live: LiveSchedule, wanted: Wanted) -> Verdict {
        if live.capacity == Some(wanted.schedule.capacity) {
            Verdict::Kept(live.kind)
        } else {
            self.plan(Operation::Update { live, wanted }, Some(Refusal::CannotChange))
        }
    }

    /// Takes a live schedule of ours that no manifest asks for out of what is dialed.
    pub fn delete(&self, live: LiveSchedule) -> Verdict {
        let place = (live.kind, live.target.id.clone());
        let refusal = self.memory.protected.contains(&place).then_some(Refusal::Protected);
        let remembered = self.applied(&live).map_or("", |applied| applied.name.as_str());
        let name = live.name.clone().unwrap_or_else(|| format!("{}/{remembered}", self.owner));
        self.plan(Operation::Delete { live, name }, refusal)
    }

    fn plan(&self, operation: Operation, mut refusal: Option<Refusal>) -> Verdict {
        let applied = self.memory.applied.get(&(operation.kind(), operation.target().id.clone()));
        let origin = Origin::of(applied, operation.live(), operation.wanted());
        if let (Origin::Conflict(_), None) = (&origin, &refusal) {
            match self.policy.on_conflict {
                OnConflict::Fail => refusal = Some(Refusal::Conflict),
                OnConflict::Ours => {}
                OnConflict::Theirs => return Verdict::Conceded(Box::new(operation)),
            }
        }
        let effect = Effect::of(operation.timetable_before(), operation.timetable_after(), self.as_of);
        Verdict::Planned(Box::new(Action { operation, effect, origin, refusal }))
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

    /// Whether a live schedule is the owner's.
    pub fn is_ours(&self, live: &LiveSchedule) -> bool {
        live.name.as_deref().is_some_and(|name| self.owner.owned_name(name).is_some()) || self.is_proven(live)
    }
}
