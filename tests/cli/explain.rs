//! The pages of the codes: `dialctl explain`, and examples that do what the pages say.

use std::process::Command;

use serde_json::Value;

use crate::manifests::{campaign_id, schedule, slot};
use crate::support::{Ran, Workspace};

/// The widest that a line of the list may be, in characters.
const LIST_WIDTH: usize = 100;

fn entries() -> Vec<Value> {
    let listed = Workspace::new().run(&["explain", "--list", "--format", "json"]).exits(0).json();
    listed.as_array().unwrap().clone()
}

/// The fenced blocks of a language below a heading of a page.
fn blocks<'p>(page: &'p str, heading: &str, language: &str) -> Vec<&'p str> {
    let section = page.split("\n## ").find_map(|section| section.strip_prefix(heading)).unwrap_or_default();
    section
        .split(&format!("```{language}\n"))
        .skip(1)
        .map(|block| block.split("```").next().unwrap_or_default())
        .collect()
}

/// What `validate` finds in the example below a heading.
fn found(page: &str, heading: &str) -> Ran {
    let workspace = Workspace::new();
    for block in blocks(page, heading, "sh") {
        // What the commands of examples find.
        workspace.write("archive/2025.yaml", schedule("last-year", &campaign_id(1), &slot("09:00", "17:00")));
        std::fs::create_dir_all(workspace.path("schedules")).unwrap();
        let ran = Command::new("sh").args(["-euc", block]).current_dir(workspace.path("")).status().unwrap();
        assert!(ran.success(), "{block}");
    }
    for block in blocks(page, heading, "yaml") {
        let file = if block.starts_with("# dialctl.yaml\n") { "dialctl.yaml" } else { "schedules/example.yaml" };
        workspace.write(file, block);
    }
    workspace.run(&["validate", "--as-of", "2027-01-01T00:00:00Z", "--format", "json"])
}

#[test]
fn wrong_examples_show_their_code_alone_and_right_ones_nothing() {
    let mut wrong = Vec::new();
    for entry in entries() {
        let (code, page) = (entry["code"].as_str().unwrap(), entry["page"].as_str().unwrap());
        for (heading, expected) in [("Wrong\n", Some(code)), ("Right\n", None)] {
            let ran = found(page, heading);
            let report = ran.json();
            let codes: Vec<_> = report["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str()).collect();
            let as_said = match expected {
                Some(code) => !codes.is_empty() && codes.iter().all(|found| *found == Some(code)),
                None => codes.is_empty() && report["counts"]["files"] == 1,
            };
            if !as_said || !ran.stderr.is_empty() {
                wrong.push(format!("{code}, {}: {ran}", heading.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_have_one_shape() {
    for entry in entries() {
        let (code, page) = (entry["code"].as_str().unwrap(), entry["page"].as_str().unwrap());
        let headings: Vec<_> = page.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, ["## Wrong", "## Right"], "{code}");
        let (why, _) = page.split_once("\n## ").unwrap();
        assert!(why.lines().skip(4).any(|line| !line.is_empty()), "{code} does not say why it matters");
        assert!(page.lines().all(|line| line.chars().count() <= 120), "{code} has lines that are too long");
    }
}

#[test]
fn the_list_has_a_line_for_each_code() {
    let workspace = Workspace::new();
    let list = workspace.run(&["explain", "--list"]).exits(0);
    assert_eq!(workspace.run(&["explain"]).exits(0).stdout, list.stdout);
    let mut lines = list.stdout.lines();
    for (entry, line) in entries().iter().zip(&mut lines) {
        let code = entry["code"].as_str().unwrap();
        assert!(line.starts_with(&format!("{code} ")), "{line}");
        assert!(line.ends_with(entry["summary"].as_str().unwrap()), "{line}");
        let mark = if entry["configurable"] == true { "*" } else { "" };
        let severity = format!(" {}{mark} ", entry["severity"].as_str().unwrap());
        assert!(line.contains(&severity), "{line}");
        assert!(line.chars().count() <= LIST_WIDTH, "{line}");
    }
    assert_eq!(lines.next(), Some(""));
}

#[test]
fn a_page_is_plain_markdown_unless_colour_is_wanted() {
    let workspace = Workspace::new();
    // Broken settings keep nobody from reading what is wrong.
    workspace.write("dialctl.yaml", "a: [");
    let plain = workspace.run(&["explain", "slots-overlap"]).exits(0).stdout;
    let entry = workspace.run(&["explain", "Slots-Overlap", "--format", "json"]).exits(0).json();
    assert_eq!(entry[0]["page"], plain);
    assert_eq!(entry.as_array().map(Vec::len), Some(1));
    assert!(plain.starts_with("# slots-overlap\n\n") && !plain.contains('\u{1b}'));
    let coloured = workspace.run(&["explain", "slots-overlap", "--color", "always"]).exits(0).stdout;
    assert!(coloured.contains('\u{1b}'));
}

#[test]
fn an_unknown_code_is_wrong_usage_and_a_near_one_is_proposed() {
    let ran = Workspace::new().run(&["explain", "slot-overlap"]).exits(64);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("a similar value exists: 'slots-overlap'"), "{ran}");
}
