//! Days without dialing, from the calendar to the service and back.

use serde_json::json;

use crate::manifests::{campaign_id, schedule, slot};
use crate::support::{SandboxProcess, Workspace};

const HOLIDAYS: &str = "schedules/holidays.yaml";

fn calendar(action: &str) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: BlackoutCalendar\nmetadata: {{name: us-holidays}}\nspec:\n  selector: {{}}\n  \
         action: {action}\n  dates:\n  - {{date: 2038-05-31, name: Memorial Day}}\n  \
         - {{date: 2000-07-05, name: A Monday in 2038, yearly: true}}\n  - {{date: 2038-12-25, name: A Saturday}}\n"
    )
}

/// A schedule on Mondays and Tuesdays in New York with a second slot on another clock, and its sandbox.
fn with_calendar(action: &str) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::new();
    let elsewhere = slot("18:00", "21:00").replace("days", "timezone: Asia/Tokyo, days");
    let slots = format!("{}, {elsewhere}", slot("09:00", "17:00"));
    workspace.write(
        "schedules/a.yaml",
        schedule("a", &campaign_id(1), &slots)
            .replace("2027-03-01", "2038-03-01")
            .replace("  dailySlots", "  endDate: 2038-12-31\n  dailySlots"),
    );
    workspace.write(HOLIDAYS, calendar(action));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    (workspace, sandbox)
}

#[test]
fn excluded_days_are_shown_applied_once_and_given_back() {
    let (workspace, sandbox) = with_calendar("exclude");
    let plan = workspace.run(&["plan"]).exits(0);
    let told = "excluded by us-holidays: 2038-05-31 Memorial Day, 2038-07-05 A Monday in 2038\n";
    assert!(plan.stdout.contains(told), "{plan}");
    assert!(plan.stdout.contains("not 2038-05-31 09:00 to 17:00"), "{plan}");
    let plan = workspace.run(&["plan", "--format", "json"]).exits(0).json();
    let by = json!({
        "calendar": "us-holidays", "name": "Memorial Day", "timezone": "America/New_York",
        "start": "2038-05-31T00:00:00", "end": "2038-06-01T00:00:00",
    });
    assert_eq!(plan["actions"][0]["excludedBy"][0], by, "{plan:#}");

    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert_eq!(sandbox.writes(), 1);

    std::fs::remove_file(workspace.path(HOLIDAYS)).unwrap();
    let plan = workspace.run(&["plan", "--detailed-exitcode"]).exits(2);
    assert!(plan.stdout.contains("~ update CampaignSchedule a"), "{plan}");
    assert!(!plan.stdout.contains("excluded by"), "{plan}");
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn denied_days_are_refused_before_anything_is_sent() {
    let (workspace, sandbox) = with_calendar("deny");
    for command in ["plan", "apply"] {
        let ran = workspace.run(&[command]).exits(3);
        assert!(ran.stderr.contains("error[on-blackout-date]: the slot runs on Memorial Day"), "{ran}");
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn where_the_api_has_no_exclusions_the_calendar_is_told() {
    let (workspace, sandbox) = with_calendar("exclude");
    workspace.write("dialctl.yaml", "genesys: {api: campaign-schedules}\n");
    workspace.write(
        "schedules/a.yaml",
        schedule("a", &campaign_id(1), &slot("09:00", "17:00")).replace("2027-03-01", "2038-03-01"),
    );
    let ran = workspace.run(&["plan"]).exits(3);
    assert!(ran.stderr.contains("the calendar `us-holidays` excludes 2038-05-31 Memorial Day"), "{ran}");
    assert!(sandbox.requests().is_empty());
}
