//! The API with several schedules per campaign, which can neither change nor delete them.

use serde_json::json;

use crate::manifests::{campaign_id, schedule, slot};
use crate::support::{SandboxProcess, Workspace, with_neutral_values};

/// Three schedules, two of them of one campaign, and a sandbox that knows the campaigns.
fn three() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::new();
    workspace.write("dialctl.yaml", "genesys: {api: campaign-schedules}\n");
    workspace.write("schedules/morning.yaml", schedule("morning", &campaign_id(1), &slot("09:00", "13:00")));
    workspace.write("schedules/afternoon.yaml", schedule("afternoon", &campaign_id(1), &slot("13:00", "17:00")));
    workspace.write("schedules/night.yaml", schedule("night", &campaign_id(2), &slot("22:00", "06:00")));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    (workspace, sandbox)
}

fn schedules_path(campaign: &str) -> String {
    format!("/api/v2/outbound/campaigns/{campaign}/schedules")
}

#[test]
fn schedules_are_created_once() {
    let (workspace, sandbox) = three();
    workspace.run(&["plan", "--detailed-exitcode"]).exits(2);
    let applied = workspace.run(&["apply"]).exits(0);
    assert!(applied.stdout.contains("Applied: 3 succeeded, 0 failed, 0 not attempted."), "{applied}");
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
    let again = workspace.run(&["apply"]).exits(0);
    assert!(again.stdout.starts_with("Nothing to change. 3 unchanged, 0 unmanaged."), "{again}");
    assert_eq!(sandbox.writes(), 3);

    let mut live = sandbox.get(&schedules_path(&campaign_id(2)));
    assert!(live[0]["id"].take().is_string());
    let expected = json!([{
        "id": null, "campaignId": campaign_id(2), "startTime": "2027-03-01T05:00:00Z", "timezone": "America/New_York",
        "dailySchedule": [{"startTime": "22:00", "endTime": "06:00", "days": ["Monday", "Tuesday"]}],
        "maxConcurrentCalls": 10, "maxConcurrentAgents": 5,
    }]);
    assert_eq!(live, expected);
    assert_eq!(sandbox.get(&schedules_path(&campaign_id(1))).as_array().unwrap().len(), 2);
}

#[test]
fn a_window_that_the_service_refuses_fails_alone_with_its_message() {
    let (workspace, sandbox) = three();
    let body = json!({
        "campaignId": campaign_id(2), "startTime": "2027-03-01T05:00:00Z", "timezone": "America/New_York",
        "dailySchedule": [{"startTime": "05:00", "endTime": "07:00", "days": ["Wednesday"]}],
        "maxConcurrentCalls": 1, "maxConcurrentAgents": 1,
    });
    let (status, answer) = sandbox.send("POST", &schedules_path(&campaign_id(2)), Some(&body));
    assert_eq!(status, 201, "{answer}");

    let applied = workspace.run(&["apply"]).exits(7);
    assert!(applied.stdout.contains("Applied: 2 succeeded, 1 failed, 0 not attempted."), "{applied}");
    let failed: Vec<&str> = applied.stdout.lines().filter(|line| line.starts_with("FAILED")).collect();
    let known = answer["id"].as_str().unwrap();
    with_neutral_values(
        || insta::assert_snapshot!(failed.join("\n").replace(known, "[ID]"), @"FAILED to create CampaignSchedule night: POST /api/v2/outbound/campaigns/00000000-0000-4000-8000-000000000002/schedules: conflict: The schedule overlaps schedule [ID] of the same campaign: Wednesday 05:00-07:00 and Monday, Tuesday 22:00-06:00 (America/New_York). (general.conflict)"),
    );

    let summary = workspace.run(&["apply", "--format", "json", "--quiet"]).exits(7).last_line();
    assert_eq!((&summary["total"], &summary["failed"]), (&json!(1), &json!(1)));
    let result = &summary["results"][0];
    assert_eq!((&result["name"], &result["status"]), (&json!("night"), &json!("FAILURE")));
    assert!(result["error"].as_str().unwrap().contains("overlaps schedule"), "{result}");
    let conflicts = sandbox.requests().iter().filter(|request| request["status"] == 409).count();
    assert_eq!(conflicts, 2, "one for each run: a conflict is not repeated");
    let failures = workspace.ledger().into_iter().filter(|record| record["status"] == "FAILURE").count();
    assert_eq!(failures, 2);
    assert_eq!(sandbox.get(&schedules_path(&campaign_id(1))).as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_expressed_is_refused_before_anything_is_sent() {
    let (workspace, sandbox) = three();
    let night = schedule("night", &campaign_id(2), &slot("22:00", "06:00"));
    for (what, told) in [
        (r#"exclusions: [{start: "2027-05-31T00:00:00", end: "2027-06-01T00:00:00"}]"#, "exclusions"),
        (r#"intervals: [{start: "2027-05-01T10:00:00", end: "2027-05-01T14:00:00"}]"#, "one-off intervals"),
    ] {
        workspace.write("schedules/night.yaml", format!("{night}  {what}\n"));
        for command in ["validate", "plan", "apply"] {
            let ran = workspace.run(&[command]).exits(3);
            let output = if command == "validate" { &ran.stdout } else { &ran.stderr };
            let finding = format!("error[not-representable]: the API `campaign-schedules` has no {told}\n");
            assert!(output.contains(&finding) && output.contains("--> schedules/night.yaml:9:"), "{ran}");
        }
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn schedules_of_one_campaign_may_touch_but_not_overlap() {
    let (workspace, sandbox) = three();
    workspace.run(&["validate"]).exits(0);
    workspace.replace("schedules/afternoon.yaml", "13:00", "12:59");
    let found = workspace.run(&["validate", "--format", "json"]).exits(3).json();
    let [finding] = found["findings"].as_array().unwrap().as_slice() else { panic!("{found:#}") };
    assert_eq!(finding["code"], "schedules-overlap");
    assert_eq!(finding["severity"], "error");
    assert_eq!(finding["related"].as_array().unwrap().len(), 1);
    workspace.run(&["apply"]).exits(3);
    assert!(sandbox.requests().is_empty());
}
