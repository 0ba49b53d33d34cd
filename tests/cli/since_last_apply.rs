//! Who has changed what since the last apply, and whose a schedule is.

use serde_json::{Value, json};

use crate::manifests::{campaign_id, idle_campaign, schedule, schedule_file, schedule_name, slot};
use crate::over_http::schedule_path;
use crate::support::{SandboxProcess, Workspace, with_neutral_values};

/// Schedules that were applied.
fn applied(count: usize) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(count);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    (workspace, sandbox)
}

/// The repository wants another end of the n-th schedule's slot.
fn we_change(workspace: &Workspace, n: usize, end: &str) {
    workspace.write(&schedule_file(n), schedule(&schedule_name(n), &campaign_id(n), &slot("09:00", end)));
}

/// Somebody gives the slot of the n-th live schedule another end.
fn they_change(sandbox: &SandboxProcess, n: usize, end: &str) {
    let path = schedule_path(&campaign_id(n));
    let mut live = sandbox.get(&path);
    live["recurrences"][0]["end"] = json!(format!("2027-03-01T{end}:00"));
    let (status, answer) = sandbox.send("PUT", &path, Some(&live));
    assert_eq!(status, 200, "{answer}");
}

fn they_delete(sandbox: &SandboxProcess, n: usize) {
    assert_eq!(sandbox.send("DELETE", &schedule_path(&campaign_id(n)), None).0, 200);
}

/// The end of the n-th live schedule's slot.
fn live_end(sandbox: &SandboxProcess, n: usize) -> String {
    let end = sandbox.get(&schedule_path(&campaign_id(n)))["recurrences"][0]["end"].as_str().unwrap().to_owned();
    end.split_once('T').unwrap().1[..5].to_owned()
}

/// What the JSON plan says of each action: name, action, origin, and what they did.
fn actions(plan: &Value) -> Vec<Value> {
    let actions = plan["actions"].as_array().unwrap();
    actions.iter().map(|one| json!([one["name"], one["action"], one["origin"], one.get("theirs")])).collect()
}

#[test]
fn drift_is_told_apart_from_what_is_pending_and_from_conflicts() {
    let (workspace, sandbox) = applied(5);
    workspace.run(&["plan", "--drift"]).exits(0);
    we_change(&workspace, 0, "18:00");
    they_change(&sandbox, 1, "16:00");
    they_delete(&sandbox, 2);
    we_change(&workspace, 3, "18:00");
    they_change(&sandbox, 3, "16:00");

    let plan = workspace.run(&["plan", "--format", "json"]).exits(4).json();
    let theirs = json!([{"path": "/dailySlots/0/endTime", "before": "17:00", "after": "16:00"}]);
    assert_eq!(
        actions(&plan),
        [
            json!(["schedule-002", "create", "drift", null]),
            json!(["schedule-000", "update", "manifest", null]),
            json!(["schedule-001", "update", "drift", theirs]),
            json!(["schedule-003", "refused", "conflict", theirs]),
        ]
    );
    assert_eq!(plan["actions"][0].get("theirs"), Some(&Value::Null), "it was deleted");
    assert_eq!(plan["actions"][1].get("theirs"), None, "nobody else has changed it");

    with_neutral_values(|| insta::assert_snapshot!(workspace.run(&["plan", "--drift"]).exits(2)));
    let drift = workspace.run(&["plan", "--drift", "--format", "json"]).exits(2).json();
    let origins: Vec<&Value> = drift["actions"].as_array().unwrap().iter().map(|one| &one["origin"]).collect();
    assert_eq!(origins, ["drift", "drift", "conflict"]);
}

