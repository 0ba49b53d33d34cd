//! A finding in a few lines of plain text, for formats that show no source.

use crate::rules::Finding;

use super::{Located, Places, RELATED};

/// What is wrong, in one line.
pub fn title(finding: &Finding) -> String {
    match &finding.label {
        Some(label) => format!("{} ({label})", finding.message),
        None => finding.message.clone(),
    }
}

/// What is wrong, the other places it has to do with, and the way out, a line each.
pub fn text(finding: &Finding, places: &dyn Places) -> String {
    let mut lines = vec![title(finding)];
    lines.extend(finding.related.iter().take(RELATED).map(|related| {
        let at = places.locate(&related.place);
        format!("{}: {}", position(&at), related.message)
    }));
    if finding.related.len() > RELATED {
        lines.push(format!("and {} more places", finding.related.len() - RELATED));
    }
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

/// A place as compilers write it: path, line, column.
pub fn position(located: &Located) -> String {
    match located.file {
        Some(_) => format!("{}:{}:{}", located.path, located.start.line, located.start.column),
        None => located.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, two_files};

    #[test]
    fn the_text_has_all_that_the_finding_says_and_counts_a_crowd() {
        let files = two_files();
        let finding = findings(&files).remove(1);
        insta::assert_snapshot!(text(&finding, &files), @"
        25 calls, but there are 20 (5 too many)
        schedules/b.yaml:3:23: the campaign has 20 calls
        help: lower it to 20
        ");
        let crowd = (0..30).fold(finding, |finding, _| finding.related(files.find(0, "25", 0), "asks for 25"));
        let lines = text(&crowd, &files);
        assert_eq!((lines.lines().count(), lines.lines().nth(RELATED + 1)), (RELATED + 3, Some("and 19 more places")));
    }
}
