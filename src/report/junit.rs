//! Findings as test reports: every file is a test that fails with its errors.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::rules::{Finding, Severity};

use super::{Located, Places, in_order, plain};

/// The report as XML: one suite with a case for each file that was read, and for each path of a finding that was
/// not. A case fails once for each error; its warnings are its output.
pub fn render(findings: &[Finding], places: &dyn Places) -> String {
    let ordered = in_order(findings, places);
    let mut cases: BTreeMap<&str, Vec<&(&Finding, Located)>> =
        places.paths().into_iter().map(|path| (path, Vec::new())).collect();
    for one in &ordered {
        cases.entry(&one.1.path).or_default().push(one);
    }
    let is_error = |(finding, _): &(&Finding, Located)| finding.severity == Severity::Error;
    let failed = cases.values().filter(|found| found.iter().any(|one| is_error(one))).count();
    let counts = format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\"", cases.len());
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  \
         <testsuite name=\"dialctl\" {counts} skipped=\"0\">\n"
    );
    for (path, found) in cases {
        // Writing to a String cannot fail.
        let _ = write!(text, "    <testcase classname=\"{}\" name=\"validate\"", attribute(path));
        if found.is_empty() {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        for (finding, located) in found.iter().copied().filter(|one| is_error(one)) {
            let (message, code) = (attribute(&finding.message), finding.code);
            let body = content(&told(finding, located, places));
            let _ = writeln!(text, "      <failure message=\"{message}\" type=\"{code}\">{body}</failure>");
        }
        let warnings: Vec<String> = found
            .iter()
            .filter(|one| !is_error(one))
            .map(|(finding, located)| format!("warning[{}]: {}", finding.code, told(finding, located, places)))
            .collect();
        if !warnings.is_empty() {
            let _ = writeln!(text, "      <system-out>{}</system-out>", content(&warnings.join("\n\n")));
        }
        text.push_str("    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

fn told(finding: &Finding, located: &Located, places: &dyn Places) -> String {
    format!("{}: {}", plain::position(located), plain::text(finding, places))
}

/// Text between tags.
fn content(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A parser would make a line feed of it.
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(character),
            // XML 1.0 cannot hold these, not even as references.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// The value of an attribute, in double quotes; a parser would make spaces of its tabs and line feeds.
fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\t', "&#9;").replace('\n', "&#10;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, two_files};
    use crate::rules::{Code, Place};

    #[test]
    fn every_file_is_a_case() {
        let files = two_files();
        insta::assert_snapshot!(render(&findings(&files), &files), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites tests="3" failures="2" errors="0">
          <testsuite name="dialctl" tests="3" failures="2" errors="0" skipped="0">
            <testcase classname="nowhere" name="validate">
              <failure message="there is no `nowhere`" type="no-manifests">nowhere: there is no `nowhere`</failure>
            </testcase>
            <testcase classname="schedules/a.yaml" name="validate">
              <failure message="slots overlap: Monday 12:00-13:00" type="slots-overlap">schedules/a.yaml:5:7: slots overlap: Monday 12:00-13:00 (runs Monday 12:00-17:00)
        schedules/a.yaml:3:7: runs Monday 09:00-13:00
        help: end the earlier one at 12:00 or start this one at 13:00</failure>
              <failure message="25 calls, but there are 20" type="calls-over-capacity">schedules/a.yaml:7:23: 25 calls, but there are 20 (5 too many)
        schedules/b.yaml:3:23: the campaign has 20 calls
        help: lower it to 20</failure>
            </testcase>
            <testcase classname="schedules/b.yaml" name="validate">
              <system-out>warning[never-runs]: schedules/b.yaml:1:18: never runs</system-out>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
        let good = render(&[], &files);
        assert!(good.contains("tests=\"2\" failures=\"0\"") && good.matches("\" name=\"validate\"/>").count() == 2);
    }

    #[test]
    fn whatever_is_told_stays_text() {
        let files = two_files();
        let message = "]]> <b a='\"'> & \u{0}\u{1b}\u{ffff}\t\r\n漢";
        let text = render(&[Finding::new(Code::Schema, Place::Path("a\"<\n".into()), message)], &files);
        let message = "]]&gt; &lt;b a='&quot;'&gt; &amp; \\u{0}\\u{1b}\\u{ffff}&#9;&#13;&#10;漢";
        assert!(text.contains(&format!("<failure message=\"{message}\" type=\"schema\">")), "{text}");
        assert!(text.contains("classname=\"a&quot;&lt;&#10;\""), "{text}");
        assert!(text.contains("]]&gt; &lt;b a='\"'&gt; &amp; \\u{0}\\u{1b}\\u{ffff}\t&#13;\n漢</failure>"), "{text}");
    }
}
