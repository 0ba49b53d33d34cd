//! What was read: files, documents, and where in them each place is.

use std::ops::Range;
use std::sync::OnceLock;

use super::yaml::Node;
use crate::ledger::canonical::Digest;
use crate::report::{LineColumn, Located, Places};
use crate::rules::{DocumentId, FileId, Line, Place};

/// The files and documents that were read.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<File>,
    documents: Vec<Document>,
}

#[derive(Debug)]
struct File {
    path: String,
    text: String,
    /// Where each line begins, in bytes; only known for files that something is said about.
    lines: OnceLock<Vec<usize>>,
}

/// One document.
#[derive(Debug)]
pub struct Document {
    /// The file that it stands in.
    pub file: FileId,
    /// Its value.
    pub root: Node,
}

const START: LineColumn = LineColumn { line: 1, column: 1 };

impl Document {
    /// The name in its metadata, where there is one.
    pub fn name(&self) -> Option<&str> {
        self.root.at("/metadata/name").and_then(Node::as_str)
    }

    /// Its kind as written, where there is one.
    pub fn kind(&self) -> Option<&str> {
        self.root.get("kind").and_then(Node::as_str)
    }
}

impl Sources {
    pub(super) fn add_file(&mut self, path: String, text: String) -> FileId {
        self.files.push(File { path, text, lines: OnceLock::new() });
        FileId(self.files.len() - 1)
    }

    pub(super) fn add_document(&mut self, file: FileId, root: Node) -> DocumentId {
        self.documents.push(Document { file, root });
        DocumentId(self.documents.len() - 1)
    }

    /// How many files were read.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// The files in order, each with the path that is shown and its text. A file that could not be
    /// read as text has none.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &str, &str)> {
        self.files.iter().enumerate().map(|(n, file)| (FileId(n), file.path.as_str(), file.text.as_str()))
    }

    /// The text of a file; empty for one that is not among these.
    pub fn text(&self, file: FileId) -> &str {
        self.files.get(file.0).map_or("", |file| file.text.as_str())
    }

    /// The path of a file as it is shown; empty for one that is not among these.
    pub fn path(&self, file: FileId) -> &str {
        self.files.get(file.0).map_or("", |file| file.path.as_str())
    }

    /// The documents in order.
    pub fn documents(&self) -> impl Iterator<Item = (DocumentId, &Document)> {
        self.documents.iter().enumerate().map(|(n, document)| (DocumentId(n), document))
    }

    /// One document.
    pub fn document(&self, document: DocumentId) -> Option<&Document> {
        self.documents.get(document.0)
    }

    /// The line on which a document begins, from 1.
    pub fn line_of(&self, document: DocumentId) -> usize {
        self.resolve(&Place::Key { document, pointer: String::new() }).start.line
    }

    /// The document of a file that has something on a line, counted from 1.
    pub(super) fn document_on(&self, file: FileId, line: usize) -> Option<DocumentId> {
        let line_at = |offset: usize| self.located(file, offset..offset, None).start.line;
        // The documents stand in the order of the files, and within a file in the order of its text.
        let position = self.documents.partition_point(|document| {
            document.file < file || document.file == file && line_at(document.root.span.end) < line
        });
        let document = self.documents.get(position).filter(|document| document.file == file)?;
        (line_at(document.root.span.start) <= line).then_some(DocumentId(position))
    }

    /// The line on which a place starts; a path that is not among these files has none.
    pub fn line(&self, place: &Place) -> Option<Line> {
        let at = self.resolve(place);
        at.file.map(|file| Line { file, number: at.start.line })
    }

    /// The SHA-256 of a document's text in lower-case hexadecimal digits.
    pub fn document_digest(&self, document: DocumentId) -> String {
        let text =
            self.document(document).and_then(|document| self.text(document.file).get(document.root.span.clone()));
        Digest::of(text.unwrap_or_default().as_bytes()).to_string()
    }

    /// The SHA-256 over the paths and texts of all files, in lower-case hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut bytes = Vec::new();
        for part in self.files.iter().flat_map(|file| [&file.path, &file.text]) {
            // Lengths keep the end of one text apart from the start of the next.
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        Digest::of(&bytes).to_string()
    }

    /// Where a place is.
    pub fn resolve(&self, place: &Place) -> Located {
        match place {
            Place::Bytes { file, range } => self.located(*file, range.clone(), None),
            Place::Value { document, pointer } => self.within(*document, pointer, Node::value_span),
            Place::Key { document, pointer } => self.within(*document, pointer, Node::key_span),
            Place::Path(path) => {
                Located { path: path.clone(), file: None, range: 0..0, start: START, end: START, pointer: None }
            }
        }
    }

    fn within(&self, id: DocumentId, pointer: &str, span: fn(&Node, &str) -> Range<usize>) -> Located {
        match self.document(id) {
            Some(document) => self.located(document.file, span(&document.root, pointer), Some(pointer.to_owned())),
            None => self.resolve(&Place::Path(String::new())),
        }
    }

    fn located(&self, file: FileId, range: Range<usize>, pointer: Option<String>) -> Located {
        let position = |offset| self.files.get(file.0).map_or(START, |file| file.position(offset));
        Located {
            path: self.path(file).to_owned(),
            file: Some(file),
            start: position(range.start),
            end: position(range.end),
            range,
            pointer,
        }
    }
}

impl Places for Sources {
    fn locate(&self, place: &Place) -> Located {
        self.resolve(place)
    }

    fn text(&self, file: FileId) -> Option<&str> {
        self.files.get(file.0).map(|file| file.text.as_str())
    }

    fn subject(&self, place: &Place) -> Option<String> {
        let (Place::Value { document, .. } | Place::Key { document, .. }) = place else { return None };
        let document = self.document(*document)?;
        Some(format!("{}/{}", document.kind()?, document.name()?))
    }

    fn paths(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.path.as_str()).collect()
    }
}

impl File {
    fn position(&self, offset: usize) -> LineColumn {
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
            // A byte-order mark is no character of the first line.
            let first = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            std::iter::once(first).chain(breaks).collect()
        });
        let line = lines.partition_point(|begin| *begin <= offset).max(1);
        let begin = lines.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(begin..offset.min(self.text.len())).unwrap_or_default();
        LineColumn { line, column: 1 + before.chars().count() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_offsets_bytes() {
        let mut sources = Sources::default();
        let file = sources.add_file("a.yaml".into(), "\u{feff}ä: 漢\r\nb: 1\n".into());
        for (offset, line, column) in
            [(0, 1, 1), (3, 1, 1), (5, 1, 2), (7, 1, 4), (12, 2, 1), (15, 2, 4), (17, 3, 1), (99, 3, 1)]
        {
            let located = sources.resolve(&Place::Bytes { file, range: offset..offset });
            assert_eq!(located.start, LineColumn { line, column }, "{offset}");
        }
    }

    #[test]
    fn the_digest_sees_paths_texts_and_their_borders() {
        let digest = |files: &[(&str, &str)]| {
            let mut sources = Sources::default();
            for (path, text) in files {
                sources.add_file((*path).into(), (*text).into());
            }
            sources.digest()
        };
        let all = [
            digest(&[("a", "b"), ("c", "d")]),
            digest(&[("a", "bc"), ("", "d")]),
            digest(&[("c", "d"), ("a", "b")]),
            digest(&[("a", "b")]),
        ];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
        assert!(all[0].len() == 64 && all[0].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    }
}
