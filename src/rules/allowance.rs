//! Allowances: comments that silence one finding each, with a reason.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Code, FileId, Finding, Place};

/// A comment in a manifest that is to silence a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The comment.
    pub place: Place,
    /// What is allowed; otherwise what is wrong with the comment, as a finding.
    pub granted: Result<Granted, Box<Finding>>,
}

/// What a comment allows: one finding of this code that starts on this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Granted {
    /// The code, one that can be judged.
    pub code: Code,
    /// The line that the comment concerns.
    pub line: Line,
}

/// A line of a file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The file.
    pub file: FileId,
    /// The line in it.
    pub number: usize,
}

/// Whether a code can be allowed by a comment: what a repository may judge, except for the finding about
/// comments that allow nothing, which are better removed than allowed.
pub fn can_be_allowed(code: Code) -> bool {
    code.is_judgement() && code != Code::UnusedAllowance
}

/// The findings that no comment allows, then one for each comment that allows nothing.
///
/// Each comment takes away one finding, the first that is left, so that the second of two equal ones is still
/// told. `line` gives the line on which a place starts; places outside of all files have none.
///
/// A comment is unused when the rule of its code has run and found nothing there. Rules run whatever a
/// repository makes of their findings, so that switching a code off does not change what is unused.
pub fn allow(findings: Vec<Finding>, allowances: &[Allowance], line: impl Fn(&Place) -> Option<Line>) -> Vec<Finding> {
    if allowances.is_empty() {
        return findings;
    }
    let mut waiting: BTreeMap<Granted, VecDeque<&Allowance>> = BTreeMap::new();
    let mut faults = Vec::new();
    for allowance in allowances {
        match &allowance.granted {
            Ok(granted) => waiting.entry(*granted).or_default().push_back(allowance),
            Err(fault) => faults.push(Finding::clone(fault)),
        }
    }
    let codes: BTreeSet<Code> = waiting.keys().map(|granted| granted.code).collect();
    let mut left: Vec<Finding> = findings
        .into_iter()
        .filter(|Finding { code, place, .. }| {
            let place = codes.contains(code).then_some(place);
            let found = place.and_then(&line).map(|line| Granted { code: *code, line });
            found.and_then(|found| waiting.get_mut(&found)?.pop_front()).is_none()
        })
        .collect();
    left.extend(faults);
    let unused = |(granted, allowances): (Granted, VecDeque<&Allowance>)| {
        allowances.into_iter().map(|allowance| unused(allowance, granted)).collect::<Vec<_>>()
    };
    left.extend(waiting.into_iter().flat_map(unused));
    left
}

fn unused(allowance: &Allowance, granted: Granted) -> Finding {
    let Granted { code, line } = granted;
    let message = format!("this allows nothing: no `{code}` is found on line {}", line.number);
    Finding::new(Code::UnusedAllowance, allowance.place.clone(), message)
        .help("remove the comment, or move it to the end of the line of the value or to the line above")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A finding whose place starts on a line, which is told by the range alone.
    fn finding(code: Code, line: usize) -> Finding {
        Finding::new(code, place(line), "")
    }

    fn place(line: usize) -> Place {
        Place::Bytes { file: FileId(0), range: line..line }
    }

    fn line_of(place: &Place) -> Option<Line> {
        let Place::Bytes { file, range } = place else { return None };
        Some(Line { file: *file, number: range.start })
    }

    fn comment(code: Code, line: usize) -> Allowance {
        let line = Line { file: FileId(0), number: line };
        Allowance { place: place(100), granted: Ok(Granted { code, line }) }
    }

    #[test]
    fn a_comment_takes_away_one_finding_of_its_code_on_its_line() {
        use Code::{DstGap, SlotsOverlap, UnusedAllowance};
        for (found, allowed, left) in [
            (vec![(SlotsOverlap, 3)], vec![(SlotsOverlap, 3)], vec![]),
            (vec![(SlotsOverlap, 3), (SlotsOverlap, 3)], vec![(SlotsOverlap, 3)], vec![(SlotsOverlap, 3)]),
            (vec![(SlotsOverlap, 3), (SlotsOverlap, 3)], vec![(SlotsOverlap, 3), (SlotsOverlap, 3)], vec![]),
            (vec![(SlotsOverlap, 3), (DstGap, 3)], vec![(DstGap, 3)], vec![(SlotsOverlap, 3)]),
            (vec![(SlotsOverlap, 3)], vec![(SlotsOverlap, 4)], vec![(SlotsOverlap, 3), (UnusedAllowance, 100)]),
            (vec![(SlotsOverlap, 3)], vec![(DstGap, 3)], vec![(SlotsOverlap, 3), (UnusedAllowance, 100)]),
            (vec![], vec![(DstGap, 3), (DstGap, 3)], vec![(UnusedAllowance, 100), (UnusedAllowance, 100)]),
        ] {
            let findings = found.iter().map(|(code, line)| finding(*code, *line)).collect();
            let allowances: Vec<_> = allowed.iter().map(|(code, line)| comment(*code, *line)).collect();
            let rest = allow(findings, &allowances, line_of);
            let told: Vec<_> = rest.iter().map(|one| (one.code, line_of(&one.place).unwrap().number)).collect();
            assert_eq!(told, left, "{found:?} {allowed:?}");
        }
    }

    #[test]
    fn the_line_is_one_of_the_same_file() {
        let elsewhere = Place::Bytes { file: FileId(1), range: 3..3 };
        let nowhere = Place::Path("schedules".to_owned());
        for place in [elsewhere, nowhere] {
            let left = allow(vec![Finding::new(Code::Ended, place, "")], &[comment(Code::Ended, 3)], line_of);
            assert_eq!(left.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::Ended, Code::UnusedAllowance]);
        }
    }

    #[test]
    fn what_is_wrong_with_a_comment_is_told() {
        let fault = Finding::new(Code::UnusedAllowance, place(3), "no reason");
        let wrong = Allowance { place: place(3), granted: Err(Box::new(fault.clone())) };
        let found = finding(Code::Ended, 3);
        assert_eq!(allow(vec![found.clone()], &[wrong], line_of), [found, fault]);
    }
}
