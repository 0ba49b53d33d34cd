//! The writer of a ledger's files. Several may write to the same ledger, in any processes: each takes a turn to append.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::chain::{self, BadLine, Head};
use super::disk::{Disk, DiskFile as _, Local};
use super::error::{LedgerError, failed};
use super::record::Record;
use super::segments::{self, OPEN, closed_name};
use super::tail;

/// The length in bytes from which on a file is closed and the next one begins.
const LIMIT: u64 = 16 * 1024 * 1024;

/// A ledger that is open for writing.
///
/// Lines go to `ledger.jsonl`. Whoever finds it at its limit closes it, under the name that tells its first record,
/// and the chain goes on in a new one. So nobody trusts a file that was opened in an earlier turn.
#[derive(Debug)]
pub struct Ledger<D = Local> {
    disk: D,
    dir: PathBuf,
    path: PathBuf,
    limit: u64,
    /// The number of the first record of the open file, written or not.
    first: u64,
    head: Head,
    /// The length of all lines of the open file that are known to be on disk, in bytes.
    len: u64,
    torn: Option<PathBuf>,
}

/// How large a ledger is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its records.
    pub records: u64,
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
        create_synced(dir).map_err(failed("create the state directory", dir))?;
        keep_out_of_git(dir)?;
        Self::open_on(Local, dir, LIMIT)
    }

    /// How large the ledger is, as far as this writer knows.
    pub fn size(&self) -> Size {
        // What cannot be read is told by whoever appends.
        let closed = segments::closed_in(&self.dir).unwrap_or_default();
        let closed: u64 = closed.iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum();
        Size { bytes: closed + self.len, records: self.head.seq }
    }
}

impl<D: Disk> Ledger<D> {
    fn open_on(disk: D, dir: &Path, limit: u64) -> Result<Self, LedgerError> {
        let (dir, path) = (dir.to_owned(), dir.join(OPEN));
        let mut ledger = Self { disk, dir, path, limit, first: 1, head: Head::EMPTY, len: 0, torn: None };
        let _turn = ledger.turn()?;
        ledger.start_over()?;
        ledger.torn = ledger.catch_up()?.1;
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
        let mut file = self.ready()?;
        let (lines, head) = chain::all(&self.head, records);
        self.put(&mut file, &lines, head)?;
        Ok(head.seq)
    }

    /// Continues the ledger with lines that the store of this name has, and gives the new end. Passes
    /// over those that are here already.
    ///
    /// # Errors
    /// When they do not continue this ledger, or cannot be written. The ledger then stands as before.
    pub(super) fn extend(&mut self, lines: &str, store: &str) -> Result<Head, LedgerError> {
        let _turn = self.turn()?;
        let mut file = self.ready()?;
        let (rest, head) = chain::rest(&self.head, lines).map_err(|reason| {
            let (store, folder) = (store.to_owned(), self.dir.clone());
            LedgerError::Diverged { store, folder, reason }
        })?;
        if !rest.is_empty() {
            self.put(&mut file, rest, head)?;
        }
        Ok(self.head)
    }

    /// The end of the chain, with what others have appended by now.
    pub(super) fn end(&mut self) -> Result<Head, LedgerError> {
        let _turn = self.turn()?;
        self.ready()?;
        Ok(self.head)
    }

    /// Opens the file that the next lines go to, with all that others have written. Takes a turn.
    fn ready(&mut self) -> Result<D::File, LedgerError> {
        if self.disk.exists(&self.closed_path()).map_err(failed("look for", &self.closed_path()))? {
            // Another run has closed the file.
            self.start_over()?;
        }
        let (mut file, torn) = self.catch_up()?;
        if let Some(torn) = torn {
            tracing::warn!("another run ended while it wrote to the ledger; its half line is in {}", torn.display());
        }
        if self.len >= self.limit {
            file = self.rotate(&file)?;
        }
        Ok(file)
    }

    /// Writes lines that continue the ledger, and end it there. Takes a turn.
    fn put(&mut self, file: &mut D::File, lines: &str, head: Head) -> Result<(), LedgerError> {
        if self.len == 0 {
            // Else a power loss could take the file away with all that is synced in it.
            self.disk.sync_dir(&self.dir).map_err(failed("sync", &self.dir))?;
        }
        self.write(file, lines.as_bytes()).map_err(failed("append to", &self.path))?;
        self.head = head;
        Ok(())
    }

    /// The file that a torn last line was moved to when the ledger was opened.
    pub fn torn(&self) -> Option<&Path> {
        self.torn.as_deref()
    }

    fn turn(&self) -> Result<D::Turn, LedgerError> {
        let path = self.dir.join("ledger.lock");
        self.disk.turn(&path).map_err(failed("lock", &path))
    }

    /// The name that the open file gets when it is closed.
    fn closed_path(&self) -> PathBuf {
        self.dir.join(closed_name(self.first))
    }