#[test]
fn a_conflict_is_refused_until_somebody_says_whose_side_wins() {
    for (arguments, code, end) in [
        (&["apply"][..], 4, "16:00"),
        (&["apply", "--on-conflict", "fail"], 4, "16:00"),
        (&["apply", "--on-conflict", "theirs"], 0, "16:00"),
        (&["apply", "--on-conflict", "ours"], 0, "18:00"),
    ] {
        let (workspace, sandbox) = applied(1);
        we_change(&workspace, 0, "18:00");
        they_change(&sandbox, 0, "16:00");
        let ran = workspace.run(arguments).exits(code);
        assert_eq!(live_end(&sandbox, 0), end, "{arguments:?}");
        let says = |text: &str| assert!(ran.stdout.contains(text), "{arguments:?}: {ran}");
        match code {
            0 if end == "16:00" => says("1 changed on both sides, left as they are live: schedule-000"),
            0 => drop(workspace.run(&["plan", "--detailed-exitcode"]).exits(0)),
            _ => says("`--on-conflict ours`"),
        }
    }
}

#[test]
fn drift_alone_is_undone_and_then_gone() {
    let (workspace, sandbox) = applied(2);
    they_change(&sandbox, 0, "16:00");
    workspace.run(&["plan", "--drift"]).exits(2);
    workspace.run(&["apply"]).exits(0);
    assert_eq!(live_end(&sandbox, 0), "17:00");
    workspace.run(&["plan", "--drift"]).exits(0);
    // A change of ours is no drift.
    we_change(&workspace, 1, "18:00");
    workspace.run(&["plan", "--drift"]).exits(0);
}

#[test]
fn without_an_apply_on_record_nobody_can_tell_drift() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let ran = workspace.run(&["plan", "--drift"]).exits(1);
    assert!(ran.stderr.contains("no apply of this owner in this organisation is on record in .dialctl"), "{ran}");
    assert!(ran.stdout.is_empty());
}

#[test]
fn the_schedules_of_others_are_listed_on_request() {
    let mut workspace = Workspace::with_schedules(1);
    workspace.write("others/idle.yaml", idle_campaign("idle", &campaign_id(7)));
    let sandbox = workspace.sandbox(&["schedules", "others"]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    sandbox.put_by_hand(&campaign_id(7), "by hand");
    let plan = workspace.run(&["plan", "--show-unmanaged"]).exits(0);
    assert!(
        plan.stdout.contains("1 schedule is not managed by this repository:\n    CampaignSchedule by hand"),
        "{plan}"
    );
    let plan = workspace.run(&["plan", "--show-unmanaged", "--format", "json"]).exits(0).json();
    assert_eq!(
        plan["unmanaged"],
        json!([{
            "kind": "CampaignSchedule", "name": "by hand",
            "target": {"id": campaign_id(7), "name": plan["unmanaged"][0]["target"]["name"]},
        }])
    );
    assert_eq!(workspace.run(&["plan", "--format", "json"]).json().get("unmanaged"), None);
}

#[test]
fn where_the_service_keeps_no_names_the_ledger_tells_whose_a_schedule_is() {
    let mut workspace = Workspace::with_schedules(2);
    let sandbox = workspace.sandbox(&["--assume", "names-dropped"]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
    we_change(&workspace, 0, "18:00");
    workspace.run(&["apply"]).exits(0);
    assert_eq!(live_end(&sandbox, 0), "18:00");

    std::fs::remove_file(workspace.path(&schedule_file(0))).unwrap();
    let plan = workspace.run(&["plan", "--prune", "--format", "json"]).exits(0).json();
    assert_eq!(actions(&plan), [json!(["dialctl/schedule-000", "delete", "manifest", null])]);
    workspace.run(&["apply", "--prune"]).exits(0);
    workspace.run(&["plan", "--prune", "--detailed-exitcode"]).exits(0);

    // Somebody has changed it, so that the ledger proves nothing any more.
    they_change(&sandbox, 1, "16:00");
    workspace.run(&["apply"]).exits(4);
    workspace.run(&["apply", "--adopt"]).exits(0);
    assert_eq!(live_end(&sandbox, 1), "17:00");
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}
