//! The main job on the example manifests, as the README shows it.

use crate::support::Workspace;

#[test]
fn the_first_apply_creates_everything_and_the_second_writes_nothing() {
    let workspace = Workspace::with_examples();
    let first = workspace.run(&["apply", "--sandbox"]).exits(0);
    assert_eq!(first.stdout.matches("\ncreated ").count(), 6, "{first}");
    assert!(first.stdout.contains("Applied: 6 succeeded, 0 failed, 0 not attempted."), "{first}");

    let second = workspace.run(&["apply", "--sandbox"]).exits(0);
    let listed = "Note: EmailCampaignSchedule, WhatsAppCampaignSchedule: not listed, no manifest uses them; `--prune` lists them";
    assert_eq!(second.to_string(), format!("{listed}\nNothing to change. 6 unchanged, 0 unmanaged.\n[exit status: 0]"));
    workspace.run(&["plan", "--sandbox", "--detailed-exitcode"]).exits(0);
}

#[test]
fn an_apply_with_nothing_to_change_sends_no_write() {
    let mut workspace = Workspace::with_examples();
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    assert_eq!(sandbox.writes(), 6);
    workspace.run(&["apply"]).exits(0);
    assert_eq!(sandbox.writes(), 6);
}
