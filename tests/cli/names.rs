//! Targets by name: which are told apart, and what helps where they are not.

use crate::manifests::{idle_campaign, schedule, slot};
use crate::support::{SandboxProcess, Workspace};

/// A sandbox with two campaigns of one name, and a manifest that points at that name.
fn twins(faults: &str) -> (Workspace, SandboxProcess) {
    let mut workspace = Workspace::new();
    workspace.write("faults.yaml", faults);
    for (name, id) in [("one", "twins-of-one"), ("two", "twins-of-two"), ("third", "third")] {
        workspace.write(&format!("campaigns/{name}.yaml"), idle_campaign(name, id));
    }
    let sandbox = workspace.sandbox(&["campaigns", "--faults", "faults.yaml"]);
    workspace.connect(&sandbox);
    let by_name = |name: &str| schedule("spring", "ID", &slot("09:00", "17:00")).replace("{id: ID}", name);
    workspace.write("schedules/spring.yaml", by_name("{name: Campaign twins-of}"));
    workspace.write("others/spring.yaml", by_name("{name: Campaign third}"));
    (workspace, sandbox)
}

#[test]
fn a_name_that_several_campaigns_have_is_told_with_their_ids() {
    let (workspace, _sandbox) = twins("[]");
    let several = workspace.run(&["plan"]).exits(3);
    let words = "schedules/spring.yaml:1: spring: there are 2 campaigns with the name \"Campaign twins-of\"; point at one \
                 by id: twins-of-one, twins-of-two";
    assert!(several.stderr.contains(words), "{several}");
}

#[test]
fn who_may_only_search_campaigns_can_still_name_them() {
    let (workspace, _sandbox) = twins("- {method: GET, path: /api/v2/outbound/campaigns, nth: 1, status: 403}\n");
    let plan = workspace.run(&["plan", "others", "--format", "json"]).exits(0).json();
    assert_eq!(plan["actions"][0]["target"]["id"], "third");
}
