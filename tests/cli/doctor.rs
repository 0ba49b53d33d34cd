//! `dialctl doctor`: what it looks at, and what it says where something is not well.

use serde_json::{Value, json};

use crate::support::Workspace;
use crate::wire::{Asked, RecordingServer, Said};

/// The status and the detail of a check.
#[track_caller]
fn check<'a>(report: &'a Value, subject: &str) -> (&'a str, &'a str) {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == subject);
    let check = check.unwrap_or_else(|| panic!("there is no check `{subject}`: {report:#}"));
    (check["status"].as_str().unwrap(), check["detail"].as_str().unwrap())
}

/// A service whose client has these roles, and which answers listings of email campaigns with 403.
fn service(policies: Value) -> impl Fn(&Asked) -> Said {
    move |asked| {
        let (status, body) = match asked.path.as_str() {
            "/oauth/token" => (200, json!({"access_token": "token-of-this-test", "expires_in": 86400})),
            "/api/v2/authorization/subjects/me" => {
                (200, json!({"id": "me", "grants": [{"role": {"name": "Dialer", "policies": policies}}]}))
            }
            "/api/v2/outbound/schedules/emailcampaigns" => {
                let message = "You must have at least one of the following permissions assigned: [outbound:emailCampaignSchedule:view]";
                (403, json!({"message": message, "code": "missing.any.permissions", "status": 403}))
            }
            "/api/v2/outbound/campaigns" => (200, json!({"entities": [], "pageCount": 0})),
            _ => (200, json!([])),
        };
        (status, "application/json", body.to_string())
    }
}

#[test]
fn in_a_sandbox_all_is_well_and_nothing_is_left_behind() {
    let workspace = Workspace::with_examples();
    let ran = workspace.run(&["doctor", "--sandbox"]).exits(0);
    assert!(!ran.stdout.contains("FAILED") && !ran.stdout.contains("warning"), "{ran}");
    let report = workspace.run(&["doctor", "--sandbox", "--format", "json"]).exits(0).json();
    assert_eq!((&report["formatVersion"], &report["healthy"]), (&json!(1), &json!(true)));
    for subject in ["configuration", "zone database", "state", "server", "clock", "login", "view CampaignSchedule"] {
        assert_eq!(check(&report, subject).0, "ok", "{subject}");
    }
    assert_eq!(check(&report, "names of targets").0, "ok");
    assert_eq!(check(&report, "webhook").0, "skipped");
    assert!(!workspace.path(".dialctl/ledger.jsonl").exists());
}

#[test]
fn what_the_client_may_not_do_is_told_with_the_permission() {
    let policies = json!([{"domain": "outbound", "entityName": "schedule", "actions": ["view", "edit"]}]);
    let server = RecordingServer::answering(service(policies));
    let mut workspace = Workspace::new();
    workspace.set("DIALCTL_API_URL", &server.url);
    workspace.set("GENESYS_CLIENT_ID", "me");
    workspace.set("GENESYS_CLIENT_SECRET", "hunter2-secret");
    // Without manifests all families are looked at, and none is needed.
    let report = workspace.run(&["doctor", "--format", "json"]).exits(0).json();
    assert_eq!(check(&report, "manifests").0, "skipped");
    assert_eq!(check(&report, "view CampaignSchedule").0, "ok");
    assert_eq!(check(&report, "edit CampaignSchedule").0, "ok");
    let (status, detail) = check(&report, "delete CampaignSchedule");
    assert_eq!(status, "warning");
    assert!(detail.contains("grant outbound:schedule:delete or outbound:campaign:deleteSchedule"), "{detail}");
    let (status, detail) = check(&report, "view EmailCampaignSchedule");
    assert_eq!(status, "warning");
    assert!(detail.contains("grant outbound:emailCampaignSchedule:view or outbound:emailCampaign"), "{detail}");

    workspace.write(
        "schedules/mail.yaml",
        "apiVersion: dialctl/v1\nkind: EmailCampaignSchedule\nmetadata: {name: mail}\nspec:\n  emailCampaign: {id: a}\n  \
         startDate: 2099-01-01\n  dailySlots: [{startTime: \"09:00\", endTime: \"10:00\"}]\n",
    );
    let needed = workspace.run(&["doctor"]).exits(8);
    assert!(needed.stdout.contains("FAILED   view EmailCampaignSchedule"), "{needed}");
    assert!(!needed.stdout.contains("view CampaignSchedule"), "{needed}");
    // Credentials go to the login alone, and nothing is written.
    for seen in server.exchanges() {
        assert!(seen.method == "GET" || seen.method == "HEAD" || seen.path == "/oauth/token", "{seen:?}");
        assert!(seen.method != "HEAD" || !seen.request_headers.contains_key("authorization"), "{seen:?}");
    }
}

