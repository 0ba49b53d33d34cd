//! Whether a ledger is what was written: every line whole, and every line continuing the one before it.

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::canonical::Digest;
use super::chain::{self, BadLine};
use super::checkpoint::Checkpoint;
use super::links::Links;
use super::segments::Files;
use super::written::Lines;
use crate::parallel;

/// How much is read before it is checked, in bytes: enough work for all processors, little memory.
const BATCH: usize = 4 * 1024 * 1024;

/// How many lines a thread takes at a time: worth a thread, and few enough to share.
// 64 is not zero, which the compiler checks: the constant is evaluated when it builds.
const CHUNK: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// A ledger that is what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many records it has.
    pub records: u64,
    /// The hash of the last one, in lower-case hexadecimal; zeros where there is none.
    pub hash: String,
}

/// The first line that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The file.
    pub file: PathBuf,
    /// The line in it, from 1.
    pub line: u64,
    /// What is wrong.
    pub verdict: Verdict,
}

/// What was done to a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Verdict {
    /// A line does not say what was written.
    #[error("edited: {0}")]
    Edited(BadLine),
    /// A line was replaced by one with a hash of its own.
    #[error("edited: record {0} does not continue the record before it, so that one of the two was replaced")]
    Replaced(u64),
    /// Lines are missing.
    #[error("removed: record {first} to {last} are missing", first = .0, last = .1)]
    Removed(u64, u64),
    /// There is a line too many.
    #[error("inserted: there is a record {0} already")]
    Inserted(u64),
    /// Lines have changed places.
    #[error("reordered: record {found} stands where record {expected} belongs, which comes later")]
    Reordered {
        /// The number that belongs here.
        expected: u64,
        /// The number that stands here.
        found: u64,
    },
    /// The last line was never finished.
    #[error("torn: the last line has no end; a run that was killed leaves one, and the next run moves it aside")]
    Torn,
    /// It ends before the checkpoint.
    #[error("truncated: it ends with record {found}, and the checkpoint knows record {expected}")]
    Truncated {
        /// The number of the record that the checkpoint knows.
        expected: u64,
        /// The number of the last record.
        found: u64,
    },
    /// The record of the checkpoint is another one.
    #[error("edited: record {0} is not the one that the checkpoint knows, so that the ledger was written anew")]
    Rewritten(u64),
}

impl Verdict {
    /// The word for it: `edited`, `removed`, `inserted`, `reordered`, `torn` or `truncated`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Edited(_) | Self::Replaced(_) | Self::Rewritten(_) => "edited",
            Self::Removed(..) => "removed",
            Self::Inserted(_) => "inserted",
            Self::Reordered { .. } => "reordered",
            Self::Torn => "torn",
            Self::Truncated { .. } => "truncated",
        }
    }
}

/// Checks the files of a ledger, which continue each other, line by line. Memory does not depend on their size.
///
/// # Errors
/// When a file cannot be read.
pub fn verify(files: Files, checkpoint: Option<&Checkpoint>) -> io::Result<Result<Verified, Flaw>> {
    let mut lines = Lines::of(files);
    let mut end = Verified { records: 0, hash: Digest::ZERO.to_string() };
    // The place of the last line that was in order.
    let mut place = (0, 0);
    loop {
        let batch = batch(&mut lines)?;
        let Some(last) = batch.last().map(|line| (line.file, line.number)) else { break };
        let checked = parallel::map(batch, CHUNK, Checked::of);
        for (position, one) in checked.iter().enumerate() {
            let verdict = match one.continues(&end) {
                Ok(()) => None,
                // A run leaves a half line only in the file that it writes to.
                Err(Unfit::Flaw(Verdict::Torn)) if one.file + 1 < lines.paths().len() => {
                    let reason = "it has no end, and yet another file of the ledger follows";
                    Some(Verdict::Edited(BadLine::NotARecord(reason.to_owned())))
                }
                Err(Unfit::Flaw(verdict)) => Some(verdict),
                Err(Unfit::TooFar { expected, found }) => {
                    let later = checked.iter().skip(position).any(|one| one.seq() == Some(expected));
                    let comes_later = later || have(&mut lines, expected)?;
                    Some(if comes_later {
                        Verdict::Reordered { expected, found }
                    } else {
                        Verdict::Removed(expected, found.saturating_sub(1))
                    })
                }
            };
            let verdict = verdict.or_else(|| one.contradicts(checkpoint));
            if let Some(verdict) = verdict {
                return Ok(Err(flaw(&lines, (one.file, one.number), verdict)));
            }
            if let State::Whole { seq, hash, .. } = &one.state {
                end = Verified { records: *seq, hash: hash.clone() };
            }
        }
        place = last;
    }
    match checkpoint.filter(|checkpoint| checkpoint.seq > end.records) {
        Some(checkpoint) => {
            let verdict = Verdict::Truncated { expected: checkpoint.seq, found: end.records };
            Ok(Err(flaw(&lines, place, verdict)))
        }
        None => Ok(Ok(end)),
    }
}

