//! Findings as programs read them: one versioned JSON document.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::Serialize;
use serde_json::Value;

use crate::rules::{Finding, Severity};

use super::{LineColumn, Located, Places, Tally, Totals, in_order, plain};

/// The version of this document's format; raised when a reader would have to change.
pub const FORMAT_VERSION: u32 = 1;

/// What `dialctl validate --format json` prints: everything that is wrong with the manifests.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "dialctl report", extend("$id" = "urn:dialctl:report:v1"))]
pub struct Report {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// Whether there is no error.
    valid: bool,
    /// How much was looked at, and how much was found.
    counts: Counts,
    /// What is wrong, in the order of files and of the places in them.
    findings: Vec<Entry>,
}

/// How much was looked at, and how much was found.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Counts {
    /// Findings that stop a plan.
    errors: usize,
    /// Findings that stop nothing.
    warnings: usize,
    /// Schedules without a fault of their own.
    schedules: usize,
    /// Files that were read.
    files: usize,
}

/// One problem.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The stable code; `dialctl explain CODE` tells more.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"), example = "slots-overlap")]
    code: &'static str,
    /// Whether it stops a plan.
    severity: Level,
    /// What is wrong, in one line.
    message: String,
    /// The path of the file, or of what could not be read.
    file: String,
    /// Where in the file; null where the file was not read.
    range: Option<Span>,
    /// The JSON pointer (RFC 6901) of the value within its YAML document; null where there is none.
    #[schemars(example = "/spec/dailySlots/0")]
    pointer: Option<String>,
    /// The other places that it has to do with.
    related: Vec<RelatedEntry>,
    /// The way out; null where the message says it all.
    help: Option<String>,
}

/// How bad a finding is: errors stop a plan, warnings stop nothing.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Level {
    Error,
    Warning,
}

/// Another place that a finding has to do with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Related")]
struct RelatedEntry {
    /// What is there.
    message: String,
    /// The path of the file.
    file: String,
    /// Where in the file; null where the file was not read.
    range: Option<Span>,
}

/// A half-open range of text.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Range")]
struct Span {
    /// The first character.
    start: Position,
    /// The position after the last character.
    end: Position,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Position {
    /// The line, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// The column in characters, from 1.
    #[schemars(range(min = 1))]
    column: usize,
    /// The bytes before it in the file.
    offset: usize,
}

/// The JSON Schema of a [`Report`].
pub fn report_schema() -> Value {
    // JSON Schema knows no formats of Rust's number types.
    let numbers = |schema: &mut schemars::Schema| {
        if schema.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
            schema.remove("format");
        }
    };
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(numbers));
    settings.into_generator().into_root_schema_for::<Report>().to_value()
}

/// The report over some findings.
pub fn report(findings: &[Finding], places: &dyn Places, totals: Totals) -> Report {
    let Tally { errors, warnings } = Tally::of(findings);
    let Totals { schedules, files } = totals;
    Report {
        format_version: FORMAT_VERSION,
        valid: errors == 0,
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
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        },
        message: plain::title(finding),
        range: span(&at),
        file: at.path,
        pointer: at.pointer,
        related: related.collect(),
        help: finding.help.clone(),
    }
}

fn span(located: &Located) -> Option<Span> {
    located.file?;
    let position = |at: LineColumn, offset| Position { line: at.line, column: at.column, offset };
    Some(Span { start: position(located.start, located.range.start), end: position(located.end, located.range.end) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, two_files};

    #[test]
    fn the_document_is_the_contract() {
        let files = two_files();
        let text = report(&findings(&files)[1..], &files, Totals { schedules: 9, files: 2 }).to_text();
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
              "message": "slots overlap: Monday 12:00-13:00 (runs Monday 12:00-17:00)",
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
              "message": "25 calls, but there are 20 (5 too many)",
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

    #[test]
    fn the_schema_takes_every_report_and_nothing_else() {
        let schema = report_schema();
        assert!(jsonschema::meta::is_valid(&schema));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let files = two_files();
        let good = serde_json::to_value(report(&findings(&files), &files, Totals::default())).unwrap();
        assert!(validator.is_valid(&good), "{:?}", validator.iter_errors(&good).collect::<Vec<_>>());
        let all = ["/counts", "/findings/1", "/findings/1/range", "/findings/1/range/end", "/findings/1/related/0", ""];
        for object in all {
            let mut more = good.clone();
            more.pointer_mut(object).unwrap()["more"] = Value::Null;
            assert!(!validator.is_valid(&more), "{object} takes more");
            for field in good.pointer(object).unwrap().as_object().unwrap().keys() {
                let mut fewer = good.clone();
                fewer.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field);
                assert!(!validator.is_valid(&fewer), "{object} needs no {field}");
            }
        }
    }
}
