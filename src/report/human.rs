//! Findings as people read them: what is wrong, the lines it stands in, and the way out.

use std::collections::BTreeMap;

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Message, Origin, Renderer, Snippet};

use crate::rules::{FileId, Finding, Severity};

use super::excerpt::{Excerpt, Mark, excerpts};
use super::{Located, Places, RELATED, Tally, Totals, in_order};

/// All findings, each followed by an empty line.
pub fn render(findings: &[Finding], places: &dyn Places, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(DEFAULT_TERM_WIDTH.max(200));
    let mut text = String::new();
    for (finding, located) in in_order(findings, places) {
        text.push_str(&renderer.render(&[group(finding, &located, places)]));
        text.push_str("\n\n");
    }
    text
}

/// One line over all: `3 files, 9 schedules: 1 error, 2 warnings`.
pub fn summary(totals: Totals, tally: Tally) -> String {
    let looked_at = format!("{}, {}", count(totals.files, "file"), count(totals.schedules, "schedule"));
    let found: Vec<String> = [(tally.errors, "error"), (tally.warnings, "warning")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| count(n, what))
        .collect();
    if found.is_empty() { format!("{looked_at}: valid") } else { format!("{looked_at}: {}", found.join(", ")) }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn group<'a>(finding: &'a Finding, located: &Located, places: &dyn Places) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut elements: Vec<Element> = Vec::new();
    let mut marks: BTreeMap<FileId, (String, Vec<Mark>)> = BTreeMap::new();
    if let Some(file) = located.file {
        let mark = mark(located, finding.label.clone(), true);
        marks.entry(file).or_insert_with(|| (located.path.clone(), Vec::new())).1.push(mark);
    }
    let mut notes = Vec::new();
    for related in finding.related.iter().take(RELATED) {
        let at = places.locate(&related.place);
        match at.file {
            Some(file) => {
                let mark = mark(&at, Some(related.message.clone()), false);
                marks.entry(file).or_insert_with(|| (at.path, Vec::new())).1.push(mark);
            }
            None => notes.push(format!("{}: {}", at.path, related.message)),
        }
    }
    if finding.related.len() > RELATED {
        notes.push(format!("and {} more places", finding.related.len() - RELATED));
    }
    // The file that the finding is about comes first.
    let first = located.file.and_then(|file| marks.remove_entry(&file));
    for (file, (path, marks)) in first.into_iter().chain(marks) {
        // Nothing was read of a file that is too large or no text; empty lines would look like its content.
        let Some(text) = places.text(file).filter(|text| !text.is_empty()) else { continue };
        let mut excerpts = excerpts(text, marks);
        // The excerpt with the value itself follows right under its place.
        excerpts.sort_by_key(|excerpt| !excerpt.marks.iter().any(|mark| mark.primary));
        for excerpt in excerpts {
            if excerpt.shifted {
                // The renderer would take the column from the excerpt.
                let line = excerpt.marks.first().map_or(excerpt.first_line, |mark| mark.line);
                let primary = excerpt.marks.iter().any(|mark| mark.primary);
                elements.push(if primary { origin(located) } else { Origin::path(path.clone()).line(line) }.into());
                elements.push(snippet(excerpt).into());
            } else {
                elements.push(snippet(excerpt).path(path.clone()).into());
            }
        }
    }
    if elements.is_empty() {
        elements.push(Origin::path(located.path.clone()).into());
    }
    let messages = notes.into_iter().map(|note| Level::NOTE.message(note));
    let messages: Vec<Message> =
        messages.chain(finding.help.as_deref().map(|help| Level::HELP.message(help))).collect();
    level.primary_title(finding.message.as_str()).id(finding.code.as_str()).elements(elements).elements(messages)
}

fn origin(located: &Located) -> Origin<'static> {
    Origin::path(located.path.clone()).line(located.start.line).char_column(located.start.column)
}

fn mark(located: &Located, label: Option<String>, primary: bool) -> Mark {
    Mark { line: located.start.line, range: located.range.clone(), label, primary }
}

fn snippet(excerpt: Excerpt) -> Snippet<'static, annotate_snippets::Annotation<'static>> {
    let annotations = excerpt.marks.into_iter().map(|mark| {
        let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(mark.range).label(mark.label)
    });
    Snippet::source(excerpt.text).line_start(excerpt.first_line).fold(true).annotations(annotations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{Files, findings, two_files};
    use crate::rules::Code;

    #[test]
    fn a_line_of_a_megabyte_is_cut_and_keeps_its_column() {
        let files = Files(vec![("a.yaml", format!("a: [{}wrong{}]\n", "x, ".repeat(300_000), ", y".repeat(300_000)))]);
        let finding = Finding::new(Code::Schema, files.find(0, "wrong", 0), "not a number").label("text");
        let text = render(&[finding], &files, false);
        assert!(text.len() < 2000, "{}", text.len());
        assert!(text.contains("--> a.yaml:1:900005\n"), "{text}");
        assert!(text.contains("^^^^^ text"), "{text}");
    }

    #[test]
    fn the_places_of_a_crowd_are_counted() {
        let files = two_files();
        let crowd = Finding::new(Code::PoolOverCapacity, files.find(1, "20", 0), "too many");
        let crowd = (0..100).fold(crowd, |finding, _| finding.related(files.find(0, "25", 0), "asks for 25"));
        let text = render(&[crowd], &files, false);
        assert!(text.contains("note: and 88 more places"), "{text}");
    }

    #[test]
    fn colour_only_when_asked_for() {
        let files = two_files();
        assert!(render(&findings(&files), &files, true).contains('\u{1b}'));
        assert!(!render(&findings(&files), &files, false).contains('\u{1b}'));
    }

    #[test]
    fn the_summary_counts_what_there_is() {
        let totals = Totals { files: 3, schedules: 9 };
        for (totals, tally, text) in [
            (totals, Tally { errors: 1, warnings: 2 }, "3 files, 9 schedules: 1 error, 2 warnings"),
            (totals, Tally { errors: 0, warnings: 1 }, "3 files, 9 schedules: 1 warning"),
            (Totals { files: 1, schedules: 0 }, Tally::default(), "1 file, 0 schedules: valid"),
        ] {
            assert_eq!(summary(totals, tally), text);
        }
    }

    #[test]
    fn findings_show_the_value_its_relatives_and_the_way_out() {
        let files = two_files();
        insta::assert_snapshot!(render(&findings(&files), &files, false), @r#"
        error[no-manifests]: there is no `nowhere`
        --> nowhere

        error[slots-overlap]: slots overlap: Monday 12:00-13:00
         --> schedules/a.yaml:5:7
          |
        3 |     - startTime: "09:00"
          |       ------------------ runs Monday 09:00-13:00
        4 |       endTime: "13:00"
        5 |     - startTime: "12:00"
          |       ^^^^^^^^^^^^^^^^^^ runs Monday 12:00-17:00
          |
          = help: end the earlier one at 12:00 or start this one at 13:00

        error[calls-over-capacity]: 25 calls, but there are 20
         --> schedules/a.yaml:7:23
          |
        7 |   maxConcurrentCalls: 25
          |                       ^^ 5 too many
          |
         ::: schedules/b.yaml:3:23
          |
        3 |   maxConcurrentCalls: 20
          |                       -- the campaign has 20 calls
          |
          = help: lower it to 20

        warning[never-runs]: never runs
         --> schedules/b.yaml:1:18
          |
        1 | metadata: {name: größer}
          |                  ^^^^^^
        "#);
    }
}
