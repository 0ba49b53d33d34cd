//! Findings as SARIF 2.1.0, which code scanning and editors read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::rules::{Code, Finding, Severity, explain};

use super::fingerprint::fingerprints;
use super::{Located, Places, Root, in_order, plain};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What the paths of a log are relative to, by the name that platforms expect.
const BASE: &str = "%SRCROOT%";

/// The log as indented JSON, ending with a newline.
pub fn render(findings: &[Finding], places: &dyn Places, root: &Root) -> String {
    let ordered = in_order(findings, places);
    let fingerprints = fingerprints(&ordered, places, root);
    let results: Vec<Value> = ordered
        .iter()
        .zip(fingerprints)
        .map(|((finding, located), fingerprint)| result(finding, located, fingerprint, places, root))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver() },
            "originalUriBaseIds": { BASE: { "description": { "text": "The root of the repository." } } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn driver() -> Value {
    let mut driver = json!({
        "name": "dialctl",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": Code::ALL.map(rule),
    });
    let pages = [env!("CARGO_PKG_HOMEPAGE"), env!("CARGO_PKG_REPOSITORY")];
    if let Some(page) = pages.into_iter().find(|page| !page.is_empty()) {
        driver["informationUri"] = json!(page);
    }
    driver
}

fn rule(code: Code) -> Value {
    let page = explain::page(code);
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": explain::summary(code) },
        "fullDescription": { "text": introduction(page) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

/// What a page says between its title and its first section, a paragraph to a line.
fn introduction(page: &str) -> String {
    let before = page.split("\n## ").next().unwrap_or_default();
    let paragraphs = before.split("\n\n").skip(1).map(|paragraph| paragraph.trim().replace('\n', " "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn result(finding: &Finding, located: &Located, fingerprint: String, places: &dyn Places, root: &Root) -> Value {
    let mut message = plain::title(finding);
    if let Some(help) = &finding.help {
        // Writing to a String cannot fail.
        let _ = write!(message, "\nhelp: {help}");
    }
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": { "text": message },
        "locations": [{ "physicalLocation": physical(located, root) }],
        "partialFingerprints": { "dialctlFinding/v1": fingerprint },
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(n, related)| {
            json!({
                "id": n + 1,
                "message": { "text": related.message },
                "physicalLocation": physical(&places.locate(&related.place), root),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn physical(located: &Located, root: &Root) -> Value {
    let artifact = match root.relative(&located.path) {
        Some(path) => json!({ "uri": encoded(&path), "uriBaseId": BASE }),
        None => {
            let path = root.absolute(&located.path);
            json!({ "uri": format!("file:///{}", encoded(path.trim_start_matches('/'))) })
        }
    };
    let region = match located.file {
        Some(_) => json!({
            "startLine": located.start.line,
            "startColumn": located.start.column,
            "endLine": located.end.line,
            "endColumn": located.end.column,
            "byteOffset": located.range.start,
            "byteLength": located.range.len(),
        }),
        // Code scanning takes no place without a line.
        None => json!({ "startLine": 1 }),
    };
    json!({ "artifactLocation": artifact, "region": region })
}

/// A path as it stands in a URI: everything but unreserved characters and slashes as the bytes of its UTF-8.
fn encoded(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::{findings, here, two_files};
    use crate::rules::Place;

    fn log(findings: &[Finding]) -> Value {
        serde_json::from_str(&render(findings, &two_files(), &here())).unwrap()
    }

    #[test]
    fn results_have_their_places() {
        let log = log(&findings(&two_files())[1..2]);
        let [result] = log["runs"][0]["results"].as_array().unwrap().as_slice() else { panic!("{log:#}") };
        let text = "25 calls, but there are 20 (5 too many)\nhelp: lower it to 20";
        assert_eq!((&result["level"], &result["message"]["text"]), (&json!("error"), &json!(text)));
        let place = |file: &str, line: u32, offset: u32| {
            let region = json!({
                "startLine": line, "startColumn": 23, "endLine": line, "endColumn": 25,
                "byteOffset": offset, "byteLength": 2,
            });
            json!({ "artifactLocation": { "uri": file, "uriBaseId": "%SRCROOT%" }, "region": region })
        };
        assert_eq!(result["locations"], json!([{ "physicalLocation": place("schedules/a.yaml", 7, 138) }]));
        let related = json!([{
            "id": 1,
            "message": { "text": "the campaign has 20 calls" },
            "physicalLocation": place("schedules/b.yaml", 3, 55),
        }]);
        assert_eq!(result["relatedLocations"], related);
        assert_eq!(result["partialFingerprints"]["dialctlFinding/v1"].as_str().map(str::len), Some(64));
    }

    #[test]
    fn every_code_is_a_rule_and_every_result_leads_to_its_own() {
        let log = log(&findings(&two_files()));
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().clone();
        assert_eq!(rules.len(), Code::ALL.len());
        for (rule, code) in rules.iter().zip(Code::ALL) {
            assert_eq!(rule["id"], code.as_str());
            let full = rule["fullDescription"]["text"].as_str().unwrap();
            assert!(full.starts_with(rule["shortDescription"]["text"].as_str().unwrap()), "{code}: {full}");
            assert!(!full.contains("## ") && full.len() < 1000, "{code}: {full}");
        }
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
    }

    #[test]
    #[cfg(unix)]
    fn paths_become_uris() {
        for (path, uri, base) in [
            ("größe 100%.yaml", "gr%C3%B6%C3%9Fe%20100%25.yaml", true),
            ("./a:b", "a%3Ab", true),
            ("../other/ä", "file:///srv/other/%C3%A4", false),
        ] {
            let log = log(&[Finding::new(Code::Unreadable, Place::Path(path.into()), "x")]);
            let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], uri);
            assert_eq!(place["artifactLocation"].get("uriBaseId").is_some(), base, "{path}");
            assert_eq!(place["region"], json!({"startLine": 1}));
        }
    }
}