#[test]
fn a_wrong_secret_a_wrong_clock_and_a_dead_receiver_are_told() {
    let mut workspace = Workspace::with_schedules(1);
    workspace.write("faults.yaml", "- {path: /, clockSkew: 120}\n");
    let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
    workspace.connect(&sandbox);
    workspace.set("GENESYS_CLIENT_SECRET", "hunter2-secret");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    workspace.set("WFM_WEBHOOK_URL", &format!("http://127.0.0.1:{port}/hunter2-path"));
    let ran = workspace.run(&["doctor"]).exits(8);
    for part in [
        "warning  clock",
        "s behind the service's; set it",
        "FAILED   login",
        "check GENESYS_CLIENT_SECRET and the region",
        "warning  webhook wfm",
        "check its address, events are kept meanwhile",
    ] {
        assert!(ran.stdout.contains(part), "{part:?} is missing:\n{ran}");
    }
    assert!(!format!("{ran}").contains("hunter2"), "{ran}");
}

#[test]
fn a_receiver_that_answers_is_reached_without_an_event() {
    let receiver = RecordingServer::answering(|_| (405, "text/plain", String::new()));
    let mut workspace = Workspace::with_examples();
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    let report = workspace.run(&["doctor", "--sandbox", "--format", "json"]).exits(0).json();
    assert_eq!(check(&report, "webhook wfm"), ("ok", &*format!("{} answers (with 405 to HEAD)", receiver.url)));
    assert!(receiver.exchanges().iter().all(|seen| seen.method == "HEAD"));
}

#[test]
fn what_keeps_a_run_from_beginning_fails_with_its_exit_code() {
    let mut workspace = Workspace::with_examples();
    let nowhere = workspace.run(&["doctor"]).exits(3);
    assert!(nowhere.stdout.contains("FAILED   connection     no region: set GENESYS_ENV"), "{nowhere}");
    workspace.write("dialctl.yaml", "ownr: me\n");
    let misspelt = workspace.run(&["doctor", "--sandbox"]).exits(3);
    assert!(misspelt.stdout.contains("FAILED   configuration") && misspelt.stdout.contains("`owner`"), "{misspelt}");
    workspace.write("dialctl.yaml", "");
    workspace.write("file", "");
    workspace.set("DIALCTL_STATE", "file/state");
    let unwritable = workspace.run(&["doctor", "--sandbox"]).exits(1);
    assert!(unwritable.stdout.contains("FAILED   state"), "{unwritable}");
}

#[test]
fn a_ledger_that_can_be_continued_is_well() {
    let workspace = Workspace::with_examples();
    workspace.run(&["apply", "--sandbox"]).exits(0);
    let report = workspace.run(&["doctor", "--sandbox", "--format", "json"]).exits(0).json();
    assert_eq!(check(&report, "state"), ("ok", "the ledger in .dialctl can be continued"));
}

#[test]
fn a_ready_token_is_called_good_by_nobody_but_the_service() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.set("GENESYSCLOUD_ACCESS_TOKEN", "hunter2-token");
    let ran = workspace.run(&["doctor"]).exits(8);
    assert!(ran.stdout.contains("not needed, a ready token is used"), "{ran}");
    assert!(ran.stdout.contains("FAILED   login") && !ran.stdout.contains("are accepted"), "{ran}");
    assert!(ran.stdout.contains("GENESYSCLOUD_ACCESS_TOKEN") && !ran.stdout.contains("hunter2"), "{ran}");
}
