//! Foreign text made fit to show: one line, bounded, without control characters.

/// The text as one line of at most `most` characters. Runs of white space and control characters (which
/// could steer a terminal) become one space; what is cut off is marked.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || is_unprintable(c)).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
            length += 1;
        }
        for c in word.chars() {
            if length >= most {
                line.push('…');
                return line;
            }
            line.push(c);
            length += 1;
        }
    }
    line
}

/// Control characters, and the marks that reverse the direction of the text after them.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_safe_line() {
        for (text, line) in [
            ("<html>\r\n  <body>Login\tplease", "<html> <body>Login please"),
            ("a\u{1b}[31mred\u{0}", "a [31mred"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("  ", ""),
            ("0123456789012345678901234567890123456789 tail", "0123456789012345678901234567890123456789 …"),
            ("ääääääääääääääääääääääääääääääääääääääää", "ääääääääääääääääääääääääääääääääääääääää"),
        ] {
            assert_eq!(one_line(text, 40), line, "{text:?}");
        }
        assert!(one_line(&"word ".repeat(10_000), 100).chars().count() <= 102);
    }
}
