//! What the parser cannot read, told in the place where the fault is rather than where it was noticed.

use serde_yaml::granit_parser::{ErrorKind, ScanError};

use super::load::{MAX_DEPTH, Problem};

const CORRECT: &str = "correct the YAML here or just before";
const CLOSE: &str = "add the closing bracket";
const QUOTE: &str = "add the closing quote";

/// What is wrong, and the byte of the text at which it begins.
struct Fault {
    at: usize,
    message: String,
    help: &'static str,
}

/// The problem behind an error of the parser, which read the text from the byte `base` on and stood in the
/// bracket at `open_flow`.
pub(super) fn problem(error: &ScanError, text: &str, base: usize, open_flow: Option<usize>) -> Problem {
    let noticed = (base + error.marker().byte_offset().unwrap_or_default()).min(text.len());
    let Fault { at, message, help } = fault(error, text, noticed, open_flow);
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Problem::syntax(at..at + width, message, help)
}

fn fault(error: &ScanError, text: &str, noticed: usize, open_flow: Option<usize>) -> Fault {
    let here = |message: &str, help| Fault { at: noticed, message: message.to_owned(), help };
    let at = |at: usize, message: &str, help| Fault { at, message: message.to_owned(), help };
    if let Some(tab) = tab(error, text, noticed) {
        return at(tab, "a tab cannot indent YAML", "indent with spaces");
    }
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("lists and mappings lie more than {MAX_DEPTH} deep within each other");
            here(&message, "no manifest needs that: look for brackets that are never closed")
        }
        ErrorKind::UnknownAnchor => here(
            "the alias has no anchor before it in this document",
            "define it with `&name`, or quote a `*` that is text",
        ),
        ErrorKind::UnclosedQuotedScalar => here("a quoted text is never closed", QUOTE),
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => {
            match opening_quote_above(text, noticed) {
                Some(quote) => at(quote, "a quoted text is not closed on its line", QUOTE),
                None => here("a quoted text is followed by more text", "put all of it in quotes, or nothing"),
            }
        }
        ErrorKind::UnknownQuotedScalarEscape => at(
            unknown_escape(text, noticed).unwrap_or(noticed),
            "there is no such escape in a text in double quotes",
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::UnclosedFlowCollection { open } => here(&format!("`{open}` is never closed"), CLOSE),
        _ if let Some(open) = open_flow.filter(|open| text.get(*open..noticed).is_some_and(|it| it.contains('\n'))) => {
            let bracket = text.get(open..).and_then(|rest| rest.chars().next()).unwrap_or('[');
            at(open, &format!("`{bracket}` is not closed before the next field"), CLOSE)
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            here(&format!("`{open}` is closed by `{close}`"), "close a bracket with one of its kind")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            here(&format!("a text without quotes cannot begin with `{character}`"), "put the text in quotes")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::ExpectedBlockMappingKey
            if let Some(dash) = glued_dash(text, noticed) =>
        {
            at(dash, "the `-` of an item needs a blank after it", "write `- ` before the item")
        }
        ErrorKind::MappingValueNotAllowed => {
            here("a `:` stands where no value can begin", "check the indentation, and quote a text that contains `: `")
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => here(
            "neither a key nor an item of the lines above can stand here",
            "check the indentation: the keys of a mapping stand in one column, and so do the `- ` of a list",
        ),
        _ => here(&error.info(), CORRECT),
    }
}

/// The tab that is at fault: among the blanks before the place, or on a line below the start of a text.
fn tab(error: &ScanError, text: &str, noticed: usize) -> Option<usize> {
    match error.kind() {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            Some(tab_before(text, noticed).unwrap_or(noticed))
        }
        ErrorKind::TabInPlainScalar | ErrorKind::TabAtBlockScalarStart => {
            Some(indenting_tab(text, noticed).unwrap_or(noticed))
        }
        ErrorKind::ExpectedBlockMappingKey => tab_before(text, noticed),
        _ => None,
    }
}

