//! Text of others in Markdown. Names and reasons come from people and servers: they must neither format
//! anything, nor call anybody, nor refer to anything, nor end what they stand in.

use super::super::visible::visible;

/// How many characters of one text are shown within a line.
const LONGEST: usize = 300;

/// Keeps what GitHub would link from being one word: a zero-width space.
const BREAK: &str = "&#8203;";

/// A text of others within a line: of a paragraph, a table or HTML.
pub fn inline(text: &str) -> String {
    let mut escaped = String::new();
    let mut before = String::new();
    let shown = visible(text);
    let mut chars = shown.chars().peekable();
    while let Some(c) = chars.next() {
        if before.len() == LONGEST {
            escaped.push('…');
            break;
        }
        let next = chars.peek().copied();
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '`' | '\\' | '*' | '_' | '~' | '[' | ']' | '!' | '$' => escaped.push_str(&entity(c)),
            // Mentions are looked for after entities are read, so that these alone would not do.
            '@' | '#' => escaped.extend([&c.to_string(), BREAK]),
            // Addresses and emoji, but not times and line numbers.
            ':' if next.is_some_and(|next| !next.is_whitespace() && !next.is_ascii_digit()) => {
                escaped.extend([&entity(c), BREAK]);
            }
            '.' if before.ends_with("www") => escaped.push_str(&entity(c)),
            '-' if before.ends_with("gh") => escaped.extend(["-", BREAK]),
            _ => escaped.push(c),
        }
        // One byte for each character: only these are looked at, and the length counts characters.
        before.push(if c.is_ascii() { c.to_ascii_lowercase() } else { '?' });
    }
    escaped
}

/// A block of code; the fence is longer than any that the code has.
pub fn code(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    let code: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    format!("{fence}{language}\n{code}{fence}\n")
}

fn entity(c: char) -> String {
    format!("&#{};", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_and_does_nothing() {
        for (what, text, expected) in [
            ("an honest name", "spring renewals 2", "spring renewals 2"),
            ("letters of others", "Größe 東京 é", "Größe 東京 é"),
            ("quotes", "Bob's \"list\"", "Bob's \"list\""),
            ("a time and a line", "09:00 a.yaml:1", "09:00 a.yaml:1"),
            ("a cell", "a|b", "a&#124;b"),
            ("code", "`rm`", "&#96;rm&#96;"),
            ("lines", "a\n| b\r\n", "a\\n&#124; b\\r\\n".replace('\\', "&#92;").as_str()),
            ("HTML", "</details><b>&lt;", "&lt;/details&gt;&lt;b&gt;&amp;lt;"),
            ("a comment", "<!-- dialctl plan", "&lt;&#33;-- dialctl plan"),
            ("a mention", "@octo/team a@b.c", "@&#8203;octo/team a@&#8203;b.c"),
            ("a reference", "#12 x/y#3 GH-4", "#&#8203;12 x/y#&#8203;3 GH-&#8203;4"),
            ("an address", "https://a.b www.c.d", "https&#58;&#8203;//a.b www&#46;c.d"),
            ("an emoji", "a :tada:", "a &#58;&#8203;tada:"),
            ("a link", "[a](b) ![c](d)", "&#91;a&#93;(b) &#33;&#91;c&#93;(d)"),
            ("emphasis", "*a* _b_ ~~c~~", "&#42;a&#42; &#95;b&#95; &#126;&#126;c&#126;&#126;"),
            ("a formula", "$x$", "&#36;x&#36;"),
            ("a backslash", "a\\|b", "a&#92;&#124;b"),
            ("what steers", "\u{1b}[31m\u{202e}", "&#92;u{1b}&#91;31m&#92;u{202e}"),
            ("very long text", &"x".repeat(400), &("x".repeat(300) + "…")),
        ] {
            assert_eq!(inline(text), expected, "{what}");
        }
    }

    #[test]
    fn no_line_ends_a_block_of_code() {
        assert_eq!(code("diff", &["+ a".to_owned()]), "```diff\n+ a\n```\n");
        assert_eq!(code("", &["```".to_owned(), "`".to_owned()]), "````\n```\n`\n````\n");
    }
}
