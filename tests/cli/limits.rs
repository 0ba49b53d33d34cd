//! How much one run may change: for all schedules together, for single kinds, and by number for one run.

use serde_json::{Value, json};

use crate::manifests::schedule_file;
use crate::support::{SandboxProcess, Workspace};

fn sequence_file(n: usize) -> String {
    format!("schedules/sequence-{n}.yaml")
}

/// So many campaigns and sequences with a live schedule each, all of whose manifests may still be changed.
fn applied(campaigns: usize, sequences: usize) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(campaigns);
    for n in 0..sequences {
        let text = format!(
            "apiVersion: dialctl/v1\nkind: SequenceSchedule\nmetadata: {{name: sequence-{n}}}\nspec:\n  \
             sequence: {{id: sequence-{n}}}\n  startDate: 2027-03-01\n  \
             dailySlots: [{{startTime: \"09:00\", endTime: \"18:00\"}}]\n"
        );
        workspace.write(&sequence_file(n), text);
    }
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    (workspace, sandbox)
}

#[test]
fn everything_that_is_exceeded_is_told_with_the_flag_that_raises_it() {
    let (workspace, sandbox) = applied(6, 3);
    workspace
        .write("dialctl.yaml", "limits: {maxUpdates: 2, kinds: {SequenceSchedule: {floor: 2, deletePercent: 40}}}\n");
    (0..3).for_each(|n| workspace.replace(&schedule_file(n), "09:00", "10:00"));
    (0..2).for_each(|n| std::fs::remove_file(workspace.path(&sequence_file(n))).unwrap());
    let writes = sandbox.writes();
    let told = [
        "3 updates of 9 live schedules are more than the 2 that `limits.maxUpdates: 2` allows; if that is meant, say the \
         number for this run: --max-updates 3",
        "2 deletes of 3 live SequenceSchedules are more than the 1 that `limits.kinds.SequenceSchedule.deletePercent: 40` \
         allows; if that is meant, say the number for this run: --max-deletes SequenceSchedule=2",
    ];
    let refused = workspace.run(&["apply", "--prune"]).exits(4);
    let plan = workspace.run(&["plan", "--prune"]).exits(0);
    let comment = workspace.run(&["plan", "--prune", "--format", "markdown"]).exits(0);
    for told in told {
        assert!(refused.stderr.contains(told), "{refused}");
        assert!(plan.stdout.contains(&format!("Note: apply will refuse this plan: {told}\n")), "{plan}");
        let told = format!("**apply will refuse this plan:** {}\n", told.replace('`', "&#96;"));
        assert!(comment.stdout.contains(&told), "{comment}");
    }
    let one = workspace.run(&["apply", "--prune", "--max-updates", "3"]).exits(4);
    assert!(!one.stderr.contains("updates of") && one.stderr.contains("SequenceSchedule=2"), "{one}");
    assert_eq!(sandbox.writes(), writes);

    let both = ["apply", "--prune", "--max-updates", "3", "--max-deletes", "SequenceSchedule=2"];
    let applied = workspace.run(&both).exits(0);
    let raised = "Note: raised for this run: --max-updates 3, --max-deletes SequenceSchedule=2\n";
    assert!(applied.stdout.contains(raised), "{applied}");
    assert_eq!(sandbox.writes(), writes + 5);
    let expected = json!({"maxUpdates": 3, "kinds": {"SequenceSchedule": {"maxDeletes": 2}}});
    assert_eq!(last_run(&workspace)["raised"], expected);
    workspace.run(&["apply", "--prune"]).exits(0);
    assert_eq!(last_run(&workspace).get("raised"), None);
}

/// The record of the beginning of the last run.
fn last_run(workspace: &Workspace) -> Value {
    workspace.ledger().into_iter().rfind(|record| record["record"] == "runStarted").unwrap()
}

#[test]
fn what_a_plan_raises_is_shown_saved_and_needs_no_second_word() {
    let (workspace, sandbox) = applied(12, 0);
    (0..6).for_each(|n| workspace.replace(&schedule_file(n), "09:00", "10:00"));
    let plan = |more: &[&str]| workspace.run(&[&["plan", "--max-updates", "6"], more].concat()).exits(0);
    let (human, comment) = (plan(&["--out", "plan.json"]), plan(&["--format", "markdown"]));
    assert!(human.stdout.contains("Note: raised for this run: --max-updates 6\n"), "{human}");
    assert!(!human.stdout.contains("apply will refuse"), "{human}");
    assert!(comment.stdout.contains("\n**Raised for this run:** `--max-updates 6`\n"), "{comment}");
    let shown = plan(&["--format", "json"]).json();
    assert_eq!((&shown["raised"], &shown["owned"]), (&json!({"maxUpdates": 6}), &json!({"CampaignSchedule": 12})));
    let saved: Value = serde_json::from_str(&workspace.read("plan.json")).unwrap();
    assert_eq!(saved["request"]["raised"], json!({"maxUpdates": 6}));

    // Given again, the number of the command line is the one that holds.
    let writes = sandbox.writes();
    let refused = workspace.run(&["apply", "--plan", "plan.json", "--max-updates", "5"]).exits(4);
    assert!(refused.stderr.contains("more than the 5 that `--max-updates 5` allows"), "{refused}");
    assert_eq!(sandbox.writes(), writes);
    let applied = workspace.run(&["apply", "--plan", "plan.json", "--max-deletes", "1"]).exits(0);
    assert!(applied.stdout.contains("raised for this run: --max-updates 6, --max-deletes 1\n"), "{applied}");
    assert_eq!(last_run(&workspace)["raised"], json!({"maxUpdates": 6, "maxDeletes": 1}));
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn schedules_that_only_does_not_name_count_as_live() {
    let (workspace, _sandbox) = applied(10, 0);
    (0..3).for_each(|n| workspace.replace(&schedule_file(n), "09:00", "10:00"));
    let named: Vec<String> = (0..3).map(crate::manifests::schedule_name).collect();
    let only = named.iter().flat_map(|name| ["--only", name]);
    let plan = ["plan", "--out", "plan.json"].into_iter().chain(only).collect::<Vec<_>>();
    assert!(!workspace.run(&plan).exits(0).stdout.contains("apply will refuse"));
    workspace.run(&["apply", "--plan", "plan.json"]).exits(0);
}

#[test]
fn a_number_that_is_none_or_stands_twice_is_wrong_usage() {
    let workspace = Workspace::with_schedules(1);
    for (arguments, told) in [
        (&["--max-deletes", "many"][..], "expected a whole number, or KIND=NUMBER such as SequenceSchedule=2"),
        (&["--max-deletes", "Sequence=2"], "there is no kind of schedule `Sequence`; the kinds are CampaignSchedule, "),
        (
            &["--max-deletes", "2", "--max-deletes", "3"],
            "`--max-deletes 2` and `--max-deletes 3` are for the same limit",
        ),
        (
            &["--max-updates", "EmailCampaignSchedule=2", "--max-updates", "EmailCampaignSchedule=2"],
            "`--max-updates EmailCampaignSchedule=2` and",
        ),
    ] {
        for command in ["plan", "apply"] {
            let refused = workspace.run(&[&[command, "--sandbox"], arguments].concat()).exits(64);
            assert!(refused.stderr.contains(told) && refused.stderr.contains("--help"), "{refused}");
        }
    }
    assert!(!workspace.path(".dialctl").exists());
}
