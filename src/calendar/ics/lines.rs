//! Content lines of iCalendar: escaped, and folded at 75 octets (RFC 5545, 3.1 and 3.3.11).

use std::io::{self, Write};

/// The longest line, in octets, without its end.
const LONGEST: usize = 75;

/// Writes one content line, folded, with the line end that the format asks for.
pub fn write(line: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = line;
    let mut room = LONGEST;
    while rest.len() > room {
        let mut cut = room;
        while !rest.is_char_boundary(cut) {
            cut -= 1;
        }
        let (head, tail) = rest.split_at(cut);
        write!(out, "{head}\r\n ")?;
        rest = tail;
        // The blank at its start is a part of the next line.
        room = LONGEST - 1;
    }
    write!(out, "{rest}\r\n")
}

/// A text as the value of a property. Control characters have no place in it, line ends have an escape.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | ';' | ',' => escaped.extend(['\\', sign]),
            '\n' => escaped.push_str("\\n"),
            sign if sign.is_control() => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(line: &str) -> String {
        let mut out = Vec::new();
        write(line, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escaped("a,b;c\\d\ne\r\u{7}\"f\""), "a\\,b\\;c\\\\d\\ne\"f\"");
    }

    #[test]
    fn a_line_is_folded_only_where_it_is_too_long() {
        assert_eq!(written(&"x".repeat(75)), format!("{}\r\n", "x".repeat(75)));
        assert_eq!(written(&"x".repeat(76)), format!("{}\r\n x\r\n", "x".repeat(75)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folded_lines_are_short_and_unfold_to_what_they_were(line in "[a-zé漢🕘 ]{0,300}") {
            let folded = written(&line);
            prop_assert!(folded.split("\r\n").all(|line| line.len() <= LONGEST));
            prop_assert_eq!(folded.replace("\r\n ", ""), format!("{line}\r\n"));
        }
    }
}
