//! Text to trees: the events of the parser, put together within budgets.

use std::collections::HashMap;
use std::ops::Range;

use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle, Span, StructureStyle, Tag};

use super::broken;
use super::build::{Builder, Collection, Complete, Key};
use super::scalar::{self, ScalarTag};
use super::{Node, Value};
use crate::manifest::wording::shown;

/// How deep collections may lie within each other; manifests need six.
pub(super) const MAX_DEPTH: usize = 64;
/// How many values one text may hold, about what fits into its 4 MiB.
const MAX_NODES: usize = 2_000_000;
/// How many values anchors and aliases may copy in one text.
const MAX_COPIED_NODES: usize = 100_000;
/// How many bytes of text anchors and aliases may copy in one text.
const MAX_COPIED_BYTES: usize = 4 << 20;
/// How many problems of one text are told; more would help no one.
const MAX_PROBLEMS: usize = 100;

/// All documents of one text.
#[derive(Debug, Default)]
pub struct Stream {
    /// The documents that could be read, in order; documents that hold nothing are left out.
    pub documents: Vec<Document>,
    /// What is wrong, in order.
    pub problems: Vec<Problem>,
    /// The bytes of each comment, in order, where comments were asked for.
    pub comments: Vec<Range<usize>>,
}

/// One document.
#[derive(Debug)]
pub struct Document {
    /// Its value.
    pub root: Node,
    /// Whether it has no problem of its own. An unsound document is good for more findings, but not
    /// to be acted upon.
    pub sound: bool,
}

/// Something wrong with a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of wrong.
    pub fault: Fault,
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What, in one line.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
}

/// The kinds of problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text breaks the rules of YAML, or those of this program on top of them.
    Syntax,
    /// A key stands twice in one mapping.
    DuplicateKey {
        /// Where it stood first, in bytes.
        first: Range<usize>,
    },
}

impl Problem {
    pub(super) fn syntax(span: Range<usize>, message: impl Into<String>, help: &str) -> Self {
        let help = (!help.is_empty()).then(|| help.to_owned());
        Self { fault: Fault::Syntax, span, message: message.into(), help }
    }
}

/// How much a value holds, itself included.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub nodes: usize,
    pub bytes: usize,
    pub depth: usize,
}

/// Reads every document of a text. A broken document does not hide those after its next `---`.
pub fn read(text: &str) -> Stream {
    parse(text, false)
}

/// Reads every document of a text as [`read`] does, and the places of its comments.
pub fn read_with_comments(text: &str) -> Stream {
    parse(text, true)
}

