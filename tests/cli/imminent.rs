//! Changes that would be felt at once.

use chrono::{TimeDelta, Utc};

use crate::manifests::{campaign_id, schedule_file, schedule_name};
use crate::support::{SandboxProcess, Workspace};

/// The n-th schedule, in UTC, with one interval between two numbers of minutes from now.
fn write(workspace: &Workspace, n: usize, from: i64, until: i64) {
    let at = |minutes| (Utc::now() + TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%S");
    let (name, campaign) = (schedule_name(n), campaign_id(n));
    workspace.write(
        &schedule_file(n),
        format!(
            "apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata: {{name: {name}}}\nspec:\n  campaign: {{id: \
             {campaign}}}\n  intervals: [{{start: \"{}\", end: \"{}\"}}]\n",
            at(from),
            at(until)
        ),
    );
}

/// A schedule that is far off and one that runs for hours yet, both applied.
fn running() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::new();
    write(&workspace, 0, 600, 900);
    write(&workspace, 1, -60, 600);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    workspace.set("DIALCTL_GRACE", "15");
    (workspace, sandbox)
}

#[test]
fn what_would_be_felt_at_once_is_refused_unless_it_is_named() {
    let (workspace, sandbox) = running();
    // The one that runs ends at once; the other one begins too soon.
    write(&workspace, 0, 5, 900);
    write(&workspace, 1, -60, -30);
    let writes = sandbox.writes();
    let cut = "to update CampaignSchedule schedule-001 would cut dialing that is running since";
    let start = "to update CampaignSchedule schedule-000 would start dialing that begins at";

    let plan = workspace.run(&["plan"]).exits(0);
    for told in [cut, start] {
        assert!(plan.stdout.contains(&format!("Note: apply will refuse this plan: {told}")), "{plan}");
    }
    let refused = workspace.run(&["apply"]).exits(4);
    for told in [cut, start, "--allow-imminent schedule-001", "nothing was changed"] {
        assert!(refused.stderr.contains(told), "{refused}");
    }
    let refused = workspace.run(&["apply", "--allow-imminent", "schedule-001"]).exits(4);
    assert!(refused.stderr.contains(start) && !refused.stderr.contains(cut), "{refused}");
    assert_eq!(sandbox.writes(), writes);
    let allowed = ["apply", "--allow-imminent", "schedule-001", "--allow-imminent", "schedule-000"];
    workspace.run(&allowed).exits(0);
    assert_eq!(sandbox.writes(), writes + 2);
}

#[test]
fn the_grace_is_a_setting_of_flag_environment_and_file() {
    let (mut workspace, sandbox) = running();
    write(&workspace, 0, 20, 900);
    let writes = sandbox.writes();
    workspace.run(&["apply", "--grace", "30"]).exits(4);
    workspace.set("DIALCTL_GRACE", "30");
    workspace.run(&["apply"]).exits(4);
    workspace.set("DIALCTL_GRACE", "");
    workspace.write("dialctl.yaml", "graceMinutes: 30\n");
    workspace.run(&["apply"]).exits(4);
    assert_eq!(sandbox.writes(), writes);
    workspace.set("DIALCTL_GRACE", "soon");
    let ran = workspace.run(&["apply"]).exits(3);
    assert!(ran.stderr.contains("DIALCTL_GRACE is `soon`; give a number of minutes from 0 to 1440"), "{ran}");
    workspace.set("DIALCTL_GRACE", "");
    workspace.run(&["apply", "--grace", "0"]).exits(0);
}

#[test]
fn a_plan_that_was_reviewed_is_held_to_the_grace_when_it_is_applied() {
    let (workspace, _sandbox) = running();
    write(&workspace, 1, -60, -30);
    workspace.run(&["plan", "--out", "plan.json"]).exits(0);
    let ran = workspace.run(&["apply", "--plan", "plan.json"]).exits(4);
    assert!(ran.stderr.contains("would cut dialing"), "{ran}");
    workspace.run(&["apply", "--plan", "plan.json", "--allow-imminent", "schedule-001"]).exits(0);
}
