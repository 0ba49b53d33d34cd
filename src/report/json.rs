//! Findings as programs read them: one versioned JSON document.

use serde::Serialize;

use crate::rules::{Finding, Severity};

use super::{LineColumn, Located, Places, Tally, Totals, in_order};

/// The version of this document's format; raised when a reader would have to change.
pub const FORMAT_VERSION: u32 = 1;

/// The whole document.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    format_version: u32,
    valid: bool,
    counts: Counts,
    findings: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    schedules: usize,
    files: usize,
}

#[derive(Clone, Debug, Serialize)]
struct Entry {
    code: &'static str,
    severity: &'static str,
    message: String,
    file: String,
    range: Option<Span>,
    pointer: Option<String>,
    related: Vec<RelatedEntry>,
    help: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct RelatedEntry {
    message: String,
    file: String,
    range: Option<Span>,
}

/// Half-open; absent where the file could not be read.
#[derive(Clone, Copy, Debug, Serialize)]
struct Span {
    start: Position,
    end: Position,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Position {
    #[serde(flatten)]
    at: LineColumn,
    offset: usize,
}

/// The report over some findings.
pub fn report(findings: &[Finding], places: &dyn Places, totals: Totals) -> Report {
    let Tally { errors, warnings } = Tally::of(findings);
    let Totals { schedules, files, unreadable } = totals;
    Report {
        format_version: FORMAT_VERSION,
        valid: errors == 0 && unreadable == 0,
        counts: Counts { errors, warnings, schedules, files },
        findings: in_order(findings, places).into_iter().map(|(finding, at)| entry(finding, at, places)).collect(),
    }
}

impl Report {
    /// The document as indented JSON, ending with a newline.
    pub fn to_text(&self) -> String {
        // Nothing in the report can fail to serialize: there are no maps and no foreign types.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn entry(finding: &Finding, at: Located, places: &dyn Places) -> Entry {
    let related = finding.related.iter().map(|related| {
        let at = places.locate(&related.place);
        RelatedEntry { message: related.message.clone(), range: span(&at), file: at.path }
    });
    Entry {
        code: finding.code.as_str(),
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: finding.message.clone(),
        range: span(&at),
        file: at.path,
        pointer: at.pointer,
        related: related.collect(),
        help: finding.help.clone(),
    }
}

fn span(located: &Located) -> Option<Span> {
    located.file?;
    Some(Span {
        start: Position { at: located.start, offset: located.range.start },
        end: Position { at: located.end, offset: located.range.end },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, two_files};

    #[test]
    fn the_document_is_the_contract() {
        let files = two_files();
        let text = report(&findings(&files)[1..], &files, Totals { schedules: 9, files: 2, unreadable: 0 }).to_text();
        insta::assert_snapshot!(text, @r#"
        {
          "formatVersion": 1,
          "valid": false,
          "counts": {
            "errors": 3,
            "warnings": 0,
            "schedules": 9,
            "files": 2
          },
          "findings": [
            {
              "code": "no-manifests",
              "severity": "error",
              "message": "there is no `nowhere`",
              "file": "nowhere",
              "range": null,
              "pointer": null,
              "related": [],
              "help": null
            },
            {
              "code": "slots-overlap",
              "severity": "error",
              "message": "slots overlap: Monday 12:00-13:00",
              "file": "schedules/a.yaml",
              "range": {
                "start": {
                  "line": 5,
                  "column": 7,
                  "offset": 74
                },
                "end": {
                  "line": 6,
                  "column": 23,
                  "offset": 115
                }
              },
              "pointer": "/spec",
              "related": [
                {
                  "message": "runs Monday 09:00-13:00",
                  "file": "schedules/a.yaml",
                  "range": {
                    "start": {
                      "line": 3,
                      "column": 7,
                      "offset": 26
                    },
                    "end": {
                      "line": 3,
                      "column": 25,
                      "offset": 44
                    }
                  }
                }
              ],
              "help": "end the earlier one at 12:00 or start this one at 13:00"
            },
            {
              "code": "calls-over-capacity",
              "severity": "error",
              "message": "25 calls, but there are 20",
              "file": "schedules/a.yaml",
              "range": {
                "start": {
                  "line": 7,
                  "column": 23,
                  "offset": 138
                },
                "end": {
                  "line": 7,
                  "column": 25,
                  "offset": 140
                }
              },
              "pointer": "/spec",
              "related": [
                {
                  "message": "the campaign has 20 calls",
                  "file": "schedules/b.yaml",
                  "range": {
                    "start": {
                      "line": 3,
                      "column": 23,
                      "offset": 55
                    },
                    "end": {
                      "line": 3,
                      "column": 25,
                      "offset": 57
                    }
                  }
                }
              ],
              "help": "lower it to 20"
            }
          ]
        }
        "#);
    }

    #[test]
    fn warnings_leave_a_repository_valid() {
        let files = two_files();
        let value = serde_json::to_value(report(&findings(&files)[..1], &files, Totals::default())).unwrap();
        assert_eq!(value["valid"], true);
        assert_eq!(value["counts"]["warnings"], 1);
    }
}
