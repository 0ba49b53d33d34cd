//! When schedules run, as Python's `zoneinfo` and `dateutil` work it out: `generate.py` writes the cases, of
//! which a sample is committed. `DIALCTL_OCCURRENCES` names a file of others.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use dialctl::manifest;
use dialctl::rules::Severity;
use dialctl::schedule::{Occurrence, zone};
use serde_json::{Value, json};

/// What a case says.
struct Case {
    spec: Value,
    window: Occurrence,
    /// The occurrences that reach into the window, in order.
    expected: Vec<Occurrence>,
}

fn instant(seconds: &Value) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds.as_i64().unwrap(), 0).unwrap()
}

impl Case {
    fn read(line: &str) -> Self {
        let mut case: Value = serde_json::from_str(line).unwrap();
        let span = |span: &Value| {
            let (start, seconds) = (instant(&span[0]), span[1].as_i64().unwrap());
            Occurrence { start, end: start + chrono::TimeDelta::seconds(seconds) }
        };
        Self {
            window: Occurrence { start: instant(&case["window"][0]), end: instant(&case["window"][1]) },
            expected: case["occurrences"].as_array().unwrap().iter().map(span).collect(),
            spec: case["spec"].take(),
        }
    }

    /// JSON is YAML, too.
    fn manifest(&self, number: usize) -> (String, Vec<u8>) {
        let metadata = json!({ "name": format!("case-{number}") });
        let manifest =
            json!({ "apiVersion": "dialctl/v1", "kind": "CampaignSchedule", "metadata": metadata, "spec": self.spec });
        (format!("{number:06}.yaml"), manifest.to_string().into_bytes())
    }
}

#[test]
fn schedules_run_when_python_says_they_do() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/occurrences/sample.jsonl");
    let path = std::env::var_os("DIALCTL_OCCURRENCES").map_or_else(|| PathBuf::from(sample), PathBuf::from);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (about, cases) = text.split_once('\n').unwrap();
    let about: Value = serde_json::from_str(about).unwrap();
    let cases: Vec<Case> = cases.lines().map(Case::read).collect();
    assert!(cases.len() >= 300, "{} cases", cases.len());

    // Where older databases are wrong.
    let news: DateTime<Utc> = "2026-11-15T00:00:00Z".parse().unwrap();
    for zone in ["America/Vancouver", "America/Winnipeg", "America/Havana", "Africa/Casablanca"] {
        let told = |case: &Case| case.spec["timezone"] == zone && news < case.window.start && !case.expected.is_empty();
        assert!(cases.iter().any(told), "no case of {zone}");
    }

    let loaded = manifest::load_texts(cases.iter().enumerate().map(|(number, case)| case.manifest(number)));
    let errors: Vec<_> = loaded.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{} errors, the first: {:?}", errors.len(), errors[0]);
    assert_eq!(loaded.repository.schedules.len(), cases.len());

    let mut differing = Vec::new();
    for (case, schedule) in cases.iter().zip(&loaded.repository.schedules) {
        let found = schedule.item.timetable.occurrences(case.window);
        if found != case.expected {
            differing.push((case, found));
        }
    }
    if let Some((case, found)) = differing.first() {
        let only = |of: &[Occurrence], others: &[Occurrence]| -> Vec<Occurrence> {
            of.iter().filter(|one| !others.contains(one)).copied().collect()
        };
        panic!(
            "{} of {} schedules differ (zones here {}, there {}); the first:\n{}\nwindow {:?}\nonly here: {:?}\nonly there: {:?}",
            differing.len(),
            cases.len(),
            zone::database_version(),
            about["tzdata"],
            case.spec,
            case.window,
            only(found, &case.expected),
            only(&case.expected, found),
        );
    }
}
