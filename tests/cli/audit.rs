//! Looking into the ledger, and finding out what was done to it.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Ran, Workspace};

const LEDGER: &str = ".dialctl/ledger.jsonl";

/// A folder in which one schedule was applied in a sandbox.
fn applied() -> Workspace {
    let mut workspace = Workspace::with_schedules(1);
    workspace.set("GITHUB_ACTOR", "=octo\u{1b}");
    workspace.run(&["apply", "--sandbox"]).exits(0);
    workspace
}

fn lines(workspace: &Workspace) -> Vec<String> {
    workspace.read(LEDGER).lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn records_are_shown_as_a_table_as_json_and_as_csv() {
    let workspace = applied();
    let table = workspace.run(&["audit", "show"]).exits(0).stdout;
    let words: Vec<&str> = table.lines().map(|line| line.split_whitespace().nth(3).unwrap()).collect();
    assert_eq!(words, ["run", "runStarted", "actionIntended", "actionFinished", "runFinished"]);
    assert!(table.contains(r"by =octo\u{1b}"), "{table}");

    let found = workspace.run(&["audit", "show", "--outcome", "success", "--format", "json"]).exits(0).json();
    let written: Vec<Value> = workspace.ledger().into_iter().filter(|one| one["status"] == "SUCCESS").collect();
    assert_eq!((found.as_array().unwrap().len(), &found[0]), (1, &written[0]), "as they were written");

    let rows = workspace.run(&["audit", "show", "--schedule", "schedule-000", "--format", "csv"]).exits(0).stdout;
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("seq,time,run,actor,record,"), "{rows:?}");
    assert!(rows[1].contains(r",'=octo\u{1b},actionIntended,create,"), "no formula: {rows:?}");
    assert_eq!(workspace.run(&["audit", "show", "--actor", "eve", "--format", "json"]).exits(0).stdout, "[\n]\n");
}

#[test]
fn what_was_done_to_a_ledger_is_told_with_its_place() {
    let workspace = applied();
    let text = lines(&workspace);
    let checkpoint = workspace.run(&["audit", "checkpoint"]).exits(0).stdout;
    workspace.write("kept.json", checkpoint);
    let verified = workspace.run(&["audit", "verify", "--checkpoint", "kept.json"]).exits(0);
    assert!(verified.stdout.starts_with("4 records, each as it was written"), "{verified}");
    assert!(verified.stderr.is_empty(), "{verified}");
    let swapped = [&text[0], &text[2], &text[1], &text[3]].map(String::as_str).concat();
    for (what, content, told) in [
        ("edited", text.concat().replacen("SUCCESS", "FAILURE", 1), ":3: edited: its content does not match its hash"),
        ("removed", text[0].clone() + &text[2..].concat(), ":2: removed: record 2 to 2 are missing"),
        ("reordered", swapped, ":2: reordered: record 3 stands where record 2 belongs"),
        ("inserted", text.concat() + &text[3], ":5: inserted: there is a record 4 already"),
        ("truncated", text[..3].concat(), ":3: truncated: it ends with record 3, and the checkpoint knows record 4"),
        ("torn", text.concat().trim_end().to_owned(), ":4: torn: the last line has no end"),
    ] {
        workspace.write(LEDGER, content);
        let ran = workspace.run(&["audit", "verify", "--checkpoint", "kept.json"]).exits(1);
        assert!(ran.stderr.contains(&format!("{LEDGER}{told}")), "{what}: {ran}");
        assert!(ran.stdout.is_empty(), "{what}: {ran}");
    }
}

#[test]
fn a_ledger_of_several_files_is_shown_verified_and_continued_as_one() {
    let mut workspace = applied();
    let text = lines(&workspace);
    let closed = |first: usize| format!(".dialctl/ledger-{first:020}.jsonl");
    let part = |workspace: &Workspace| {
        workspace.write(&closed(1), text[..2].concat());
        workspace.write(&closed(3), &text[2]);
        workspace.write(LEDGER, &text[3]);
    };
    let whole = workspace.run(&["audit", "show", "--format", "json"]).exits(0).stdout;
    part(&workspace);
    assert_eq!(workspace.run(&["audit", "show", "--format", "json"]).exits(0).stdout, whole);
    workspace.run(&["audit", "verify"]).exits(0);
    let checkpoint = workspace.run(&["audit", "checkpoint"]).exits(0).json();
    assert_eq!(checkpoint["seq"], 4);

    std::fs::remove_file(workspace.path(&closed(3))).unwrap();
    let ran = workspace.run(&["audit", "verify"]).exits(1);
    assert!(ran.stderr.contains(&format!("{LEDGER}:1: removed: record 3 to 3 are missing")), "{ran}");
    part(&workspace);
    std::fs::remove_file(workspace.path(&closed(1))).unwrap();
    let ran = workspace.run(&["audit", "verify"]).exits(1);
    assert!(ran.stderr.contains(&format!("{}:1: removed: record 1 to 2 are missing", closed(3))), "{ran}");
    part(&workspace);
    workspace.write(&closed(1), &text[2]);
    workspace.write(&closed(3), text[..2].concat());
    let ran = workspace.run(&["audit", "verify"]).exits(1);
    let told = ":1: reordered: record 3 stands where record 1 belongs, which comes later";
    assert!(ran.stderr.contains(&format!("{}{told}", closed(1))), "{ran}");

    // As a crash leaves it right after a file was closed.
    part(&workspace);
    workspace.write(&closed(4), &text[3]);
    std::fs::remove_file(workspace.path(LEDGER)).unwrap();
    let doctor = workspace.run(&["doctor", "--sandbox"]).exits(0);
    assert!(doctor.stdout.contains("the ledger in .dialctl can be continued"), "{doctor}");
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    let verified = workspace.run(&["audit", "verify"]).exits(0);
    assert!(verified.stdout.starts_with("8 records"), "{verified}");
}

