//! Collections under construction: keys, duplicates, merges and the bytes they take.

use std::collections::HashMap;
use std::ops::Range;

use super::load::{Fault, Problem, Size};
use super::{Entry, Node, Value};
use crate::manifest::wording::shown;

/// From how many keys on they are looked up in a table. Few keys are faster compared one by one, many
/// keys that way would take quadratic time.
const TABLE_FROM: usize = 8;

/// The collections that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Builder {
    open: Vec<Frame>,
}

/// A finished value.
#[derive(Clone, Debug)]
pub(super) struct Complete {
    pub node: Node,
    pub size: Size,
}

#[derive(Debug)]
struct Frame {
    collection: Collection,
    flow: bool,
    anchor: usize,
    start: usize,
    /// Where the last thing inside ended: the parser ends block collections at the next token, which
    /// may be far below.
    end: usize,
    size: Size,
}

/// What is being collected.
#[derive(Debug)]
pub(super) enum Collection {
    Sequence(Vec<Node>),
    Mapping { keyed: Keyed, key: Option<Key>, merges: Vec<Vec<Entry>>, merge_key: Option<Range<usize>> },
}

/// Entries, and where each key is among them once there are many.
#[derive(Debug, Default)]
pub(super) struct Keyed {
    entries: Vec<Entry>,
    table: HashMap<String, usize>,
}

/// A key that waits for its value.
#[derive(Debug)]
pub(super) enum Key {
    Text(String, Range<usize>),
    /// `<<`: the value's entries join the mapping, unless it has them.
    Merge(Range<usize>),
    /// The key was refused, and its value goes with it.
    Refused,
}

impl Collection {
    pub fn mapping() -> Self {
        Self::Mapping { keyed: Keyed::default(), key: None, merges: Vec::new(), merge_key: None }
    }
}

impl Keyed {
    fn first(&self, key: &str) -> Option<&Entry> {
        if self.table.is_empty() {
            self.entries.iter().find(|entry| entry.key == key)
        } else {
            self.table.get(key).and_then(|index| self.entries.get(*index))
        }
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() >= TABLE_FROM {
            if self.table.is_empty() {
                self.table = self.entries.iter().enumerate().map(|(n, entry)| (entry.key.clone(), n)).collect();
            }
            self.table.insert(entry.key.clone(), self.entries.len());
        }
        self.entries.push(entry);
    }
}

impl Builder {
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Where the innermost open `[` or `{` stands.
    pub fn open_flow(&self) -> Option<usize> {
        self.open.last().filter(|frame| frame.flow).map(|frame| frame.start)
    }

    pub fn clear(&mut self) {
        self.open.clear();
    }

    pub fn open(&mut self, collection: Collection, flow: bool, anchor: usize, start: usize) {
        let size = Size { nodes: 1, ..Size::default() };
        self.open.push(Frame { collection, flow, anchor, start, end: start, size });
    }

