//! From paths to a repository, with everything that is wrong on the way.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;
use std::path::PathBuf;

use super::allowance::{self, Remark};
use super::check::check;
use super::discover::{CHUNK, Content, Found, MAX_FILE_BYTES, ReadError, discover};
use super::lower::{Meaning, lower};
use super::source::Sources;
use super::yaml::{self, Fault, Problem, Stream};
use crate::parallel;
use crate::rules::{
    Allowance, Code, Declared, DocumentId, FileId, Finding, Line, Place, Repository, Severity, WITH_DEFAULT,
};

/// How many findings of each severity one file may give, and how many comments that it misuses; whoever has
/// more does not read them.
const MAX_FINDINGS: usize = 1000;

/// What manifests hold.
#[derive(Debug)]
pub struct Loaded {
    /// The files and documents, and where everything stands in them.
    pub sources: Sources,
    /// What the documents without errors declare.
    pub repository: Repository,
    /// What is wrong with the others, in the order of the text; then the paths that could not be read.
    pub findings: Vec<Finding>,
    /// The comments that allow findings, in the order of the text; without those of documents that were not
    /// understood, of which nobody knows what the rules would find.
    pub allowances: Vec<Allowance>,
    /// The documents that declare nothing because of what is wrong with them.
    misunderstood: BTreeSet<DocumentId>,
}

/// Reads the manifests under the paths: files, or directories to any depth.
pub fn load(paths: &[PathBuf]) -> Loaded {
    let (found, unreadable) = discover(paths);
    let mut loaded = from_files(found);
    loaded.findings.extend(unreadable.into_iter().map(unread));
    if loaded.findings.is_empty() && loaded.sources.documents().next().is_none() {
        loaded.findings.push(nothing(paths));
    }
    loaded
}

