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
