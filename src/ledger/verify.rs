//! Whether a ledger is what was written: every line whole, and every line continuing the one before it.

use std::io;
use std::path::PathBuf;

use super::canonical::Digest;
use super::chain::{self, BadLine, Head};
use super::checkpoint::Checkpoint;
use super::links::Links;
use super::segments::Files;
use super::written::Lines;

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
    let mut text = Vec::new();
    let mut end = Head::EMPTY;
    // Which of the files was read last, and how many lines of it.
    let (mut last, mut number) = (0, 0);
    while let Some((file, states)) = lines.map_next(&mut text, State::of)? {
        if file != last {
            (last, number) = (file, 0);
        }
        for (position, state) in states.iter().enumerate() {
            number += 1;
            let verdict = match state.continues(&end) {
                Ok(()) => None,
                // A run leaves a half line only in the file that it writes to.
                Err(Unfit::Flaw(Verdict::Torn)) if file + 1 < lines.paths().len() => {
                    let reason = "it has no end, and yet another file of the ledger follows";
                    Some(Verdict::Edited(BadLine::NotARecord(reason.to_owned())))
                }
                Err(Unfit::Flaw(verdict)) => Some(verdict),
                Err(Unfit::TooFar { expected, found }) => {
                    let later = states.iter().skip(position).any(|state| state.seq() == Some(expected));
                    let comes_later = later || have(&mut lines, expected)?;
                    Some(if comes_later {
                        Verdict::Reordered { expected, found }
                    } else {
                        Verdict::Removed(expected, found.saturating_sub(1))
                    })
                }
            };
            if let Some(verdict) = verdict.or_else(|| state.contradicts(checkpoint)) {
                return Ok(Err(flaw(&lines, file, number, verdict)));
            }
            if let State::Whole { seq, hash, .. } = *state {
                end = Head { seq, hash };
            }
        }
    }
    match checkpoint.filter(|checkpoint| checkpoint.seq > end.seq) {
        Some(checkpoint) => {
            let verdict = Verdict::Truncated { expected: checkpoint.seq, found: end.seq };
            Ok(Err(flaw(&lines, last, number, verdict)))
        }
        None => Ok(Ok(Verified { records: end.seq, hash: end.hash.to_string() })),
    }
}

/// A line, checked by itself.
enum State {
    /// It says what its hash says. Where it says that it continues what is no hash, it continues nothing.
    Whole { seq: u64, prev: Option<Digest>, hash: Digest },
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

impl State {
    /// Checks a line with its line feed.
    fn of(line: &[u8]) -> Self {
        let Some(text) = line.strip_suffix(b"\n") else { return Self::Torn };
        match Links::read(text) {
            Some(links) if links.is_whole() => {
                Self::Whole { seq: links.seq, prev: Digest::parse(links.prev), hash: links.proper }
            }
            _ => Self::Bad(why(text)),
        }
    }

    fn seq(&self) -> Option<u64> {
        if let Self::Whole { seq, .. } = self { Some(*seq) } else { None }
    }

    fn continues(&self, end: &Head) -> Result<(), Unfit> {
        let (seq, prev) = match self {
            Self::Whole { seq, prev, .. } => (*seq, prev),
            Self::Bad(reason) => return Err(Unfit::Flaw(Verdict::Edited(reason.clone()))),
            Self::Torn => return Err(Unfit::Flaw(Verdict::Torn)),
        };
        let expected = end.seq.saturating_add(1);
        if seq > expected {
            return Err(Unfit::TooFar { expected, found: seq });
        }
        if seq < expected {
            return Err(Unfit::Flaw(Verdict::Inserted(seq)));
        }
        if *prev == Some(end.hash) { Ok(()) } else { Err(Unfit::Flaw(Verdict::Replaced(seq))) }
    }

    fn contradicts(&self, checkpoint: Option<&Checkpoint>) -> Option<Verdict> {
        let Self::Whole { seq, hash, .. } = self else { return None };
        let known = checkpoint.filter(|checkpoint| checkpoint.seq == *seq)?;
        (known.hash != hash.to_string()).then_some(Verdict::Rewritten(*seq))
    }
}

/// Why a line is not what was written.
fn why(text: &[u8]) -> BadLine {
    match str::from_utf8(text) {
        Ok(text) => chain::check_line(None, text).err().unwrap_or(BadLine::NotCanonical),
        Err(error) => BadLine::NotARecord(error.to_string()),
    }
}

fn flaw(lines: &Lines, file: usize, line: u64, verdict: Verdict) -> Flaw {
    Flaw { file: lines.paths().get(file).cloned().unwrap_or_default(), line, verdict }
}

/// Whether a record of this number is among the lines that are still to come.
fn have(lines: &mut Lines, seq: u64) -> io::Result<bool> {
    while let Some(line) = lines.next_line()? {
        if State::of(line).seq() == Some(seq) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
