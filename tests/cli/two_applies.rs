//! Two applies at once, as processes of their own against one sandbox. The first stands before a gate with its first
//! write while the second starts, so that they surely meet.

use std::io::Read as _;
use std::process::{Child, Stdio};

use dialctl::lock::{FolderLocks, Found, Holder};
use serde_json::Value;

use crate::gate::Gate;
use crate::lock::start_waiting;
use crate::manifests::{campaign_id, schedule, schedule_name, slot};
use crate::support::{Ran, SandboxProcess, Workspace};

/// More than a run has under way at once, so that it has something left to start.
const COUNT: usize = 20;

/// A folder of schedules, connected to a sandbox. Requests are waited for as long as the test takes.
fn connected() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(COUNT);
    workspace.write("dialctl.yaml", "retry: {requestTimeoutSeconds: 300}\n");
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    (workspace, sandbox)
}

/// Starts a run and returns once it is at work: its first write stands before the gate.
fn start(workspace: &Workspace, gate: &Gate, arguments: &[&str]) -> Child {
    let mut command = workspace.command(arguments);
    command.env("DIALCTL_API_URL", &gate.url).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    gate.wait();
    child
}

fn lock(workspace: &Workspace) -> Found {
    let found = FolderLocks::of(&workspace.path(".dialctl")).found().unwrap();
    let [one] = found.as_slice() else { panic!("{found:?}") };
    one.clone()
}

/// Every schedule is there once, each write was asked for once, and the ledger is one chain.
#[track_caller]
fn assert_done_once(workspace: &Workspace, sandbox: &SandboxProcess) -> Vec<Value> {
    let expected: Vec<String> = (0..COUNT).map(|n| format!("dialctl/{}", schedule_name(n))).collect();
    assert_eq!(sandbox.live_names(), expected);
    assert_eq!(sandbox.writes(), COUNT);
    assert!(!workspace.path(".dialctl/locks").read_dir().unwrap().any(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.ends_with(".lock") || name.ends_with(".alive")
    }));
    let ledger = workspace.verified_ledger();
    let done = |record: &&Value| record["record"] == "actionFinished" && record["status"] == "SUCCESS";
    assert_eq!(ledger.iter().filter(done).count(), COUNT);
    ledger
}

#[test]
fn the_second_exits_6_and_asks_the_service_nothing() {
    let (workspace, sandbox) = connected();
    let gate = Gate::before(&sandbox);
    let first = start(&workspace, &gate, &["apply"]);
    let before = sandbox.requests().len();
    let second = workspace.run(&["apply"]).exits(6);
    assert!(second.stderr.contains(&format!(", process {}, since ", first.id())), "{second}");
    assert_eq!(sandbox.requests().len(), before);
    gate.open();
    Ran::ended(first).exits(0);
    let ledger = assert_done_once(&workspace, &sandbox);
    assert_eq!(ledger.iter().filter(|record| record["record"] == "runStarted").count(), 1);
}

#[test]
fn the_second_waits_and_has_nothing_to_change() {
    let (workspace, sandbox) = connected();
    let gate = Gate::before(&sandbox);
    let first = start(&workspace, &gate, &["apply"]);
    let before = sandbox.requests().len();
    let (second, mut told) = start_waiting(workspace.command(&["apply", "--lock-timeout", "600"]));
    assert_eq!(sandbox.requests().len(), before);
    gate.open();
    Ran::ended(first).exits(0);
    let second = Ran::ended(second).exits(0);
    let mut more = String::new();
    told.read_to_string(&mut more).unwrap();
    assert!(second.stdout.contains("Nothing to change.") && more.is_empty(), "{second}{more}");
    assert_done_once(&workspace, &sandbox);
}

