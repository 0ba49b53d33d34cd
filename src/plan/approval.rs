//! From a plan to one that may be applied.

use crate::ledger::Protection;

use super::{Action, LimitExceeded, Limits, Plan, Settled};

/// A plan that may be applied. Nothing else can be.
#[derive(Clone, Debug)]
pub struct ApprovedPlan(Plan);

/// Why a plan may not be applied. Nothing is changed then, not even what would be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// Some of what the manifests ask for is refused.
    #[error("{0} of the plan's actions are refused, see above; nothing was changed")]
    Refusals(usize),
    /// The plan changes more than is allowed, by one limit or several.
    #[error("{}; nothing was changed", lines(.0))]
    Limits(Vec<LimitExceeded>),
}

impl Plan {
    /// Approves the plan when no action is refused and no limit is exceeded.
    ///
    /// # Errors
    /// Why it is not approved.
    pub fn approve(self, limits: &Limits) -> Result<ApprovedPlan, NotApproved> {
        let refused = self.counts().refused;
        if refused > 0 {
            return Err(NotApproved::Refusals(refused));
        }
        let exceeded = limits.check(&self);
        if exceeded.is_empty() { Ok(ApprovedPlan(self)) } else { Err(NotApproved::Limits(exceeded)) }
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

fn lines(exceeded: &[LimitExceeded]) -> String {
    exceeded.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
}
