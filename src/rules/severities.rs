//! How bad each code is in one repository.

use std::collections::BTreeMap;

use super::{Code, Finding, Severity};

/// What a repository makes of the findings of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// They are shown, and this is how bad they are.
    Shown(Severity),
    /// They are not shown and stop nothing.
    Off,
}

/// The judgements that differ from what the codes say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Severities(BTreeMap<Code, Judgement>);

impl Severities {
    /// Findings as bad as the repository says.
    ///
    /// All rules run, whatever is made of what they find: allowances have been taken from the findings before,
    /// so an allowance of a code that is off is used when there is a finding to allow, and unused when there
    /// is none.
    pub fn judge(&self, findings: Vec<Finding>) -> Vec<Finding> {
        findings
            .into_iter()
            .filter_map(|finding| match self.0.get(&finding.code) {
                None => Some(finding),
                Some(Judgement::Shown(severity)) => Some(Finding { severity: *severity, ..finding }),
                Some(Judgement::Off) => None,
            })
            .collect()
    }
}

/// Codes that no repository may judge keep their own severity.
impl FromIterator<(Code, Judgement)> for Severities {
    fn from_iter<I: IntoIterator<Item = (Code, Judgement)>>(judgements: I) -> Self {
        Self(judgements.into_iter().filter(|(code, _)| code.is_judgement()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Place;

    #[test]
    fn each_finding_is_as_bad_as_its_code_is_judged() {
        let severities: Severities = [
            (Code::SlotsOverlap, Judgement::Shown(Severity::Warning)),
            (Code::DstGap, Judgement::Shown(Severity::Error)),
            (Code::Ended, Judgement::Off),
            // The document was not understood, and no judgement changes that.
            (Code::Schema, Judgement::Off),
        ]
        .into_iter()
        .collect();
        let codes = [Code::SlotsOverlap, Code::DstGap, Code::Ended, Code::Schema, Code::DstFold];
        let findings = codes.map(|code| Finding::new(code, Place::Path(String::new()), "")).to_vec();
        let judged: Vec<_> = severities.judge(findings.clone()).iter().map(|one| (one.code, one.severity)).collect();
        assert_eq!(
            judged,
            [
                (Code::SlotsOverlap, Severity::Warning),
                (Code::DstGap, Severity::Error),
                (Code::Schema, Severity::Error),
                (Code::DstFold, Severity::Warning),
            ]
        );
        assert_eq!(Severities::default().judge(findings.clone()), findings);
    }
}