#[test]
fn two_owners_apply_at_once_and_share_a_ledger() {
    let (mut workspace, _) = connected();
    for n in 0..COUNT {
        let text = schedule(&schedule_name(n), &campaign_id(100 + n), &slot("10:00", "11:00"));
        workspace.write(&format!("sales/{n}.yaml"), text);
    }
    let sandbox = workspace.sandbox(&["schedules", "sales"]);
    workspace.connect(&sandbox);
    let gates = [Gate::before(&sandbox), Gate::before(&sandbox)];
    let first = start(&workspace, &gates[0], &["apply"]);
    let second = start(&workspace, &gates[1], &["apply", "--owner", "sales", "sales"]);
    gates.iter().for_each(Gate::open);
    Ran::ended(first).exits(0);
    Ran::ended(second).exits(0);
    assert_eq!((sandbox.live_names().len(), sandbox.writes()), (2 * COUNT, 2 * COUNT));
    let ledger = workspace.verified_ledger();
    let at = |what: &str| -> Vec<usize> {
        ledger.iter().enumerate().filter(|(_, record)| record["record"] == what).map(|(at, _)| at).collect()
    };
    let (started, finished) = (at("runStarted"), at("runFinished"));
    assert!(started.len() == 2 && finished.len() == 2 && started[1] < finished[0], "{started:?} {finished:?}");
    assert_eq!(at("actionFinished").len(), 2 * COUNT);
    for arguments in
        [&["plan", "--detailed-exitcode"][..], &["plan", "--detailed-exitcode", "--owner", "sales", "sales"]]
    {
        workspace.run(arguments).exits(0);
    }
}

#[test]
fn a_run_that_was_killed_holds_nobody_up() {
    let (workspace, sandbox) = connected();
    let gate = Gate::before(&sandbox);
    let mut first = start(&workspace, &gate, &["apply"]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(lock(&workspace).holder, Holder::Ended);
    let second = workspace.run(&["apply"]).exits(0);
    assert!(second.stderr.contains("Another run ended without giving its lock back"), "{second}");
    assert_done_once(&workspace, &sandbox);
}

#[test]
fn a_run_whose_lock_is_taken_away_finishes_what_it_has_under_way_and_no_more() {
    let (workspace, sandbox) = connected();
    let gate = Gate::before(&sandbox);
    let first = start(&workspace, &gate, &["apply", "--format", "json"]);
    workspace.run(&["unlock", lock(&workspace).claim.id.as_str()]).exits(0);
    gate.open();
    let first = Ran::ended(first).exits(7);
    assert!(first.stderr.contains("error: nothing more was started: somebody took the lock "), "{first}");
    let summary = first.last_line();
    let [done, left] = ["succeeded", "notAttempted"].map(|field| summary[field].as_u64().unwrap());
    assert!(done > 0 && left > 0 && summary["failed"] == 0, "{first}");
    assert_eq!(sandbox.writes() as u64, done);
    workspace.run(&["apply"]).exits(0);
    assert_done_once(&workspace, &sandbox);
}

#[test]
fn a_run_whose_lock_has_expired_changes_nothing_that_the_next_one_did() {
    let (workspace, sandbox) = connected();
    let gate = Gate::before(&sandbox);
    let first = start(&workspace, &gate, &["apply", "--format", "json"]);
    let file = ".dialctl/locks/127.0.0.1~dialctl.lock";
    let mut claim: Value = serde_json::from_str(&workspace.read(file)).unwrap();
    claim["expiresAt"] = claim["since"].clone();
    workspace.write(file, claim.to_string());
    let second = workspace.run(&["apply"]).exits(0);
    assert!(second.stderr.contains("has started nothing for too long, so this one takes it over"), "{second}");

    // Its writes come late: the service refuses them, because they know no version of what is there by now.
    gate.open();
    let first = Ran::ended(first).exits(7);
    let summary = first.last_line();
    assert!(summary["succeeded"] == 0 && summary["notAttempted"].as_u64() > Some(0), "{first}");
    let live = sandbox.get("/api/v2/outbound/schedules/campaigns");
    let live = live.as_array().unwrap();
    assert!(live.len() == COUNT && live.iter().all(|one| one["version"] == 1), "{live:#?}");
    workspace.verified_ledger();
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}
