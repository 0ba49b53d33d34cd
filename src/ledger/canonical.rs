//! Canonical JSON: one spelling for each value, so that equal values have equal digests.

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest that stands where there is nothing to digest: 64 zeros.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of bytes that stand in several places, as if they stood together.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut digesting = Digesting::default();
        parts.iter().for_each(|part| digesting.take(part));
        digesting.end()
    }

    /// Reads what a digest shows itself as; nothing where the text is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            *byte = (digit(*high)? << 4) | digit(*low)?;
        }
        Some(Self(bytes))
    }
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// The digest of bytes that come one after the other.
#[derive(Default)]
pub struct Digesting(Sha256);

impl Digesting {
    /// Takes bytes that follow those before.
    pub fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of them.
    pub fn end(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The canonical text of a value, as RFC 8785 has it except for numbers with a fraction: members sorted
/// by the UTF-16 units of their keys, no blanks, only those characters escaped that must be.
///
/// Members are sorted here, because the order inside [`Value`] depends on a feature of `serde_json` that
/// any crate in the tree can switch on.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (position, (key, member)) in members.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(&Value::from(key.as_str()), text);
                text.push(':');
                write(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        // `Display` of a scalar is its compact JSON.
        scalar => text.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_knows_its_text() {
        let digest = Digest::of(b"abc");
        assert_eq!(Digest::of_parts(&[b"a", b"", b"bc"]), digest);
        let text = digest.to_string();
        assert_eq!(Digest::parse(&text), Some(digest));
        assert_eq!(Digest::parse(&"0".repeat(64)), Some(Digest::ZERO));
        for other in ["", &text[1..], &text.to_uppercase(), &format!("{text}0"), &"g".repeat(64), &"ä".repeat(32)] {
            assert_eq!(Digest::parse(other), None, "{other}");
        }
    }

    #[test]
    fn one_value_has_one_text_whatever_its_spelling() {
        for (spelling, text) in [
            (r#"{ "b": 1, "a": [ true, null ] }"#, r#"{"a":[true,null],"b":1}"#),
            (r#"{"a":[true,null],"b":1}"#, r#"{"a":[true,null],"b":1}"#),
            (r#"{"z":{"y":2,"x":1},"":0}"#, r#"{"":0,"z":{"x":1,"y":2}}"#),
            (r#""A\u000a\u0001\/ä\"""#, r#""A\n\u0001/ä\"""#),
            ("{}", "{}"),
            ("[ ]", "[]"),
            ("-7", "-7"),
        ] {
            assert_eq!(canonical(&serde_json::from_str(spelling).unwrap()), text, "{spelling}");
        }
    }

    #[test]
    fn keys_sort_by_utf_16_units() {
        // RFC 8785 section 3.2.3: the surrogate pair of the emoji sorts before U+FB33.
        let value = serde_json::json!({"\u{fb33}": 1, "\u{1f600}": 2, "\u{20ac}": 3});
        assert_eq!(canonical(&value), "{\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }

    #[test]
    fn numbers_survive_being_read_back() {
        // Each of these comes back one unit off from a parser that trades accuracy for speed.
        for number in [51.248_178_375_505_404, -93.311_370_376_880_33, -36.573_994_842_753_436, 97.453_653_200_346_85] {
            let text = canonical(&Value::from(number));
            assert_eq!(canonical(&serde_json::from_str(&text).unwrap()), text);
        }
    }

    #[test]
    fn digests_are_sha_256() {
        // FIPS 180-4, example for "abc".
        assert_eq!(Digest::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::ZERO.to_string(), "0".repeat(64));
    }
}
