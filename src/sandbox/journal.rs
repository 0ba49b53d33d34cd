//! The requests so far, for tests that ask what a client has sent. No header is kept, and no body of
//! the token endpoint, so no secret is.

use std::collections::VecDeque;

use axum::body::Bytes;
use serde::Serialize;
use serde_json::Value;

/// How many requests are kept.
const KEPT: usize = 10_000;
/// How many bytes of bodies are kept in all.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// The latest requests, the oldest first.
#[derive(Debug, Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    count: u64,
    bytes: usize,
}

/// One request and how it was answered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, without its question mark; empty when there is none.
    pub query: String,
    /// The status; `None` when the connection was closed instead.
    pub status: Option<u16>,
    /// The body; empty when there is none, or when it is not to be kept.
    pub body: Bytes,
}

/// An entry as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown {
    n: u64,
    method: String,
    path: String,
    query: String,
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

impl Journal {
    /// Adds a request.
    pub fn record(&mut self, entry: Entry) {
        self.count += 1;
        self.bytes += entry.body.len();
        self.entries.push_back(entry);
        while self.entries.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.body.len();
        }
    }

    /// The kept requests, numbered from 1 over all requests.
    pub fn shown(&self) -> Vec<Shown> {
        let first = self.count - self.entries.len() as u64 + 1;
        (first..).zip(&self.entries).map(|(n, entry)| entry.shown(n)).collect()
    }
}

impl Entry {
    fn shown(&self, n: u64) -> Shown {
        let Self { method, path, query, status, body } = self.clone();
        let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
        let body = (!body.is_empty()).then(|| serde_json::from_slice(&body).unwrap_or_else(|_| text()));
        Shown { n, method, path, query, status, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(path: &str, body: Bytes) -> Entry {
        Entry { method: "PUT".into(), path: path.into(), query: String::new(), status: Some(200), body }
    }

    #[test]
    fn bodies_are_shown_as_json_where_they_are_json() {
        let mut journal = Journal::default();
        journal.record(entry("/a", Bytes::from_static(b"{\"version\":1}")));
        journal.record(entry("/b", Bytes::from_static(b"{")));
        journal.record(Entry { status: None, ..entry("/c", Bytes::new()) });
        let shown = serde_json::to_value(journal.shown()).unwrap();
        assert_eq!(
            shown[0],
            json!({"n": 1, "method": "PUT", "path": "/a", "query": "", "status": 200, "body": {"version": 1}})
        );
        assert_eq!(shown[1]["body"], "{");
        assert_eq!(shown[2], json!({"n": 3, "method": "PUT", "path": "/c", "query": "", "status": null}));
    }

    #[test]
    fn the_oldest_are_dropped_and_numbers_go_on() {
        let mut journal = Journal::default();
        (0..KEPT + 2).for_each(|_| journal.record(entry("/", Bytes::new())));
        let shown = journal.shown();
        assert_eq!((shown.len(), shown[0].n), (KEPT, 3));
        (0..3).for_each(|_| journal.record(entry("/", Bytes::from(vec![b'x'; KEPT_BYTES / 2]))));
        assert_eq!(journal.shown().len(), 2);
    }
}
