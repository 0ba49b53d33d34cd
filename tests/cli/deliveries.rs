//! Who is told of what, whatever receivers do, and how that is looked into.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::event_receiver::{EventReceiver, deserted_url};
use crate::faulty_receiver::{Answer, FaultyReceiver};
use crate::manifests::{campaign_id, schedule, schedule_file, schedule_name, slot};
use crate::support::{SandboxProcess, Workspace};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn schedules(count: usize) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(count);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    (workspace, sandbox)
}

fn change(workspace: &Workspace, n: usize, end: &str) {
    workspace.write(&schedule_file(n), schedule(&schedule_name(n), &campaign_id(n), &slot("09:00", end)));
}

/// The types of events, in order.
fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

/// Two changes of one schedule while the receiver does not take events, and what becomes of them once it does.
fn survives(fault: &Answer, tries: usize) {
    let (mut workspace, _sandbox) = schedules(1);
    let receiver = FaultyReceiver::answering(fault.clone());
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    let is_gone = matches!(fault, Answer::Status(410));

    let first = workspace.run(&["apply"]).exits(0);
    assert!(first.stdout.contains("Applied: 1 succeeded, 0 failed, 0 not attempted."), "{fault:?}: {first}");
    assert!(first.stderr.starts_with("warning: 1 of 1 events were not delivered to `wfm`"), "{fault:?}: {first}");
    assert_eq!(first.stderr.contains("`wfm` has answered 410"), is_gone, "{fault:?}: {first}");
    assert_eq!(receiver.asked(), tries, "{fault:?}");
    change(&workspace, 0, "18:00");
    let second = workspace.run(&["apply"]).exits(0);
    assert!(second.stderr.contains("2 of 2 events were not delivered"), "{fault:?}: {second}");
    // The first is tried once more, and the second waits for it.
    assert_eq!(receiver.asked(), if is_gone { 0 } else { tries }, "{fault:?}");
    assert_eq!(receiver.taken(), [Value::Null; 0]);

    receiver.answers(Answer::Status(204));
    if is_gone {
        let ran = workspace.run(&["events", "redeliver"]).exits(1);
        assert!(
            ran.stdout.contains("has answered 410 (gone)") && ran.stdout.contains("0 delivered, 2 failed"),
            "{ran}"
        );
        assert_eq!(receiver.asked(), 0);
        workspace.run(&["events", "redeliver", "--receiver", "wfm"]).exits(0);
    } else {
        let ran = workspace.run(&["events", "redeliver"]).exits(0);
        assert_eq!(ran.stdout, "2 delivered, 0 failed.\n", "{fault:?}");
    }
    let taken = receiver.taken();
    assert_eq!(types(&taken), ["SCHEDULE_CREATED", "SCHEDULE_UPDATED"], "{fault:?}");
    let ids: Vec<Value> =
        workspace.ledger().into_iter().filter_map(|record| Some(record.get("event")?["id"].clone())).collect();
    assert_eq!(taken.iter().map(|event| event["id"].clone()).collect::<Vec<_>>(), ids, "{fault:?}");

    assert_eq!(workspace.run(&["events", "redeliver"]).exits(0).stdout, "Nothing to deliver.\n");
    change(&workspace, 0, "19:00");
    assert!(workspace.run(&["apply"]).exits(0).stderr.is_empty());
    assert_eq!((types(&receiver.taken()), receiver.asked()), (vec!["SCHEDULE_UPDATED"], 3), "{fault:?}");
    workspace.run(&["audit", "verify"]).exits(0);
}

#[test]
fn a_receiver_that_fails_gets_everything_later_once_and_in_order() {
    survives(&Answer::Status(500), 3);
    survives(&Answer::Status(400), 1);
}

#[test]
fn a_receiver_that_asks_to_wait_gets_everything_later_once_and_in_order() {
    survives(&Answer::Wait(429, 0), 3);
    survives(&Answer::Wait(503, 3600), 1);
}

#[test]
fn a_receiver_that_breaks_connections_gets_everything_later_once_and_in_order() {
    survives(&Answer::HangUp, 3);
    survives(&Answer::CutHead, 3);
}

#[test]
fn a_receiver_that_is_gone_gets_everything_once_somebody_names_it() {
    survives(&Answer::Status(410), 1);
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = EventReceiver::start();
    survives(&Answer::Redirect(elsewhere.url.clone()), 1);
    assert!(elsewhere.take().is_empty());
}

#[test]
fn what_was_taken_counts_whatever_follows_the_status() {
    let (mut workspace, _sandbox) = schedules(1);
    let receiver = FaultyReceiver::answering(Answer::CutBody);
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    assert!(workspace.run(&["apply"]).exits(0).stderr.is_empty());
    assert_eq!((receiver.asked(), receiver.taken().len()), (1, 1));
}

