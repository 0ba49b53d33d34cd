//! What makes a finding the same one in the next run, although lines have moved.

use std::collections::HashMap;

use crate::ledger::canonical::Digest;
use crate::rules::Finding;

use super::{Located, Places, Root};

/// A fingerprint for each finding, in their order, no two alike: 64 hexadecimal digits.
///
/// It covers the code, the path, the kind and name of the document, where in the document the value stands,
/// and the words of the value; not lines, blanks, positions in lists or the message, which change with
/// edits elsewhere. Findings that agree in all of it are numbered.
pub fn fingerprints(findings: &[(&Finding, Located)], places: &dyn Places, root: &Root) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    findings
        .iter()
        .map(|(finding, located)| {
            let identity = identity(finding, located, places, root);
            let nth = seen.entry(identity.clone()).or_default();
            let fingerprint = Digest::of(format!("{identity}\0{nth}").as_bytes()).to_string();
            *nth += 1;
            fingerprint
        })
        .collect()
}

fn identity(finding: &Finding, located: &Located, places: &dyn Places, root: &Root) -> String {
    let text = located.file.and_then(|file| places.text(file)?.get(located.range.clone())).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let parts = [
        finding.code.as_str(),
        &root.shown(&located.path),
        &places.subject(&finding.place).unwrap_or_default(),
        &without_indices(located.pointer.as_deref().unwrap_or_default()),
        &words.join(" "),
    ];
    // No part holds a NUL: YAML does not allow it, and neither do paths.
    parts.join("\0")
}

/// A JSON pointer with `*` for every position in a list.
fn without_indices(pointer: &str) -> String {
    let is_index = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let steps: Vec<&str> = pointer.split('/').map(|step| if is_index(step) { "*" } else { step }).collect();
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::in_order;
    use crate::report::tests::{Files, findings, here, two_files};
    use crate::rules::{Code, Place};

    fn of(findings: &[Finding], files: &Files) -> Vec<String> {
        fingerprints(&in_order(findings, files), files, &here())
    }

    #[test]
    fn lines_blanks_and_words_of_the_message_may_change() {
        let files = two_files();
        let before = of(&findings(&files), &files);
        let moved = Files(
            files
                .0
                .iter()
                .map(|(path, text)| (*path, format!("# moved\n\n{}", text.replace("    ", "      "))))
                .collect(),
        );
        let mut after = findings(&two_files());
        for finding in &mut after {
            finding.message.push('!');
            if let Place::Bytes { file, range } = &mut finding.place {
                let value = files.0[file.0].1[range.clone()].replace("    ", "      ");
                let start = moved.0[file.0].1.find(&value).unwrap();
                *range = start..start + value.len();
            }
        }
        assert_eq!(of(&after, &moved), before);
        assert!(before.iter().all(|one| one.len() == 64));
    }

    #[test]
    fn code_path_value_and_number_tell_findings_apart() {
        let files = two_files();
        let at = |file, wanted: &str| files.find(file, wanted, 0);
        let all = [
            Finding::new(Code::Schema, at(0, "25"), "x"),
            Finding::new(Code::Schema, at(0, "25"), "y"),
            Finding::new(Code::CallsOverCapacity, at(0, "25"), "x"),
            Finding::new(Code::Schema, at(0, "\"09:00\""), "x"),
            Finding::new(Code::Schema, at(1, "20"), "x"),
            Finding::new(Code::Unreadable, Place::Path("a".into()), "x"),
            Finding::new(Code::Unreadable, Place::Path("b".into()), "x"),
        ];
        let told = of(&all, &files);
        assert_eq!(told.iter().collect::<std::collections::HashSet<_>>().len(), all.len(), "{told:#?}");
    }

    #[test]
    fn positions_in_lists_do_not_count() {
        for (pointer, expected) in [
            ("/spec/dailySlots/12/days/0", "/spec/dailySlots/*/days/*"),
            ("/metadata/labels/2nd", "/metadata/labels/2nd"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(without_indices(pointer), expected);
        }
    }
}
