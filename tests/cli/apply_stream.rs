//! What apply prints for programs, line by line, against its schema.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::manifests::{campaign_id, schedule_file, schedule_name};
use crate::support::{Ran, Workspace};

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/dialctl-apply.schema.json"));
    jsonschema::validator_for(&serde_json::from_str(&text.unwrap()).unwrap()).unwrap()
});

/// The lines of a run. Fails unless each fits the schema, the plan comes first, every action is told when it
/// starts and when it has ended, and the last line alone says how the run ended, in agreement with the others.
#[track_caller]
pub fn read(ran: &Ran) -> Vec<Value> {
    let lines = ran.lines();
    for line in &lines {
        let errors: Vec<String> = VALIDATOR.iter_errors(line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}: {line}");
    }
    let (last, others) = lines.split_last().unwrap_or_else(|| panic!("stdout is empty: {ran}"));
    let mut under_way = BTreeSet::new();
    let mut finished = Vec::new();
    for (n, line) in others.iter().enumerate() {
        let action = || ["action", "kind", "name"].map(|field| line[field].as_str().unwrap().to_owned());
        match line["event"].as_str().unwrap() {
            "plan" => assert_eq!(n, 0, "{ran}"),
            "started" => assert!(under_way.insert(action()), "it starts twice: {line}"),
            "finished" => {
                assert!(under_way.remove(&action()), "it ends without having started: {line}");
                let mut result = line.clone();
                result.as_object_mut().unwrap().remove("event");
                finished.push(result);
            }
            _ => panic!("not the last line: {line}"),
        }
    }
    assert!(under_way.is_empty(), "{under_way:?} did not end: {ran}");
    match last["event"].as_str().unwrap() {
        "summary" => {
            let results = last["results"].as_array().unwrap();
            let count = |status: &str| results.iter().filter(|result| result["status"] == status).count();
            assert_eq!(last["total"], results.len());
            assert_eq!(last["succeeded"], count("SUCCESS"));
            assert_eq!(last["failed"], count("FAILURE"));
            assert_eq!(last["notAttempted"], count("NOT_ATTEMPTED"));
            let attempted = results.iter().filter(|result| result["status"] != "NOT_ATTEMPTED");
            assert!(attempted.eq(&finished), "{ran}");
        }
        "error" => {
            assert!(finished.is_empty(), "{ran}");
            assert_eq!(last["exitCode"].as_i64(), ran.code.map(i64::from));
            let message = last["message"].as_str().unwrap();
            assert!(ran.stderr.contains(&format!("error: {message}")), "{ran}");
        }
        other => panic!("{other} is no end: {ran}"),
    }
    lines
}

/// What the lines are about, in their order.
fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[test]
fn every_sort_of_line_fits_the_schema() {
    let mut workspace = Workspace::with_schedules(3);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let run = |arguments: &[&str], code| {
        let ran = workspace.run(&[&["apply", "--format", "json"], arguments].concat()).exits(code);
        let lines = read(&ran);
        (ran, lines)
    };

    let (ran, lines) = run(&["--metrics-file", "metrics.prom"], 0);
    assert_eq!(ran.stderr, "", "what stands in the stream is not told twice");
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[0]["counts"]["create"], 3);
    let digest = &workspace.ledger()[0]["planDigest"];
    assert_eq!(&lines[0]["planDigest"], digest);
    let started = lines.iter().find(|line| line["event"] == "started").unwrap();
    assert_eq!(started["target"], json!({"id": campaign_id(0), "name": null}));
    assert_eq!(lines[7]["requests"], sandbox.requests().len());
    let metric = format!("dialctl_request_duration_seconds_count {}\n", lines[7]["requests"]);
    let metrics = workspace.read("metrics.prom");
    let actions = "dialctl_actions_total{kind=\"CampaignSchedule\",action=\"create\",outcome=";
    for line in [&format!("{actions}\"success\"}} 3\n"), &format!("{actions}\"failure\"}} 0\n"), &metric] {
        assert!(metrics.contains(line), "{line:?} is not in\n{metrics}");
    }

    assert_eq!(events(&run(&[], 0).1), ["plan", "summary"], "there is nothing to do");

    workspace.replace(&schedule_file(0), "09:00", "10:00");
    std::fs::remove_file(workspace.path(&schedule_file(1))).unwrap();
    sandbox.strike(r#"[{"method": "PUT", "status": 400}]"#);
    let (ran, lines) = run(&["--prune", "--on-error", "stop"], 7);
    assert_eq!(events(&lines), ["plan", "started", "finished", "summary"]);
    assert_eq!((&lines[2]["status"], &lines[2]["action"]), (&json!("FAILURE"), &json!("update")), "{ran}");
    let left = &lines[3]["results"][1];
    assert_eq!((&left["status"], &left["action"]), (&json!("NOT_ATTEMPTED"), &json!("delete")), "{ran}");

    let (_, lines) = run(&["--only", "nobody"], 64);
    assert_eq!(events(&lines), ["error"]);

    // A schema that takes anything would prove nothing.
    let mut broken = lines[0].clone();
    broken["event"] = "destroyed".into();
    assert!(!VALIDATOR.is_valid(&broken));
}