#[test]
fn the_next_run_sends_what_is_owed_first_and_a_new_address_enables_who_was_gone() {
    let (mut workspace, _sandbox) = schedules(1);
    let gone = FaultyReceiver::answering(Answer::Status(410));
    workspace.set("WFM_WEBHOOK_URL", &gone.url);
    workspace.run(&["apply"]).exits(0);
    let receiver = FaultyReceiver::answering(Answer::Status(200));
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    change(&workspace, 0, "18:00");
    assert!(workspace.run(&["apply"]).exits(0).stderr.is_empty());
    assert_eq!(types(&receiver.taken()), ["SCHEDULE_CREATED", "SCHEDULE_UPDATED"]);
}

/// Gives a schedule a label.
fn label(workspace: &Workspace, n: usize, team: &str) {
    let name = schedule_name(n);
    workspace.replace(
        &schedule_file(n),
        &format!("metadata: {{name: {name}}}"),
        &format!("metadata: {{name: {name}, labels: {{team: {team}}}}}"),
    );
}

#[test]
fn each_receiver_is_told_of_what_it_wants_from_the_time_on_that_it_is_there() {
    let (mut workspace, _sandbox) = schedules(3);
    label(&workspace, 0, "retention");
    label(&workspace, 1, "sales");
    let (all, some, late) = (EventReceiver::start(), EventReceiver::start(), EventReceiver::start());
    let two = format!(
        "webhooks:\n- name: all\n  url: {}\n  secretFrom: HOOK_SECRET\n  headers: {{x-tenant: {{from: HOOK_TENANT}}}}\n\
         - name: some\n  urlFrom: HOOK_URL\n  events: [SCHEDULE_UPDATED, SCHEDULE_DELETED]\n  \
         selector: {{matchLabels: {{team: retention}}}}\n  format: cloudevents-structured\n",
        all.url
    );
    workspace.write("dialctl.yaml", &two);
    workspace.set("HOOK_SECRET", SECRET);
    workspace.set("HOOK_TENANT", "acme");
    workspace.set("HOOK_URL", &some.url);
    workspace.run(&["apply"]).exits(0);
    let told = all.take();
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].headers["x-tenant"], "acme");
    assert!(told[0].headers["webhook-signature"].to_str().unwrap().starts_with("v1,"));
    assert_eq!(told[0].body["labels"], json!({"team": "retention"}));
    assert!(told[0].body["planDigest"].is_string() && told[0].body["after"]["timezone"] == "America/New_York");
    assert!(some.take().is_empty());

    workspace.write("dialctl.yaml", format!("{two}- {{name: late, url: \"{}\"}}\n", late.url));
    for n in 0..2 {
        std::fs::remove_file(workspace.path(&schedule_file(n))).unwrap();
    }
    workspace.run(&["apply", "--prune"]).exits(0);
    assert_eq!((all.take().len(), late.take().len()), (2, 2), "nothing of the time before it was there");
    let told = some.take();
    let [event] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(event.headers["content-type"], "application/cloudevents+json");
    assert_eq!((&event.body["type"], &event.body["specversion"]), (&json!("SCHEDULE_DELETED"), &json!("1.0")));
    let data = &event.body["data"];
    assert_eq!((&data["name"], &data["labels"]), (&json!("schedule-000"), &json!({"team": "retention"})));
    assert!(data["before"]["timezone"] == "America/New_York" && data.get("after").is_none(), "{data}");
}

#[test]
fn one_dead_receiver_of_two_is_owed_what_the_other_has() {
    let (mut workspace, _sandbox) = schedules(2);
    let alive = EventReceiver::start();
    workspace.set("WFM_WEBHOOK_URL", &alive.url);
    workspace.write("dialctl.yaml", format!("webhooks: [{{name: dead, url: \"{}\"}}]\n", deserted_url()));
    let ran = workspace.run(&["apply"]).exits(0);
    assert_eq!(ran.stderr, "warning: 2 of 2 events were not delivered to `dead`; the ledger keeps them\n");
    assert_eq!(alive.take().len(), 2);

    let owed = workspace.run(&["events", "list", "--undelivered", "--format", "json"]).exits(0).json();
    let states = |event: &Value| {
        let receivers = event["receivers"].as_object().unwrap().iter();
        receivers.map(|(name, to)| (name.clone(), to["isDelivered"].clone())).collect::<BTreeMap<_, _>>()
    };
    let expected = BTreeMap::from([("dead".to_owned(), json!(false)), ("wfm".to_owned(), json!(true))]);
    let events = owed["events"].as_array().unwrap();
    assert_eq!(events.iter().map(states).collect::<Vec<_>>(), [expected.clone(), expected]);

    // Taken out of the configuration it is owed the same, and sent nothing.
    workspace.write("dialctl.yaml", "");
    workspace.run(&["events", "redeliver"]).exits(0);
    assert!(alive.take().is_empty());
    let listed = workspace.run(&["events", "list"]).exits(0).stdout;
    assert!(listed.contains("SCHEDULE_CREATED CampaignSchedule schedule-000: dead owed, wfm delivered\n"), "{listed}");
    assert!(listed.ends_with("2 events, 2 with a receiver that has still to be told.\n"), "{listed}");

    let id = events[0]["event"]["id"].as_str().unwrap();
    let shown = workspace.run(&["events", "show", id]).exits(0).stdout;
    assert_eq!(shown.matches("no connection to http://127.0.0.1:").count(), 3, "every attempt is shown: {shown}");
    assert!(shown.contains("wfm: delivered\n") && shown.contains(" taken with 202 ("), "{shown}");
    let ran = workspace.run(&["events", "show", "0"]).exits(1);
    assert!(ran.stderr.contains("not one but 2 events in the ledger has an id that begins with `0`"), "{ran}");
}

