//! Capacity with the platform in view: what manifests alone cannot tell.

use crate::support::{SandboxProcess, Workspace};

fn schedule(n: usize, calls: u32) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata: {{name: s{n}}}\nspec:\n  campaign: {{id: c{n}}}\n  \
         startDate: 2027-03-01\n  dailySlots: [{{startTime: \"09:00\", endTime: \"18:00\"}}]\n  \
         maxConcurrentCalls: {calls}\n"
    )
}

fn capacity(n: usize, campaign: &str, calls: u32) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: CampaignCapacity\nmetadata: {{name: c{n}}}\nspec:\n  campaign: {campaign}\n  \
         maxConcurrentCalls: {calls}\n  maxConcurrentAgents: 5\n  pool: shared\n"
    )
}

fn pool(calls: u32) -> String {
    format!(
        "apiVersion: dialctl/v1\nkind: CapacityPool\nmetadata: {{name: shared}}\nspec: {{maxConcurrentCalls: {calls}, \
         maxConcurrentAgents: 100}}\n"
    )
}

/// Two campaigns with a schedule and a capacity each, which share a pool of 25 calls, at a sandbox that knows
/// a third one.
fn two_of_three() -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::new();
    let all: Vec<String> = (1..=3).map(|n| schedule(n, 10)).collect();
    workspace.write("schedules/all.yaml", all.join("---\n"));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let mut documents = all[..2].to_vec();
    documents.extend([capacity(1, "{id: c1}", 10), capacity(2, "{id: c2}", 10), capacity(3, "{id: c3}", 10), pool(25)]);
    workspace.write("schedules/all.yaml", documents.join("---\n"));
    workspace.write("theirs/c3.yaml", schedule(3, 10));
    (workspace, sandbox)
}

fn asked_for_lines(sandbox: &SandboxProcess) -> usize {
    let is_look_up = |path: &str| path.split('?').next() == Some("/api/v2/outbound/campaigns");
    sandbox.requests().iter().filter(|request| request["path"].as_str().is_some_and(is_look_up)).count()
}

#[test]
fn a_schedule_of_somebody_else_takes_its_share_of_the_pool() {
    let (workspace, sandbox) = two_of_three();
    workspace.run(&["plan"]).exits(0);
    workspace.run(&["apply", "--owner", "others", "theirs"]).exits(0);
    let writes = sandbox.writes();
    let over = workspace.run(&["plan"]).exits(0);
    // What the other one really uses is not known, so that it is a warning.
    let expected = "warning[pool-over-capacity]: pool `shared` has 25 calls, but 30 are needed";
    assert!(over.stderr.contains(expected), "{over}");
    assert!(over.stderr.contains("live schedule of campaign c3: `others/s3`"), "{over}");
    assert_eq!(sandbox.writes(), writes);
    let alone = workspace.run(&["validate"]).exits(0);
    assert!(!alone.stdout.contains("pool-over-capacity"), "{alone}");
}

#[test]
fn what_is_told_offline_hides_nothing_worse() {
    let (workspace, _sandbox) = two_of_three();
    workspace.run(&["apply", "--owner", "others", "theirs"]).exits(0);
    workspace.replace("schedules/all.yaml", &pool(25), &pool(15));
    workspace.write("dialctl.yaml", "rules: {pool-over-capacity: warning}\n");
    let plan = workspace.run(&["plan"]).exits(0);
    for expected in ["has 15 calls, but 20 are needed", "has 15 calls, but 30 are needed"] {
        assert_eq!(plan.stderr.matches(expected).count(), 1, "{expected}: {plan}");
    }
}

#[test]
fn names_of_others_steer_no_terminal() {
    let (workspace, sandbox) = two_of_three();
    workspace.run(&["apply", "theirs"]).exits(0);
    sandbox.rename_live("c3", "\u{1b}]0;x\u{7}\u{1b}[2J\n::error::forged");
    let plan = workspace.run(&["plan", "--color", "always"]).exits(0);
    assert!(plan.stderr.contains(r"\u{1b}]0;x\u{7}\u{1b}[2J\n::error::forged"), "{plan}");
    assert!(!plan.stderr.contains("\u{1b}]") && !plan.stderr.contains("\n::error"), "{plan}");
}

#[test]
fn one_of_ours_counts_until_a_prune_deletes_it() {
    let (workspace, _sandbox) = two_of_three();
    workspace.run(&["apply", "theirs"]).exits(0);
    let counted = |arguments: &[&str]| workspace.run(arguments).exits(0).stderr.contains("pool-over-capacity");
    assert!(counted(&["plan"]));
    assert!(!counted(&["plan", "--prune"]));
}

#[test]
fn calls_are_held_against_the_lines_of_the_campaign_in_one_request() {
    let (workspace, sandbox) = two_of_three();
    workspace.run(&["plan"]).exits(0);
    assert_eq!(asked_for_lines(&sandbox), 1);
    workspace.replace(
        "schedules/all.yaml",
        "metadata: {name: shared}\nspec: {maxConcurrentCalls: 25",
        "metadata: {name: shared}\nspec: {maxConcurrentCalls: 500",
    );
    workspace.replace("schedules/all.yaml", &capacity(1, "{id: c1}", 10), &capacity(1, "{id: c1}", 101));
    let over = workspace.run(&["plan"]).exits(3);
    let expected = "CampaignCapacity `c1` asks for 101 calls, but campaign c1 dials 100 lines at once";
    assert!(over.stderr.contains(expected), "{over}");
    assert!(over.stderr.contains("schedules/all.yaml:24:23"), "{over}");

    workspace.write("schedules/all.yaml", schedule(1, 500));
    let before = asked_for_lines(&sandbox);
    workspace.run(&["plan"]).exits(0);
    assert_eq!(asked_for_lines(&sandbox), before);
}

#[test]
fn a_capacity_by_name_meets_a_schedule_by_id() {
    let mut workspace = Workspace::new();
    let by_name = "{name: Spring}";
    workspace.write("schedules/all.yaml", [capacity(1, by_name, 10), pool(100)].join("---\n"));
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let by_name_too = schedule(1, 10).replace("{id: c1}", by_name);
    workspace.write("schedules/all.yaml", [by_name_too, capacity(1, by_name, 10), pool(100)].join("---\n"));
    let plan = workspace.run(&["plan", "--format", "json"]).exits(0).json();
    let id = plan["actions"][0]["target"]["id"].as_str().unwrap();
    let by_id = schedule(1, 11).replace("c1", id);
    workspace.write("schedules/all.yaml", [by_id, capacity(1, by_name, 10), pool(100)].join("---\n"));
    workspace.run(&["validate"]).exits(0);
    let over = workspace.run(&["plan"]).exits(3);
    assert!(over.stderr.contains("schedule `s1` asks for 11 calls, but campaign"), "{over}");
}
