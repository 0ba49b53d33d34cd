//! The comments of manifests that speak to this program: `# dialctl: allow CODE -- reason`.

use std::ops::Range;

use super::wording::{listed, shown};
use crate::rules::{Allowance, Code, FileId, Finding, Granted, Line, Place, can_be_allowed, nearest};

/// What every such comment holds; a text without it has none.
pub(super) const MARK: &str = "dialctl:";

/// A comment that speaks to this program, in the text of its file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// The bytes of the comment.
    pub range: Range<usize>,
    /// Some byte of the line that it concerns: its own where something stands before it, otherwise the next
    /// that is not just another such comment.
    pub concerns: usize,
}

/// Those of the comments of a text, given by their bytes in order, that speak to this program.
pub(super) fn remarks(text: &str, comments: &[Range<usize>]) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    // From the last to the first, so that what stands below each is known.
    for range in comments.iter().rev() {
        if instruction(text, range).is_none() {
            continue;
        }
        let before = text.get(..range.start).unwrap_or_default();
        let begin = before.rfind('\n').map_or(0, |newline| newline + 1);
        let alone = before.get(begin..).unwrap_or_default().trim_matches(['\u{feff}', ' ', '\t']).is_empty();
        let next = text.get(range.end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| range.end + at + 1);
        let concerns = match remarks.last() {
            _ if !alone => range.start,
            Some(below) if line_start(text, below.range.start) == next && below.concerns >= below.range.end => {
                below.concerns
            }
            _ => next,
        };
        remarks.push(Remark { range: range.clone(), concerns });
    }
    remarks.reverse();
    remarks
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// What a comment says to this program.
fn instruction<'a>(text: &'a str, comment: &Range<usize>) -> Option<&'a str> {
    let comment = text.get(comment.clone())?.strip_prefix('#')?;
    comment.trim_start().strip_prefix(MARK).map(str::trim)
}

impl Remark {
    /// What the remark allows on the line that it concerns, counted from 1.
    pub fn allowance(&self, file: FileId, text: &str, line: usize) -> Allowance {
        let place = Place::Bytes { file, range: self.range.clone() };
        let granted = code(instruction(text, &self.range).unwrap_or_default());
        let granted = match granted {
            Ok(code) => Ok(Granted { code, line: Line { file, number: line } }),
            Err(fault) => Err(Box::new(fault.finding(place.clone()))),
        };
        Allowance { place, granted }
    }
}

/// What is wrong with a remark.
enum Fault<'a> {
    /// It begins with something else than `allow`.
    NotAllow(&'a str),
    /// It names no code.
    NoCode,
    /// What it names is no code.
    UnknownCode(&'a str),
    /// The code is one that cannot be allowed.
    CannotBeAllowed(Code),
    /// It gives no reason.
    NoReason(Code),
}

/// The code that an instruction allows.
fn code(instruction: &str) -> Result<Code, Fault<'_>> {
    let (word, rest) = instruction.split_once(char::is_whitespace).unwrap_or((instruction, ""));
    if word != "allow" {
        return Err(Fault::NotAllow(word));
    }
    let (name, reason) = match rest.split_once("--") {
        Some((name, reason)) => (name.trim(), reason.trim()),
        // Without the two hyphens only the first word can be meant as the code.
        None => (rest.split_whitespace().next().unwrap_or_default(), ""),
    };
    if name.is_empty() {
        return Err(Fault::NoCode);
    }
    let code = Code::named(name).ok_or(Fault::UnknownCode(name))?;
    if !can_be_allowed(code) {
        return Err(Fault::CannotBeAllowed(code));
    }
    if reason.is_empty() { Err(Fault::NoReason(code)) } else { Ok(code) }
}

