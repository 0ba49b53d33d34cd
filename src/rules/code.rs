//! The codes of findings: what they are called, how bad they are, and which of them a repository may judge itself.

use std::fmt;

use super::Severity;

/// The stable codes of findings, in words. They appear in every output format and in `dialctl.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The file is not YAML that this program reads.
    YamlSyntax,
    /// A key stands twice in one mapping.
    DuplicateKey,
    /// A value is not what the schema allows.
    Schema,
    /// The schema has no such field.
    UnknownField,
    /// There is no such kind of document.
    UnknownKind,
    /// There is no such time zone.
    UnknownTimezone,
    /// A window starts and ends at the same time.
    EmptyWindow,
    /// An end lies before its start.
    DatesReversed,
    /// Two documents of one kind have the same name.
    DuplicateName,
    /// Two schedules drive one target, which the API cannot hold.
    DuplicateTarget,
    /// Two schedules of one campaign run at the same time, which the API refuses.
    SchedulesOverlap,
    /// The chosen API has no way to express this.
    NotRepresentable,
    /// There is nothing to work on.
    NoManifests,
    /// A path cannot be read, so that nothing can be said of what it holds.
    Unreadable,
    /// Two slots or intervals of one schedule run at the same time.
    SlotsOverlap,
    /// A schedule or a slot has no occurrence at all.
    NeverRuns,
    /// A schedule has run for the last time.
    Ended,
    /// A time zone goes by an old name, or by an offset that knows no daylight saving time.
    TimezoneAlias,
    /// A slot starts or ends at a local time that a change of the clock skips.
    DstGap,
    /// A slot starts or ends at a local time that a change of the clock repeats.
    DstFold,
    /// More calls are promised than there are.
    CallsOverCapacity,
    /// More agents are promised than there are.
    AgentsOverCapacity,
    /// The schedules of a pool together need more than it has.
    PoolOverCapacity,
    /// A campaign draws on a pool that no manifest declares.
    UnknownPool,
    /// A schedule dials outside of the hours that are allowed for it.
    OutsideCallingHours,
    /// A schedule dials on a day without dialing.
    OnBlackoutDate,
    /// A selector matches no schedule.
    UnknownLabel,
    /// A comment that is to allow a finding allows none.
    UnusedAllowance,
}

impl Code {
    /// Every code: first what keeps a document from being understood or applied, then what the rules judge.
    pub const ALL: [Self; 28] = [
        Self::YamlSyntax,
        Self::DuplicateKey,
        Self::Schema,
        Self::UnknownField,
        Self::UnknownKind,
        Self::UnknownTimezone,
        Self::EmptyWindow,
        Self::DatesReversed,
        Self::DuplicateName,
        Self::DuplicateTarget,
        Self::SchedulesOverlap,
        Self::NotRepresentable,
        Self::NoManifests,
        Self::Unreadable,
        Self::SlotsOverlap,
        Self::NeverRuns,
        Self::Ended,
        Self::TimezoneAlias,
        Self::DstGap,
        Self::DstFold,
        Self::CallsOverCapacity,
        Self::AgentsOverCapacity,
        Self::PoolOverCapacity,
        Self::UnknownPool,
        Self::OutsideCallingHours,
        Self::OnBlackoutDate,
        Self::UnknownLabel,
        Self::UnusedAllowance,
    ];

    /// The code as users see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::YamlSyntax => "yaml-syntax",
            Self::DuplicateKey => "duplicate-key",
            Self::Schema => "schema",
            Self::UnknownField => "unknown-field",
            Self::UnknownKind => "unknown-kind",
            Self::UnknownTimezone => "unknown-timezone",
            Self::EmptyWindow => "empty-window",
            Self::DatesReversed => "dates-reversed",
            Self::DuplicateName => "duplicate-name",
            Self::DuplicateTarget => "duplicate-target",
            Self::SchedulesOverlap => "schedules-overlap",
            Self::NotRepresentable => "not-representable",
            Self::NoManifests => "no-manifests",
            Self::Unreadable => "unreadable",
            Self::SlotsOverlap => "slots-overlap",
            Self::NeverRuns => "never-runs",
            Self::Ended => "ended",
            Self::TimezoneAlias => "timezone-alias",
            Self::DstGap => "dst-gap",
            Self::DstFold => "dst-fold",
            Self::CallsOverCapacity => "calls-over-capacity",
            Self::AgentsOverCapacity => "agents-over-capacity",
            Self::PoolOverCapacity => "pool-over-capacity",
            Self::UnknownPool => "unknown-pool",
            Self::OutsideCallingHours => "outside-calling-hours",
            Self::OnBlackoutDate => "on-blackout-date",
            Self::UnknownLabel => "unknown-label",
            Self::UnusedAllowance => "unused-allowance",
        }
    }

    /// The code of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// How bad a finding is, unless the repository says otherwise.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Ended
            | Self::TimezoneAlias
            | Self::DstGap
            | Self::DstFold
            | Self::UnknownLabel
            | Self::UnusedAllowance => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// Whether a repository may judge it differently, or allow single findings. It may not where the document
    /// could not be understood or applied all the same.
    pub const fn is_judgement(self) -> bool {
        matches!(
            self,
            Self::SlotsOverlap
                | Self::NeverRuns
                | Self::Ended
                | Self::TimezoneAlias
                | Self::DstGap
                | Self::DstFold
                | Self::CallsOverCapacity
                | Self::AgentsOverCapacity
                | Self::PoolOverCapacity
                | Self::OutsideCallingHours
                | Self::OnBlackoutDate
                | Self::UnknownLabel
                | Self::UnusedAllowance
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_warnings_can_be_judged() {
        for code in Code::ALL {
            assert_eq!(Code::named(code.as_str()), Some(code));
            assert!(code.severity() == Severity::Error || code.is_judgement(), "{code}");
        }
        assert_eq!(Code::named("Schema"), None);
    }
}
