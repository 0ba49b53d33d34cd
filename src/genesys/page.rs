//! Pages: lists as the API gives them, whole or in parts.

use serde_json::Value;

use super::ApiError;
use super::transport::Success;

/// A list, or one page of it.
#[derive(Debug)]
pub(super) struct Page {
    /// The items, each still to be read on its own, so that an odd one does not spoil the others.
    pub(super) items: Vec<Value>,
    /// Where the next page is.
    pub(super) next: Option<String>,
    /// How many pages there are.
    pub(super) count: Option<u64>,
}

impl Page {
    /// Reads a plain array, or an object with `entities`. Anything else is no list, least of all an empty one.
    pub(super) fn of(answer: &Success) -> Result<Self, ApiError> {
        match answer.json()? {
            Value::Array(items) => Ok(Self { items, next: None, count: None }),
            Value::Object(mut page) => {
                let Some(Value::Array(items)) = page.remove("entities") else {
                    return Err(answer.unreadable("the listing has no `entities`: check the API URL".to_owned()));
                };
                let next = page.get("nextUri").and_then(Value::as_str).filter(|next| !next.is_empty());
                Ok(Self { items, next: next.map(str::to_owned), count: page.get("pageCount").and_then(Value::as_u64) })
            }
            _ => {
                Err(answer.unreadable("the listing is neither a list nor a page of one: check the API URL".to_owned()))
            }
        }
    }
}

/// The text of a field of an item.
pub(super) fn text(item: &Value, pointer: &str) -> Option<String> {
    item.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
