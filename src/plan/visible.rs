//! Text of others made harmless to the eye: what comes from people and servers may hold characters that steer
//! a terminal, break a line or turn the direction of writing.

/// Characters that cannot be seen, among them ends of lines, as in program text.
pub fn visible(text: &str) -> String {
    // These can be seen, and program text would have a backslash before them.
    let parts = text.split_inclusive(['"', '\'', '\\']);
    parts.fold(String::new(), |mut shown, part| {
        let plain = part.trim_end_matches(['"', '\'', '\\']);
        shown.extend(plain.escape_debug());
        shown.push_str(part.get(plain.len()..).unwrap_or_default());
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out_and_the_rest_stays() {
        for (text, shown) in [
            ("Größe \"東京\" 'é' a\\b", "Größe \"東京\" 'é' a\\b"),
            ("a\nb\r\t\u{1b}[31m", "a\\nb\\r\\t\\u{1b}[31m"),
            ("\u{202e}gpj.exe\u{200b}", "\\u{202e}gpj.exe\\u{200b}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
