//! Safety limits: how much one plan may change before a person has to say the number.

use super::{Action, Counts, LeftAlone, Plan, Settled};

/// How much one plan may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The limits bind once this many owned schedules are live.
    pub floor: usize,
    /// The share of owned live schedules that may be updated, in percent.
    pub update_percent: usize,
    /// The share of owned live schedules that may be deleted, in percent.
    pub delete_percent: usize,
    /// The number of updates allowed for this run, whatever the share.
    pub max_updates: Option<usize>,
    /// The number of deletes allowed for this run, whatever the share.
    pub max_deletes: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { floor: 10, update_percent: 30, delete_percent: 30, max_updates: None, max_deletes: None }
    }
}

/// A plan changes more than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{planned} {operation}s of {owned} live schedules are more than the limit allows ({allowed}); \
     if that is meant, say the number for this run: --max-{operation}s {planned}"
)]
pub struct LimitExceeded {
    operation: &'static str,
    planned: usize,
    owned: usize,
    allowed: usize,
}

impl Limits {
    /// The limits that a plan exceeds.
    pub fn check(&self, plan: &Plan) -> Vec<LimitExceeded> {
        self.exceeded(plan.counts(), plan.orphans.len())
    }

    /// The limits that so many actions exceed, where so many owned schedules have no manifest and are left alone.
    fn exceeded(&self, counts: Counts, orphans: usize) -> Vec<LimitExceeded> {
        let owned = counts.update + counts.delete + counts.unchanged + orphans;
        let checks = [
            ("update", counts.update, self.update_percent, self.max_updates),
            ("delete", counts.delete, self.delete_percent, self.max_deletes),
        ];
        checks
            .into_iter()
            .filter_map(|(operation, planned, percent, raised)| {
                let share = if owned < self.floor { owned } else { owned.saturating_mul(percent) / 100 };
                let allowed = raised.unwrap_or(share);
                (planned > allowed).then_some(LimitExceeded { operation, planned, owned, allowed })
            })
            .collect()
    }
}

/// A plan that may be applied. Nothing else can be.
#[derive(Clone, Debug)]
pub struct ApprovedPlan(Plan);

/// Why a plan may not be applied. Nothing is changed then, not even what would be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// Some of what the manifests ask for is refused.
    #[error("{0} of the plan's actions are refused, see above; nothing was changed")]
    Refusals(usize),
    /// The plan changes more than is allowed.
    #[error("{0}; nothing was changed")]
    Limit(LimitExceeded),
}

impl Plan {
    /// Approves the plan when no action is refused and no limit is exceeded.
    ///
    /// # Errors
    /// Why it is not approved.
    pub fn approve(self, limits: &Limits) -> Result<ApprovedPlan, NotApproved> {
        let left_alone = LeftAlone { unchanged: self.unchanged, orphans: self.orphans.len(), ..LeftAlone::default() };
        self.approve_beside(left_alone, limits)
    }

    /// The same for a plan that was made from what a saved plan touches, beside what that one left alone.
    ///
    /// # Errors
    /// Why it is not approved.
    pub fn approve_beside(self, left_alone: LeftAlone, limits: &Limits) -> Result<ApprovedPlan, NotApproved> {
        let counts = Counts { unchanged: left_alone.unchanged, ..self.counts() };
        if counts.refused > 0 {
            return Err(NotApproved::Refusals(counts.refused));
        }
        match limits.exceeded(counts, left_alone.orphans).first() {
            Some(limit) => Err(NotApproved::Limit(*limit)),
            None => Ok(ApprovedPlan(self)),
        }
    }
}

impl ApprovedPlan {
    /// The plan's actions, none of which is refused.
    pub fn actions(&self) -> &[Action] {
        &self.0.actions
    }

    /// What became of actions that earlier runs began and never finished.
    pub fn settled(&self) -> &[Settled] {
        &self.0.settled
    }
}
