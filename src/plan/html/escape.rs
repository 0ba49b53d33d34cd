//! Text of others in HTML: it is shown, and does nothing.

use std::fmt::{self, Display, Write as _};

use super::super::visible::visible;

/// A text within an element or between the quotes of an attribute. Characters that cannot be seen are written out.
pub fn text(text: &str) -> impl Display {
    let shown = visible(text);
    fmt::from_fn(move |f| {
        shown.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            _ => f.write_char(c),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_and_does_nothing() {
        for (what, hostile, expected) in [
            ("an honest name", "spring renewals 2", "spring renewals 2"),
            ("letters of others", "Größe 東京 é", "Größe 東京 é"),
            ("a script", "</script><script>", "&lt;/script&gt;&lt;script&gt;"),
            ("an attribute", "\" onload='x'", "&quot; onload=&#39;x&#39;"),
            ("an entity", "&lt;&amp", "&amp;lt;&amp;amp"),
            ("a comment", "<!-- -->", "&lt;!-- --&gt;"),
            ("what steers", "\u{1b}[31m\u{202e}\n\0", "\\u{1b}[31m\\u{202e}\\n\\0"),
        ] {
            assert_eq!(text(hostile).to_string(), expected, "{what}");
        }
    }
}
