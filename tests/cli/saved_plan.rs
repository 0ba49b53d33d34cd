//! A plan that is written down, reviewed, and carried out: exactly that one, once, or not at all.

use serde_json::Value;

use crate::manifests::schedule_file;
use crate::support::{SandboxProcess, Workspace};

/// Three live schedules; then the manifest of the first is gone, the second has another hour, and a fourth is new.
fn changed() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(4);
    let fourth = workspace.read(&schedule_file(3));
    std::fs::remove_file(workspace.path(&schedule_file(3))).unwrap();
    let all = Workspace::with_schedules(4);
    let sandbox = all.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    workspace.write(&schedule_file(3), fourth);
    workspace.replace(&schedule_file(1), "09:00", "10:00");
    std::fs::remove_file(workspace.path(&schedule_file(0))).unwrap();
    (workspace, sandbox)
}

#[test]
fn what_was_planned_is_done_once_with_few_requests() {
    let (workspace, sandbox) = changed();
    workspace.run(&["plan", "--prune", "--out", "plan.json"]).exits(0);
    let before = sandbox.requests().len();
    let applied = workspace.run(&["apply", "--plan", "plan.json"]).exits(0);
    assert!(applied.stdout.contains("Applied: 3 succeeded, 0 failed, 0 not attempted."), "{applied}");
    // A login, a read and a write for each, and no listing.
    let requests = sandbox.requests();
    let paths: Vec<&str> = requests[before..].iter().map(|request| request["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 7 + deletes_read_first(&requests[before..]), "{paths:?}");
    assert!(!paths.contains(&"/api/v2/outbound/schedules/campaigns"), "{paths:?}");
    workspace.run(&["plan", "--prune", "--detailed-exitcode"]).exits(0);

    let again = workspace.run(&["apply", "--plan", "plan.json"]).exits(5);
    assert!(again.stderr.contains("a run has applied it already, begun at 20"), "{again}");
    let started = workspace.ledger().into_iter().filter(|record| record["record"] == "runStarted");
    let digests: Vec<Value> = started.map(|record| record["planDigest"].clone()).collect();
    let saved: Value = serde_json::from_str(&workspace.read("plan.json")).unwrap();
    assert_eq!(digests.last(), Some(&saved["digest"]));
}

/// A delete reads once more, right before it deletes.
fn deletes_read_first(requests: &[Value]) -> usize {
    requests.iter().filter(|request| request["method"] == "DELETE").count()
}

#[test]
fn nothing_is_done_once_anything_has_moved() {
    for (what, told) in [
        ("manifest", "the manifests have changed since"),
        ("live", "CampaignSchedule schedule-001: /live/version was 1 and is 2"),
        ("owner", "it is for the owner `dialctl`, this is `sales`"),
        ("file", "it was changed after it was written"),
        ("no file", "cannot read the plan plan.json, which `dialctl plan --out` writes"),
    ] {
        let (mut workspace, sandbox) = changed();
        workspace.run(&["plan", "--out", "plan.json"]).exits(0);
        let writes = sandbox.writes();
        let mut by_others = 0;
        match what {
            "manifest" => workspace.replace(&schedule_file(3), "17:00", "18:00"),
            "live" => {
                sandbox.rename_live(&crate::manifests::campaign_id(1), "dialctl/schedule-001");
                by_others = 1;
            }
            "owner" => workspace.set("DIALCTL_OWNER", "sales"),
            "file" => workspace.replace("plan.json", "10:00", "11:00"),
            _ => std::fs::remove_file(workspace.path("plan.json")).unwrap(),
        }
        let code = match what {
            "file" => 3,
            "no file" => 1,
            _ => 5,
        };
        let refused = workspace.run(&["apply", "--plan", "plan.json"]).exits(code);
        assert!(refused.stderr.contains(told), "{what}: {refused}");
        assert_eq!(sandbox.writes(), writes + by_others, "{what}");
    }
}

#[test]
fn limits_hold_for_a_saved_plan_and_its_flags_are_its_own() {
    let mut workspace = Workspace::with_schedules(12);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    for n in 0..6 {
        workspace.replace(&schedule_file(n), "09:00", "10:00");
    }
    workspace.run(&["plan", "--out", "plan.json"]).exits(0);
    let refused = workspace.run(&["apply", "--plan", "plan.json"]).exits(4);
    assert!(refused.stderr.contains("6 updates of 12 live schedules"), "{refused}");
    workspace.run(&["apply", "--plan", "plan.json", "--prune"]).exits(64);
    workspace.run(&["apply", "--plan", "plan.json", "schedules"]).exits(64);
    workspace.run(&["apply", "--plan", "plan.json", "--max-updates", "6"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_plan_that_was_refused_before_it_began_is_not_used_up() {
    let (mut workspace, _sandbox) = changed();
    workspace.run(&["plan", "--out", "plan.json"]).exits(0);
    workspace.set("GENESYS_CLIENT_SECRET", "wrong-secret");
    workspace.run(&["apply", "--plan", "plan.json"]).exits(8);
    workspace.set("GENESYS_CLIENT_SECRET", crate::support::CLIENT_SECRET);
    workspace.run(&["apply", "--plan", "plan.json"]).exits(0);
}
