//! One apply at a time for each organisation and owner: who waits, who is told what.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use chrono::Utc;
use dialctl::lock::{Claimant, FolderLock, FolderLocks, Scope};
use serde_json::Value;

use crate::support::Workspace;

/// Holds the lock of the owner in a sandbox at loopback, as another run does.
fn hold(workspace: &Workspace, owner: &str) -> FolderLock {
    let scope = Scope { org: "127.0.0.1".to_owned(), owner: Some(owner.to_owned()) };
    let holder = format!("ci@elsewhere, process {}", std::process::id());
    let claimant = Claimant { holder, run: Some("https://ci.example/7".to_owned()) };
    FolderLocks::of(&workspace.path(".dialctl")).take(scope, claimant, Utc::now()).unwrap()
}

/// Starts a run that is to wait for another one, and returns once it does.
pub fn start_waiting(mut command: Command) -> (Child, BufReader<ChildStderr>) {
    let mut waiting = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    assert!(line.contains("Waiting for another run to end, 600 s at most: "), "{line}");
    (waiting, told)
}

#[test]
fn a_second_apply_waits_for_nobody_while_the_first_holds_the_lock() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let held = hold(&workspace, "dialctl");
    let refused = workspace.run(&["apply"]).exits(6);
    let id = held.claim().id.as_str();
    for part in [
        &format!("another run holds the lock {id} for owner `dialctl` in 127.0.0.1, held by ci@elsewhere, process "),
        &std::process::id().to_string(),
        ", run https://ci.example/7; wait for it with `--lock-timeout SECONDS`",
        &format!("`dialctl unlock {id}`"),
    ] {
        assert!(refused.stderr.contains(part), "{part:?} is missing: {refused}");
    }
    assert!(sandbox.requests().is_empty());
    workspace.run(&["plan"]).exits(0);
    drop(held);
    workspace.run(&["apply"]).exits(0);
}

#[test]
fn a_second_apply_waits_for_the_first_as_long_as_it_is_told_to() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let held = hold(&workspace, "dialctl");
    let (mut waiting, _told) = start_waiting(workspace.command(&["apply", "--lock-timeout", "600"]));
    assert!(sandbox.requests().is_empty());
    drop(held);
    assert!(waiting.wait().unwrap().success());
    assert_eq!(sandbox.writes(), 1);
}

#[test]
fn no_other_owner_and_no_other_organisation_is_held_up() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let _held = hold(&workspace, "sales");
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["apply", "--sandbox", "--owner", "sales"]).exits(0);
    workspace.run(&["apply", "--owner", "sales"]).exits(6);
}

#[test]
fn a_lock_that_is_held_is_told_by_doctor_and_can_be_taken_away_by_its_id() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let none = workspace.run(&["unlock", "0badcafe"]).exits(1);
    assert!(none.stderr.contains("no lock has the id `0badcafe`; none is held in .dialctl"), "{none}");
    assert!(!workspace.path(".dialctl").exists());

    let (ours, theirs) = (hold(&workspace, "dialctl"), hold(&workspace, "sales"));
    let (id, other) = (ours.claim().id.as_str(), theirs.claim().id.as_str());
    let doctor = workspace.run(&["doctor", "--format", "json"]).exits(0).json();
    let checks = doctor["checks"].as_array().unwrap();
    let locks: Vec<&Value> = checks.iter().filter(|check| check["check"] == "lock").collect();
    for (lock, id) in locks.iter().zip([id, other]) {
        let detail = lock["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("{id} for owner `")) && lock["status"] == "warning", "{lock}");
        assert!(detail.contains(&format!("`dialctl unlock {id}`")), "{lock}");
    }
    assert_eq!(locks.len(), 2);

    let unknown = workspace.run(&["unlock", "0badcafe"]).exits(1);
    assert!(unknown.stderr.contains(&format!("held in .dialctl now:\n  {id} for owner `dialctl`")), "{unknown}");
    assert!(unknown.stderr.contains(&format!("\n  {other} for owner `sales`")), "{unknown}");

    let taken = workspace.run(&["unlock", id]).exits(0);
    let told = format!("Took away the lock {id} for owner `dialctl` in 127.0.0.1, held by ci@elsewhere, process ");
    assert!(taken.stdout.starts_with(&told), "{taken}");
    assert!(taken.stderr.contains("starts nothing more"), "{taken}");
    workspace.run(&["unlock", id]).exits(1);
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["apply", "--owner", "sales"]).exits(6);
}