#[test]
fn the_fields_of_each_line_have_a_fixed_order() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let ran = workspace.run(&["apply", "--format", "json"]).exits(0);
    let live = sandbox.get("/api/v2/outbound/schedules/campaigns");
    let digest = workspace.ledger()[0]["planDigest"].as_str().unwrap().to_owned();
    let text = ran.stdout.replace(&digest, "[DIGEST]").replace(live[0]["id"].as_str().unwrap(), "[ID]");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r#"("(?:latencyMs|p50|p95|max)"):\d+"#, "$1:[N]");
    settings.bind(|| {
        insta::assert_snapshot!(text, @r#"
    {"event":"plan","formatVersion":1,"planDigest":"[DIGEST]","counts":{"create":1,"update":0,"delete":0,"refused":0,"unchanged":0,"unmanaged":0}}
    {"event":"started","action":"create","kind":"CampaignSchedule","name":"schedule-000","target":{"id":"00000000-0000-4000-8000-000000000000","name":null}}
    {"event":"finished","action":"create","kind":"CampaignSchedule","name":"schedule-000","scheduleId":"[ID]","status":"SUCCESS","latencyMs":[N]}
    {"event":"summary","formatVersion":1,"total":1,"succeeded":1,"failed":0,"notAttempted":0,"requests":3,"retries":0,"latencyMs":{"p50":[N],"p95":[N],"max":[N]},"results":[{"action":"create","kind":"CampaignSchedule","name":"schedule-000","scheduleId":"[ID]","status":"SUCCESS","latencyMs":[N]}]}
    "#);
    });
}

#[test]
fn lines_are_there_as_soon_as_what_they_tell_has_happened() {
    let mut workspace = Workspace::with_schedules(1);
    workspace.write("faults.yaml", "- {method: PUT, delayMs: 3600000}\n");
    let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
    workspace.connect(&sandbox);
    let mut running = workspace.command(&["apply", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    for event in ["plan", "started"] {
        let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(line["event"], event);
    }
    let records: Vec<Value> = workspace.ledger().iter().map(|record| record["record"].clone()).collect();
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(records, ["runStarted", "actionIntended"]);
}

#[test]
fn a_run_that_never_gets_to_a_plan_says_so_on_stdout() {
    let mut workspace = Workspace::with_schedules(1);
    let json = ["apply", "--format", "json"];
    let without_region = workspace.run(&json).exits(3);
    assert_eq!(events(&read(&without_region)), ["error"]);

    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.write("dialctl.yaml", "owner: [");
    assert_eq!(events(&read(&workspace.run(&json).exits(3))), ["error"]);
    workspace.write("dialctl.yaml", "owner: sales\n");
    workspace.write("schedules/broken.yaml", "a: [");
    assert_eq!(events(&read(&workspace.run(&json).exits(3))), ["error"]);
    std::fs::remove_file(workspace.path("schedules/broken.yaml")).unwrap();

    workspace.run(&["plan", "--out", "plan.json"]).exits(0);
    workspace.run(&["apply"]).exits(0);
    let stale = workspace.run(&[&json[..], &["--plan", "plan.json"]].concat()).exits(5);
    assert_eq!(events(&read(&stale)), ["error"]);
    let name = schedule_name(0);
    assert!(stale.last_line()["message"].as_str().unwrap().contains(&name), "{stale}");
}

#[test]
fn what_fails_after_the_summary_is_told_on_stderr_alone() {
    let workspace = Workspace::with_schedules(1);
    let ran = workspace.run(&["apply", "--sandbox", "--format", "json", "--metrics-file", "no/such/folder/metrics"]);
    let ran = ran.exits(1);
    assert_eq!(read(&ran).last().unwrap()["event"], "summary");
    assert!(ran.stderr.contains("no/such/folder/metrics"), "{ran}");
}
