//! The few lines of a file around its marks. However large the file or a line of it, an excerpt is small.

use std::ops::Range;

/// Lines shown before and after a mark.
const AROUND: usize = 2;
/// Marks this many lines apart are shown in one excerpt.
const NEAR: usize = 40;
/// Characters kept of a line; the rest is cut around the mark.
const WIDTH: usize = 160;
/// Characters kept before the mark in a line that is cut before it.
const BEFORE: usize = 40;
/// A mark that starts within so many bytes is shown without a cut before it.
const EARLY: usize = 100;
const CUT: &str = "…";

/// A value to underline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line of the value's first character, from 1.
    pub line: usize,
    /// The bytes of the value in its file.
    pub range: Range<usize>,
    /// A few words under it.
    pub label: Option<String>,
    /// Whether this is the value that the finding is about.
    pub primary: bool,
}

/// Some lines of a file, with marks in bytes of these lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// The lines.
    pub text: String,
    /// The marks, each within one line.
    pub marks: Vec<Mark>,
    /// Whether a line with a mark lost characters before it, so that columns of the excerpt are not
    /// those of the file.
    pub shifted: bool,
}

/// The excerpts that show all marks of a file, in order of lines.
pub fn excerpts(text: &str, mut marks: Vec<Mark>) -> Vec<Excerpt> {
    marks.sort_by_key(|mark| (mark.line, mark.range.start));
    marks
        .chunk_by(|a, b| b.line - a.line <= NEAR)
        .filter_map(|near| Some(excerpt(text, near.first()?, near.last()?, near)))
        .collect()
}

fn excerpt(text: &str, first: &Mark, last: &Mark, marks: &[Mark]) -> Excerpt {
    let top = line_start(text, first.range.start);
    let before = text.get(..top).unwrap_or_default().split_inclusive('\n').rev().take(AROUND);
    let (mut offset, mut line) = before.fold((top, first.line), |(offset, line), one| (offset - one.len(), line - 1));
    let mut excerpt = Excerpt { first_line: line, ..Excerpt::default() };
    for whole in text.get(offset..).unwrap_or_default().split_inclusive('\n').take(last.line + AROUND + 1 - line) {
        let content = whole.trim_end_matches(['\n', '\r']);
        let here: Vec<&Mark> = marks.iter().filter(|mark| mark.line == line).collect();
        let focus = here.first().map_or(0, |mark| mark.range.start.saturating_sub(offset));
        let kept = kept(content, focus);
        let (cut_before, cut_after) = (kept.start > 0, kept.end < content.len());
        excerpt.shifted |= cut_before;
        let into = excerpt.text.len() + if cut_before { CUT.len() } else { 0 };
        let end = into + kept.len();
        for mark in here {
            // A value over several lines is underlined in its first.
            let shift = |at: usize| (at.saturating_sub(offset).saturating_sub(kept.start) + into).min(end);
            excerpt.marks.push(Mark { range: shift(mark.range.start)..shift(mark.range.end), ..mark.clone() });
        }
        excerpt.text.push_str(if cut_before { CUT } else { "" });
        excerpt.text.push_str(content.get(kept).unwrap_or_default());
        excerpt.text.push_str(if cut_after { CUT } else { "" });
        excerpt.text.push('\n');
        offset += whole.len();
        line += 1;
    }
    excerpt
}

/// The bytes of a line to show: all, or the part around the focus.
fn kept(line: &str, focus: usize) -> Range<usize> {
    // A character has at least one byte, so that most lines need no counting.
    if line.len() <= WIDTH || line.chars().nth(WIDTH).is_none() {
        return 0..line.len();
    }
    let focus = if focus <= EARLY { 0 } else { line.floor_char_boundary(focus) };
    let start =
        line.get(..focus).unwrap_or_default().char_indices().rev().take(BEFORE).last().map_or(focus, |(at, _)| at);
    let end = line.get(start..).unwrap_or_default().char_indices().nth(WIDTH).map_or(line.len(), |(at, _)| start + at);
    start..end
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: usize, range: Range<usize>) -> Mark {
        Mark { line, range, label: None, primary: true }
    }

    fn marked(excerpt: &Excerpt) -> Vec<&str> {
        excerpt.marks.iter().map(|mark| &excerpt.text[mark.range.clone()]).collect()
    }

    #[test]
    fn a_few_lines_around_the_mark_are_kept() {
        let text = "1\n2\n3\n4: four\n5\n6\n7\n";
        let found = excerpts(text, vec![mark(4, 9..13)]);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first_line, found[0].text.as_str()), (2, "2\n3\n4: four\n5\n6\n"));
        assert_eq!(marked(&found[0]), ["four"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("a: 1\r\nb: {}wrong{}\r\nc: 3", "ä".repeat(500_000), "x".repeat(500_000));
        let start = text.find("wrong").unwrap();
        let found = excerpts(&text, vec![mark(2, start..start + 5)]);
        let line = found[0].text.lines().nth(1).unwrap();
        assert_eq!(line.chars().count(), WIDTH + 2);
        assert!(line.starts_with("…ä") && line.ends_with("x…"), "{line}");
        assert_eq!(marked(&found[0]), ["wrong"]);
        let whole = excerpts(&text, vec![mark(2, text.find("b").unwrap()..text.len())]);
        assert!(whole[0].text.len() < 1000);
        assert!(marked(&whole[0])[0].starts_with("b: ä"));
    }

    #[test]
    fn marks_far_apart_are_shown_apart_and_values_end_with_their_first_line() {
        let text = "key:\n".repeat(1000);
        let found = excerpts(&text, vec![mark(900, 4495..4510), mark(1, 0..4), mark(2, 5..8)]);
        assert_eq!(found.iter().map(|one| one.first_line).collect::<Vec<_>>(), [1, 898]);
        assert_eq!(marked(&found[0]), ["key:", "key"]);
        assert_eq!(marked(&found[1]), ["key:"]);
    }

    #[test]
    fn marks_at_the_end_or_outside_of_the_text_do_no_harm() {
        for (text, mark) in [("", mark(1, 0..0)), ("a", mark(1, 1..1)), ("a\n", mark(2, 2..2)), ("a", mark(1, 5..9))] {
            let found = excerpts(text, vec![mark]);
            assert!(found[0].text.len() <= text.len() + 1);
        }
    }
}
