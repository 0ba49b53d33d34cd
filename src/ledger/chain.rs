//! The chain: each line of the ledger carries the hash of the line before it and its own. Pure.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use super::canonical::{Digest, canonical};
use super::record::Record;

/// The end of a chain, which the next record continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last record; records count from 1.
    pub seq: u64,
    /// The hash of the last record.
    pub hash: Digest,
}

impl Head {
    /// The end of an empty ledger.
    pub const EMPTY: Self = Self { seq: 0, hash: Digest::ZERO };
}

/// Why a line does not belong where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// It is not a JSON object, or one of the fields of the chain is missing or of the wrong type.
    #[error("it is not a record: {0}")]
    NotARecord(String),
    /// It says what its hash says, but not in canonical JSON.
    #[error("it is not in canonical form")]
    NotCanonical,
    /// Its content is not that of its hash.
    #[error("its content does not match its hash: it was edited")]
    Edited,
    /// Its number is not the next one.
    #[error("it is record {found} where record {expected} belongs")]
    OutOfOrder {
        /// The number that belongs here.
        expected: u64,
        /// The number that stands here.
        found: u64,
    },
    /// Its number fits, but it continues another record than the one before it.
    #[error("it does not continue the record before it")]
    Unchained,
}

/// The line that continues a chain with a record, without its line feed, and the new end of the chain.
///
/// The hash is the SHA-256 of the canonical JSON of all other fields of the line.
pub fn next(head: &Head, record: &Record) -> (String, Head) {
    // The chain sets all three.
    let (seq, prev, hash) = (0, String::new(), String::new());
    linked(head, fields_of(&Line { seq, prev, hash, record }))
}

/// Lines that continue a chain with records, and the new end of the chain.
pub fn all(head: &Head, records: &[Record]) -> (String, Head) {
    let (mut lines, mut head) = (String::new(), *head);
    for record in records {
        let (line, after) = next(&head, record);
        lines.push_str(&line);
        lines.push('\n');
        head = after;
    }
    (lines, head)
}

/// Lines of another chain as lines that continue this one: the same records under new numbers and hashes.
///
/// # Errors
/// When one of them is no record.
pub fn anew(head: &Head, lines: &str) -> Result<String, BadLine> {
    let (mut text, mut head) = (String::new(), *head);
    for line in lines.lines() {
        check_line(None, line)?;
        let fields = serde_json::from_str(line).map_err(|error| BadLine::NotARecord(error.to_string()))?;
        let (line, after) = linked(&head, fields);
        text.push_str(&line);
        text.push('\n');
        head = after;
    }
    Ok(text)
}

/// The part of some lines that follows the end of a chain, and the end of the chain with it. They may begin before:
/// those lines are passed over, once it is certain that they are what the chain has there.
///
/// # Errors
/// When they do not continue each other, or the chain.
pub fn rest<'a>(head: &Head, lines: &'a str) -> Result<(&'a str, Head), BadLine> {
    let (mut known, mut before) = (0, None);
    for line in lines.split_inclusive('\n') {
        let Some(text) = line.strip_suffix('\n') else {
            return Err(BadLine::NotARecord("it has no end".to_owned()));
        };
        let this = check_line(before.as_ref(), text)?;
        if this.seq <= head.seq {
            known += line.len();
            if this.seq == head.seq && this.hash != head.hash {
                return Err(BadLine::Unchained);
            }
        } else if before.is_none() {
            check_line(Some(head), text)?;
        }
        before = Some(this);
    }
    let end = before.filter(|end| end.seq > head.seq).unwrap_or(*head);
    Ok((lines.get(known..).unwrap_or_default(), end))
}

fn linked(head: &Head, mut fields: Map<String, Value>) -> (String, Head) {
    let seq = head.seq.saturating_add(1);
    fields.insert("seq".to_owned(), seq.into());
    fields.insert("prev".to_owned(), head.hash.to_string().into());
    fields.remove("hash");
    let mut value = Value::Object(fields);
    let hash = Digest::of(canonical(&value).as_bytes());
    value["hash"] = hash.to_string().into();
    (canonical(&value), Head { seq, hash })
}

