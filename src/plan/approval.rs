//! From a plan to one that may be applied.

use crate::ledger::Protection;

use super::grace::{Grace, TooSoon};
use super::{Action, Frozen, LimitExceeded, Limits, Plan, Settled};

/// A plan that may be applied. Nothing else can be.
#[derive(Clone, Debug)]
pub struct ApprovedPlan(Plan);

/// What keeps a plan as a whole from being applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// It changes more than is allowed.
    #[error("{0}")]
    Limit(LimitExceeded),
    /// It changes something at a time at which nothing is to be changed.
    #[error("{0}")]
    Frozen(Frozen),
    /// One of its actions would be felt at once.
    #[error("{0}")]
    TooSoon(TooSoon),
}

/// What a plan as a whole must keep to.
#[derive(Clone, Debug, Default)]
pub struct Rails {
    /// How much it may change.
    pub limits: Limits,
    /// What is frozen now, where something is.
    pub frozen: Option<Frozen>,
    /// How soon none of its actions must be felt, where that matters.
    pub grace: Option<Grace>,
}

/// Why a plan may not be applied. Nothing is changed then, not even what would be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// Some of what the manifests ask for is refused.
    #[error("{0} of the plan's actions are refused, see above; nothing was changed")]
    Refusals(usize),
    /// There are objections to the plan as a whole: all of them.
    #[error("{}; nothing was changed", lines(.0))]
    Objections(Vec<Objection>),
}

impl Plan {
    /// All that keeps the plan as a whole from being applied.
    pub fn objections(&self, rails: &Rails) -> Vec<Objection> {
        let exceeded = rails.limits.check(self).into_iter().map(Objection::Limit);
        let frozen = rails.frozen.clone().filter(|_| self.has_changes()).map(Objection::Frozen);
        let too_soon = rails.grace.iter().flat_map(|grace| grace.check(self)).map(Objection::TooSoon);
        exceeded.chain(frozen).chain(too_soon).collect()
    }

    /// Approves the plan when no action is refused and there is no objection.
    ///
    /// # Errors
    /// Why it is not approved.
    pub fn approve(self, rails: &Rails) -> Result<ApprovedPlan, NotApproved> {
        let refused = self.counts().refused;
        if refused > 0 {
            return Err(NotApproved::Refusals(refused));
        }
        let objections = self.objections(rails);
        if objections.is_empty() { Ok(ApprovedPlan(self)) } else { Err(NotApproved::Objections(objections)) }
    }
}

impl ApprovedPlan {
    /// The plan's actions, none of which is refused.
    pub fn actions(&self) -> &[Action] {
        &self.0.actions
    }

    /// The schedules that their manifests have begun, or ceased, to protect from being deleted.
    pub fn protections(&self) -> &[Protection] {
        &self.0.protections
    }

    /// What became of actions that earlier runs began and never finished.
    pub fn settled(&self) -> &[Settled] {
        &self.0.settled
    }
}

fn lines(objections: &[Objection]) -> String {
    objections.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
}