#[test]
fn where_there_is_no_ledger_or_no_checkpoint_the_way_out_is_told() {
    let workspace = applied();
    let ran = workspace.run(&["audit", "verify", "--state", "elsewhere"]).exits(1);
    assert!(ran.stderr.contains("there is no ledger in elsewhere; point --state at"), "{ran}");
    workspace.write("kept.json", "{}");
    let ran = workspace.run(&["audit", "verify", "--checkpoint", "kept.json"]).exits(1);
    assert!(ran.stderr.contains("the checkpoint kept.json: it is not what `dialctl audit checkpoint` prints"), "{ran}");
}

/// Runs git in the folder.
fn git(workspace: &Workspace, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]).args(arguments);
    Ran::of(&mut workspace.at_home(git)).exits(0).stdout.trim().to_owned()
}

#[cfg(unix)]
#[test]
fn a_run_tells_who_from_where_and_on_which_commit_and_asks_git_no_more_than_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut workspace = Workspace::with_schedules(1);
    // Counts how often git is called.
    let path = std::env::var("PATH").unwrap();
    workspace.write("bin/git", format!("#!/bin/sh\necho called >> calls\nPATH='{path}' exec git \"$@\"\n"));
    std::fs::set_permissions(workspace.path("bin/git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    workspace.set("PATH", &format!("{}:{path}", workspace.path("bin").display()));
    let calls =
        |workspace: &Workspace| std::fs::read_to_string(workspace.path("calls")).unwrap_or_default().lines().count();
    workspace.set("USER", "alice");

    workspace.run(&["apply", "--sandbox"]).exits(0);
    assert_eq!(calls(&workspace), 0, "there is no repository");
    let started = &workspace.ledger()[0];
    let host = started["host"].as_str().unwrap();
    assert!(!host.is_empty());
    assert_eq!(
        ["actor", "ci", "repository", "runUrl", "pullRequest", "gitCommit", "gitDirty"].map(|field| &started[field]),
        [&json!("alice"), &Value::Null, &Value::Null, &Value::Null, &Value::Null, &Value::Null, &Value::Null]
    );
    let table = workspace.run(&["audit", "show"]).exits(0).stdout;
    assert!(table.contains(&format!(" by alice@{host}\n")), "{table}");

    git(&workspace, &["init", "-q"]);
    git(&workspace, &["add", "schedules"]);
    git(&workspace, &["commit", "-q", "-m", "Begin"]);
    let commit = git(&workspace, &["rev-parse", "HEAD"]);
    std::fs::remove_file(workspace.path("calls")).unwrap();
    let start = |workspace: &Workspace| {
        let starts = workspace.ledger().into_iter().filter(|record| record["record"] == "runStarted");
        starts.max_by_key(|record| record["seq"].as_u64()).unwrap()
    };
    workspace.run(&["apply", "--sandbox"]).exits(0);
    assert_eq!(calls(&workspace), 1, "for the commit and what differs from it");
    assert_eq!((&start(&workspace)["gitCommit"], &start(&workspace)["gitDirty"]), (&json!(commit), &json!(false)));
    for (what, file) in [("changed", "schedules/schedule-000.yaml"), ("new", "schedules/[new] one.yaml")] {
        let before = std::fs::read(workspace.path(file)).ok();
        workspace.write(file, [&before.clone().unwrap_or_default()[..], b"# changed\n"].concat());
        workspace.run(&["apply", "--sandbox"]).exits(0);
        assert_eq!(start(&workspace)["gitDirty"], true, "{what}");
        match before {
            Some(text) => workspace.write(file, text),
            None => std::fs::remove_file(workspace.path(file)).unwrap(),
        }
    }
    let table = workspace.run(&["audit", "show"]).exits(0).stdout;
    assert!(table.contains(&format!(" by alice@{host}, not all committed\n")), "{table}");

    // A pipeline knows its commit, so that a plan has nothing to ask.
    for (name, value) in [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_ACTOR", "octocat"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/dialing"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", "c0ffee"),
    ] {
        workspace.set(name, value);
    }
    std::fs::remove_file(workspace.path("calls")).unwrap();
    workspace.run(&["plan", "--sandbox"]).exits(0);
    assert_eq!(calls(&workspace), 0);
    workspace.run(&["apply", "--sandbox"]).exits(0);
    assert_eq!(calls(&workspace), 1);
    let run = start(&workspace);
    let page = "https://github.com/acme/dialing";
    assert_eq!(
        ["actor", "ci", "repository", "runUrl", "pullRequest", "gitCommit", "gitDirty"].map(|field| run[field].clone()),
        [
            json!("octocat"),
            json!("github"),
            json!(page),
            json!(format!("{page}/actions/runs/42")),
            Value::Null,
            json!("c0ffee"),
            json!(false),
        ]
    );
    let rows = workspace.run(&["audit", "show", "--actor", "octocat", "--format", "csv"]).exits(0).stdout;
    let of_run = format!(",{host},github,c0ffee,false,{page}/actions/runs/42,,");
    assert_eq!(rows.lines().skip(1).filter(|row| row.contains(&of_run)).count(), 2, "{rows}");
    let table = workspace.run(&["audit", "show"]).exits(0).stdout;
    assert!(table.contains(" by octocat in github\n"), "{table}");
}
