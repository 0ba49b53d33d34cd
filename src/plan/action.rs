//! One step of a plan: what is to be done to one schedule, what that does to the time dialed, and why it is
//! not done where it is not.

use crate::schedule::{LiveSchedule, ScheduleKind, ScheduleView, Target, Timetable};

use super::{Effect, Origin, Wanted};

/// One step of a plan.
#[derive(Clone, Debug)]
pub struct Action {
    /// What both sides ask for.
    pub operation: Operation,
    /// What that does to the time that is dialed.
    pub effect: Effect,
    /// Who has made both sides differ since the last apply.
    pub origin: Origin,
    /// Why it is not done. Apply does nothing at all while one action of the plan is refused.
    pub refusal: Option<Refusal>,
}

/// What is to be done to one schedule.
#[derive(Clone, Debug)]
pub enum Operation {
    /// The target has no schedule yet.
    Create { wanted: Wanted },
    /// The target's schedule differs from the manifest.
    Update { live: LiveSchedule, wanted: Wanted },
    /// The manifest of an owned schedule is gone.
    Delete {
        live: LiveSchedule,
        /// Its live name; what it would be, where the service keeps none.
        name: String,
    },
}

/// Why a plan does not do what a manifest asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The target has a schedule that this owner did not make.
    #[error(
        "the target already has {} that this repository does not own; `--adopt` takes it over",
        .name.as_deref().map_or_else(|| "a schedule without a name".to_owned(), |name| format!("the schedule `{}`", name.escape_debug()))
    )]
    NotOurs { name: Option<String> },
    /// The API cannot change what it stores.
    #[error("the API `campaign-schedules` cannot change a stored schedule; remove it by hand, then apply again")]
    CannotChange,
    /// It is not to be deleted, whatever became of its manifest.
    #[error(
        "it is protected: its manifest said `protect: true` when it was last applied; to delete it, apply the manifest \
         with `protect: false` first"
    )]
    Protected,
    /// Both sides have changed since the last apply.
    #[error(
        "it was changed both here and in Genesys Cloud since the last apply; `--on-conflict ours` does what the \
         repository asks for, `--on-conflict theirs` leaves it as it is"
    )]
    Conflict,
    /// The policy of `dialctl.yaml` forbids it.
    #[error("the policy in dialctl.yaml denies `{0}`")]
    Policy(&'static str),
}

impl Operation {
    /// The word for it: `create`, `update` or `delete`.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
        }
    }

    /// The family of the schedule.
    pub fn kind(&self) -> ScheduleKind {
        match self {
            Self::Create { wanted } | Self::Update { wanted, .. } => wanted.schedule.kind,
            Self::Delete { live, .. } => live.kind,
        }
    }

    /// The manifest's name; for a delete the live name, as there is no manifest.
    pub fn name(&self) -> &str {
        match self {
            Self::Create { wanted } | Self::Update { wanted, .. } => wanted.schedule.name.as_str(),
            Self::Delete { name, .. } => name,
        }
    }

    /// The manifest's side, where there is one.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Self::Create { wanted } | Self::Update { wanted, .. } => Some(wanted),
            Self::Delete { .. } => None,
        }
    }

    /// The live side, where there is one.
    pub fn live(&self) -> Option<&LiveSchedule> {
        match self {
            Self::Create { .. } => None,
            Self::Update { live, .. } | Self::Delete { live, .. } => Some(live),
        }
    }

    /// The campaign or sequence.
    pub fn target(&self) -> &Target {
        match self {
            Self::Create { wanted } | Self::Update { wanted, .. } => &wanted.schedule.target,
            Self::Delete { live, .. } => &live.target,
        }
    }

    /// When it dials now; nothing where there is no schedule, or one that cannot be read.
    pub fn timetable_before(&self) -> Option<&Timetable> {
        match self {
            Self::Create { .. } => None,
            Self::Update { live, .. } | Self::Delete { live, .. } => live.timetable.as_ref().ok(),
        }
    }

    /// When it is to dial; nothing where the schedule is deleted.
    pub fn timetable_after(&self) -> Option<&Timetable> {
        match self {
            Self::Create { wanted } | Self::Update { wanted, .. } => Some(&wanted.schedule.timetable),
            Self::Delete { .. } => None,
        }
    }
}

impl Action {
    /// Whether what is asked for is not done.
    pub const fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// The word for the action: `create`, `update`, `delete` or `refused`.
    pub const fn verb(&self) -> &'static str {
        if self.is_refused() { "refused" } else { self.operation.verb() }
    }

    /// The family of the schedule.
    pub fn kind(&self) -> ScheduleKind {
        self.operation.kind()
    }

    /// The manifest's name; for a delete the live name, as there is no manifest.
    pub fn name(&self) -> &str {
        self.operation.name()
    }

    /// The manifest's side, where there is one.
    pub fn wanted(&self) -> Option<&Wanted> {
        self.operation.wanted()
    }

    /// The live side, where there is one.
    pub fn live(&self) -> Option<&LiveSchedule> {
        self.operation.live()
    }

    /// The campaign or sequence.
    pub fn target(&self) -> &Target {
        self.operation.target()
    }

    /// The schedule before the action, in its normal form. `None` when there is none, or when what
    /// is stored cannot be read.
    pub fn before(&self) -> Option<ScheduleView> {
        self.live().and_then(LiveSchedule::view)
    }

    /// What the manifest wants, in its normal form.
    pub fn after(&self) -> Option<ScheduleView> {
        self.wanted().map(|wanted| wanted.schedule.view(wanted.stores_capacity))
    }
}
