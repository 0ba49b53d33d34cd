//! The JSON plan against its schema.

use serde_json::Value;

use crate::manifests::{campaign_id, schedule_file};
use crate::support::Workspace;

#[test]
fn every_sort_of_action_fits_the_schema() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/dialctl-plan.schema.json"));
    let schema: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();

    let mut workspace = Workspace::with_schedules(4);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let mut verbs = Vec::new();
    let mut look = |arguments: &[&str], code| {
        let plan = workspace.run(&[&["plan", "--format", "json"], arguments].concat()).exits(code).json();
        let errors: Vec<String> = validator.iter_errors(&plan).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}: {plan:#}");
        let actions = plan["actions"].as_array().unwrap();
        verbs.extend(actions.iter().map(|action| action["action"].as_str().unwrap().to_owned()));
        plan
    };
    look(&[], 0);
    workspace.run(&["apply"]).exits(0);
    workspace.replace(&schedule_file(0), "09:00", "10:00");
    std::fs::remove_file(workspace.path(&schedule_file(1))).unwrap();
    sandbox.rename_live(&campaign_id(2), "made by hand");
    let kept = look(&[], 4);
    assert_eq!(kept["orphans"].as_array().unwrap().len(), 1);
    look(&["--prune", "--max-updates", "9", "--max-deletes", "SequenceSchedule=2"], 4);
    verbs.sort();
    verbs.dedup();
    assert_eq!(verbs, ["create", "delete", "refused", "update"]);
    // A schema that takes anything would prove nothing.
    let mut broken = kept.clone();
    broken["actions"][0]["action"] = "destroy".into();
    assert!(!validator.is_valid(&broken));
}