/// A line as it was read.
struct Line {
    /// Which of the files.
    file: usize,
    /// Its number there, from 1.
    number: u64,
    /// With its line feed, where it has one.
    text: Vec<u8>,
}

/// A line that was checked by itself.
struct Checked {
    file: usize,
    number: u64,
    state: State,
}

enum State {
    /// It says what its hash says.
    Whole { seq: u64, prev: String, hash: String },
    /// It does not.
    Bad(BadLine),
    /// It has no end.
    Torn,
}

/// Why a line does not continue those before it.
enum Unfit {
    Flaw(Verdict),
    /// Its number is too high; what that means depends on what comes later.
    TooFar {
        expected: u64,
        found: u64,
    },
}

impl Checked {
    fn of(line: Line) -> Self {
        let Line { file, number, text } = line;
        let state = match text.strip_suffix(b"\n") {
            None => State::Torn,
            Some(text) => State::of(text),
        };
        Self { file, number, state }
    }

    fn seq(&self) -> Option<u64> {
        if let State::Whole { seq, .. } = self.state { Some(seq) } else { None }
    }

    fn continues(&self, end: &Verified) -> Result<(), Unfit> {
        let (seq, prev) = match &self.state {
            State::Whole { seq, prev, .. } => (*seq, prev),
            State::Bad(reason) => return Err(Unfit::Flaw(Verdict::Edited(reason.clone()))),
            State::Torn => return Err(Unfit::Flaw(Verdict::Torn)),
        };
        let expected = end.records.saturating_add(1);
        if seq > expected {
            return Err(Unfit::TooFar { expected, found: seq });
        }
        if seq < expected {
            return Err(Unfit::Flaw(Verdict::Inserted(seq)));
        }
        if *prev == end.hash { Ok(()) } else { Err(Unfit::Flaw(Verdict::Replaced(seq))) }
    }

    fn contradicts(&self, checkpoint: Option<&Checkpoint>) -> Option<Verdict> {
        let State::Whole { seq, hash, .. } = &self.state else { return None };
        let known = checkpoint.filter(|checkpoint| checkpoint.seq == *seq)?;
        (known.hash != *hash).then_some(Verdict::Rewritten(*seq))
    }
}

impl State {
    fn of(text: &[u8]) -> Self {
        match Links::read(text) {
            Some(links) if links.is_whole() => {
                Self::Whole { seq: links.seq, prev: links.prev.to_owned(), hash: links.hash.to_owned() }
            }
            _ => Self::Bad(why(text)),
        }
    }
}

/// Why a line is not what was written.
fn why(text: &[u8]) -> BadLine {
    match str::from_utf8(text) {
        Ok(text) => chain::check_line(None, text).err().unwrap_or(BadLine::NotCanonical),
        Err(error) => BadLine::NotARecord(error.to_string()),
    }
}

fn flaw(lines: &Lines, (file, line): (usize, u64), verdict: Verdict) -> Flaw {
    Flaw { file: lines.paths().get(file).cloned().unwrap_or_default(), line, verdict }
}

fn batch(lines: &mut Lines) -> io::Result<Vec<Line>> {
    let (mut batch, mut size) = (Vec::new(), 0);
    while size < BATCH {
        let Some(text) = lines.next_line()?.map(<[u8]>::to_vec) else { break };
        size += text.len();
        let (file, number) = lines.place();
        batch.push(Line { file, number, text });
    }
    Ok(batch)
}

/// Whether a record of this number is among the lines that are still to come.
fn have(lines: &mut Lines, seq: u64) -> io::Result<bool> {
    while let Some(text) = lines.next_line()? {
        if Links::read(text.strip_suffix(b"\n").unwrap_or(text))
            .is_some_and(|links| links.seq == seq && links.is_whole())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
