//! Edits, removals and other people's schedules, against a sandbox that keeps its data.

use serde_json::{Value, json};

use crate::manifests::{campaign_id, idle_campaign, schedule, schedule_file, slot};
use crate::over_http::schedule_path;
use crate::support::{SandboxProcess, Workspace, with_neutral_values};

const PAYMENT_REMINDERS: &str = "5b1c2f0e-6a53-4d0b-9c3e-0d8f1b6f7a03";
const NORTH_AMERICA: &str = "schedules/voice/north-america.yaml";

/// The example manifests, and a sandbox that keeps its data and knows one campaign more than they do.
fn examples() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_examples();
    workspace.write("others/idle.yaml", idle_campaign("idle", &campaign_id(1)));
    let sandbox = restarted(&workspace);
    workspace.connect(&sandbox);
    (workspace, sandbox)
}

fn restarted(workspace: &Workspace) -> SandboxProcess {
    workspace.sandbox(&["--data", "sandbox.json", "schedules", "others"])
}

/// Removes the last document of a file.
fn remove_last_document(workspace: &Workspace, file: &str) {
    let text = workspace.read(file);
    let (kept, _) = text.rsplit_once("\n---\n").unwrap();
    workspace.write(file, format!("{kept}\n"));
}

#[test]
fn an_edited_slot_is_planned_alone_and_applied_once() {
    let (workspace, _sandbox) = examples();
    // Its days are written out for the year in which the test runs.
    std::fs::remove_file(workspace.path("schedules/us-holidays.yaml")).unwrap();
    workspace.run(&["apply"]).exits(0);
    workspace.replace(NORTH_AMERICA, r#"endTime: "19:00""#, r#"endTime: "20:00""#);

    let plan = workspace.run(&["plan", "--detailed-exitcode"]).exits(2);
    with_neutral_values(|| {
        insta::assert_snapshot!(plan, @r"
    ~ update CampaignSchedule west-coast-callbacks campaign 5b1c2f0e-6a53-4d0b-9c3e-0d8f1b6f7a02 schedules/voice/north-america.yaml:26
          slot 10:00-12:30 Tue, Thu from 2027-03-02
          slot 10:00-14:00 Sat every 2 weeks from 2027-03-06
        - slot 13:30-19:00 Tue, Thu from 2027-03-02
        + slot 13:30-20:00 Tue, Thu from 2027-03-02
        adds 2 h a week, from [TIME] America/Los_Angeles on

    Note: EmailCampaignSchedule, WhatsAppCampaignSchedule: not listed, no manifest uses them; `--prune` lists them
    Plan: 0 to create, 1 to update, 0 to delete. 5 unchanged, 0 unmanaged.
    [exit status: 2]
    ")
    });
    let plan = workspace.run(&["plan", "--detailed-exitcode", "--format", "json"]).exits(2).json();
    let [action] = plan["actions"].as_array().unwrap().as_slice() else { panic!("{plan:#}") };
    assert_eq!((&action["action"], &action["name"]), (&json!("update"), &json!("west-coast-callbacks")));
    let changes = json!([{"path": "/dailySlots/2/endTime", "before": "19:00", "after": "20:00"}]);
    assert_eq!(action["changes"], changes);

    workspace.run(&["plan"]).exits(0);
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_removed_manifest_is_deleted_only_with_prune_and_others_are_left_alone() {
    let (workspace, sandbox) = examples();
    sandbox.put_by_hand(&campaign_id(1), "by hand");
    workspace.run(&["apply"]).exits(0);
    remove_last_document(&workspace, NORTH_AMERICA);
    let writes = sandbox.writes();

    let plan = workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
    with_neutral_values(|| {
        insta::assert_snapshot!(plan.stdout, @r#"
    1 schedule is no longer in the repository; `--prune` deletes it:
        CampaignSchedule dialctl/west-coast-callbacks campaign 5b1c2f0e-6a53-4d0b-9c3e-0d8f1b6f7a02 "Campaign 5b1c2f0e"

    Note: EmailCampaignSchedule, WhatsAppCampaignSchedule: not listed, no manifest uses them; `--prune` lists them
    Nothing to change. 5 unchanged, 1 unmanaged.
    "#)
    });
    workspace.run(&["apply"]).exits(0);
    assert_eq!(sandbox.writes(), writes);

    let plan = workspace.run(&["plan", "--prune", "--detailed-exitcode"]).exits(2);
    assert!(plan.stdout.contains("- delete CampaignSchedule dialctl/west-coast-callbacks"), "{plan}");
    assert!(plan.stdout.contains("Plan: 0 to create, 0 to update, 1 to delete. 5 unchanged, 1 unmanaged."), "{plan}");
    workspace.run(&["apply", "--prune"]).exits(0);
    assert_eq!(sandbox.writes(), writes + 1);
    let left = ["by hand", "dialctl/overnight-verification", "dialctl/payment-reminders", "dialctl/spring-renewals"];
    assert_eq!(sandbox.live_names(), left);
    workspace.run(&["plan", "--prune", "--detailed-exitcode"]).exits(0);
}

#[test]
fn the_last_removed_manifest_of_a_family_is_told_too() {
    let (workspace, _sandbox) = examples();
    workspace.run(&["apply"]).exits(0);
    std::fs::remove_file(workspace.path("schedules/onboarding-sequence.yaml")).unwrap();
    let plan = workspace.run(&["plan"]).exits(0);
    assert!(plan.stdout.contains("1 schedule is no longer in the repository"), "{plan}");
    assert!(plan.stdout.contains("SequenceSchedule dialctl/onboarding"), "{plan}");
}

#[test]
fn an_occupied_target_is_refused_unless_it_is_adopted() {
    let (workspace, sandbox) = examples();
    sandbox.put_by_hand(PAYMENT_REMINDERS, "by hand");
    let writes = sandbox.writes();

    for arguments in [&["plan"][..], &["plan", "--detailed-exitcode"], &["apply"]] {
        let ran = workspace.run(arguments).exits(4);
        assert!(ran.stdout.contains("! refused CampaignSchedule payment-reminders"), "{ran}");
        assert!(ran.stdout.contains("the target already has the schedule `by hand`"), "{ran}");
        assert!(ran.stdout.contains("5 to create, 0 to update, 0 to delete, 1 refused"), "{ran}");
    }
    assert_eq!((sandbox.writes(), sandbox.live_names()), (writes, vec!["by hand".to_owned()]));

    workspace.run(&["apply", "--adopt"]).exits(0);
    let adopted = sandbox.get(&schedule_path(PAYMENT_REMINDERS));
    assert_eq!(adopted["name"], "dialctl/payment-reminders");
    assert_eq!((adopted["timeZone"].as_str(), adopted["version"].as_i64()), (Some("Europe/London"), Some(2)));
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn more_than_the_limit_is_changed_only_when_the_number_is_said() {
    let mut workspace = Workspace::with_schedules(10);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    let edit = |count: usize, end: &str| {
        for n in 0..count {
            let text = schedule(&format!("schedule-{n:03}"), &campaign_id(n), &slot("09:00", end));
            workspace.write(&schedule_file(n), text);
        }
    };
    edit(3, "18:00");
    workspace.run(&["apply"]).exits(0);
    edit(4, "19:00");
    let writes = sandbox.writes();
    let refused = workspace.run(&["apply"]).exits(4);
    assert!(
        refused
            .stderr
            .contains("4 updates of 10 live schedules are more than the 3 that `limits.updatePercent: 30` allows"),
        "{refused}"
    );
    assert!(refused.stderr.contains("--max-updates 4; nothing was changed"), "{refused}");
    workspace.run(&["apply", "--max-updates", "3"]).exits(4);
    assert_eq!(sandbox.writes(), writes);
    workspace.run(&["apply", "--max-updates", "4"]).exits(0);
    assert_eq!(sandbox.writes(), writes + 4);
}

#[test]
fn more_than_the_limit_is_deleted_only_when_the_number_is_said() {
    let mut workspace = Workspace::with_schedules(10);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    (0..4).for_each(|n| std::fs::remove_file(workspace.path(&schedule_file(n))).unwrap());
    let refused = workspace.run(&["apply", "--prune"]).exits(4);
    assert!(refused.stderr.contains("--max-deletes 4; nothing was changed"), "{refused}");
    assert_eq!(sandbox.live_names().len(), 10);
    workspace.run(&["apply", "--prune", "--max-deletes", "4"]).exits(0);
    assert_eq!(sandbox.live_names().len(), 6);
}

#[test]
fn only_the_named_schedules_are_applied() {
    let (workspace, sandbox) = examples();
    workspace.run(&["apply", "--only", "spring-renewals", "--only", "payment-reminders"]).exits(0);
    assert_eq!(sandbox.live_names(), ["dialctl/payment-reminders", "dialctl/spring-renewals"]);
    let plan = workspace.run(&["plan", "--format", "json", "--only", "onboarding"]).exits(0).json();
    let names: Vec<&Value> = plan["actions"].as_array().unwrap().iter().map(|action| &action["name"]).collect();
    assert_eq!(names, ["onboarding"]);
}

#[test]
fn a_restarted_sandbox_still_has_everything() {
    let (mut workspace, sandbox) = examples();
    workspace.run(&["apply"]).exits(0);
    let listed = |sandbox: &SandboxProcess| {
        ["campaigns", "sequences", "messagingcampaigns"]
            .map(|family| sandbox.get(&format!("/api/v2/outbound/schedules/{family}")))
    };
    let before = listed(&sandbox);
    drop(sandbox);
    let sandbox = restarted(&workspace);
    workspace.connect(&sandbox);
    assert_eq!(listed(&sandbox), before);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}
