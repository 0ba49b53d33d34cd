//! What makes a repository of schedules wrong: one file per rule, findings as data. Pure.

mod allowance;
mod blackouts;
mod clock_change;
mod code;
mod duplicate_name;
mod duplicate_target;
mod ended;
pub mod explain;
mod finding;
mod horizon;
mod live_side;
mod nearest;
mod never_runs;
mod not_representable;
mod on_blackout_date;
mod outside_calling_hours;
mod over_capacity;
mod overlap;
mod peak;
mod place;
mod pool_over_capacity;
mod ranges;
mod repository;
mod schedules_overlap;
mod severities;
mod slots_overlap;
mod spans;
#[cfg(test)]
mod tests;
mod timezone_alias;
mod unknown_label;

use std::num::NonZeroUsize;

use chrono::{DateTime, Utc};

use crate::parallel;

pub use allowance::{Allowance, Granted, Line, allow, can_be_allowed};
pub use code::Code;
pub use finding::{DocumentId, FileId, Finding, Place, Related, Severity};
pub use live_side::{LiveSide, UndeclaredSchedule};
pub use nearest::nearest;
pub use repository::{CampaignCapacity, CapacityPool, Declared, Repository, WITH_DEFAULT};
pub use severities::{Judgement, Severities};

/// What the chosen API can hold, as far as it decides which repositories are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiShape {
    /// `outbound-schedules`: one schedule for each campaign or sequence, with all that manifests can say.
    OutboundSchedules,
    /// `campaign-schedules`: several schedules for a campaign, each no more than daily slots between
    /// two dates in one zone.
    CampaignSchedules,
}

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the manifests declare.
    pub repository: &'a Repository,
    /// The API that is to carry it.
    pub api: ApiShape,
    /// The instant from which open-ended schedules are looked at.
    pub as_of: DateTime<Utc>,
    /// What the platform holds besides; [`LiveSide::unasked`] where it was not asked.
    pub live: &'a LiveSide,
}

/// One rule: what it may find, and how.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The codes of its findings.
    pub codes: &'static [Code],
    /// Adds what it finds, in no particular order.
    pub check: fn(&Context, &mut Vec<Finding>),
}

/// Every rule about whole documents; what is wrong within a single value is found when it is read.
pub const RULES: &[Rule] = &[
    Rule { codes: &[Code::DuplicateName], check: duplicate_name::check },
    Rule { codes: &[Code::DuplicateTarget], check: duplicate_target::check },
    Rule { codes: &[Code::NotRepresentable], check: not_representable::check },
    Rule { codes: &[Code::NeverRuns], check: never_runs::check },
    Rule { codes: &[Code::Ended], check: ended::check },
    Rule { codes: &[Code::TimezoneAlias], check: timezone_alias::check },
    Rule { codes: &[Code::DstGap, Code::DstFold], check: clock_change::check },
    Rule { codes: &[Code::SlotsOverlap], check: slots_overlap::check },
    Rule { codes: &[Code::SchedulesOverlap], check: schedules_overlap::check },
    Rule {
        codes: &[Code::CallsOverCapacity, Code::AgentsOverCapacity, Code::UnknownPool],
        check: over_capacity::check,
    },
    Rule { codes: &[Code::PoolOverCapacity], check: pool_over_capacity::check },
    Rule { codes: &[Code::OutsideCallingHours], check: outside_calling_hours::check },
    Rule { codes: &[Code::OnBlackoutDate], check: on_blackout_date::check },
    Rule { codes: &[Code::UnknownLabel], check: unknown_label::check },
];

/// The rules that also look at what the platform holds.
const CAPACITY_RULES: &[fn(&Context, &mut Vec<Finding>)] = &[over_capacity::check, pool_over_capacity::check];

/// What the rules find that also look at what the platform holds, in order.
pub fn check_capacity(context: &Context) -> Vec<Finding> {
    findings(CAPACITY_RULES.to_vec(), context)
}

/// Everything that the rules find, in the order of the documents and of the places within them.
pub fn check(context: &Context) -> Vec<Finding> {
    findings(RULES.iter().map(|rule| rule.check).collect(), context)
}

/// From so many schedules on, rules are worth a thread.
const MANY: usize = 500;

fn findings(checks: Vec<fn(&Context, &mut Vec<Finding>)>, context: &Context) -> Vec<Finding> {
    let chunk = if context.repository.schedules.len() < MANY { checks.len() } else { 1 };
    let found = parallel::map(checks, NonZeroUsize::new(chunk).unwrap_or(NonZeroUsize::MIN), |check| {
        let mut findings = Vec::new();
        check(context, &mut findings);
        findings
    });
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    findings.sort_by(|a, b| place::order(&a.place, &b.place).then(a.code.as_str().cmp(b.code.as_str())));
    findings
}
