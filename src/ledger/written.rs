//! The lines of a ledger as they were written, and which plans they say were begun.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::segments::Files;
use crate::parallel;

/// How much is read before it is looked at, in bytes: enough work for all processors, little memory.
const BATCH: u64 = 1024 * 1024;

/// How much of it a thread takes at a time, in bytes: worth a thread, and small enough to share.
const PIECE: usize = 64 * 1024;

/// The lines of a ledger, one after the other. Memory does not depend on how many there are.
#[derive(Debug)]
pub struct Lines {
    files: Files,
    open: Option<BufReader<File>>,
    /// Which of the files comes next.
    next: usize,
    text: Vec<u8>,
}

impl Lines {
    /// The lines of these files.
    pub fn of(files: Files) -> Self {
        Self { files, open: None, next: 0, text: Vec::new() }
    }

    /// The lines of the ledger of a state directory; none where there is no ledger.
    pub(super) fn in_dir(dir: &Path) -> io::Result<Self> {
        Files::of(dir).map(Self::of)
    }

    /// The next line with its line feed, where it has one: the last line of a file may be torn.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.text.clear();
        loop {
            if let Some(file) = &mut self.open
                && file.read_until(b'\n', &mut self.text)? > 0
            {
                return Ok(Some(&self.text));
            }
            if !self.open_next()? {
                return Ok(None);
            }
        }
    }

    /// Does the same work on many of the next lines, on all processors. All of them are lines of one file; gives which
    /// one, and what came of each. The lines are read into `text`.
    pub(super) fn map_next<'t, R: Send>(
        &mut self,
        text: &'t mut Vec<u8>,
        work: impl Fn(&'t [u8]) -> R + Sync,
    ) -> io::Result<Option<(usize, Vec<R>)>> {
        text.clear();
        loop {
            if let Some(file) = &mut self.open
                && file.by_ref().take(BATCH).read_to_end(text)? > 0
            {
                if !text.ends_with(b"\n") {
                    file.read_until(b'\n', text)?;
                }
                break;
            }
            if !self.open_next()? {
                return Ok(None);
            }
        }
        let each = |piece: &'t [u8]| piece.split_inclusive(is_line_feed).map(&work).collect::<Vec<R>>();
        let done = parallel::map(pieces(text), NonZeroUsize::MIN, each);
        Ok(Some((self.next - 1, done.into_iter().flatten().collect())))
    }

    fn open_next(&mut self) -> io::Result<bool> {
        self.open = self.files.open(self.next)?;
        self.next += 1;
        Ok(self.open.is_some())
    }

    /// The files.
    pub(super) fn paths(&self) -> &[PathBuf] {
        self.files.paths()
    }
}

fn is_line_feed(byte: &u8) -> bool {
    *byte == b'\n'
}

/// The text in pieces that end with their lines.
fn pieces(mut text: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let end = text.iter().skip(PIECE).position(is_line_feed).map_or(text.len(), |at| PIECE + at + 1);
        let (piece, rest) = text.split_at(end);
        pieces.push(piece);
        text = rest;
    }
    pieces
}

/// When a run began that carried out the plan with this digest, where there was one.
///
/// # Errors
/// When a file cannot be read.
pub fn begun_with(dir: &Path, plan_digest: &str) -> io::Result<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Begun<'a> {
        record: &'a str,
        timestamp: &'a str,
        #[serde(borrow)]
        plan_digest: Option<Cow<'a, str>>,
    }
    let begun = |text: &[u8]| {
        let begun: Begun<'_> = serde_json::from_slice(text).ok()?;
        let is_meant = begun.record == "runStarted" && begun.plan_digest.as_deref() == Some(plan_digest);
        is_meant.then(|| begun.timestamp.to_owned())
    };
    let (mut lines, mut text) = (Lines::in_dir(dir)?, Vec::new());
    while let Some((_, found)) = lines.map_next(&mut text, begun)? {
        if let Some(timestamp) = found.into_iter().flatten().next() {
            return Ok(Some(timestamp));
        }
    }
    Ok(None)
}