/// Reads manifests that are in memory already, each file given by the path that is shown and its bytes.
pub fn load_texts(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Loaded {
    from_files(files.into_iter().map(|(path, bytes)| Found { path, content: Content::Bytes(bytes) }).collect())
}

fn from_files(found: Vec<Found>) -> Loaded {
    let mut loaded = Loaded {
        sources: Sources::default(),
        repository: Repository::default(),
        findings: Vec::new(),
        allowances: Vec::new(),
        misunderstood: BTreeSet::new(),
    };
    // Judging a file or a document needs no other one, so both steps use all processors; numbering
    // the documents in between does not.
    let read = parallel::map(found, CHUNK, |Found { path, content }| (path, Read::from(content)));
    let mut documents = Vec::new();
    let mut remarks = Vec::new();
    for (path, read) in read {
        loaded.file(path, read, &mut documents, &mut remarks);
    }
    let judged = parallel::map(documents, CHUNK, |(id, sound)| (id, sound, loaded.meaning(id)));
    for (id, sound, meaning) in judged {
        loaded.take(id, sound, meaning);
    }
    loaded.heed(remarks);
    loaded.settle();
    loaded.limit();
    loaded
}

impl Loaded {
    /// Numbers a file and its documents; `documents` also keeps which of them are sound.
    fn file(
        &mut self,
        path: String,
        read: Read,
        documents: &mut Vec<(DocumentId, bool)>,
        remarks: &mut Vec<(FileId, Remark)>,
    ) {
        let (text, stream) = match read {
            Read::Text(text, stream) => (text, stream),
            Read::NotText { readable, range, message, help } => {
                let file = self.sources.add_file(path, readable);
                let place = Place::Bytes { file, range };
                self.findings.push(Finding::new(Code::YamlSyntax, place, message).help(help));
                return;
            }
        };
        let spoken = allowance::remarks(&text, &stream.comments);
        let file = self.sources.add_file(path, text);
        remarks.extend(spoken.into_iter().map(|remark| (file, remark)));
        self.findings.extend(stream.problems.into_iter().map(|problem| finding(file, problem)));
        for yaml::Document { root, sound } in stream.documents {
            documents.push((self.sources.add_document(file, root), sound));
        }
    }

    fn meaning(&self, id: DocumentId) -> Result<Meaning, Vec<Finding>> {
        let Some(document) = self.sources.document(id) else { return Err(Vec::new()) };
        let kind = check(id, &document.root)?;
        lower(id, kind, &document.root)
    }

    fn take(&mut self, id: DocumentId, sound: bool, meaning: Result<Meaning, Vec<Finding>>) {
        if !sound || meaning.is_err() {
            self.misunderstood.insert(id);
        }
        match meaning {
            Err(findings) => self.findings.extend(findings),
            Ok(_) if !sound => {}
            Ok(Meaning::Schedule(item)) => {
                let root = self.sources.document(id).map(|document| &document.root);
                let left_out = |pointer: &&str| root.is_some_and(|root| root.at(pointer).is_none());
                self.repository.defaults.extend(WITH_DEFAULT.into_iter().filter(left_out).map(|pointer| (id, pointer)));
                self.repository.schedules.push(Declared { document: id, item });
            }
            Ok(Meaning::CampaignCapacity(item)) => {
                self.repository.campaign_capacities.push(Declared { document: id, item });
            }
            Ok(Meaning::CapacityPool(item)) => self.repository.pools.push(Declared { document: id, item }),
            Ok(Meaning::BlackoutCalendar(item)) => {
                self.repository.blackout_calendars.push(Declared { document: id, item });
            }
            Ok(Meaning::CallingHours(item)) => self.repository.calling_hours.push(Declared { document: id, item }),
        }
    }

    /// Keeps the remarks about lines that were understood.
    fn heed(&mut self, remarks: Vec<(FileId, Remark)>) {
        let broken: BTreeSet<FileId> = self.findings.iter().filter_map(|finding| file_of(&finding.place)).collect();
        let mut misused: HashMap<FileId, usize> = HashMap::new();
        for (file, remark) in remarks {
            let line = self.sources.resolve(&Place::Bytes { file, range: remark.concerns..remark.concerns }).start.line;
            let heeded = match self.sources.document_on(file, line) {
                Some(document) => !self.misunderstood.contains(&document),
                // What is no part of a document may have been one, had the text been read to its end.
                None => !broken.contains(&file),
            };
            if !heeded {
                continue;
            }
            let allowance = remark.allowance(file, self.sources.text(file), line);
            if allowance.granted.is_ok() || counted(&mut misused, file) <= MAX_FINDINGS {
                self.allowances.push(allowance);
            }
        }
    }

    /// Orders the findings by the text, and keeps one for each fault: a value that many aliases stand for is
    /// judged in the place of each, and one that its tag does not fit is not of its type either.
    fn settle(&mut self) {
        let mut located: Vec<_> = std::mem::take(&mut self.findings)
            .into_iter()
            .map(|finding| {
                let located = self.sources.resolve(&finding.place);
                ((located.file, located.range), finding)
            })
            .collect();
        located.sort_by_key(|((file, range), finding)| (*file, range.start, finding.severity == Severity::Warning));
        let mut told = HashSet::new();
        let unreadable: HashSet<_> = located
            .iter()
            .filter(|(_, finding)| finding.code == Code::YamlSyntax)
            .map(|(place, _)| place.clone())
            .collect();
        located.retain(|(place, finding)| {
            let follows = finding.code == Code::Schema && unreadable.contains(place);
            !follows && told.insert((place.clone(), finding.code, finding.message.clone()))
        });
        self.findings = located.into_iter().map(|(_, finding)| finding).collect();
    }

    /// Leaves out what no one reads of a file that holds thousands of faults. Warnings never crowd out errors.
    fn limit(&mut self) {
        if self.findings.len() <= MAX_FINDINGS {
            return;
        }
        let sources = &self.sources;
        let mut counts = HashMap::new();
        self.findings.retain_mut(|finding| {
            let Some(Line { file, .. }) = sources.line(&finding.place) else { return true };
            let count = counted(&mut counts, (file, finding.severity == Severity::Error));
            if count == MAX_FINDINGS {
                finding.help = Some(format!("only the first {MAX_FINDINGS} findings of the file are shown"));
            }
            count <= MAX_FINDINGS
        });
    }
}

/// What became of the content of a file.
pub(super) enum Read {
    Text(String, Stream),
    NotText {
        /// The text up to what is wrong, so that its place can be shown.
        readable: String,
        range: Range<usize>,
        message: String,
        help: &'static str,
    },
}

impl From<Content> for Read {
    fn from(content: Content) -> Self {
        let bytes = match content {
            Content::Bytes(bytes) => bytes,
            Content::TooLarge(size) => {
                return Self::NotText {
                    readable: String::new(),
                    range: 0..0,
                    message: format!("the file has {size} bytes; at most {MAX_FILE_BYTES} are read"),
                    help: "split it into several files, or remove it if it holds no manifests",
                };
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let bad = error.as_bytes().get(good).copied().unwrap_or_default();
                return Self::NotText {
                    readable: String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default()).into_owned(),
                    range: good..good,
                    message: format!("the file is not UTF-8: the byte 0x{bad:02x} does not belong here"),
                    help: "save the file as UTF-8",
                };
            }
        };
        if let Some((at, character)) = text.char_indices().find(|(_, character)| !printable(*character)) {
            return Self::NotText {
                range: at..at + character.len_utf8(),
                message: format!("YAML does not allow the control character U+{:04X}", u32::from(character)),
                help: "remove it; in a text in double quotes it can be written as an escape",
                readable: text,
            };
        }
        let speaks = text.contains(allowance::MARK);
        let stream = if speaks { yaml::read_with_comments(&text) } else { yaml::read(&text) };
        Self::Text(text, stream)
    }
}

/// The characters of YAML 1.2.2, section 5.1. The next-line character is printable there.
fn printable(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => !character.is_control(),
    }
}

pub(super) fn finding(file: FileId, problem: Problem) -> Finding {
    let Problem { fault, span, message, help } = problem;
    let place = Place::Bytes { file, range: span };
    let finding = match fault {
        Fault::Syntax => Finding::new(Code::YamlSyntax, place, message),
        Fault::DuplicateKey { first } => Finding::new(Code::DuplicateKey, place, message)
            .related(Place::Bytes { file, range: first }, "it stands here first"),
    };
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn unread(error: ReadError) -> Finding {
    let message = error.to_string();
    Finding::new(Code::Unreadable, Place::Path(error.path), message).help(error.way_out)
}

/// How often a key has been counted, this time included.
fn counted<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) -> usize {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count
}

fn file_of(place: &Place) -> Option<FileId> {
    match place {
        Place::Bytes { file, .. } => Some(*file),
        Place::Value { .. } | Place::Key { .. } | Place::Path(_) => None,
    }
}

fn nothing(paths: &[PathBuf]) -> Finding {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let place = Place::Path(names.first().cloned().unwrap_or_default());
    let message = format!("there is no manifest in {}", names.join(", "));
    Finding::new(Code::NoManifests, place, message)
        .help("write a manifest into a *.yaml or *.yml file there, or give another path")
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
