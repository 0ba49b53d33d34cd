//! Findings as GitLab's Code Quality widget reads them: one JSON array.

use serde::Serialize;

use crate::rules::{Finding, Severity};

use super::fingerprint::fingerprints;
use super::{Places, Root, in_order, plain};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

/// GitLab takes no place without a line: what has none is told at the first.
#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The report as indented JSON, ending with a newline.
pub fn render(findings: &[Finding], places: &dyn Places, root: &Root) -> String {
    let ordered = in_order(findings, places);
    let fingerprints = fingerprints(&ordered, places, root);
    let issues: Vec<Issue> = ordered
        .iter()
        .zip(fingerprints)
        .map(|((finding, located), fingerprint)| Issue {
            description: description(finding),
            check_name: finding.code.as_str(),
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
            },
            location: Location {
                path: root.shown(&located.path),
                lines: Lines { begin: located.start.line, end: located.end.line },
            },
        })
        .collect();
    // Nothing in it can fail to serialize: there are no maps and no foreign types.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

/// One line, for the widget shows no more.
fn description(finding: &Finding) -> String {
    let title = plain::title(finding);
    match &finding.help {
        Some(help) => format!("{title}; help: {help}"),
        None => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, here, two_files};

    #[test]
    fn the_document_is_what_the_widget_reads() {
        let files = two_files();
        insta::assert_snapshot!(render(&findings(&files)[..2], &files, &here()), @r#"
        [
          {
            "description": "25 calls, but there are 20 (5 too many); help: lower it to 20",
            "check_name": "calls-over-capacity",
            "fingerprint": "1b6155b5a1fef5cc5352b70b0eae46b06a125b32c150c10aa7194647d84d0aa5",
            "severity": "major",
            "location": {
              "path": "schedules/a.yaml",
              "lines": {
                "begin": 7,
                "end": 7
              }
            }
          },
          {
            "description": "never runs",
            "check_name": "never-runs",
            "fingerprint": "961bd118b828eeb954769d9772eb4e8bbde2dfb791855115c3202c93b87592a3",
            "severity": "minor",
            "location": {
              "path": "schedules/b.yaml",
              "lines": {
                "begin": 1,
                "end": 1
              }
            }
          }
        ]
        "#);
        assert_eq!(render(&[], &files, &here()), "[]\n");
    }
}
