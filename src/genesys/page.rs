//! Pages: short lists, read at once.

use serde_json::Value;

use super::ApiError;
use super::list_reader::ListReader;
use super::transport::Success;

/// A list, or one page of it.
#[derive(Debug)]
pub(super) struct Page {
    /// The items, each still to be read on its own, so that an odd one does not spoil the others.
    pub(super) items: Vec<Value>,
    /// How many pages there are.
    pub(super) count: Option<u64>,
}

impl Page {
    /// Reads a plain array, or an object with `entities`. Anything else is no list, least of all an empty one.
    pub(super) fn of(answer: &Success) -> Result<Self, ApiError> {
        let mut reader = ListReader::new(Vec::new());
        let read = reader.push(answer.body()).and_then(|()| reader.finish());
        let (ending, items) = read.map_err(|no_list| answer.no_list(no_list))?;
        Ok(Self { items, count: ending.count })
    }
}

/// The text of a field of an item.
pub(super) fn text(item: &Value, pointer: &str) -> Option<String> {
    item.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
