//! The lines of a ledger as they were written, and which plans they say were begun.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::segments::Files;

/// The lines of a ledger, one after the other. Memory does not depend on how many there are.
#[derive(Debug)]
pub struct Lines {
    files: Files,
    open: Option<BufReader<File>>,
    /// Which of the files comes next.
    next: usize,
    /// How many lines of the open file were read.
    read: u64,
    text: Vec<u8>,
}

impl Lines {
    /// The lines of these files.
    pub fn of(files: Files) -> Self {
        Self { files, open: None, next: 0, read: 0, text: Vec::new() }
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
                self.read += 1;
                return Ok(Some(&self.text));
            }
            self.open = self.files.open(self.next)?;
            if self.open.is_none() {
                return Ok(None);
            }
            (self.next, self.read) = (self.next + 1, 0);
        }
    }

    /// Where the line stands that was read last: in which of the files, and its number there, from 1.
    pub(super) fn place(&self) -> (usize, u64) {
        (self.next.saturating_sub(1), self.read)
    }

    /// The files.
    pub(super) fn paths(&self) -> &[PathBuf] {
        self.files.paths()
    }
}

/// When a run began that carried out the plan with this digest, where there was one.
///
/// # Errors
/// When a file cannot be read.
pub fn begun_with(dir: &Path, plan_digest: &str) -> io::Result<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Begun {
        record: String,
        timestamp: String,
        plan_digest: Option<String>,
    }
    let mut lines = Lines::in_dir(dir)?;
    while let Some(text) = lines.next_line()? {
        if let Ok(begun) = serde_json::from_slice::<Begun>(text)
            && begun.record == "runStarted"
            && begun.plan_digest.as_deref() == Some(plan_digest)
        {
            return Ok(Some(begun.timestamp));
        }
    }
    Ok(None)
}