/// A line of the audit ledger.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "dialctl ledger", deny_unknown_fields, extend("$id" = "urn:dialctl:ledger:v1"))]
struct Line<'a> {
    /// The number of the record, from 1.
    #[schemars(range(min = 1))]
    seq: u64,
    /// The hash of the line before it, in lower-case hexadecimal; zeros in the first line.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    prev: String,
    /// SHA-256 over the canonical JSON (RFC 8785) of all the other fields.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    hash: String,
    #[serde(flatten)]
    record: &'a Record,
}

/// The JSON Schema of a line.
pub fn ledger_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Line>().to_value()
}

fn fields_of(line: &Line<'_>) -> Map<String, Value> {
    match serde_json::to_value(line) {
        Ok(Value::Object(fields)) => fields,
        // A record is a struct of strings, numbers and JSON values; only maps with keys that are not
        // text, and serializers that fail on purpose, give anything else.
        other => unreachable!("a record is a JSON object: {other:?}"),
    }
}

/// Checks a line by itself and, where the lines before it were read too, as the continuation of their
/// chain. Gives the end of the chain at this line.
///
/// # Errors
/// Why the line does not belong where it stands.
pub fn check_line(before: Option<&Head>, line: &str) -> Result<Head, BadLine> {
    let mut value: Value = serde_json::from_str(line).map_err(|error| BadLine::NotARecord(error.to_string()))?;
    let is_canonical = canonical(&value) == line;
    let fields = value.as_object_mut().ok_or_else(|| BadLine::NotARecord("it is not an object".to_owned()))?;
    let claimed = text(fields.remove("hash"), "hash")?;
    let prev = text(fields.get("prev").cloned(), "prev")?;
    let seq = fields
        .get("seq")
        .and_then(Value::as_u64)
        .ok_or_else(|| BadLine::NotARecord("`seq` is not a number".to_owned()))?;

    let hash = Digest::of(canonical(&value).as_bytes());
    if hash.to_string() != claimed {
        return Err(BadLine::Edited);
    }
    if !is_canonical {
        return Err(BadLine::NotCanonical);
    }
    if let Some(before) = before {
        let expected = before.seq.saturating_add(1);
        if seq != expected {
            return Err(BadLine::OutOfOrder { expected, found: seq });
        }
        if prev != before.hash.to_string() {
            return Err(BadLine::Unchained);
        }
    }
    Ok(Head { seq, hash })
}