impl Fault<'_> {
    fn finding(&self, place: Place) -> Finding {
        let allowable = || Code::ALL.into_iter().filter(|code| can_be_allowed(*code)).map(Code::as_str);
        let new = |message: String| Finding::new(Code::UnusedAllowance, place, message);
        let form = |code: &str| format!("write `# {MARK} allow {code} -- ` and the reason");
        let codes = || format!("the codes that can be allowed are {}", listed(allowable(), "and"));
        match *self {
            Self::NotAllow(word) => {
                let instead = if word.is_empty() { String::new() } else { format!(", not `{}`", shown(word)) };
                let finding = new(format!("a comment that begins with `{MARK}` goes on with `allow`{instead}"));
                let near = nearest(word, ["allow"]).map(|near| format!("did you mean `{near}`?"));
                let finding = finding.help(form("CODE"));
                near.into_iter().fold(finding, Finding::label)
            }
            Self::NoCode => new("this allowance names no code".to_owned()).help(form("CODE")),
            Self::UnknownCode(name) => {
                let finding = new(format!("there is no code `{}`", shown(name))).help(codes());
                let near = nearest(name, allowable()).map(|near| format!("did you mean `{near}`?"));
                near.into_iter().fold(finding, Finding::label)
            }
            Self::CannotBeAllowed(Code::UnusedAllowance) => {
                new(format!("`{}` cannot be allowed", Code::UnusedAllowance))
                    .help("remove the comment that allows nothing")
            }
            Self::CannotBeAllowed(code) => {
                new(format!("`{code}` cannot be allowed: a manifest with such a fault cannot be applied")).help(codes())
            }
            Self::NoReason(code) => new("this allowance gives no reason".to_owned()).help(form(code.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    /// The line of each remark and the line that it concerns.
    fn lines(text: &str) -> Vec<(usize, usize)> {
        let comments = yaml::read_with_comments(text).comments;
        let line = |at: usize| 1 + text[..at].matches('\n').count();
        remarks(text, &comments).iter().map(|remark| (line(remark.range.start), line(remark.concerns))).collect()
    }

    #[test]
    fn a_remark_concerns_its_own_line_or_the_one_below() {
        for (text, expected) in [
            ("a: 1 # dialctl: allow x -- y\n", &[(1, 1)][..]),
            ("# dialctl: allow x -- y\na: 1\n", &[(1, 2)]),
            ("\u{feff}# dialctl: allow x -- y\na: 1\n", &[(1, 2)]),
            ("  #dialctl:allow x -- y\r\na: 1\r\n", &[(1, 2)]),
            ("a:\n  # dialctl: allow x -- y\n  # dialctl: allow z -- y\n  - 1\n", &[(2, 4), (3, 4)]),
            // A comment behind a value is about that value alone, whatever stands above it.
            ("# dialctl: allow x -- y\na: 1 # dialctl: allow x -- y\nb: 2\n", &[(1, 2), (2, 2)]),
            ("a: 1 # dialctl: allow x -- y\n# dialctl: allow x -- y\nb: 2\n", &[(1, 1), (2, 3)]),
            // Nothing else may stand between.
            ("# dialctl: allow x -- y\n\na: 1\n", &[(1, 2)]),
            ("# dialctl: allow x -- y\n# note\na: 1\n", &[(1, 2)]),
            ("a: 1\n# dialctl: allow x -- y", &[(2, 2)]),
            // Other comments, and texts that are none.
            ("# see dialctl: allow x -- y\na: 1\n", &[]),
            ("# yaml-language-server: $schema=../schemas/dialctl.schema.json\na: 1\n", &[]),
            ("a: '# dialctl: allow x -- y'\nb: |\n  # dialctl: allow x -- y\nc: \"\n  # dialctl: x\"\n", &[]),
            ("a: x# dialctl: allow x -- y\n", &[]),
            ("a: |\n  text\n# dialctl: allow x -- y\nb: 1\n", &[(3, 4)]),
        ] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }

    #[test]
    fn many_comments_are_no_fault_of_the_text() {
        let text = format!("a:\n{}  b: 1\n", "  # dialctl: allow ended -- x\n".repeat(1000));
        let stream = yaml::read_with_comments(&text);
        assert_eq!((stream.problems, stream.comments.len()), (Vec::new(), 1000));
        assert!(lines(&text).iter().all(|(_, concerns)| *concerns == 1002));
    }

    #[test]
    fn only_a_code_that_can_be_judged_with_a_reason_is_allowed() {
        for (comment, granted) in [
            ("# dialctl: allow slots-overlap -- agreed with the team", Ok(Code::SlotsOverlap)),
            ("#dialctl:  allow\tdst-gap--x", Ok(Code::DstGap)),
            ("# dialctl: allow slots-overlap -- ", Err("this allowance gives no reason")),
            ("# dialctl: allow slots-overlap agreed", Err("this allowance gives no reason")),
            ("# dialctl: allow -- agreed", Err("this allowance names no code")),
            ("# dialctl: allow", Err("this allowance names no code")),
            ("# dialctl: allow slots-overlaps -- x", Err("there is no code `slots-overlaps`")),
            ("# dialctl: allow dst-gap, dst-fold -- x", Err("there is no code `dst-gap, dst-fold`")),
            (
                "# dialctl: allow schema -- x",
                Err("`schema` cannot be allowed: a manifest with such a fault cannot be applied"),
            ),
            ("# dialctl: allow unused-allowance -- x", Err("`unused-allowance` cannot be allowed")),
            (
                "# dialctl: alow ended -- x",
                Err("a comment that begins with `dialctl:` goes on with `allow`, not `alow`"),
            ),
            ("# dialctl:", Err("a comment that begins with `dialctl:` goes on with `allow`")),
        ] {
            let remark = Remark { range: 0..comment.len(), concerns: 0 };
            let allowance = remark.allowance(FileId(0), comment, 7);
            let found = allowance.granted.map_err(|finding| {
                assert_eq!((finding.code, &finding.place), (Code::UnusedAllowance, &allowance.place));
                finding.message
            });
            let line = Line { file: FileId(0), number: 7 };
            assert_eq!(found, granted.map(|code| Granted { code, line }).map_err(str::to_owned), "{comment}");
        }
    }

    #[test]
    fn near_words_are_proposed() {
        for (comment, label) in [
            ("# dialctl: allow slots-overlaps -- x", Some("did you mean `slots-overlap`?")),
            ("# dialctl: alow ended -- x", Some("did you mean `allow`?")),
            ("# dialctl: forbid ended -- x", None),
        ] {
            let remark = Remark { range: 0..comment.len(), concerns: 0 };
            let finding = remark.allowance(FileId(0), comment, 1).granted.unwrap_err();
            assert_eq!(finding.label.as_deref(), label);
            assert!(finding.help.is_some());
        }
    }
}
