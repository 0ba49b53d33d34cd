//! What would be done to make the live schedules those of the manifests: plain data, made by one
//! pure function from both sides.

mod action;
mod approval;
mod blackouts;
pub mod changes;
mod compare;
mod effect;
mod fortnight;
mod freeze;
mod grace;
pub mod html;
pub mod json;
mod judge;
mod limits;
mod line_diff;
pub mod markdown;
mod origin;
mod owned;
mod pool_load;
mod raised;
mod saved;
mod settlement;
#[cfg(test)]
pub(crate) mod tests;
pub mod text;
mod visible;
mod week;

use std::collections::BTreeMap;

use crate::ledger::Protection;
use crate::schedule::{DesiredSchedule, LiveSchedule};

pub use action::{Action, Operation, Refusal};
pub use approval::{ApprovedPlan, NotApproved, Objection, Rails};
pub use compare::{Inputs, OnConflict, Policy, compare, is_as_wanted, is_stored_as_sent};
pub use effect::Effect;
pub use fortnight::{Fortnight, Imminent};
pub use freeze::{Freeze, FreezeWindow, Frozen};
pub use grace::{Grace, TooSoon};
pub use limits::{Limit, LimitExceeded, Limited, Limits, LimitsOf};
pub use origin::{Origin, Theirs};
pub use owned::Owned;
pub use pool_load::PoolLoad;
pub use raised::{InvalidRaise, Raise, Raised};
pub use saved::{BrokenPlan, Request, SavedPlan, Touched};
pub use settlement::{Settled, Settlement};

/// The ordered actions that make the live schedules those of the manifests.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the plan was made with and from.
    pub header: Header,
    /// Creates, then updates, then deletes, then what is refused; each group by kind and name.
    pub actions: Vec<Action>,
    /// Schedules that are as the manifests want them.
    pub unchanged: usize,
    /// How many live schedules are none of this owner's business.
    pub unmanaged: usize,
    /// Those schedules, where somebody asked for them.
    pub others: Option<Vec<LiveSchedule>>,
    /// Live schedules of this owner that no manifest declares, when the plan does not delete them.
    pub orphans: Vec<LiveSchedule>,
    /// The schedules that their manifests have begun, or ceased, to protect from being deleted.
    pub protections: Vec<Protection>,
    /// What became of actions that earlier runs began and never finished.
    pub settled: Vec<Settled>,
    /// How many live schedules the owner has, whatever becomes of them and whether or not `--only` leaves them out.
    pub owned: Owned,
    /// How the plan knows that it has seen everything.
    pub completeness: Completeness,
}

/// What a plan was made with and from.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The program and its version, for example `dialctl 0.1.0`.
    pub tool: String,
    /// The version of the zone database, for example `2026f`.
    pub tzdata: String,
    /// The host of the API, which stands for the organisation and region.
    pub org: String,
    /// The API that was asked, for example `outbound-schedules`.
    pub api: String,
    /// Whose schedules the plan is about.
    pub owner: String,
    /// The commit of the repository that the manifests stand in, where there is one.
    pub git_commit: Option<String>,
    /// SHA-256 over all manifest files.
    pub manifest_digest: String,
    /// The limits that somebody has replaced for this run, whether or not that matters to this plan; absent where
    /// none is.
    #[serde(skip_serializing_if = "Raised::is_empty")]
    pub raised: Raised,
}

/// How a plan knows that it has seen everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Completeness {
    /// Answers of the API that the live side was put together from.
    pub pages_fetched: u32,
    /// Live schedules in them.
    pub objects_seen: usize,
    /// Manifests of schedules that were compared.
    pub manifests_considered: usize,
    /// What was left out, and why.
    pub ignored: Vec<String>,
}

/// Where a schedule is declared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Source {
    /// The file, as the user named it.
    pub file: String,
    /// The first line of the document, from 1.
    pub line: usize,
    /// SHA-256 of the document's text; recorded in the ledger.
    #[serde(skip)]
    pub digest: String,
}

/// A desired schedule and where it is declared.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The schedule.
    pub schedule: DesiredSchedule,
    /// The labels of its manifest. The service knows none; those who are told of changes do.
    pub labels: BTreeMap<String, String>,
    /// Where it is declared.
    pub source: Source,
    /// Whether the API keeps the capacity; where it does not, the capacity is a promise only.
    pub stores_capacity: bool,
}

/// The number of actions of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Counts {
    /// Schedules to create.
    pub create: usize,
    /// Schedules to update.
    pub update: usize,
    /// Schedules to delete.
    pub delete: usize,
    /// Manifests whose wish is refused.
    pub refused: usize,
    /// Schedules that are as wanted.
    pub unchanged: usize,
    /// Live schedules of others.
    pub unmanaged: usize,
}

impl Plan {
    /// The number of actions of each sort.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { unchanged: self.unchanged, unmanaged: self.unmanaged, ..Counts::default() };
        for action in &self.actions {
            match action.operation {
                _ if action.is_refused() => counts.refused += 1,
                Operation::Create { .. } => counts.create += 1,
                Operation::Update { .. } => counts.update += 1,
                Operation::Delete { .. } => counts.delete += 1,
            }
        }
        counts
    }

    /// What there is to do, in one sentence.
    pub fn headline(&self) -> String {
        if self.actions.is_empty() {
            return "Nothing to change.".to_owned();
        }
        let Counts { create, update, delete, refused, .. } = self.counts();
        let refused = if refused > 0 { format!(", {refused} refused") } else { String::new() };
        format!("Plan: {create} to create, {update} to update, {delete} to delete{refused}.")
    }

    /// Whether applying the plan would write anything.
    pub fn has_changes(&self) -> bool {
        !self.actions.iter().all(Action::is_refused)
    }

    /// Whether anything that a manifest asks for is refused.
    pub fn has_refusals(&self) -> bool {
        self.actions.iter().any(Action::is_refused)
    }
}