fn text(field: Option<Value>, name: &str) -> Result<String, BadLine> {
    match field {
        Some(Value::String(text)) => Ok(text),
        _ => Err(BadLine::NotARecord(format!("`{name}` is not text"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::a_run;
    use super::*;

    fn chain() -> Vec<String> {
        let mut head = Head::EMPTY;
        let mut lines = Vec::new();
        for record in a_run() {
            let (line, after) = next(&head, &record);
            lines.push(line);
            head = after;
        }
        lines
    }

    fn check(lines: &[String]) -> Result<Head, (usize, BadLine)> {
        lines
            .iter()
            .enumerate()
            .try_fold(Head::EMPTY, |head, (at, line)| check_line(Some(&head), line).map_err(|bad| (at, bad)))
    }

    #[test]
    fn a_chain_checks_and_counts_from_one_and_zeros() {
        let lines = chain();
        assert_eq!(check(&lines).unwrap().seq, lines.len() as u64);
        let first: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!((&first["seq"], &first["prev"]), (&Value::from(1), &Value::from("0".repeat(64))));
        let second: Value = serde_json::from_str(&lines[1]).unwrap();
        assert_eq!(second["prev"], first["hash"]);
    }

    #[test]
    fn a_record_comes_back_from_its_line() {
        for (line, record) in chain().iter().zip(a_run()) {
            assert_eq!(serde_json::from_str::<Record>(line).unwrap(), record);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        for line in chain() {
            for position in 0..line.len() {
                for flip in [0x01, 0x20, 0x80] {
                    let mut bytes = line.clone().into_bytes();
                    bytes[position] ^= flip;
                    // What is no longer UTF-8 cannot be a line at all.
                    if let Ok(changed) = String::from_utf8(bytes) {
                        assert!(check_line(None, &changed).is_err(), "byte {position} of {line}");
                    }
                }
            }
        }
    }

    #[test]
    fn another_spelling_of_the_same_record_is_noticed() {
        for line in chain() {
            let respelled = line.replacen(',', ", ", 1);
            assert_eq!(check_line(None, &respelled), Err(BadLine::NotCanonical));
        }
    }

    #[test]
    fn lines_removed_swapped_doubled_or_put_in_are_noticed() {
        let lines = chain();
        for at in 0..lines.len() - 1 {
            let mut removed = lines.clone();
            removed.remove(at);
            let seq = at as u64 + 1;
            assert_eq!(check(&removed), Err((at, BadLine::OutOfOrder { expected: seq, found: seq + 1 })));

            let mut swapped = lines.clone();
            swapped.swap(at, at + 1);
            assert_eq!(check(&swapped), Err((at, BadLine::OutOfOrder { expected: seq, found: seq + 1 })));

            let mut doubled = lines.clone();
            doubled.insert(at, lines[at].clone());
            assert_eq!(check(&doubled), Err((at + 1, BadLine::OutOfOrder { expected: seq + 1, found: seq })));
        }
        // A record of the right number that continues another history.
        let foreign = Head { seq: 2, hash: Digest::of(b"another history") };
        let mut replaced = lines.clone();
        replaced[2] = next(&foreign, &a_run()[2]).0;
        assert_eq!(check(&replaced), Err((2, BadLine::Unchained)));
    }

    #[test]
    fn lines_of_another_chain_go_on_with_this_one() {
        let lines = chain().join("\n") + "\n";
        let foreign = Head { seq: 7, hash: Digest::of(b"another history") };
        let moved = anew(&foreign, &lines).unwrap();
        let (rest_of, end) = rest(&foreign, &moved).unwrap();
        assert_eq!((rest_of, end.seq), (moved.as_str(), 7 + chain().len() as u64));
        assert_eq!(anew(&Head::EMPTY, &moved).unwrap(), lines);
    }

    #[test]
    fn what_a_chain_has_already_is_passed_over_once_it_is_the_same() {
        let lines: Vec<String> = chain().into_iter().map(|line| line + "\n").collect();
        let all = lines.concat();
        let mut head = Head::EMPTY;
        for (at, line) in lines.iter().enumerate() {
            let after = lines[at..].concat();
            assert_eq!(rest(&head, &all).unwrap().0, after);
            assert_eq!(rest(&head, &after).unwrap().0, after);
            if at > 0 {
                let other = Head { hash: Digest::of(b"another history"), ..head };
                assert_eq!(rest(&other, &all), Err(BadLine::Unchained));
                assert_eq!(rest(&other, &after), Err(BadLine::Unchained));
            }
            head = check_line(Some(&head), line.trim_end()).unwrap();
        }
        assert_eq!(rest(&head, &all).unwrap(), ("", head));
        assert!(rest(&Head::EMPTY, all.trim_end()).is_err());
    }

    #[test]
    fn what_is_not_a_record_is_told_apart() {
        for line in
            ["", "{", "[]", "null", "{}", r#"{"hash":1,"prev":"","seq":1}"#, r#"{"hash":"","prev":"","seq":-1}"#]
        {
            assert!(matches!(check_line(None, line), Err(BadLine::NotARecord(_))), "{line:?}");
        }
    }
}
