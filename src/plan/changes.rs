//! Field-level differences between two schedules in their normal form.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// A JSON pointer into the normal form.
    pub path: String,
    /// The value before; absent when the field is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value after; absent when the field is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Change {
    /// For example `/dailySlots/0/endTime was "13:00" and is "14:00"`.
    pub fn in_words(&self) -> String {
        let side = |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
        format!("{} was {} and is {}", self.path, side(&self.before), side(&self.after))
    }
}

/// The fields in which two values differ, in the order of their paths.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => compare_objects(path, before, after, found),
        (Some(Value::Array(before)), Some(Value::Array(after))) if of_objects(before) && of_objects(after) => {
            compare_lists(path, before, after, found);
        }
        (before, after) => {
            found.push(Change { path: path.to_owned(), before: before.cloned(), after: after.cloned() });
        }
    }
}

fn of_objects(items: &[Value]) -> bool {
    items.iter().all(Value::is_object)
}

fn compare_objects(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Change>) {
    let added = after.keys().filter(|key| !before.contains_key(*key));
    let mut keys: Vec<&String> = before.keys().chain(added).collect();
    keys.sort_unstable();
    for key in keys {
        compare(&format!("{path}/{key}"), before.get(key), after.get(key), found);
    }
}

/// Lists of slots or spans: equal items stand for each other wherever they are; of the others, the
/// first before is compared with the first after, and so on. Positions are those after the change,
/// for items that are gone those before it.
fn compare_lists(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Change>) {
    let mut gone: Vec<(usize, &Value)> = before.iter().enumerate().collect();
    let mut new = Vec::new();
    for (index, item) in after.iter().enumerate() {
        match gone.iter().position(|(_, other)| *other == item) {
            Some(at) => drop(gone.remove(at)),
            None => new.push((index, item)),
        }
    }
    let pairs = gone.len().min(new.len());
    for ((_, old), (index, new)) in gone.iter().zip(&new) {
        compare(&format!("{path}/{index}"), Some(old), Some(new), found);
    }
    for (index, old) in &gone[pairs..] {
        compare(&format!("{path}/{index}"), Some(old), None, found);
    }
    for (index, new) in &new[pairs..] {
        compare(&format!("{path}/{index}"), None, Some(new), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_the_fields_that_differ_and_no_others() {
        let slot = |start: &str, end: &str| json!({"startTime": start, "endTime": end});
        for (what, before, after, expected) in [
            ("nothing", json!({"a": 1}), json!({"a": 1}), json!([])),
            ("a value", json!({"a": 1}), json!({"a": 2}), json!([{"path": "/a", "before": 1, "after": 2}])),
            (
                "added and removed",
                json!({"a": 1}),
                json!({"b": 2}),
                json!([{"path": "/a", "before": 1}, {"path": "/b", "after": 2}]),
            ),
            (
                "one slot of several",
                json!({"s": [slot("09:00", "12:00"), slot("13:00", "17:00")]}),
                json!({"s": [slot("09:00", "12:00"), slot("13:00", "18:00")]}),
                json!([{"path": "/s/1/endTime", "before": "17:00", "after": "18:00"}]),
            ),
            (
                "a slot before the others",
                json!({"s": [slot("09:00", "12:00")]}),
                json!({"s": [slot("07:00", "08:00"), slot("09:00", "12:00")]}),
                json!([{"path": "/s/0", "after": slot("07:00", "08:00")}]),
            ),
            (
                "days as one value",
                json!({"days": ["Monday", "Friday"]}),
                json!({"days": ["Monday"]}),
                json!([{"path": "/days", "before": ["Monday", "Friday"], "after": ["Monday"]}]),
            ),
        ] {
            assert_eq!(serde_json::to_value(changes(&before, &after)).unwrap(), expected, "{what}");
        }
    }
}
