//! Another notation of a value that the schema would take.

use jsonschema::Validator;
use serde_json::Value as Json;

use super::yaml::escape_pointer_token;

/// The value at a pointer in another notation (quoted, unquoted, as a list), when the schema would take that.
pub(super) fn repaired(validator: &Validator, json: &Json, at: &str, value: &Json) -> Option<Json> {
    let taken = |candidate: &Json| taken(validator, json, at, candidate);
    let candidate = match value {
        Json::Number(_) | Json::Bool(_) => Json::String(value.to_string()),
        Json::String(text) => match serde_json::from_str(text).ok().filter(|value: &Json| !value.is_string()) {
            Some(unquoted) if taken(&unquoted) => return Some(unquoted),
            _ => Json::Array(vec![value.clone()]),
        },
        Json::Object(_) => Json::Array(vec![value.clone()]),
        Json::Null | Json::Array(_) => return None,
    };
    taken(&candidate).then_some(candidate)
}

/// Whether the schema would take a value as that of another field of the mapping at a pointer.
pub(super) fn fits(validator: &Validator, json: &Json, at: &str, field: &str, value: &Json) -> bool {
    let mapping = Json::Object([(field.to_owned(), value.clone())].into_iter().collect());
    let Some((branch, at)) = branch(json, at, &mapping) else { return false };
    let at = format!("{at}/{}", escape_pointer_token(field));
    !validator.iter_errors(&branch).any(|error| is_within(error.instance_path().as_str(), &at))
}

/// Whether a pointer leads to the value at another one, or into it.
fn is_within(path: &str, at: &str) -> bool {
    path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn taken(validator: &Validator, json: &Json, at: &str, candidate: &Json) -> bool {
    let Some((branch, at)) = branch(json, at, candidate) else { return false };
    !validator.iter_errors(&branch).any(|error| is_within(error.instance_path().as_str(), &at))
}

/// Only what leads to the value at a pointer, with another value in its place; and the pointer to that. To
/// judge one value takes none of its thousand neighbours.
fn branch(json: &Json, pointer: &str, leaf: &Json) -> Option<(Json, String)> {
    let Some(rest) = pointer.strip_prefix('/') else { return Some((leaf.clone(), String::new())) };
    let token = rest.split('/').next().unwrap_or_default();
    let below = &rest[token.len()..];
    match json {
        Json::Array(items) => {
            let (inner, at) = branch(items.get(token.parse::<usize>().ok()?)?, below, leaf)?;
            Some((Json::Array(vec![inner]), format!("/0{at}")))
        }
        Json::Object(fields) => {
            let key = token.replace("~1", "/").replace("~0", "~");
            let (inner, at) = branch(fields.get(&key)?, below, leaf)?;
            Some((Json::Object([(key, inner)].into_iter().collect()), format!("/{token}{at}")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_branch_has_the_value_and_no_neighbours() {
        let json = json!({"a/b": [1, {"c": 2, "d": 3}], "e": 4});
        let leaf = json!("new");
        assert_eq!(branch(&json, "/a~1b/1/c", &leaf), Some((json!({"a/b": [{"c": "new"}]}), "/a~1b/0/c".to_owned())));
        assert_eq!(branch(&json, "", &leaf), Some((leaf.clone(), String::new())));
        for absent in ["/x", "/a~1b/7", "/e/f", "/a~1b/-"] {
            assert_eq!(branch(&json, absent, &leaf), None, "{absent}");
        }
    }
}
