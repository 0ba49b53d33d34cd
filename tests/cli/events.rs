//! What other systems are told about a run.

use serde_json::{Value, json};

use crate::event_receiver::{EventReceiver, Received, deserted_url};
use crate::manifests::{campaign_id, schedule, schedule_file, schedule_name, slot};
use crate::over_http::schedule_path;
use crate::support::{SandboxProcess, Workspace};

fn two_schedules() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(2);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    (workspace, sandbox)
}

/// The records of one sort.
fn records(workspace: &Workspace, sort: &str) -> Vec<Value> {
    workspace.ledger().into_iter().filter(|record| record["record"] == sort).collect()
}

#[test]
fn one_event_is_sent_for_each_schedule_that_is_created_updated_or_deleted() {
    let (mut workspace, sandbox) = two_schedules();
    let receiver = EventReceiver::start();
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);

    workspace.run(&["apply"]).exits(0);
    let created = receiver.take();
    assert_eq!(created.len(), 2, "{created:?}");
    for (n, event) in created.iter().enumerate() {
        let id = sandbox.get(&schedule_path(&campaign_id(n)))["id"].clone();
        assert_event(event, "SCHEDULE_CREATED", n, &id);
    }

    let id = sandbox.get(&schedule_path(&campaign_id(0)))["id"].clone();
    workspace.write(&schedule_file(0), schedule(&schedule_name(0), &campaign_id(0), &slot("09:00", "18:00")));
    workspace.run(&["apply"]).exits(0);
    let updated = receiver.take();
    let [event] = updated.as_slice() else { panic!("{updated:?}") };
    assert_event(event, "SCHEDULE_UPDATED", 0, &id);

    std::fs::remove_file(workspace.path(&schedule_file(0))).unwrap();
    workspace.run(&["apply", "--prune"]).exits(0);
    let deleted = receiver.take();
    let [event] = deleted.as_slice() else { panic!("{deleted:?}") };
    assert_event(event, "SCHEDULE_DELETED", 0, &id);

    workspace.run(&["apply"]).exits(0);
    assert!(receiver.take().is_empty());
    assert_eq!(records(&workspace, "eventQueued").len(), 4);
    let delivered = records(&workspace, "eventDelivered");
    assert_eq!(delivered.len(), 4);
    assert!(delivered.iter().all(|record| record["status"] == 202));
}

/// The body has the agreed fields, and the headers say the same.
#[track_caller]
fn assert_event(event: &Received, sort: &str, n: usize, schedule_id: &Value) {
    let body = &event.body;
    assert!(schedule_id.is_string());
    assert_eq!(&body["scheduleId"], schedule_id);
    assert_eq!(body["campaignId"], campaign_id(n));
    assert_eq!(body["name"], schedule_name(n), "the name is the manifest's, whatever is done");
    assert_eq!(body["event"], sort);
    assert_eq!(body["source"], "genesys-outbound-automation");
    assert!(chrono::DateTime::parse_from_rfc3339(body["timestamp"].as_str().unwrap()).is_ok(), "{body}");
    for (header, field) in [("ce-type", "event"), ("ce-id", "id"), ("ce-source", "source"), ("ce-time", "timestamp")] {
        assert_eq!(event.headers[header], body[field].as_str().unwrap());
    }
}

#[test]
fn a_receiver_that_is_down_does_not_fail_the_run() {
    let (mut workspace, sandbox) = two_schedules();
    workspace.set("WFM_WEBHOOK_URL", &deserted_url());
    let ran = workspace.run(&["apply"]).exits(0);
    assert!(ran.stdout.contains("Applied: 2 succeeded, 0 failed, 0 not attempted."), "{ran}");
    assert_eq!(ran.stderr, "warning: 2 of 2 events were not delivered to `wfm`; the ledger keeps them\n");
    assert_eq!(sandbox.writes(), 2);
    assert_eq!(records(&workspace, "eventQueued").len(), 2);
    let failed = records(&workspace, "eventFailed");
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|record| record["error"].is_string()), "{failed:?}");
    let [finished] = records(&workspace, "runFinished").try_into().unwrap();
    assert_eq!((&finished["counts"]["succeeded"], &finished["counts"]["eventsFailed"]), (&json!(2), &json!(2)));
}

#[test]
fn an_address_that_would_send_events_in_the_clear_is_refused_first() {
    let (mut workspace, sandbox) = two_schedules();
    workspace.set("WFM_WEBHOOK_URL", "http://wfm.example/s3cret");
    let ran = workspace.run(&["apply"]).exits(3);
    assert!(ran.stderr.contains("WFM_WEBHOOK_URL: the webhook address uses plain http to wfm.example"), "{ran}");
    assert!(!ran.to_string().contains("s3cret"), "{ran}");
    assert!(sandbox.requests().is_empty());
    assert!(!workspace.path(".dialctl").exists());
}
