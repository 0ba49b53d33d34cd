//! The writer of a ledger's file. Several may have the same file open, in any processes: each takes a turn to append.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::turn::Turn;

use super::chain::{self, BadLine, Head};
use super::error::{LedgerError, failed};
use super::record::Record;
use super::tail;

/// The name of a ledger's file in its state directory.
pub(super) const FILE_NAME: &str = "ledger.jsonl";

/// A ledger that is open for writing.
#[derive(Debug)]
pub struct Ledger {
    dir: PathBuf,
    path: PathBuf,
    file: File,
    head: Head,
    /// The length of all lines that are known to be on disk, in bytes.
    len: u64,
    torn: Option<PathBuf>,
}

impl Ledger {
    /// Opens the ledger of a state directory, which is created where it is missing and told to git as
    /// nothing to commit.
    ///
    /// A last line without its line feed, which a crash can leave, is moved to a file of its own; see
    /// [`Ledger::torn`].
    ///
    /// # Errors
    /// When the directory cannot be written, and when the last line is not what was written.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(failed("create the state directory", dir))?;
        keep_out_of_git(dir)?;
        let path = dir.join(FILE_NAME);
        let file = open_kept(&path)?;
        let mut ledger = Self { dir: dir.to_owned(), path, file, head: Head::EMPTY, len: 0, torn: None };
        let turn = ledger.turn()?;
        ledger.torn = ledger.catch_up()?;
        drop(turn);
        sync_dir(dir)?;
        Ok(ledger)
    }

    /// Appends a record and gives its number. It is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written. The ledger then stands as before, and appending may be tried again.
    pub fn append(&mut self, record: &Record) -> Result<u64, LedgerError> {
        self.append_all(std::slice::from_ref(record))
    }

    /// Appends records that belong together, one after the other and with one wait for the disk, and gives the
    /// number of the last one; of the last that this writer knows of when there are none. Waits while another run
    /// appends.
    ///
    /// # Errors
    /// When they cannot be written. The ledger then stands as before, and appending may be tried again.
    pub fn append_all(&mut self, records: &[Record]) -> Result<u64, LedgerError> {
        if records.is_empty() {
            return Ok(self.head.seq);
        }
        let _turn = self.turn()?;
        if let Some(torn) = self.catch_up()? {
            tracing::warn!("another run ended while it wrote to the ledger; its half line is in {}", torn.display());
        }
        let mut head = self.head;
        let mut lines = String::new();
        for record in records {
            let (line, after) = chain::next(&head, record);
            lines.push_str(&line);
            lines.push('\n');
            head = after;
        }
        self.write(lines.as_bytes()).map_err(failed("append to", &self.path))?;
        self.head = head;
        Ok(head.seq)
    }

    /// The file that a torn last line was moved to when the ledger was opened.
    pub fn torn(&self) -> Option<&Path> {
        self.torn.as_deref()
    }

    fn turn(&self) -> Result<Turn, LedgerError> {
        let path = self.dir.join("ledger.lock");
        Turn::take(&path).map_err(failed("lock", &path))
    }

    /// Learns where the file ends by now. Moves aside what somebody began to write there and never finished, and
    /// tells where to. Takes a turn: whatever follows the whole lines then, nobody goes on with.
    fn catch_up(&mut self) -> Result<Option<PathBuf>, LedgerError> {
        let len = self.file.metadata().map_err(failed("read", &self.path))?.len();
        if len == self.len {
            return Ok(None);
        }
        let tail = tail::read(&mut self.file).map_err(failed("read", &self.path))?;
        if tail.whole < self.len {
            return Err(LedgerError::Cut { path: self.path.clone() });
        }
        let is_torn = tail.len > tail.whole;
        let move_aside = || move_torn_line(&self.dir, &self.path, &mut self.file, tail.whole);
        let torn = is_torn.then(move_aside).transpose()?;
        if let Some(line) = tail.last_line.filter(|_| tail.whole > self.len) {
            self.head = check(&line).map_err(|reason| LedgerError::Broken { path: self.path.clone(), reason })?;
        }
        self.len = tail.whole;
        Ok(torn)
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.write_through(lines);
        match &written {
            Ok(()) => self.len += lines.len() as u64,
            // A reader of the ledger should not meet half a line. Should this fail too, whoever appends next
            // finds what is there.
            Err(_) => drop(self.file.set_len(self.len)),
        }
        written
    }

    fn write_through(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.len))?;
        self.file.write_all(lines)?;
        self.file.sync_data()
    }
}

fn check(line: &[u8]) -> Result<Head, BadLine> {
    let line = str::from_utf8(line).map_err(|error| BadLine::NotARecord(error.to_string()))?;
    chain::check_line(None, line)
}

/// Opens a file to read and write, with what it holds; makes it where there is none.
fn open_kept(path: &Path) -> Result<File, LedgerError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed("open", path))
}

fn keep_out_of_git(dir: &Path) -> Result<(), LedgerError> {
    let path = dir.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => file.write_all(b"*\n").map_err(failed("write", &path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed("create", &path)(error)),
    }
}

/// Moves what follows the whole lines to a file of its own: first the copy is on disk, then the
/// ledger is cut.
fn move_torn_line(dir: &Path, path: &Path, file: &mut File, whole: u64) -> Result<PathBuf, LedgerError> {
    let (torn_path, mut torn_file) = create_torn_file(dir)?;
    file.seek(SeekFrom::Start(whole))
        .and_then(|_| io::copy(file, &mut torn_file))
        .and_then(|_| torn_file.sync_all())
        .map_err(failed("write", &torn_path))?;
    sync_dir(dir)?;
    file.set_len(whole).and_then(|()| file.sync_all()).map_err(failed("cut the torn last line off", path))?;
    Ok(torn_path)
}

fn create_torn_file(dir: &Path) -> Result<(PathBuf, File), LedgerError> {
    let mut number = 1_u32;
    loop {
        let path = dir.join(format!("ledger.torn-{number}.jsonl"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
            Err(error) => return Err(failed("create", &path)(error)),
        }
    }
}

/// A new file survives a power loss only once its directory is on disk too. Elsewhere than on Unix
/// directories cannot be synced and need not be.
fn sync_dir(dir: &Path) -> Result<(), LedgerError> {
    if cfg!(unix) {
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed("sync", dir))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
