//! The scripts of the workflows that bring the ledger of the last apply and verify it, before a stand-in for `gh`.

#![cfg(unix)]

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Ran, Workspace};

/// Answers each address from a file of its name, as `gh api ADDRESS --jq FILTER` does.
const GH: &str = r#"#!/bin/sh
file="answers/$(printf %s "$2" | tr '/?&=' '____')"
if [ "$3" = --jq ]; then exec jq --raw-output "$4" "$file"; else exec cat "$file"; fi
"#;

fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

fn answer(workspace: &Workspace, address: &str, answer: &Value) {
    workspace.write(&format!("answers/{}", address.replace(['/', '?', '&', '='], "_")), answer.to_string());
}

fn script(workspace: &Workspace, name: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(format!("{}/.github/{name}", env!("CARGO_MANIFEST_DIR")));
    command.args(arguments);
    let mut command = workspace.at_home(command);
    let path = format!("{}:{}", workspace.path("bin").display(), std::env::var("PATH").unwrap());
    Ran::of(command.env("PATH", path).env("GITHUB_REPOSITORY", "acme/dialing"))
}

fn verify(workspace: &Workspace) -> Ran {
    script(workspace, "verify-ledger", &[env!("CARGO_BIN_EXE_dialctl"), ".dialctl"])
}

/// A folder with a ledger, and runs of the workflow for these commits, the newest first; the last is a fork's.
fn kept(commits: &[&str]) -> Workspace {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = Workspace::with_schedules(1);
    workspace.run(&["apply", "--sandbox"]).exits(0);
    workspace.write("bin/gh", GH);
    std::fs::set_permissions(workspace.path("bin/gh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |(n, sha): (usize, &&str)| {
        let head = if n + 1 == commits.len() { 2 } else { 1 };
        json!({"head_sha": sha, "repository": {"id": 1}, "head_repository": {"id": head}})
    };
    let runs: Vec<Value> = commits.iter().enumerate().map(run).collect();
    let address = "repos/acme/dialing/actions/workflows/apply.yml/runs?branch=main&per_page=20";
    answer(&workspace, address, &json!({"workflow_runs": runs}));
    for sha in commits {
        answer(&workspace, &statuses_of(sha), &json!([]));
    }
    workspace
}

fn statuses_of(sha: &str) -> String {
    format!("repos/acme/dialing/commits/{sha}/statuses?per_page=100")
}

/// What the workflow makes a status of.
fn status(workspace: &Workspace, made_at: &str) -> Value {
    let mut checkpoint = workspace.run(&["audit", "checkpoint"]).exits(0).json();
    checkpoint.as_object_mut().unwrap().remove("madeAt");
    let description = checkpoint.to_string();
    // Room for a ledger of a million records.
    assert!(description.len() + 6 <= 140, "{description}");
    json!({"context": "dialctl ledger", "creator": {"login": "github-actions[bot]"}, "created_at": made_at,
        "description": description})
}

#[test]
fn a_ledger_is_verified_against_the_last_checkpoint_of_a_commit() {
    if !has("jq") {
        eprintln!("skipped: the stand-in for gh takes jq");
        return;
    }
    let workspace = kept(&["new", "old", "old", "older", "fork"]);
    let none = verify(&workspace).exits(0);
    assert!(none.stdout.starts_with("No apply has kept a checkpoint yet.\n4 records, each as it was"), "{none}");

    let first = status(&workspace, "2027-03-01T09:00:00Z");
    workspace.replace("schedules/schedule-000.yaml", "09:00", "10:00");
    workspace.run(&["apply", "--sandbox"]).exits(0);
    let second = status(&workspace, "2027-03-02T09:00:00Z");
    let mut forged = first.clone();
    (forged["creator"]["login"], forged["created_at"]) = ("eve".into(), "2027-03-03T09:00:00Z".into());
    let other = json!({"context": "ci", "creator": forged["creator"], "created_at": "2027-03-04T09:00:00Z",
        "description": "no JSON"});
    answer(&workspace, &statuses_of("older"), &json!([first.clone()]));
    answer(&workspace, &statuses_of("old"), &json!([other, forged, second, first]));
    answer(&workspace, &statuses_of("fork"), &json!([{"context": "broken"}]));
    let whole = verify(&workspace).exits(0);
    assert!(whole.stdout.starts_with("8 records, each as it was written") && whole.stderr.is_empty(), "{whole}");

    let text = workspace.read(".dialctl/ledger.jsonl");
    let cut: String = text.lines().take(4).map(|line| format!("{line}\n")).collect();
    workspace.write(".dialctl/ledger.jsonl", cut);
    workspace.run(&["audit", "verify"]).exits(0);
    let told = verify(&workspace).exits(1);
    assert!(told.stderr.contains("the checkpoint knows record 8"), "{told}");
    assert!(told.stdout.contains("::error::The ledger is not the one of the checkpoint at commit old"), "{told}");

    std::fs::remove_file(workspace.path(".dialctl/ledger.jsonl")).unwrap();
    let gone = verify(&workspace).exits(0);
    assert!(gone.stdout.starts_with("::warning::There is a checkpoint at commit old, but no ledger"), "{gone}");
}

#[test]
fn the_ledger_of_the_newest_apply_of_the_main_branch_is_brought() {
    if !has("jq") || !has("zip") || !has("unzip") {
        eprintln!("skipped: the stand-in for gh takes jq, zip and unzip");
        return;
    }
    let workspace = kept(&[]);
    let artifact = |id: u32, name: &str, day: u32, branch: &str, head: u32, expired: bool| {
        json!({"id": id, "name": name, "expired": expired, "created_at": format!("2027-03-{day:02}T09:00:00Z"),
            "workflow_run": {"head_branch": branch, "repository_id": 1, "head_repository_id": head}})
    };
    let list = "repos/acme/dialing/actions/artifacts?per_page=100";
    answer(&workspace, list, &json!({"artifacts": []}));
    let none = script(&workspace, "bring-ledger", &["brought"]).exits(0);
    assert_eq!(none.stdout, "No apply has kept a ledger yet.\n");
    answer(
        &workspace,
        list,
        &json!({"artifacts": [
            artifact(9, "audit-ledger-9-1", 9, "main", 1, true),
            artifact(8, "audit-ledger-8-1", 8, "main", 2, false),
            artifact(7, "audit-ledger-7-1", 7, "feature", 1, false),
            artifact(6, "drift-report", 6, "main", 1, false),
            artifact(4, "audit-ledger-4-1", 4, "main", 1, false),
            artifact(5, "audit-ledger-5-1", 5, "main", 1, false),
        ]}),
    );
    let mut zip = Command::new("zip");
    zip.args(["-q", "-j", "answers/ledger.zip", ".dialctl/ledger.jsonl"]);
    Ran::of(&mut workspace.at_home(zip)).exits(0);
    let answers = workspace.path("answers");
    std::fs::rename(answers.join("ledger.zip"), answers.join("repos_acme_dialing_actions_artifacts_5_zip")).unwrap();
    script(&workspace, "bring-ledger", &["brought"]).exits(0);
    assert_eq!(workspace.read("brought/ledger.jsonl"), workspace.read(".dialctl/ledger.jsonl"));
}