/// The first tab among the blanks right before an offset.
fn tab_before(text: &str, offset: usize) -> Option<usize> {
    let before = text.get(..offset)?;
    let blanks = before.trim_end_matches([' ', '\t']).len();
    before.get(blanks..)?.find('\t').map(|at| blanks + at)
}

/// The first tab that indents something on one of the lines after an offset.
fn indenting_tab(text: &str, offset: usize) -> Option<usize> {
    let mut begin = offset;
    for line in text.get(offset..)?.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let tab = line.get(..indent)?.find('\t').filter(|_| !line.trim().is_empty());
        if let Some(at) = tab.filter(|_| begin > offset) {
            return Some(begin + at);
        }
        begin += line.len();
    }
    None
}

/// The quote that opens the text which ends just before a place, when it stands on a line above.
fn opening_quote_above(text: &str, noticed: usize) -> Option<usize> {
    let before = text.get(..noticed)?.trim_end();
    let quote = before.chars().next_back().filter(|quote| matches!(quote, '"' | '\''))?;
    let inside = before.get(..before.len() - 1)?;
    let opening = inside.rfind(quote)?;
    inside.get(opening..)?.contains('\n').then_some(opening)
}

/// The first escape after a place that YAML does not know.
fn unknown_escape(text: &str, noticed: usize) -> Option<usize> {
    let mut characters = text.get(noticed..)?.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            let (_, escaped) = characters.next()?;
            if !"0abt\tnvfre \"/\\N_LPxuU\r\n".contains(escaped) {
                return Some(noticed + at);
            }
        }
    }
    None
}

/// The dash of the line before a place that is followed by a letter at once.
fn glued_dash(text: &str, noticed: usize) -> Option<usize> {
    let line_start = text.get(..noticed)?.rfind('\n')?;
    let above = text.get(..line_start)?;
    let start = above.rfind('\n').map_or(0, |newline| newline + 1);
    let line = above.get(start..)?;
    let dash = start + line.len() - line.trim_start().len();
    let mut characters = text.get(dash..)?.chars();
    let glued = characters.next() == Some('-') && characters.next().is_some_and(char::is_alphabetic);
    glued.then_some(dash)
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn a_fault_is_told_where_it_is_and_not_where_it_was_noticed() {
        for (text, at, message) in [
            ("a: x\n\tb: y\n", 5, "a tab cannot indent YAML"),
            ("a:\n  - b: x\n    \tc: y\n", 16, "a tab cannot indent YAML"),
            ("a: [x\nb: y\n", 3, "`[` is not closed before the next field"),
            ("a: {x: 1\nb: y\n", 3, "`{` is not closed before the next field"),
            ("\u{feff}a: {x: 1\nb: y\n", 6, "`{` is not closed before the next field"),
            ("a: \"x\nb: \"y\"\n", 3, "a quoted text is not closed on its line"),
            ("a: [x}\n", 3, "`[` is closed by `}`"),
            ("a: @x\n", 3, "a text without quotes cannot begin with `@`"),
            ("a: 'x\nb: 'y'\n", 3, "a quoted text is not closed on its line"),
            ("a: \"x\" y\n", 7, "a quoted text is followed by more text"),
            ("a: \"x\\t\\q\"\n", 7, "there is no such escape in a text in double quotes"),
            ("a:\n  -b: x\n    c: y\n", 5, "the `-` of an item needs a blank after it"),
            ("a:\n  -b: \"x\"\n    c: y\n", 5, "the `-` of an item needs a blank after it"),
            ("a:\n  b: x\n c: y\n", 11, "neither a key nor an item of the lines above can stand here"),
        ] {
            let problems = read(text).problems;
            let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
            assert_eq!((problem.span.start, problem.message.as_str()), (at, message), "{text}");
            assert!(problem.help.is_some(), "{text}");
        }
    }
}
