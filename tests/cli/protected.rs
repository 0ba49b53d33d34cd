//! Schedules that must not be deleted, whatever becomes of their manifests.

use crate::manifests::{campaign_id, schedule, schedule_file, schedule_name, slot};
use crate::support::Workspace;

/// Writes the manifest of the first schedule, with something more in its metadata.
fn write(workspace: &Workspace, metadata: &str) {
    let text = schedule(&schedule_name(0), &campaign_id(0), &slot("09:00", "17:00"));
    let name = format!("{{name: {}}}", schedule_name(0));
    assert!(text.contains(&name));
    workspace.write(&schedule_file(0), text.replace(&name, &format!("{{name: {}{metadata}}}", schedule_name(0))));
}

#[test]
fn a_protected_schedule_outlives_its_manifest_until_a_commit_lifts_the_protection() {
    let mut workspace = Workspace::with_schedules(2);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    // Only the protection changes, so that there is nothing to write to the service.
    write(&workspace, ", protect: true");
    let ran = workspace.run(&["apply"]).exits(0);
    assert!(ran.stdout.contains("Nothing to change."), "{ran}");
    let writes = sandbox.writes();

    std::fs::remove_file(workspace.path(&schedule_file(0))).unwrap();
    for command in [&["plan", "--prune"][..], &["apply", "--prune"], &["apply", "--prune", "--max-deletes", "9"]] {
        let ran = workspace.run(command).exits(4);
        assert!(ran.stdout.contains("! refused CampaignSchedule dialctl/schedule-000"), "{ran}");
        assert!(ran.stdout.contains("it is protected: its manifest said `protect: true`"), "{ran}");
    }
    workspace.run(&["apply"]).exits(0);
    assert_eq!(sandbox.writes(), writes);

    write(&workspace, ", protect: false");
    workspace.run(&["apply"]).exits(0);
    std::fs::remove_file(workspace.path(&schedule_file(0))).unwrap();
    workspace.run(&["apply", "--prune"]).exits(0);
    assert_eq!(sandbox.live_names(), ["dialctl/schedule-001"]);
}

#[test]
fn a_protected_schedule_is_not_moved_to_another_campaign() {
    let mut workspace = Workspace::with_schedules(2);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    write(&workspace, ", protect: true");
    std::fs::remove_file(workspace.path(&schedule_file(1))).unwrap();
    workspace.run(&["apply"]).exits(0);
    workspace.replace(&schedule_file(0), &campaign_id(0), &campaign_id(1));
    let ran = workspace.run(&["apply", "--prune"]).exits(4);
    assert!(ran.stdout.contains("it is protected"), "{ran}");
}
