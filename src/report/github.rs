//! Findings as GitHub shows them: the whole report in the log of the step, and annotations at the lines.

use crate::ledger::canonical::Digest;
use crate::rules::{Finding, Severity};

use super::{Located, Places, Root, in_order, plain};

/// GitHub shows so many annotations of one kind for a step, and drops the others without a word.
const SHOWN: usize = 10;

/// What to print in a workflow: `log`, the report for people, and after it one workflow command for each
/// finding that GitHub can show at its lines, errors first. If there are more, a notice counts them.
pub fn render(findings: &[Finding], places: &dyn Places, root: &Root, log: &str) -> String {
    let mut text = String::new();
    if !findings.is_empty() {
        text.push_str(&unobeyed(log));
    } else {
        text.push_str(log);
    }
    let ordered = in_order(findings, places);
    let mut left_out = Vec::new();
    for (severity, command) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let of_kind: Vec<_> = ordered.iter().filter(|(finding, _)| finding.severity == severity).collect();
        for (finding, located) in of_kind.iter().take(SHOWN) {
            text.push_str(&annotation(command, finding, located, places, root));
        }
        match of_kind.len().saturating_sub(SHOWN) {
            0 => {}
            1 => left_out.push(format!("1 {command}")),
            more => left_out.push(format!("{more} {command}s")),
        }
    }
    if !left_out.is_empty() {
        let message = format!(
            "not annotated: {}, as GitHub shows {SHOWN} of each kind and step; the log of this step has all of them",
            left_out.join(" and ")
        );
        text.push_str(&format!("::notice title=dialctl::{}\n", data(&message)));
    }
    text
}

/// Text whose lines GitHub only shows: what manifests say must not be taken for workflow commands.
fn unobeyed(log: &str) -> String {
    // Whoever writes a manifest cannot know a word made of all that is said about it.
    let word = format!("dialctl-{}", Digest::of(log.as_bytes()));
    let end = if log.ends_with('\n') { "" } else { "\n" };
    format!("::stop-commands::{word}\n{log}{end}::{word}::\n")
}

fn annotation(command: &str, finding: &Finding, located: &Located, places: &dyn Places, root: &Root) -> String {
    let mut properties = format!("file={}", property(&root.shown(&located.path)));
    if located.file.is_some() {
        let (start, end) = (located.start, located.end);
        properties.push_str(&format!(",line={},endLine={}", start.line, end.line));
        // Columns belong to annotations of one line; on others GitHub refuses them.
        if start.line == end.line {
            properties.push_str(&format!(",col={},endColumn={}", start.column, end.column));
        }
    }
    let title = property(finding.code.as_str());
    format!("::{command} {properties},title={title}::{}\n", data(&plain::text(finding, places)))
}

/// The message of a command; GitHub decodes exactly these.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which may not end the property or the command either.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, here, two_files};
    use crate::rules::{Code, Place};

    #[test]
    fn the_log_is_shown_and_the_findings_stand_at_their_lines() {
        let files = two_files();
        let text = render(&findings(&files), &files, &here(), "4 findings\n");
        insta::assert_snapshot!(text, @r"
        ::stop-commands::dialctl-e216cba91621c80bf0bc6c5f8c003b8cae06c9aa9e106e7c2331a814c664c553
        4 findings
        ::dialctl-e216cba91621c80bf0bc6c5f8c003b8cae06c9aa9e106e7c2331a814c664c553::
        ::error file=nowhere,title=no-manifests::there is no `nowhere`
        ::error file=schedules/a.yaml,line=5,endLine=6,title=slots-overlap::slots overlap: Monday 12:00-13:00 (runs Monday 12:00-17:00)%0Aschedules/a.yaml:3:7: runs Monday 09:00-13:00%0Ahelp: end the earlier one at 12:00 or start this one at 13:00
        ::error file=schedules/a.yaml,line=7,endLine=7,col=23,endColumn=25,title=calls-over-capacity::25 calls, but there are 20 (5 too many)%0Aschedules/b.yaml:3:23: the campaign has 20 calls%0Ahelp: lower it to 20
        ::warning file=schedules/b.yaml,line=1,endLine=1,col=18,endColumn=24,title=never-runs::never runs
        ");
    }

    #[test]
    fn what_manifests_say_is_no_command() {
        let files = two_files();
        let finding = Finding::new(Code::Schema, Place::Path("a,b:c%\n.yaml".into()), "100%\r\n::set-env::x");
        let log = "::add-mask::x\n";
        let text = render(&[finding], &files, &here(), log);
        let word = text.lines().next().unwrap().strip_prefix("::stop-commands::").unwrap();
        assert!(text.contains(&format!("{log}::{word}::\n")) && !log.contains(word), "{text}");
        let command = text.lines().last().unwrap();
        assert_eq!(command, "::error file=a%2Cb%3Ac%25%0A.yaml,title=schema::100%25%0D%0A::set-env::x");
    }

    #[test]
    fn ten_of_each_kind_are_annotated_errors_first_and_the_others_counted() {
        let files = two_files();
        let many = |code: Code, count: usize| {
            (0..count).map(move |n| Finding::new(code, Place::Path(format!("{n:02}")), format!("number {n}")))
        };
        for (errors, warnings, notice) in [
            (10, 10, None),
            (11, 3, Some("not annotated: 1 error, as")),
            (12, 30, Some("not annotated: 2 errors and 20 warnings, as")),
        ] {
            let all: Vec<_> = many(Code::DstGap, warnings).chain(many(Code::Schema, errors)).collect();
            let text = render(&all, &files, &here(), "");
            let kinds: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("::")?.split(' ').next()).collect();
            let annotated: Vec<_> = kinds.into_iter().filter(|kind| ["error", "warning"].contains(kind)).collect();
            let expected = [vec!["error"; errors.min(10)], vec!["warning"; warnings.min(10)]].concat();
            assert_eq!(annotated, expected);
            let last = text.lines().last().unwrap();
            assert_eq!(
                last.strip_prefix("::notice title=dialctl::").map(|told| told.split(" GitHub").next()),
                notice.map(Some),
                "{last}"
            );
        }
    }
}
