//! `dialctl sandbox` as its help tells of it.

use crate::support::Workspace;

#[test]
fn the_faults_of_the_help_are_taken() {
    let mut workspace = Workspace::with_schedules(6);
    let help = workspace.run(&["sandbox", "--help"]).exits(0).stdout;
    let (_, example) = help.split_once("For example:").unwrap();
    let rules: Vec<&str> = example.lines().map(str::trim).filter(|line| line.starts_with("- {")).collect();
    assert_eq!(rules.len(), 2, "{help}");
    workspace.write("faults.yaml", rules.join("\n"));
    let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
    let limited = sandbox.requests().iter().filter(|request| request["status"] == 429).count();
    assert!(limited > 0);
}

#[test]
fn a_client_without_a_permission_is_told_which_it_needs() {
    let mut workspace = Workspace::with_schedules(1);
    let granted = ["outbound:campaign:view", "outbound:schedule:view"];
    let sandbox = workspace.sandbox(&["--grant", granted[0], "--grant", granted[1]]);
    workspace.connect(&sandbox);
    workspace.run(&["plan"]).exits(0);
    let refused = workspace.run(&["apply"]).exits(8);
    assert!(refused.stdout.contains("outbound:schedule:edit"), "{}", refused.stdout);
}

#[test]
fn a_permission_that_nothing_asks_for_is_wrong_usage() {
    let workspace = Workspace::new();
    let wrong = workspace.run(&["sandbox", "--grant", "outbound:schedule:veiw"]).exits(64);
    assert!(wrong.stderr.contains("did you mean `outbound:schedule:view`?"), "{}", wrong.stderr);
}
