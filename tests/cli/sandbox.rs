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

#[test]
fn the_seed_file_of_the_help_is_taken() {
    let mut workspace = Workspace::with_schedules(1);
    workspace.replace("schedules/schedule-000.yaml", "id: 00000000-0000-4000-8000-000000000000", "name: Spring");
    let help = workspace.run(&["sandbox", "--help"]).exits(0).stdout;
    let example = help.split_once("queues:\n").and_then(|(_, rest)| rest.split_once("\n\n")).unwrap().0;
    let indented = example.lines().map(|line| line.strip_prefix("            ").unwrap_or(line));
    let text = format!("queues:\n{}\n", indented.collect::<Vec<_>>().join("\n"));
    workspace.write("seed.yaml", &text);
    let sandbox = workspace.sandbox(&["--seed", "seed.yaml"]);
    workspace.connect(&sandbox);
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn a_seed_file_that_is_wrong_stops_the_start() {
    let workspace = Workspace::new();
    workspace.write("seed.yaml", "campaigns:\n  - name: Spring\n    queue: Sales\n");
    let wrong = workspace.run(&["sandbox", "--seed", "seed.yaml"]).exits(3);
    assert!(wrong.stderr.contains("seed.yaml:3:12: ") && wrong.stderr.contains("`queues`"), "{}", wrong.stderr);
    let absent = workspace.run(&["sandbox", "--seed", "nothing.yaml"]).exits(1);
    assert!(absent.stderr.contains("nothing.yaml") && absent.stderr.contains("--seed"), "{}", absent.stderr);
}

#[test]
fn nothing_is_left_to_do_after_an_apply_under_most_assumptions() {
    for assumption in [
        "wrong-version-bad-request",
        "past-intervals-refused",
        "empty-intervals-accepted",
        "open-patterns-accepted",
        "absent-campaign-is-not-found",
        "path-id-wins",
        "version-starts-at-zero",
    ] {
        let mut workspace = Workspace::with_schedules(2);
        let sandbox = workspace.sandbox(&["--assume", assumption]);
        workspace.connect(&sandbox);
        workspace.run(&["apply"]).exits(0);
        workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
        workspace.replace("schedules/schedule-001.yaml", "\"09:00\"", "\"10:00\"");
        workspace.run(&["apply"]).exits(0);
        workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
    }
}

#[test]
fn times_of_intervals_that_come_back_in_utc_name_the_setting_for_it() {
    let mut workspace = Workspace::with_schedules(1);
    let interval = "intervals: [{start: \"2099-05-01T10:00:00\", end: \"2099-05-01T14:00:00\"}]\n  dailySlots:";
    workspace.replace("schedules/schedule-000.yaml", "dailySlots:", interval);
    let sandbox = workspace.sandbox(&["--assume", "intervals-normalized"]);
    workspace.connect(&sandbox);
    let shifted = workspace.run(&["apply"]).exits(7);
    assert!(shifted.stdout.contains("set `genesys: {intervalTimes: utc}`"), "{shifted}");
    workspace.write("dialctl.yaml", "genesys: {intervalTimes: utc}\n");
    workspace.run(&["apply"]).exits(0);
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}