    /// Takes the end of the closed files for that of the ledger, as if nothing were known of the open one.
    fn start_over(&mut self) -> Result<(), LedgerError> {
        let closed = self.disk.closed(&self.dir).map_err(failed("read", &self.dir))?;
        self.head = match closed.last() {
            None => Head::EMPTY,
            Some(path) => {
                let tail =
                    self.disk.read(path).and_then(|mut file| tail::read(&mut file)).map_err(failed("read", path))?;
                check(&tail.last_line.unwrap_or_default()).map_err(|reason| broken(path, reason))?
            }
        };
        (self.first, self.len) = (self.head.seq.saturating_add(1), 0);
        Ok(())
    }

    /// Opens the file and learns where it ends by now. Moves aside what somebody began to write there and never
    /// finished, and tells where to. Takes a turn: whatever follows the whole lines then, nobody goes on with.
    fn catch_up(&mut self) -> Result<(D::File, Option<PathBuf>), LedgerError> {
        let mut file = self.disk.open(&self.path).map_err(failed("open", &self.path))?;
        let len = file.seek(SeekFrom::End(0)).map_err(failed("read", &self.path))?;
        if len == self.len {
            return Ok((file, None));
        }
        let tail = tail::read(&mut file).map_err(failed("read", &self.path))?;
        if tail.whole < self.len {
            return Err(LedgerError::Cut { path: self.path.clone() });
        }
        let is_torn = tail.len > tail.whole;
        let torn = is_torn.then(|| self.move_torn_line(&mut file, tail.whole)).transpose()?;
        if let Some(line) = tail.last_line.filter(|_| tail.whole > self.len) {
            self.head = check(&line).map_err(|reason| broken(&self.path, reason))?;
            if self.len == 0 {
                let first = first_line(&mut file).map_err(failed("read", &self.path))?;
                // Where the first line was made another, `audit verify` tells.
                self.first = check(&first).map_or(self.first, |first| first.seq);
            }
        }
        self.len = tail.whole;
        Ok((file, torn))
    }

    /// Closes the file and begins the next one.
    fn rotate(&mut self, file: &D::File) -> Result<D::File, LedgerError> {
        let closed = self.closed_path();
        if self.disk.exists(&closed).map_err(failed("look for", &closed))? {
            return Err(failed("close the ledger as", &closed)(io::ErrorKind::AlreadyExists.into()));
        }
        // A run that was killed may have left lines behind that never came to the disk. Nobody syncs a closed file.
        file.sync_data().map_err(failed("sync", &self.path))?;
        self.disk.rename(&self.path, &closed).map_err(failed("rename", &self.path))?;
        (self.first, self.len) = (self.head.seq.saturating_add(1), 0);
        self.disk.open(&self.path).map_err(failed("open", &self.path))
    }

    fn write(&mut self, file: &mut D::File, lines: &[u8]) -> io::Result<()> {
        let written =
            file.seek(SeekFrom::Start(self.len)).and_then(|_| file.write_all(lines)).and_then(|()| file.sync_data());
        match &written {
            Ok(()) => self.len += lines.len() as u64,
            // A reader of the ledger should not meet half a line. Should this fail too, whoever appends next
            // finds what is there.
            Err(_) => drop(file.set_len(self.len)),
        }
        written
    }

    /// Moves what follows the whole lines to a file of its own: first the copy is on disk, then the ledger is cut.
    fn move_torn_line(&self, file: &mut D::File, whole: u64) -> Result<PathBuf, LedgerError> {
        let (torn_path, mut torn_file) = self.create_torn_file()?;
        file.seek(SeekFrom::Start(whole))
            .and_then(|_| io::copy(file, &mut torn_file))
            .and_then(|_| torn_file.sync_data())
            .map_err(failed("write", &torn_path))?;
        self.disk.sync_dir(&self.dir).map_err(failed("sync", &self.dir))?;
        file.set_len(whole)
            .and_then(|()| file.sync_data())
            .map_err(failed("cut the torn last line off", &self.path))?;
        Ok(torn_path)
    }

    fn create_torn_file(&self) -> Result<(PathBuf, D::File), LedgerError> {
        let mut number = 1_u32;
        loop {
            let path = self.dir.join(format!("ledger.torn-{number}.jsonl"));
            match self.disk.create(&path) {
                Ok(file) => return Ok((path, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
                Err(error) => return Err(failed("create", &path)(error)),
            }
        }
    }
}

fn first_line(file: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(file).read_until(b'\n', &mut line)?;
    line.pop();
    Ok(line)
}

fn check(line: &[u8]) -> Result<Head, BadLine> {
    let line = str::from_utf8(line).map_err(|error| BadLine::NotARecord(error.to_string()))?;
    chain::check_line(None, line)
}

fn broken(path: &Path, reason: BadLine) -> LedgerError {
    LedgerError::Broken { path: path.to_owned(), reason }
}

/// Creates a directory with all that is missing above it. A power loss takes none of them away.
fn create_synced(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty());
    above.map_or(Ok(()), create_synced)?;
    // Another run may do the same at the same time.
    fs::create_dir_all(dir)?;
    Local.sync_dir(above.unwrap_or(Path::new(".")))
}

fn keep_out_of_git(dir: &Path) -> Result<(), LedgerError> {
    let path = dir.join(".gitignore");
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => file.write_all(b"*\n").map_err(failed("write", &path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed("create", &path)(error)),
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod rotation_tests;

#[cfg(test)]
#[path = "crash_tests.rs"]
mod crash_tests;
