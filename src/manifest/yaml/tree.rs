//! The tree of one document.

use std::ops::Range;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its bytes in the text. The value that an alias stands for has the bytes of the alias; what is
    /// inside it keeps the bytes of its definition.
    pub span: Range<usize>,
}

/// A value of the core schema of YAML 1.2.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole or decimal number.
    Number(serde_json::Number),
    /// Any other scalar.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the text; no key stands twice.
    Mapping(Vec<Entry>),
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as text, whatever scalar it is.
    pub key: String,
    /// The bytes of the key.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

/// What a JSON pointer leads to.
struct Found<'a> {
    /// The key under which the node stands, when it is an entry of a mapping.
    key_span: Option<&'a Range<usize>>,
    node: &'a Node,
    /// Whether the whole pointer was followed, and not only its beginning.
    whole: bool,
}

impl Node {
    /// The value of an entry, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The node at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        let found = self.follow(pointer);
        found.whole.then_some(found.node)
    }

    /// The bytes of the value at a JSON pointer. A value that takes no bytes is shown by its key, and
    /// an absent one by the key of the closest mapping around it.
    pub fn value_span(&self, pointer: &str) -> Range<usize> {
        let found = self.follow(pointer);
        if found.whole && !found.node.span.is_empty() { found.node.span.clone() } else { found.head() }
    }

    /// The bytes of the key at a JSON pointer. Items of lists and the root have no key and are shown
    /// by their first line: the first key where they are mappings.
    pub fn key_span(&self, pointer: &str) -> Range<usize> {
        self.follow(pointer).head()
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    fn follow(&self, pointer: &str) -> Found<'_> {
        let mut found = Found { key_span: None, node: self, whole: true };
        // A pointer is empty, or each of its tokens follows a slash.
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match &found.node.value {
                Value::Mapping(_) => found.node.entry(&token).map(|entry| (Some(&entry.key_span), &entry.value)),
                Value::Sequence(items) => {
                    token.parse::<usize>().ok().and_then(|index| items.get(index)).map(|item| (None, item))
                }
                _ => None,
            };
            let Some((key_span, node)) = next else { return Found { whole: false, ..found } };
            found = Found { key_span, node, whole: true };
        }
        found
    }
}

impl Found<'_> {
    fn head(&self) -> Range<usize> {
        match (self.key_span, &self.node.value) {
            (Some(key_span), _) => key_span.clone(),
            (None, Value::Mapping(entries)) => {
                entries.first().map_or_else(|| self.node.span.clone(), |entry| entry.key_span.clone())
            }
            (None, _) => self.node.span.clone(),
        }
    }
}

/// A key as it stands in a JSON pointer (RFC 6901).
pub fn escape_pointer_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn pointers_lead_to_values_and_keys() {
        let text = "a/b: {c: [x, yy]}\nempty:\nlist:\n  - k: v\n";
        let root = read(text).documents.remove(0).root;
        for (pointer, value, key) in [
            ("/a~1b/c/1", "yy", "yy"),
            ("/a~1b/c", "[x, yy]", "c"),
            ("/a~1b", "{c: [x, yy]}", "a/b"),
            ("/empty", "empty", "empty"),
            ("/list/0", "k: v", "k"),
            ("/list/0/absent/deeper", "k", "k"),
            ("/list/7", "list", "list"),
            ("", text.trim_end(), "a/b"),
        ] {
            assert_eq!(&text[root.value_span(pointer)], value, "value at {pointer}");
            assert_eq!(&text[root.key_span(pointer)], key, "key at {pointer}");
        }
        assert!(root.at("/list/0/k").is_some() && root.at("/list/1").is_none());
    }
}
