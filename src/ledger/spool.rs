//! What a run has written down while the store failed, until it comes there. It continues this machine's copy of the
//! ledger.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::chain::{self, Head};
use super::disk::{Disk as _, Local};
use super::error::{LedgerError, failed};
use super::segments::{Files, SPOOL};
use super::tail;
use super::written::Lines;

/// The spool of a folder. Whoever uses it has the only turn at the folder.
#[derive(Debug)]
pub(super) struct Spool {
    dir: PathBuf,
    path: PathBuf,
}

impl Spool {
    pub(super) fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), path: dir.join(SPOOL) }
    }

    /// Its lines, where there are any. A half line at its end was never told to be written, and is left out.
    pub(super) fn read(&self) -> Result<Option<String>, LedgerError> {
        let mut text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(failed("read", &self.path))?,
        };
        text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Its length in bytes, as far as it can be told.
    pub(super) fn len(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// The end of the chain at its last whole line, where there is one that says so.
    pub(super) fn end(&self) -> Result<Option<Head>, LedgerError> {
        let tail = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.and_then(|mut file| tail::read(&mut file)).map_err(failed("read", &self.path))?,
        };
        let line = tail.last_line.and_then(|line| String::from_utf8(line).ok());
        Ok(line.and_then(|line| chain::check_line(None, &line).ok()))
    }

    /// Appends lines. They are on disk when this returns.
    pub(super) fn append(&self, lines: &str) -> Result<(), LedgerError> {
        let is_new = !self.path.exists();
        let written = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path).and_then(
            |mut file| {
                let whole = tail::read(&mut file)?.whole;
                file.set_len(whole)?;
                file.seek(SeekFrom::Start(whole))?;
                let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
                // A reader should not meet half a line.
                if written.is_err() {
                    let _ = file.set_len(whole);
                }
                written?;
                if is_new { Local.sync_dir(&self.dir) } else { Ok(()) }
            },
        );
        written.map_err(failed("append to", &self.path))
    }

    /// Lets it continue the end of the copy, which may have moved on since, and leaves out what the copy has by now.
    /// Gives the lines that have still to come into the store.
    pub(super) fn mend(&self, head: &Head) -> Result<Option<String>, LedgerError> {
        let Some(text) = self.read()? else {
            self.remove()?;
            return Ok(None);
        };
        let fits = |text: &str| chain::rest(head, text).is_ok_and(|(rest, _)| rest.len() == text.len());
        if fits(&text) {
            return Ok(Some(text));
        }
        let left = self.without_known(&text)?;
        if left.is_empty() {
            self.remove()?;
            return Ok(None);
        }
        let broken = |reason| LedgerError::Broken { path: self.path.clone(), reason };
        let mended = if fits(&left) { left } else { chain::anew(head, &left).map_err(broken)? };
        self.replace(&mended)?;
        Ok(Some(mended))
    }

    pub(super) fn remove(&self) -> Result<(), LedgerError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(failed("remove", &self.path)),
        }
    }

    /// The lines that the copy does not have. They came to the store, and a run was killed before it could remove them.
    fn without_known(&self, text: &str) -> Result<String, LedgerError> {
        let reading = || failed("read the ledger in", &self.dir);
        let mut left: HashSet<&str> = text.split_inclusive('\n').collect();
        let mut copy = Lines::of(Files::without_spool(&self.dir).map_err(reading())?);
        while let Some(line) = copy.next_line().map_err(reading())? {
            if let Ok(line) = str::from_utf8(line) {
                left.remove(line);
            }
        }
        Ok(text.split_inclusive('\n').filter(|line| left.contains(line)).collect())
    }

    /// Replaces it as a whole; after a power loss there is either the old or the new one.
    fn replace(&self, text: &str) -> Result<(), LedgerError> {
        let new = self.dir.join("spool.new");
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(failed("write", &new))?;
        fs::rename(&new, &self.path).and_then(|()| Local.sync_dir(&self.dir)).map_err(failed("write", &self.path))
    }
}
