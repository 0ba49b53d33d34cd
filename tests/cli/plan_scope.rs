//! What a plan looks at, and what it leaves alone.

use crate::support::{SandboxProcess, Workspace};

/// The examples, applied to a sandbox.
fn applied() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_examples();
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    assert_eq!(sandbox.writes(), 6);
    (workspace, sandbox)
}

fn manifest(n: usize, start: &str) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata: {{name: s{n}}}\nspec:\n  campaign: {{id: c{n}}}\n  \
         startDate: 2027-03-01\n  dailySlots: [{{startTime: \"{start}\", endTime: \"18:00\"}}]\n"
    )
}

#[test]
fn the_last_manifest_of_a_family_is_missed_too() {
    let (workspace, _sandbox) = applied();
    std::fs::remove_file(workspace.path("schedules/onboarding-sequence.yaml")).unwrap();
    let plan = workspace.run(&["plan"]).exits(0);
    assert!(plan.stdout.contains("1 schedule is no longer in the repository"), "{plan}");
    assert!(plan.stdout.contains("SequenceSchedule dialctl/onboarding"), "{plan}");
}

#[test]
fn a_prune_of_a_part_is_refused_unless_it_says_what_is_to_go() {
    let (workspace, sandbox) = applied();
    for command in ["plan", "apply"] {
        for path in ["schedules/voice", "schedules/voice/europe.yaml", "schedules/../schedules/voice"] {
            let refused = workspace.run(&[command, "--prune", path]).exits(4);
            assert!(refused.stderr.contains("is only a part of `schedules`"), "{refused}");
        }
    }
    assert_eq!(sandbox.writes(), 6);
    workspace.run(&["plan", "--prune", "--detailed-exitcode", "schedules"]).exits(0);
    workspace.run(&["plan", "--prune", "--detailed-exitcode", "schedules/voice", "."]).exits(0);

    std::fs::remove_file(workspace.path("schedules/onboarding-sequence.yaml")).unwrap();
    let pruned = workspace.run(&["apply", "--prune", "--only", "onboarding", "schedules/voice"]).exits(0);
    assert!(pruned.stdout.contains("Applied: 1 succeeded"), "{pruned}");
    workspace.run(&["plan", "--prune", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_name_that_stands_for_nothing_is_wrong_usage() {
    let (workspace, sandbox) = applied();
    for command in ["plan", "apply"] {
        let wrong = workspace.run(&[command, "--only", "spring-renewals", "--only", "sprng"]).exits(64);
        assert!(wrong.stderr.contains("has the name sprng,"), "{wrong}");
    }
    assert_eq!(sandbox.writes(), 6);
    workspace.run(&["plan", "--only", "spring-renewals", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_plan_tells_that_apply_will_refuse_it() {
    let mut workspace = Workspace::new();
    (0..10).for_each(|n| workspace.write(&format!("schedules/{n}.yaml"), manifest(n, "09:00")));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    let note = "apply will refuse this plan: 4 updates of 10 live schedules";
    for changed in [3, 4] {
        (0..changed).for_each(|n| workspace.write(&format!("schedules/{n}.yaml"), manifest(n, "10:00")));
        let (human, json) = (workspace.run(&["plan"]).exits(0), workspace.run(&["plan", "--format", "json"]).exits(0));
        assert_eq!((human.stdout.contains(note), json.stderr.contains(note)), (changed > 3, changed > 3), "{human}");
    }
    workspace.run(&["apply"]).exits(4);
    assert_eq!(sandbox.writes(), 10);
}
