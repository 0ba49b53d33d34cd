//! The lines of ledgers that runs write against their schema.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::faulty_receiver::{Answer, FaultyReceiver};
use crate::manifests::{schedule_file, schedule_name};
use crate::support::Workspace;

/// What a line may lack.
const OPTIONAL: [&str; 19] = [
    "afterDigest",
    "beforeDigest",
    "ci",
    "correlationId",
    "failedAttempts",
    "freezeOverride",
    "gitCommit",
    "gitDirty",
    "host",
    "isOpen",
    "labels",
    "manifestDigest",
    "manifestFile",
    "pullRequest",
    "raised",
    "repository",
    "retries",
    "runUrl",
    "stored",
];

/// Fields in which anything may stand.
const FREE: [&str; 4] = ["after", "before", "labels", "raised"];

/// The ledger of runs with every sort of record.
fn ledger() -> Vec<Value> {
    let mut workspace = Workspace::with_schedules(4);
    workspace.write("faults.yaml", "- {method: PUT, nth: 2, status: 400}\n");
    let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
    workspace.connect(&sandbox);
    let receiver = FaultyReceiver::answering(Answer::Status(500));
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    // One action fails, and no event is taken.
    workspace.run(&["apply"]).exits(7);
    receiver.answers(Answer::Status(410));
    workspace.run(&["apply"]).exits(0);
    receiver.answers(Answer::Status(204));
    workspace.run(&["events", "redeliver", "--receiver", "wfm"]).exits(0);

    let name = format!("{{name: {}}}", schedule_name(0));
    let more = format!("{{name: {}, protect: true, labels: {{team: retention}}}}", schedule_name(0));
    workspace.replace(&schedule_file(0), &name, &more);
    workspace.replace(&schedule_file(0), "09:00", "10:00");
    std::fs::remove_file(workspace.path(&schedule_file(1))).unwrap();
    workspace.run(&["apply", "--prune", "--max-updates", "9", "--override-freeze", "an outage"]).exits(0);
    workspace.verified_ledger()
}

/// The line with something changed in it that must not be there: a field more, in itself and in each object within.
fn with_unknown(value: &Value) -> Vec<Value> {
    let Value::Object(fields) = value else { return Vec::new() };
    let mut more = fields.clone();
    more.insert("unknown".to_owned(), json!(1));
    let within = fields.iter().filter(|(key, _)| !FREE.contains(&key.as_str())).flat_map(|(key, inner)| {
        let items = inner.as_array().into_iter().flatten().flat_map(with_unknown).map(|item| json!([item]));
        with_unknown(inner).into_iter().chain(items).map(|changed| {
            let mut outer = fields.clone();
            outer.insert(key.clone(), changed);
            Value::Object(outer)
        })
    });
    within.chain([Value::Object(more)]).collect()
}

#[test]
fn every_line_fits_the_schema_and_none_with_a_field_more_or_less() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/dialctl-ledger.schema.json"));
    let schema: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let mut seen = BTreeSet::new();
    let mut changes = 0;
    for line in ledger() {
        let errors: Vec<String> = validator.iter_errors(&line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}: {line:#}");
        let words = ["record", "action", "status"].map(|field| line[field].as_str().unwrap_or_default().to_owned());
        seen.insert(words.join(" ").trim().to_owned());
        for (key, value) in line.as_object().unwrap() {
            let mut less = line.clone();
            less.as_object_mut().unwrap().remove(key);
            // A run has the digest of all manifests, a delete that of none.
            let is_needed = key == "manifestDigest" && line["record"] == "runStarted";
            let may_lack = OPTIONAL.contains(&key.as_str()) && !is_needed;
            assert_eq!(validator.is_valid(&less), may_lack, "without {key}: {line:#}");
            if !FREE.contains(&key.as_str()) {
                let mut other = line.clone();
                other[key] = if value.is_array() { json!(1) } else { json!([1]) };
                assert!(!validator.is_valid(&other), "another {key}: {line:#}");
            }
        }
        for more in with_unknown(&line) {
            changes += 1;
            assert!(!validator.is_valid(&more), "{more:#}");
        }
    }
    assert!(changes > 50, "{changes}");
    let expected = [
        "actionFinished create FAILURE",
        "actionFinished create SUCCESS",
        "actionFinished delete SUCCESS",
        "actionFinished update SUCCESS",
        "actionIntended create",
        "actionIntended delete",
        "actionIntended update",
        // The status is that of HTTP, a number.
        "eventDelivered",
        "eventFailed",
        "eventQueued",
        "protectionSet",
        "receiverDisabled",
        "redeliveryStarted",
        "runFinished",
        "runStarted",
    ];
    assert_eq!(seen, expected.map(str::to_owned).into());
}
