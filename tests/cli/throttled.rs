//! Many schedules at once, against a service that keeps turning requests away.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::manifests::{campaign_id, schedule_name};
use crate::support::{Ran, Workspace};
use crate::virtual_time::be_the_program_where_asked;

const COUNT: usize = 200;
const EVERY_FIFTH: &str = "- {every: 5, status: 429, retryAfter: 1}\n";
// The clock of the program jumps and that of the sandbox does not, so the sandbox must not count along.
const NO_OTHER_LIMIT: [&str; 4] = ["--rate-limit", "1000000", "--data", "sandbox.json"];

/// Applies all schedules in a run of `test` while every fifth request is turned away.
fn apply(workspace: &mut Workspace, test: &str, arguments: &[&str]) -> Ran {
    workspace.write("faults.yaml", EVERY_FIFTH);
    let sandbox = workspace.sandbox(&[&["--faults", "faults.yaml"], &NO_OTHER_LIMIT[..]].concat());
    workspace.connect(&sandbox);
    let all = [&["apply", "--format", "json", "--quiet"], arguments].concat();
    let ran = workspace.run_on_virtual_time(test, &all).exits(0);

    let requests = sandbox.requests();
    // Faults spare the login.
    let to_api = requests.iter().filter(|request| request["path"].as_str().unwrap().starts_with("/api/")).count();
    let turned_away = requests.iter().filter(|request| request["status"] == 429).count();
    assert!(turned_away >= COUNT / 4 && turned_away == to_api / 5, "{turned_away} of {to_api}");
    assert_eq!(ran.last_line()["retries"], turned_away);
    ran
}

fn assert_all_succeeded(ran: &Ran) {
    let summary = ran.last_line();
    assert_eq!((&summary["total"], &summary["succeeded"]), (&COUNT.into(), &COUNT.into()), "{summary:#}");
    let waited = summary["latencyMs"]["max"].as_u64().unwrap();
    assert!(waited >= 1000, "nobody waited for Retry-After: {waited} ms");
}

/// One success for each schedule, in an unbroken chain.
fn assert_ledger_is_whole(workspace: &Workspace) {
    let records = workspace.verified_ledger();
    let finished: Vec<&Value> = records.iter().filter(|record| record["record"] == "actionFinished").collect();
    assert_eq!(finished.len(), COUNT);
    assert!(finished.iter().all(|record| record["status"] == "SUCCESS" && record["error"].is_null()));
    let names: BTreeSet<&str> = finished.iter().map(|record| record["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), COUNT);
    assert!(finished.iter().all(|record| record["scheduleId"].is_string() && record["campaignId"].is_string()));
}

#[test]
fn all_schedules_exist_once_when_every_fifth_request_is_turned_away() {
    be_the_program_where_asked();
    let mut workspace = Workspace::with_schedules(COUNT);
    let test = "throttled::all_schedules_exist_once_when_every_fifth_request_is_turned_away";
    assert_all_succeeded(&apply(&mut workspace, test, &[]));
    assert_ledger_is_whole(&workspace);

    let sandbox = workspace.sandbox(&NO_OTHER_LIMIT);
    let expected: Vec<String> = (0..COUNT).map(|n| format!("dialctl/{}", schedule_name(n))).collect();
    assert_eq!(sandbox.live_names(), expected);
    let listed = sandbox.get("/api/v2/outbound/schedules/campaigns");
    assert!(listed.as_array().unwrap().iter().all(|live| live["version"] == 1), "something was written twice");
}

#[test]
fn all_campaign_schedules_exist_once_when_every_fifth_request_is_turned_away() {
    be_the_program_where_asked();
    let mut workspace = Workspace::with_schedules(COUNT);
    let test = "throttled::all_campaign_schedules_exist_once_when_every_fifth_request_is_turned_away";
    assert_all_succeeded(&apply(&mut workspace, test, &["--api", "campaign-schedules"]));
    assert_ledger_is_whole(&workspace);

    let sandbox = workspace.sandbox(&NO_OTHER_LIMIT);
    let ids: BTreeSet<String> = (0..COUNT)
        .map(|n| {
            let found = sandbox.get(&format!("/api/v2/outbound/campaigns/{}/schedules", campaign_id(n)));
            let [one] = found.as_array().unwrap().as_slice() else { panic!("{n}: {found}") };
            one["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids.len(), COUNT);
}
