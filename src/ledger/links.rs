//! How a line hangs in the chain, read from its text alone: what `audit verify` needs of a hundred thousand lines.

use super::canonical::Digest;

/// The fields of the chain, and the digest of all the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Links<'a> {
    /// The number of the record.
    pub seq: u64,
    /// The hash of the record before it, as the line says.
    pub prev: &'a str,
    /// Its own hash, as the line says.
    pub hash: &'a str,
    /// The hash of what it says.
    pub proper: Digest,
}

impl<'a> Links<'a> {
    /// Reads a line without its line feed. Nothing when it is no line of a ledger: then the slow way tells why.
    ///
    /// A line stands in canonical form, so that what its hash covers is its own text without the field `hash`.
    pub fn read(line: &'a [u8]) -> Option<Self> {
        let text = str::from_utf8(line).ok()?;
        let (mut seq, mut prev, mut hash) = (None, None, None);
        for member in Members::of(line)? {
            let member = member?;
            let value = text.get(member.value.0..member.value.1)?;
            match text.get(member.start..member.value.0)? {
                "\"seq\":" => seq = Some(value.parse().ok()?),
                "\"prev\":" => prev = Some(unquoted(value)?),
                "\"hash\":" => hash = Some((unquoted(value)?, member)),
                _ => {}
            }
        }
        let (hash, member) = hash?;
        // With the comma that parts it from a neighbour.
        let before = text.get(..member.start)?;
        let after = text.get(member.value.1..)?;
        let (before, after) = match before.strip_suffix(',') {
            Some(before) => (before, after),
            None => (before, after.strip_prefix(',').unwrap_or(after)),
        };
        Some(Self { seq: seq?, prev: prev?, hash, proper: Digest::of_parts(&[before.as_bytes(), after.as_bytes()]) })
    }

    /// Whether the line says what its hash says.
    pub fn is_whole(&self) -> bool {
        Digest::parse(self.hash) == Some(self.proper)
    }
}

fn unquoted(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

/// Where a member of an object stands in the text: its key from `start` on with the colon after it, and its value.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    value: (usize, usize),
}

/// The members of the outermost object, without a look into their values.
struct Members<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    fn of(line: &'a [u8]) -> Option<Self> {
        (line.first() == Some(&b'{')).then_some(Self { line, at: 1 })
    }

    /// The position after the string that begins here.
    fn after_string(&self, at: usize) -> Option<usize> {
        let mut at = at + 1;
        loop {
            match self.line.get(at)? {
                b'"' => return Some(at + 1),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    /// The position after the value that begins here.
    fn after_value(&self, mut at: usize) -> Option<usize> {
        let mut depth = 0_u32;
        loop {
            match self.line.get(at)? {
                b'"' => {
                    at = self.after_string(at)?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                b',' | b'}' if depth == 0 => return Some(at),
                _ => {}
            }
            at += 1;
        }
    }

    fn member(&self, start: usize) -> Option<Member> {
        if self.line.get(start) != Some(&b'"') {
            return None;
        }
        let colon = self.after_string(start)?;
        if self.line.get(colon) != Some(&b':') {
            return None;
        }
        let value = colon + 1;
        Some(Member { start, value: (value, self.after_value(value)?) })
    }
}

impl Iterator for Members<'_> {
    /// Nothing where the text is no object.
    type Item = Option<Member>;

    fn next(&mut self) -> Option<Option<Member>> {
        if self.at >= self.line.len() {
            return None;
        }
        let member = self.member(self.at);
        self.at = match member {
            Some(member) if self.line.get(member.value.1) == Some(&b',') => member.value.1 + 1,
            // The object must end with the line.
            Some(member) if member.value.1 + 1 == self.line.len() => self.line.len(),
            _ => {
                self.at = self.line.len();
                return Some(None);
            }
        };
        Some(member)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::{Head, next};
    use super::super::record::tests::a_run;
    use super::*;

    #[test]
    fn the_quick_way_reads_what_was_written() {
        let mut head = Head::EMPTY;
        for record in a_run() {
            let (line, after) = next(&head, &record);
            let links = Links::read(line.as_bytes()).unwrap();
            assert!(links.is_whole(), "{line}");
            assert_eq!(
                (links.seq, links.prev, links.hash),
                (after.seq, &*head.hash.to_string(), &*after.hash.to_string())
            );
            head = after;
        }
    }

    #[test]
    fn fields_of_the_same_names_within_values_mean_nothing() {
        let line = br#"{"after":{"hash":"x","seq":9},"hash":"h","note":"\"hash\":\"y\"","prev":"p","seq":7}"#;
        let links = Links::read(line).unwrap();
        assert_eq!((links.seq, links.prev, links.hash), (7, "p", "h"));
        let rest = br#"{"after":{"hash":"x","seq":9},"note":"\"hash\":\"y\"","prev":"p","seq":7}"#;
        assert_eq!(links.proper, Digest::of(rest));
        let first = Links::read(br#"{"hash":"h","prev":"p","seq":7}"#).unwrap();
        assert_eq!(first.proper, Digest::of(br#"{"prev":"p","seq":7}"#));
    }

    #[test]
    fn what_is_no_line_is_left_to_the_slow_way() {
        for line in [
            "",
            "{",
            "{}",
            "[]",
            "null",
            r#"{"hash":"h","prev":"p","seq":7"#,
            r#"{"hash":"h","prev":"p","seq":7}}"#,
            r#"{"hash":"h","prev":"p","seq":7} "#,
            r#"{"hash":"h","prev":"p","seq":"7"}"#,
            r#"{"hash":1,"prev":"p","seq":7}"#,
            r#"{"hash":"h","seq":7}"#,
            r#"{"hash":"h\"#,
            r#"{"hash" :"h","prev":"p","seq":7}"#,
        ] {
            assert_eq!(Links::read(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Links::read(b"{\"hash\":\"\xff\",\"prev\":\"p\",\"seq\":7}"), None);
    }
}
