//! The page of each code: what it says, why it matters, a wrong and a right example.

use super::Code;

/// The page of a code, in Markdown: the code as its title, then what it says in one line.
pub const fn page(code: Code) -> &'static str {
    match code {
        Code::YamlSyntax => include_str!("yaml-syntax.md"),
        Code::DuplicateKey => include_str!("duplicate-key.md"),
        Code::Schema => include_str!("schema.md"),
        Code::UnknownField => include_str!("unknown-field.md"),
        Code::UnknownKind => include_str!("unknown-kind.md"),
        Code::UnknownTimezone => include_str!("unknown-timezone.md"),
        Code::EmptyWindow => include_str!("empty-window.md"),
        Code::DatesReversed => include_str!("dates-reversed.md"),
        Code::DuplicateName => include_str!("duplicate-name.md"),
        Code::DuplicateTarget => include_str!("duplicate-target.md"),
        Code::SchedulesOverlap => include_str!("schedules-overlap.md"),
        Code::NotRepresentable => include_str!("not-representable.md"),
        Code::NoManifests => include_str!("no-manifests.md"),
        Code::Unreadable => include_str!("unreadable.md"),
        Code::SlotsOverlap => include_str!("slots-overlap.md"),
        Code::NeverRuns => include_str!("never-runs.md"),
        Code::Ended => include_str!("ended.md"),
        Code::TimezoneAlias => include_str!("timezone-alias.md"),
        Code::DstGap => include_str!("dst-gap.md"),
        Code::DstFold => include_str!("dst-fold.md"),
        Code::CallsOverCapacity => include_str!("calls-over-capacity.md"),
        Code::AgentsOverCapacity => include_str!("agents-over-capacity.md"),
        Code::PoolOverCapacity => include_str!("pool-over-capacity.md"),
        Code::UnknownPool => include_str!("unknown-pool.md"),
        Code::OutsideCallingHours => include_str!("outside-calling-hours.md"),
        Code::OnBlackoutDate => include_str!("on-blackout-date.md"),
        Code::UnknownLabel => include_str!("unknown-label.md"),
        Code::UnusedAllowance => include_str!("unused-allowance.md"),
    }
}

/// What a code says, in one line.
pub fn summary(code: Code) -> &'static str {
    page(code).lines().nth(2).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_its_title_and_a_line_that_says_what_the_code_is() {
        for code in Code::ALL {
            assert!(page(code).starts_with(&format!("# {code}\n\n")), "{code}");
            assert!(summary(code).ends_with('.'), "{code}: {}", summary(code));
        }
    }
}
