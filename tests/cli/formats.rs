//! Every format of `validate` over one small repository with faults, and what moving lines changes in them.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::{Workspace, copy_tree};

/// A repository with the faulty manifests in it: a finding with a place in another file, a warning, a file name
/// that needs escapes everywhere.
fn faulty() -> Workspace {
    let workspace = Workspace::new();
    // Paths are told from the root of the repository, whatever folder the tests are run in.
    workspace.write(".git/HEAD", "");
    let faulty = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/faulty");
    copy_tree(&faulty, &workspace.path("schedules"));
    workspace
}

/// What `validate` prints of it and of a path that is not there.
fn printed(workspace: &Workspace, format: &str) -> String {
    let arguments = ["validate", "schedules", "gone", "--as-of", "2027-01-01T00:00:00Z", "--format", format];
    let ran = workspace.run(&arguments).exits(1);
    assert_eq!(ran.stderr, "");
    ran.stdout
}

fn results(workspace: &Workspace) -> Vec<Value> {
    let log: Value = serde_json::from_str(&printed(workspace, "sarif")).unwrap();
    log["runs"][0]["results"].as_array().unwrap().clone()
}

#[test]
fn each_format_shows_every_finding() {
    let workspace = faulty();
    for format in ["human", "json", "github", "junit", "gitlab"] {
        assert_snapshot!(format!("format_{format}"), printed(&workspace, format));
    }
    let mut log: Value = serde_json::from_str(&printed(&workspace, "sarif")).unwrap();
    let run = &mut log["runs"][0];
    // The rules are the pages of `explain`, which change without this format.
    for rule in run["tool"]["driver"].as_object_mut().unwrap().remove("rules").unwrap().as_array().unwrap() {
        assert!(rule["help"]["markdown"].as_str().is_some_and(|page| page.starts_with("# ")));
    }
    for result in run["results"].as_array_mut().unwrap() {
        assert!(result.as_object_mut().unwrap().remove("ruleIndex").is_some_and(|index| index.is_u64()));
    }
    assert_snapshot!("format_sarif", format!("{log:#}"));
}

#[test]
fn fingerprints_are_distinct_and_survive_moved_lines() {
    let workspace = faulty();
    let of =
        |results: &[Value]| -> Vec<Value> { results.iter().map(|one| one["partialFingerprints"].clone()).collect() };
    let before = results(&workspace);
    let gitlab: Value = serde_json::from_str(&printed(&workspace, "gitlab")).unwrap();
    for (issue, result) in gitlab.as_array().unwrap().iter().zip(&before) {
        assert_eq!(issue["fingerprint"], result["partialFingerprints"]["dialctlFinding/v1"]);
    }
    let mut distinct: Vec<String> = of(&before).iter().map(Value::to_string).collect();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), before.len());

    let slot = "    - {startTime: \"12:00\"";
    workspace.replace("schedules/größe 100%.yaml", slot, &format!("\n    # Moved.\n{slot}"));
    workspace.replace("schedules/text.yaml", "apiVersion", "# Moved, too.\napiVersion");
    let first = "  dailySlots:\n";
    let inserted = "    - {startTime: \"18:00\", endTime: \"19:00\"}\n";
    workspace.replace("schedules/text.yaml", first, &format!("{first}{inserted}"));
    let after = results(&workspace);
    assert_ne!(after, before);
    assert_eq!(of(&after), of(&before));
}

#[test]
fn platforms_are_told_paths_from_the_root_of_the_repository() {
    let workspace = faulty();
    let good = std::fs::read_to_string(workspace.path("schedules/text.yaml")).unwrap();
    workspace.write("ops/schedules/text.yaml", good);
    let absolute = workspace.path("ops/schedules").canonicalize().unwrap();
    for given in ["schedules", "./schedules/../schedules", absolute.to_str().unwrap()] {
        let mut command = workspace.command(&["validate", given, "--format", "gitlab"]);
        let ran = crate::support::Ran::of(command.current_dir(workspace.path("ops"))).exits(3);
        for issue in ran.json().as_array().unwrap() {
            assert_eq!(issue["location"]["path"], "ops/schedules/text.yaml", "{given}");
        }
    }
}