fn parse(text: &str, with_comments: bool) -> Stream {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let base = text.len() - body.len();
    let options = granit_parser::options! {
        emit_comments: with_comments,
        // Comments are no longer than their text, whose size is limited already.
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut loader = Loader {
        text,
        root: None,
        stream: Stream::default(),
        builder: Builder::default(),
        anchors: HashMap::new(),
        nodes: 0,
        copied: Size::default(),
        problems_before: 0,
    };
    let mut parser = Parser::new_from_str_with_options(body, options);
    while let Some(event) = parser.next_event() {
        let step = match event {
            Ok((event, span)) => loader.take(event, bytes(span, base)),
            Err(error) => Err(Stop::Document(broken::problem(&error, text, base, loader.builder.open_flow()))),
        };
        let more = match step {
            Ok(()) => continue,
            Err(Stop::Document(problem)) => {
                loader.stream.problems.push(problem);
                loader.abandon();
                parser.proceed_next_document().unwrap_or(false)
            }
            Err(Stop::Text(problem)) => {
                loader.stream.problems.push(problem);
                false
            }
        };
        if !more || loader.stream.problems.len() > MAX_PROBLEMS {
            break;
        }
    }
    limit(&mut loader.stream.problems);
    loader.stream
}

fn limit(problems: &mut Vec<Problem>) {
    if problems.len() > MAX_PROBLEMS {
        problems.truncate(MAX_PROBLEMS);
        if let Some(last) = problems.last_mut() {
            last.help = Some(format!("only the first {MAX_PROBLEMS} problems of the file are shown"));
        }
    }
}

/// A problem after which reading does not go on.
enum Stop {
    /// The next document is read.
    Document(Problem),
    /// Nothing more of the text is read.
    Text(Problem),
}

struct Loader<'a> {
    text: &'a str,
    /// The value of the document, once it is whole.
    root: Option<Node>,
    stream: Stream,
    builder: Builder,
    anchors: HashMap<usize, Complete>,
    nodes: usize,
    copied: Size,
    /// How many problems there were when the document began.
    problems_before: usize,
}

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => self.problems_before = self.stream.problems.len(),
            Event::DocumentEnd => self.finish_document(),
            Event::Scalar(text, style, anchor, tag) => {
                self.count(&span)?;
                let plain = style == ScalarStyle::Plain;
                let span = match style {
                    // The parser ends block scalars at the next token.
                    ScalarStyle::Literal | ScalarStyle::Folded => self.without_trailing_blanks(span),
                    _ => span,
                };
                if self.builder.wants_key() && anchor == 0 {
                    let merge = plain && tag.is_none() && text == "<<";
                    let text = text.into_owned();
                    self.builder
                        .key(if merge { Key::Merge(span) } else { Key::Text(text, span) }, &mut self.stream.problems);
                    return Ok(());
                }
                let size = Size { nodes: 1, bytes: text.len(), depth: 0 };
                let value = self.scalar_value(&text, plain, tag.as_deref(), &span);
                self.complete(Complete { node: Node { value, span }, size }, anchor)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(Collection::Sequence(Vec::new()), style, anchor, tag.as_deref(), span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.open(Collection::mapping(), style, anchor, tag.as_deref(), span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((complete, anchor)) = self.builder.close(span.end) {
                    self.complete(complete, anchor)?;
                }
            }
            Event::Alias(id) => self.alias(id, span)?,
            Event::Comment(..) => self.stream.comments.push(span),
            // The other events tell nothing about values.
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, span: &Range<usize>) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Stop::Text(Problem::syntax(
                span.clone(),
                format!("the file holds more than {MAX_NODES} values"),
                "split it into several files",
            )));
        }
        Ok(())
    }

    fn open(
        &mut self,
        collection: Collection,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Range<usize>,
    ) -> Result<(), Stop> {
        self.count(&span)?;
        self.check_depth(1, &span)?;
        let (wanted, other) = match collection {
            Collection::Sequence(_) => ("seq", "a list"),
            Collection::Mapping { .. } => ("map", "a mapping"),
        };
        if let Some(tag) = tag
            && tag.core_suffix() != Some(wanted)
            && tag.original() != "!"
        {
            self.stream.problems.push(wrong_tag(tag, other, &span));
        }
        self.builder.open(collection, style == StructureStyle::Flow, anchor, span.start);
        Ok(())
    }

    fn check_depth(&self, more: usize, span: &Range<usize>) -> Result<(), Stop> {
        if self.builder.depth() + more > MAX_DEPTH {
            return Err(Stop::Document(Problem::syntax(
                span.clone(),
                format!("lists and mappings lie more than {MAX_DEPTH} deep within each other"),
                "no manifest needs that: look for brackets that are never closed",
            )));
        }
        Ok(())
    }

    /// Keeps a value for later aliases when it has an anchor, and puts it in its place.
    fn complete(&mut self, complete: Complete, anchor: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.charge(complete.size, &complete.node.span)?;
            self.anchors.insert(anchor, complete.clone());
        }
        if let Some(root) = self.builder.place(complete, &mut self.stream.problems) {
            self.root = Some(root);
        }
        Ok(())
    }

    fn alias(&mut self, id: usize, span: Range<usize>) -> Result<(), Stop> {
        let Some(size) = self.anchors.get(&id).map(|anchored| anchored.size) else {
            let message = "an anchored value cannot contain an alias to itself";
            return Err(Stop::Document(Problem::syntax(span, message, "write the value out")));
        };
        self.check_depth(size.depth, &span)?;
        self.charge(size, &span)?;
        let Some(anchored) = self.anchors.get(&id) else { return Ok(()) };
        let node = Node { value: anchored.node.value.clone(), span };
        self.complete(Complete { node, size }, 0)
    }

    /// Copies are paid for before they are made, so that a few lines cannot grow to gigabytes.
    fn charge(&mut self, size: Size, span: &Range<usize>) -> Result<(), Stop> {
        self.copied.nodes += size.nodes;
        self.copied.bytes += size.bytes;
        if self.copied.nodes > MAX_COPIED_NODES || self.copied.bytes > MAX_COPIED_BYTES {
            return Err(Stop::Text(Problem::syntax(
                span.clone(),
                format!(
                    "anchors and aliases make the file too large: at most {MAX_COPIED_NODES} values and \
                     {MAX_COPIED_BYTES} bytes may be copied"
                ),
                "write the values out, or use fewer aliases",
            )));
        }
        Ok(())
    }

    fn scalar_value(&mut self, text: &str, plain: bool, tag: Option<&Tag>, span: &Range<usize>) -> Value {
        let Some(tag) = tag else {
            return if plain { scalar::plain(text) } else { Value::String(text.to_owned()) };
        };
        let known = match tag.core_suffix() {
            Some("str") => ScalarTag::Str,
            Some("int") => ScalarTag::Int,
            Some("float") => ScalarTag::Float,
            Some("bool") => ScalarTag::Bool,
            Some("null") => ScalarTag::Null,
            // A lone `!` says: do not guess.
            _ if tag.original() == "!" => ScalarTag::Str,
            _ => {
                self.stream.problems.push(wrong_tag(tag, "a scalar", span));
                return Value::String(text.to_owned());
            }
        };
        scalar::tagged(text, known).unwrap_or_else(|| {
            let message = format!("`{}` does not fit its tag `{}`", shown(text), tag.original());
            self.stream.problems.push(Problem::syntax(span.clone(), message, "remove the tag or change the value"));
            Value::String(text.to_owned())
        })
    }

    fn finish_document(&mut self) {
        self.anchors.clear();
        let sound = self.stream.problems.len() == self.problems_before;
        if let Some(root) = self.root.take()
            && root.value != Value::Null
        {
            self.stream.documents.push(Document { root, sound });
        }
    }

    fn abandon(&mut self) {
        self.anchors.clear();
        self.builder.clear();
        self.root = None;
    }

    fn without_trailing_blanks(&self, span: Range<usize>) -> Range<usize> {
        let text = self.text.get(span.clone()).unwrap_or_default();
        span.start..span.start + text.trim_end().len()
    }
}

fn wrong_tag(tag: &Tag, on: &str, span: &Range<usize>) -> Problem {
    let message = match tag.core_suffix() {
        Some(_) => format!("the tag `{}` does not belong on {on}", shown(&tag.original())),
        None => format!("unknown tag `{}`", shown(&tag.original())),
    };
    let help = "remove it; the tags that are known are !!str, !!int, !!float, !!bool, !!null, !!map and !!seq";
    Problem::syntax(span.clone(), message, help)
}

fn bytes(span: Span, base: usize) -> Range<usize> {
    // A parser over a `&str` knows the byte of every marker.
    let byte = |offset: Option<usize>| base + offset.unwrap_or_default();
    let start = byte(span.start.byte_offset());
    start..byte(span.end.byte_offset()).max(start)
}
