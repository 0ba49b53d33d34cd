//! Times in which apply changes nothing, and what an emergency takes.

use chrono::{TimeDelta, Utc};

use crate::manifests::schedule_file;
use crate::support::{SandboxProcess, Workspace};

/// Open whenever a test runs.
const ALWAYS: &str = "{startTime: \"00:00\", endTime: \"24:00\", reason: \"change freeze \\e[31m\"}";

/// A schedule that is not live yet, and a sandbox to apply it to.
fn pending(windows: &str) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.write("dialctl.yaml", format!("freeze: [{windows}]\n"));
    (workspace, sandbox)
}

#[test]
fn nothing_is_changed_in_a_freeze_but_in_an_emergency() {
    let (workspace, sandbox) = pending(ALWAYS);
    let refused = workspace.run(&["apply"]).exits(4);
    let told = "changes are frozen for more than a year: change freeze \\u{1b}[31m; in an emergency, say why with \
                `--override-freeze REASON`, which the ledger keeps";
    assert!(refused.stderr.contains(&format!("{told}; nothing was changed\n")), "{refused}");
    assert_eq!(sandbox.writes(), 0);
    assert!(!workspace.path(".dialctl/ledger.jsonl").exists() || workspace.ledger().is_empty());

    let (human, json) = (workspace.run(&["plan"]).exits(0), workspace.run(&["plan", "--format", "json"]).exits(0));
    let note = format!("Note: apply will refuse this plan: {told}\n");
    assert!(human.stdout.ends_with(&note) && json.stderr.ends_with(&note), "{human}{json}");
    let comment = workspace.run(&["plan", "--format", "markdown", "--detailed-exitcode"]).exits(2);
    assert!(comment.stdout.contains("**apply will refuse this plan:** changes are frozen for more than"), "{comment}");
    assert_eq!(comment.stderr, "");

    let applied = workspace.run(&["apply", "--override-freeze", " an outage\tof \"dialers\" "]).exits(0);
    let warning = "warning: changes are frozen (change freeze \\u{1b}[31m), which is overridden: an outage\\tof \\\"dialers\\\"\n";
    assert_eq!(applied.stderr, warning);
    assert_eq!(sandbox.writes(), 1);
    assert_eq!(workspace.ledger()[0]["freezeOverride"], "an outage\tof \"dialers\"");

    // There is nothing left to change, so that nothing is refused.
    workspace.run(&["apply"]).exits(0);
    assert!(!workspace.run(&["plan"]).exits(0).stdout.contains("apply will refuse"));
    assert_eq!(workspace.ledger().last().unwrap()["record"], "runFinished");
}

#[test]
fn the_end_of_a_freeze_is_told_and_a_freeze_that_is_over_holds_nobody() {
    let date = |days: i64| Utc::now().date_naive() + TimeDelta::days(days);
    let window = |from: i64, to: i64, reason: &str| {
        format!("{{start: {}, end: {}, timezone: Pacific/Honolulu, reason: {reason}}}", date(from), date(to))
    };
    let (workspace, sandbox) = pending(&[window(-9, -5, "over"), window(-3, 3, "now")].join(", "));
    let refused = workspace.run(&["apply"]).exits(4);
    // Honolulu is ten hours behind all the year.
    let (local, utc) = (date(4).format("%a %Y-%m-%d 00:00"), date(4).format("%Y-%m-%d 10:00"));
    let told = format!("changes are frozen until {local} Pacific/Honolulu ({utc} UTC): now; apply again then, or, ");
    assert!(refused.stderr.contains(&told), "{refused}");
    assert_eq!(sandbox.writes(), 0);

    workspace.write("dialctl.yaml", format!("freeze: [{}, {}]\n", window(-9, -5, "over"), window(5, 9, "to come")));
    let applied = workspace.run(&["apply", "--override-freeze", "just in case"]).exits(0);
    assert_eq!(applied.stderr, "No changes are frozen now; --override-freeze is written down all the same.\n");
    assert_eq!(workspace.ledger()[0]["freezeOverride"], "just in case");
}

#[test]
fn limits_and_freezes_are_told_together() {
    let (workspace, sandbox) = pending("");
    workspace.run(&["apply"]).exits(0);
    workspace.replace(&schedule_file(0), "09:00", "10:00");
    workspace.write("dialctl.yaml", format!("limits: {{maxUpdates: 0}}\nfreeze: [{ALWAYS}]\n"));
    let writes = sandbox.writes();
    let refused = workspace.run(&["apply"]).exits(4);
    assert!(refused.stderr.contains("--max-updates 1\n  changes are frozen for more than a year"), "{refused}");
    workspace.run(&["apply", "--max-updates", "1"]).exits(4);
    workspace.run(&["apply", "--override-freeze", "an outage"]).exits(4);
    assert_eq!(sandbox.writes(), writes);
    workspace.run(&["apply", "--max-updates", "1", "--override-freeze", "an outage"]).exits(0);
}

#[test]
fn a_saved_plan_waits_for_the_end_of_a_freeze() {
    let (workspace, sandbox) = pending(ALWAYS);
    workspace.run(&["plan", "--out", "plan.json"]).exits(0);
    workspace.run(&["apply", "--plan", "plan.json"]).exits(4);
    assert_eq!(sandbox.writes(), 0);
    std::fs::remove_file(workspace.path("dialctl.yaml")).unwrap();
    workspace.run(&["apply", "--plan", "plan.json"]).exits(0);
    assert_eq!(sandbox.writes(), 1);
}

#[test]
fn the_sandbox_inside_is_never_frozen() {
    let workspace = Workspace::with_schedules(1);
    workspace.write("dialctl.yaml", format!("freeze: [{ALWAYS}]\n"));
    assert!(!workspace.run(&["plan", "--sandbox"]).exits(0).stdout.contains("apply will refuse"));
    workspace.run(&["apply", "--sandbox"]).exits(0);
}

#[test]
fn an_override_says_why() {
    let workspace = Workspace::with_schedules(1);
    for reason in ["", "  "] {
        let refused = workspace.run(&["apply", "--sandbox", "--override-freeze", reason]).exits(64);
        assert!(refused.stderr.contains("say why in a few words"), "{refused}");
    }
    workspace.run(&["apply", "--sandbox", "--override-freeze"]).exits(64);
    assert!(!workspace.path(".dialctl").exists());
}