    /// Whether the next value is the key of a mapping.
    pub fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Frame { collection: Collection::Mapping { key: None, .. }, .. }))
    }

    /// Takes a key for the innermost mapping.
    pub fn key(&mut self, new: Key, problems: &mut Vec<Problem>) {
        let Some(Frame { collection: Collection::Mapping { keyed, key, merge_key, .. }, end, size, .. }) =
            self.open.last_mut()
        else {
            return;
        };
        let (first, name, span) = match &new {
            Key::Text(text, span) => (keyed.first(text).map(|entry| entry.key_span.clone()), text.as_str(), span),
            Key::Merge(span) => (merge_key.clone(), "<<", span),
            Key::Refused => {
                *key = Some(new);
                return;
            }
        };
        *end = span.end;
        size.bytes += name.len();
        let Some(first) = first else {
            if let Key::Merge(span) = &new {
                *merge_key = Some(span.clone());
            }
            *key = Some(new);
            return;
        };
        problems.push(Problem {
            fault: Fault::DuplicateKey { first },
            span: span.clone(),
            message: format!("the key `{}` stands twice in this mapping", shown(name)),
            help: Some("keep one of the two".to_owned()),
        });
        // What is merged twice joins all the same, so that its absence is not told as a second fault.
        *key = Some(if matches!(new, Key::Merge(_)) { new } else { Key::Refused });
    }

    /// Puts a value where it belongs. Gives it back when nothing is open: it is the whole document.
    pub fn place(&mut self, complete: Complete, problems: &mut Vec<Problem>) -> Option<Node> {
        if self.wants_key() {
            let key = key_of(complete, problems);
            self.key(key, problems);
            return None;
        }
        let Complete { node, size } = complete;
        let Some(frame) = self.open.last_mut() else { return Some(node) };
        frame.end = frame.end.max(node.span.end);
        frame.size.nodes += size.nodes;
        frame.size.bytes += size.bytes;
        frame.size.depth = frame.size.depth.max(size.depth);
        match &mut frame.collection {
            Collection::Sequence(items) => items.push(node),
            Collection::Mapping { keyed, key, merges, .. } => match key.take() {
                Some(Key::Text(key, key_span)) => keyed.push(Entry { key, key_span, value: node }),
                Some(Key::Merge(_)) => merge(node, merges, problems),
                Some(Key::Refused) | None => {}
            },
        }
        None
    }

    /// Finishes the innermost collection; with it comes the anchor that it has.
    pub fn close(&mut self, token_end: usize) -> Option<(Complete, usize)> {
        let Frame { collection, flow, anchor, start, end, mut size } = self.open.pop()?;
        // The trees stay until the end, ten thousands of them, while most mappings have one entry or two:
        // the room that was kept for more is given back.
        let value = match collection {
            Collection::Sequence(mut items) => {
                items.shrink_to_fit();
                Value::Sequence(items)
            }
            Collection::Mapping { mut keyed, merges, .. } => {
                // What the mapping says itself comes before what is merged, and of that the first.
                for entry in merges.into_iter().flatten() {
                    if keyed.first(&entry.key).is_none() {
                        keyed.push(entry);
                    }
                }
                keyed.entries.shrink_to_fit();
                Value::Mapping(keyed.entries)
            }
        };
        size.depth += 1;
        let end = if flow { token_end } else { end };
        Some((Complete { node: Node { value, span: start..end }, size }, anchor))
    }
}

fn key_of(complete: Complete, problems: &mut Vec<Problem>) -> Key {
    let span = complete.node.span;
    match complete.node.value {
        Value::String(text) => Key::Text(text, span),
        Value::Number(number) => Key::Text(number.to_string(), span),
        Value::Bool(value) => Key::Text(value.to_string(), span),
        Value::Null => Key::Text("null".to_owned(), span),
        Value::Sequence(_) | Value::Mapping(_) => {
            let help = "write one word as the key; a text that begins with `{` or `[` needs quotes";
            problems.push(Problem::syntax(span, "a list or a mapping cannot be a key", help));
            Key::Refused
        }
    }
}

fn merge(node: Node, merges: &mut Vec<Vec<Entry>>, problems: &mut Vec<Problem>) {
    let span = node.span;
    let nodes = match node.value {
        Value::Mapping(entries) => {
            merges.push(entries);
            return;
        }
        Value::Sequence(items) => items,
        _ => Vec::new(),
    };
    let expected = nodes.len();
    let mappings = nodes.into_iter().filter_map(|node| match node.value {
        Value::Mapping(entries) => Some(entries),
        _ => None,
    });
    let before = merges.len();
    merges.extend(mappings);
    if expected == 0 || merges.len() - before != expected {
        problems.push(Problem::syntax(
            span,
            "`<<` takes a mapping or a list of mappings",
            "merge an alias: `<<: *name`",
        ));
    }
}
