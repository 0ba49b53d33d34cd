//! Safety limits: how much one plan may change before a person has to say the number.

use std::collections::BTreeMap;
use std::fmt;

use crate::schedule::ScheduleKind;

use super::raised::{Raise, Raised};
use super::{Action, Operation, Plan};

/// How much one plan may change.
#[derive(Clone, Debug)]
pub struct Limits {
    /// What holds for all schedules of the owner together.
    pub all: LimitsOf,
    /// What holds for single kinds of them, besides.
    pub kinds: BTreeMap<ScheduleKind, LimitsOf>,
    /// What somebody has replaced for this run.
    pub raised: Raised,
}

/// The limits of some schedules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitsOf {
    /// Shares bind once so many of them are live and owned.
    pub floor: usize,
    /// How many may be updated.
    pub updates: Limit,
    /// How many may be deleted.
    pub deletes: Limit,
}

/// How often an operation may be planned. Both numbers bind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// As a share of the owned live schedules, in percent, rounded down.
    pub percent: Option<usize>,
    /// As a number, however many are live.
    pub max: Option<usize>,
}

/// An operation that is limited. Creates are not: nothing is lost by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Updates, takeovers among them.
    Update,
    /// Deletes.
    Delete,
}

/// A plan changes more than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitExceeded {
    limited: Limited,
    /// The kind whose limit it is; none where it is that of all schedules together.
    kind: Option<ScheduleKind>,
    planned: usize,
    owned: usize,
    allowed: usize,
    by: Bound,
}

/// Which number it is that binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// The share, in percent.
    Share(usize),
    /// The number in the settings.
    Number,
    /// The number that was given for this run.
    Raised,
}

impl Default for Limits {
    fn default() -> Self {
        let limit = Limit { percent: Some(30), max: None };
        let all = LimitsOf { floor: 10, updates: limit, deletes: limit };
        Self { all, kinds: BTreeMap::new(), raised: Raised::default() }
    }
}

impl Limited {
    /// All of them, in the order in which they are done.
    pub const ALL: [Self; 2] = [Self::Update, Self::Delete];

    /// The option that raises the limit.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Update => "--max-updates",
            Self::Delete => "--max-deletes",
        }
    }

    const fn setting(self) -> &'static str {
        match self {
            Self::Update => "maxUpdates",
            Self::Delete => "maxDeletes",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// Whether an action does it.
    fn is_done_by(self, action: &Action) -> bool {
        let does = match self {
            Self::Update => matches!(action.operation, Operation::Update { .. }),
            Self::Delete => matches!(action.operation, Operation::Delete { .. }),
        };
        does && !action.is_refused()
    }
}

impl LimitsOf {
    const fn of(&self, limited: Limited) -> Limit {
        match limited {
            Limited::Update => self.updates,
            Limited::Delete => self.deletes,
        }
    }
}

impl Limits {
    /// All the limits that a plan exceeds: first those of all schedules together, then by kind.
    pub fn check(&self, plan: &Plan) -> Vec<LimitExceeded> {
        let kinds = ScheduleKind::ALL.map(Some);
        let scopes = std::iter::once(None).chain(kinds);
        let limits = scopes.flat_map(|kind| Limited::ALL.map(|limited| (kind, limited)));
        limits.filter_map(|(kind, limited)| self.exceeded(kind, limited, plan)).collect()
    }

    fn exceeded(&self, kind: Option<ScheduleKind>, limited: Limited, plan: &Plan) -> Option<LimitExceeded> {
        let counts = |action: &&Action| kind.is_none_or(|kind| action.kind() == kind) && limited.is_done_by(action);
        let planned = plan.actions.iter().filter(counts).count();
        let owned = plan.owned.count(kind);
        let (allowed, by) = self.allowed(kind, limited, owned)?;
        (planned > allowed).then_some(LimitExceeded { limited, kind, planned, owned, allowed, by })
    }

    /// The smallest number that binds, where one does.
    fn allowed(&self, kind: Option<ScheduleKind>, limited: Limited, owned: usize) -> Option<(usize, Bound)> {
        if let Some(number) = self.raised.to(limited, kind) {
            return Some((number, Bound::Raised));
        }
        let limits = match kind {
            Some(kind) => self.kinds.get(&kind)?,
            None => &self.all,
        };
        let Limit { percent, max } = limits.of(limited);
        let share = percent.filter(|_| owned >= limits.floor);
        let share = share.map(|percent| (owned.saturating_mul(percent) / 100, Bound::Share(percent)));
        share.into_iter().chain(max.map(|max| (max, Bound::Number))).min_by_key(|(allowed, _)| *allowed)
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limited, kind, planned, owned, allowed, by } = *self;
        let word = limited.word();
        let (number, are) = if planned == 1 { (word.to_owned(), "is") } else { (format!("{word}s"), "are") };
        write!(f, "{planned} {number} of {owned} live ")?;
        match kind {
            Some(kind) => write!(f, "{kind}s ")?,
            None => f.write_str("schedules ")?,
        }
        write!(f, "{are} more than the {allowed} that ")?;
        let setting = kind.map_or_else(|| "limits".to_owned(), |kind| format!("limits.kinds.{kind}"));
        let raise = |number| Raise { kind, number };
        match by {
            Bound::Share(percent) => write!(f, "`{setting}.{word}Percent: {percent}` allows")?,
            Bound::Number => write!(f, "`{setting}.{}: {allowed}` allows", limited.setting())?,
            Bound::Raised => write!(f, "`{} {}` allows", limited.flag(), raise(allowed))?,
        }
        write!(f, "; if that is meant, say the number for this run: {} {}", limited.flag(), raise(planned))
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