#[test]
fn events_since_a_time_are_sent_once_more_with_the_same_ids() {
    let (mut workspace, _sandbox) = schedules(2);
    let receiver = EventReceiver::start();
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    workspace.run(&["apply"]).exits(0);
    let ids = || receiver.take().into_iter().map(|event| event.body["id"].clone()).collect::<Vec<_>>();
    let first = ids();
    let ran = workspace.run(&["events", "redeliver", "--since", "2020-01-01T00:00:00Z", "--format", "json"]).exits(0);
    assert_eq!(ran.json(), json!({"formatVersion": 1, "delivered": 2, "failed": 0, "failures": []}));
    assert_eq!(ids(), first);
    workspace.run(&["events", "redeliver", "--since", "2200-01-01T00:00:00Z"]).exits(0);
    assert!(ids().is_empty());
    // Neither the sandbox nor another owner has these events.
    workspace.run(&["events", "redeliver", "--since", "2020-01-01T00:00:00Z", "--owner", "others"]).exits(0);
    workspace.run(&["events", "redeliver", "--since", "2020-01-01T00:00:00Z", "--sandbox"]).exits(0);
    assert!(ids().is_empty());
    workspace.run(&["audit", "verify"]).exits(0);
}

#[test]
fn a_ping_tells_whether_a_receiver_takes_events() {
    let mut workspace = Workspace::new();
    let receiver = EventReceiver::start();
    let dead = deserted_url();
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    workspace.set("WFM_WEBHOOK_SECRET", &format!("{SECRET} {SECRET}"));
    workspace.write("dialctl.yaml", format!("webhooks: [{{name: dead, url: \"{dead}\"}}]\n"));
    let ran = workspace.run(&["events", "test", "wfm"]).exits(0);
    assert!(ran.stdout.contains(" took the ping, signed with 2 secrets: 202 within "), "{ran}");
    let told = receiver.take();
    let [ping] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (&ping.headers["ce-type"], &ping.body["event"]),
        (&"DIALCTL_PING".parse().unwrap(), &json!("DIALCTL_PING"))
    );
    assert_eq!(ping.headers["webhook-id"], ping.body["id"].as_str().unwrap());

    let answer = workspace.run(&["events", "test", "dead", "--format", "json"]).exits(1).json();
    assert_eq!((&answer["isTaken"], &answer["signatures"]), (&json!(false), &json!(0)));
    assert!(answer["error"].as_str().unwrap().contains("no connection to http://127.0.0.1:"), "{answer}");
    let ran = workspace.run(&["events", "test", "wfn"]).exits(64);
    assert!(ran.stderr.contains("no receiver of events is called `wfn`; there is dead, wfm"), "{ran}");
    let ran = Workspace::new().run(&["events", "test", "wfm"]).exits(64);
    assert!(ran.stderr.contains("set WFM_WEBHOOK_URL, or list them under `webhooks`"), "{ran}");
    assert!(!workspace.path(".dialctl").exists(), "a ping leaves nothing behind");
    let ran = workspace.run(&["events", "list"]).exits(1);
    assert!(ran.stderr.contains("there is no ledger in .dialctl"), "{ran}");
}

#[test]
fn a_receiver_that_lacks_a_variable_stops_an_apply_first_and_nothing_else() {
    let (workspace, sandbox) = schedules(1);
    workspace.write("dialctl.yaml", "webhooks:\n- name: audit\n  urlFrom: AUDIT_URL\n");
    let ran = workspace.run(&["apply"]).exits(3);
    let told = "dialctl.yaml:2:3: the webhook `audit`: `urlFrom` names the variable AUDIT_URL, which is not set";
    assert!(ran.stderr.contains(told), "{ran}");
    assert!(sandbox.requests().is_empty() && !workspace.path(".dialctl").exists());
    workspace.run(&["validate"]).exits(0);
    workspace.run(&["plan"]).exits(0);
}
