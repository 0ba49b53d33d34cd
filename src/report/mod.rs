//! Findings for people and for programs. Data goes in, text comes out; nothing is printed here.

mod excerpt;
mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
mod plain;
mod root;
pub mod sarif;

use std::ops::Range;

use crate::rules::{FileId, Finding, Place, Severity};

pub use root::Root;

/// Related places of one finding that are shown to people; a pool can have thousands.
const RELATED: usize = 12;

/// A position in a file as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Where a place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The path of the file as people see it.
    pub path: String,
    /// The file; `None` for a path that could not be read.
    pub file: Option<FileId>,
    /// The bytes of the file.
    pub range: Range<usize>,
    /// The position of the first character.
    pub start: LineColumn,
    /// The position after the last character.
    pub end: LineColumn,
    /// The JSON pointer within its document, where the place is a value.
    pub pointer: Option<String>,
}

/// Turns the places of findings into paths, lines and columns.
pub trait Places {
    /// Where a place is.
    fn locate(&self, place: &Place) -> Located;

    /// The text of a file; `None` where it cannot be shown.
    fn text(&self, file: FileId) -> Option<&str>;

    /// The kind and name of the document that a place is a value of, as far as it says them.
    fn subject(&self, place: &Place) -> Option<String>;

    /// The paths of all files, as people see them.
    fn paths(&self) -> Vec<&str>;
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Schedules of all kinds.
    pub schedules: usize,
    /// Files that were read.
    pub files: usize,
}

/// How many findings of each severity there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Findings that stop a plan.
    pub errors: usize,
    /// Findings that stop nothing.
    pub warnings: usize,
}

impl Tally {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Self {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        Self { errors, warnings: findings.len() - errors }
    }
}

/// The findings with their places, by file, place within the file, and code: the order of every format.
fn in_order<'f>(findings: &'f [Finding], places: &dyn Places) -> Vec<(&'f Finding, Located)> {
    let mut located: Vec<_> = findings.iter().map(|finding| (finding, places.locate(&finding.place))).collect();
    located.sort_by(|(a, at), (b, bt)| {
        let key = |finding: &Finding| finding.code.as_str();
        (&at.path, at.range.start, key(a), &a.message).cmp(&(&bt.path, bt.range.start, key(b), &b.message))
    });
    located
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Code;

    /// Files by path and text; places are byte ranges.
    pub struct Files(pub Vec<(&'static str, String)>);

    impl Files {
        /// The place of the n-th occurrence (from 0) of a text in a file.
        pub fn find(&self, file: usize, wanted: &str, nth: usize) -> Place {
            let (start, found) = self.0[file].1.match_indices(wanted).nth(nth).unwrap();
            Place::Bytes { file: FileId(file), range: start..start + found.len() }
        }
    }

    impl Places for Files {
        fn locate(&self, place: &Place) -> Located {
            match place {
                Place::Bytes { file, range } => {
                    let (path, text) = &self.0[file.0];
                    let position = |offset: usize| {
                        let before = &text[..offset];
                        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
                        LineColumn {
                            line: before.matches('\n').count() + 1,
                            column: before[line_start..].chars().count() + 1,
                        }
                    };
                    Located {
                        path: (*path).to_owned(),
                        file: Some(*file),
                        range: range.clone(),
                        start: position(range.start),
                        end: position(range.end),
                        pointer: Some("/spec".to_owned()),
                    }
                }
                Place::Path(path) => Located {
                    path: path.clone(),
                    file: None,
                    range: 0..0,
                    start: LineColumn { line: 1, column: 1 },
                    end: LineColumn { line: 1, column: 1 },
                    pointer: None,
                },
                other => panic!("{other:?}"),
            }
        }

        fn text(&self, file: FileId) -> Option<&str> {
            self.0.get(file.0).map(|(_, text)| text.as_str())
        }

        fn subject(&self, _: &Place) -> Option<String> {
            None
        }

        fn paths(&self) -> Vec<&str> {
            self.0.iter().map(|(path, _)| *path).collect()
        }
    }

    /// A repository in whose root the program is started.
    pub fn here() -> Root {
        Root::new("/srv/repository", "/srv/repository")
    }

    pub fn two_files() -> Files {
        Files(vec![
            (
                "schedules/a.yaml",
                "spec:\n  dailySlots:\n    - startTime: \"09:00\"\n      endTime: \"13:00\"\n    - startTime: \"12:00\"\n      \
                 endTime: \"17:00\"\n  maxConcurrentCalls: 25\n"
                    .to_owned(),
            ),
            ("schedules/b.yaml", "metadata: {name: größer}\nspec:\n  maxConcurrentCalls: 20\n".to_owned()),
        ])
    }

    pub fn findings(files: &Files) -> Vec<Finding> {
        let mut warning = Finding::new(Code::NeverRuns, files.find(1, "größer", 0), "never runs");
        warning.severity = Severity::Warning;
        vec![
            warning,
            Finding::new(Code::CallsOverCapacity, files.find(0, "25", 0), "25 calls, but there are 20")
                .label("5 too many")
                .related(files.find(1, "20", 0), "the campaign has 20 calls")
                .help("lower it to 20"),
            Finding::new(
                Code::SlotsOverlap,
                files.find(0, "startTime: \"12:00\"\n      endTime: \"17:00\"", 0),
                "slots overlap: Monday 12:00-13:00",
            )
            .label("runs Monday 12:00-17:00")
            .related(files.find(0, "startTime: \"09:00\"", 0), "runs Monday 09:00-13:00")
            .help("end the earlier one at 12:00 or start this one at 13:00"),
            Finding::new(Code::NoManifests, Place::Path("nowhere".to_owned()), "there is no `nowhere`"),
        ]
    }

    #[test]
    fn findings_are_ordered_by_file_place_and_code() {
        let files = two_files();
        let mut findings = findings(&files);
        findings.push(Finding::new(Code::AgentsOverCapacity, files.find(0, "25", 0), "x"));
        let codes: Vec<_> = in_order(&findings, &files).iter().map(|(finding, _)| finding.code.as_str()).collect();
        assert_eq!(
            codes,
            ["no-manifests", "slots-overlap", "agents-over-capacity", "calls-over-capacity", "never-runs"]
        );
        assert_eq!(Tally::of(&findings), Tally { errors: 4, warnings: 1 });
    }
}
