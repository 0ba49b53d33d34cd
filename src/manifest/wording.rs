//! The words of findings about the shape of documents: what was found, what was expected.

use jsonschema::JsonType;
use jsonschema::error::TypeKind;
use serde_json::Value;

/// How much of a long text a message repeats, in characters.
const SHOWN: usize = 60;

/// A value as messages name it.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`, which is a truth value"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::String(text) => format!("`{}`", shown(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

/// A text as messages repeat it: not too long, and without bytes that a terminal would obey.
pub fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(printable).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// A text of any length without bytes that a terminal would obey.
pub fn harmless(text: &str) -> String {
    text.chars().flat_map(printable).collect()
}

fn printable(character: char) -> Vec<char> {
    if character.is_control() { character.escape_default().collect() } else { vec![character] }
}

/// What a schema asks for, by its title where it has one.
pub(super) fn expected(schema: &Value, kind: &TypeKind) -> String {
    if let Some(title) = schema.get("title").and_then(Value::as_str) {
        return title.to_owned();
    }
    match kind {
        TypeKind::Single(JsonType::Integer) => whole_number(schema),
        TypeKind::Single(kind) => type_name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = kinds.iter().map(type_name).collect();
            names.join(" or ")
        }
    }
}

/// A whole number with the bounds that a schema gives it.
pub(super) fn whole_number(schema: &Value) -> String {
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(minimum), Some(maximum)) => format!("a whole number from {minimum} to {maximum}"),
        _ => "a whole number".to_owned(),
    }
}

const fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "nothing",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a text",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}

/// Names as a message lists them: `a`, `b` or `c`.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_text_is_short_and_harmless() {
        assert_eq!(shown("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(harmless("New Year's\u{7}"), "New Year's\\u{7}");
        assert_eq!(shown(&"ä".repeat(61)), format!("{}…", "ä".repeat(60)));
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(listed(["a"], "or"), "`a`");
        assert_eq!(listed(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
