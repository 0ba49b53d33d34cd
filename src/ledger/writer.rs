//! The writer: the one owner of a ledger's file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::chain::{self, BadLine, Head};
use super::error::{LedgerError, failed};
use super::record::Record;
use super::{notation, tail};

/// The name of a ledger's file in its state directory.
pub(super) const FILE_NAME: &str = "ledger.jsonl";

/// A ledger that is open for writing. While it lives, no other process can open the same ledger.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    file: File,
    head: Head,
    /// The length of all lines that are known to be on disk, in bytes.
    len: u64,
    /// Whether something that is not a line of the ledger may follow them: an append failed half-way.
    has_remains: bool,
    torn: Option<PathBuf>,
    /// Closing it gives the lock back, also when the process dies.
    _lock: File,
}

impl Ledger {
    /// Opens the ledger of a state directory, which is created where it is missing and told to git as
    /// nothing to commit. `now` is what the lock says of when it was taken.
    ///
    /// A last line without its line feed, which a crash can leave, is moved to a file of its own; see
    /// [`Ledger::torn`].
    ///
    /// # Errors
    /// When another process has it open, when the directory cannot be written, and when the last line
    /// is not what was written.
    pub fn open(dir: &Path, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(failed("create the state directory", dir))?;
        let lock = take_lock(dir, now)?;
        keep_out_of_git(dir)?;

        let path = dir.join(FILE_NAME);
        let mut file = open_kept(&path)?;
        let tail = tail::read(&mut file).map_err(failed("read", &path))?;
        let torn = if tail.len > tail.whole { Some(move_torn_line(dir, &path, &mut file, tail.whole)?) } else { None };
        sync_dir(dir)?;

        let head = match &tail.last_line {
            None => Head::EMPTY,
            Some(line) => check(line).map_err(|reason| LedgerError::Broken { path: path.clone(), reason })?,
        };
        Ok(Self { path, file, head, len: tail.whole, has_remains: false, torn, _lock: lock })
    }

    /// Appends a record and gives its number. It is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written. The ledger then stands as before, and appending may be tried again.
    pub fn append(&mut self, record: &Record) -> Result<u64, LedgerError> {
        self.append_all(std::slice::from_ref(record))
    }

    /// Appends records that belong together, with one wait for the disk, and gives the number of the
    /// last record of the ledger.
    ///
    /// # Errors
    /// When they cannot be written. The ledger then stands as before, and appending may be tried again.
    pub fn append_all(&mut self, records: &[Record]) -> Result<u64, LedgerError> {
        let mut head = self.head;
        let mut lines = String::new();
        for record in records {
            let (line, after) = chain::next(&head, record);
            lines.push_str(&line);
            lines.push('\n');
            head = after;
        }
        if !lines.is_empty() {
            self.write(lines.as_bytes()).map_err(failed("append to", &self.path))?;
        }
        self.head = head;
        Ok(head.seq)
    }

    /// The file that a torn last line was moved to when the ledger was opened.
    pub fn torn(&self) -> Option<&Path> {
        self.torn.as_deref()
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.has_remains {
            self.file.set_len(self.len)?;
        }
        self.has_remains = true;
        let written = self.write_through(lines);
        if written.is_err() {
            // A reader of the ledger should not meet half a line; should this fail too, the next append
            // or the next opening removes it.
            self.has_remains = self.file.set_len(self.len).is_err();
        }
        written?;
        self.has_remains = false;
        self.len += lines.len() as u64;
        Ok(())
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

fn take_lock(dir: &Path, now: DateTime<Utc>) -> Result<File, LedgerError> {
    let path = dir.join("ledger.lock");
    let mut lock = open_kept(&path)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(LedgerError::Locked { holder: holder(&lock), path }),
        Err(TryLockError::Error(cause)) => return Err(failed("lock", &path)(cause)),
    }
    let holder = format!("process {} since {}\n", std::process::id(), notation::instant::text(&now));
    lock.set_len(0).and_then(|()| lock.write_all(holder.as_bytes())).map_err(failed("write", &path))?;
    Ok(lock)
}

/// Who holds the lock, as its file says. A file that says nothing, or cannot be read while it is locked
/// (as on Windows), must not hide the fact that it is held.
fn holder(lock: &File) -> String {
    let mut text = String::new();
    match lock.take(200).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "by a process that did not leave its number".to_owned(),
    }
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
mod tests {
    use super::super::record::tests::a_run;
    use super::*;
    use crate::exit::Exit;

    fn open(dir: &Path) -> Result<Ledger, LedgerError> {
        Ledger::open(dir, "2027-03-01T09:00:00Z".parse().unwrap())
    }

    /// The text of the ledger, after checking its whole chain.
    fn verified(dir: &Path) -> String {
        let text = fs::read_to_string(dir.join("ledger.jsonl")).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text}");
        let mut head = Head::EMPTY;
        for line in text.lines() {
            head = chain::check_line(Some(&head), line).unwrap();
        }
        text
    }

    #[test]
    fn appending_continues_the_chain_after_opening_again() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("deep/state");
        let run = a_run();
        for (opened, record) in run.iter().enumerate() {
            let mut ledger = open(&dir).unwrap();
            assert_eq!(ledger.append(record).unwrap(), opened as u64 + 1);
        }
        assert_eq!(open(&dir).unwrap().append_all(&run).unwrap(), 2 * run.len() as u64);
        assert_eq!(verified(&dir).lines().count(), 2 * run.len());
        assert_eq!(fs::read_to_string(dir.join(".gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn an_empty_group_writes_nothing() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(open(temp.path()).unwrap().append_all(&[]).unwrap(), 0);
        assert_eq!(verified(temp.path()), "");
    }

    #[test]
    fn a_second_writer_is_told_who_holds_the_lock() {
        let temp = tempfile::tempdir().unwrap();
        let first = open(temp.path()).unwrap();
        let error = open(temp.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::Locked);
        let holder = format!("process {} since 2027-03-01T09:00:00.000Z", std::process::id());
        assert!(error.to_string().contains(&holder), "{error}");
        drop(first);
        assert!(open(temp.path()).is_ok());
    }

    #[test]
    fn a_ledger_cut_anywhere_continues_and_loses_nothing() {
        let temp = tempfile::tempdir().unwrap();
        open(temp.path()).unwrap().append_all(&a_run()[..3]).unwrap();
        let text = verified(temp.path()).into_bytes();
        let last = text[..text.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
        // Around each line feed, and a sample of the places between, for each case waits for the disk.
        for cut in (0..3).chain(last - 2..last + 3).chain((last..text.len()).step_by(61)).chain([text.len() - 1]) {
            let case = tempfile::tempdir().unwrap();
            fs::write(case.path().join("ledger.jsonl"), &text[..cut]).unwrap();
            let mut ledger = open(case.path()).unwrap();
            let torn = ledger.torn().map(|path| fs::read(path).unwrap()).unwrap_or_default();
            let kept = verified(case.path());
            assert_eq!([kept.as_bytes(), &torn].concat(), text[..cut], "cut at {cut}");
            ledger.append(&a_run()[3]).unwrap();
            assert!(verified(case.path()).starts_with(&kept));
        }
    }

    #[test]
    fn torn_lines_do_not_overwrite_each_other() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["ledger.torn-1.jsonl", "ledger.torn-2.jsonl"] {
            fs::write(temp.path().join("ledger.jsonl"), name).unwrap();
            let ledger = open(temp.path()).unwrap();
            assert_eq!(ledger.torn(), Some(temp.path().join(name).as_path()));
        }
        assert_eq!(fs::read_to_string(temp.path().join("ledger.torn-1.jsonl")).unwrap(), "ledger.torn-1.jsonl");
    }

    #[test]
    fn a_last_line_that_was_edited_is_not_continued() {
        let temp = tempfile::tempdir().unwrap();
        open(temp.path()).unwrap().append_all(&a_run()).unwrap();
        let path = temp.path().join("ledger.jsonl");
        let edited = verified(temp.path()).replace("\"succeeded\":1", "\"succeeded\":9");
        for (bytes, reason) in
            [(edited.as_bytes(), "it was edited"), (b"\xff\n", "not a record"), (b"\n", "not a record")]
        {
            fs::write(&path, bytes).unwrap();
            let error = open(temp.path()).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains("ledger.jsonl"), "{error}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn a_failed_append_leaves_no_half_line_behind() {
        let temp = tempfile::tempdir().unwrap();
        let mut ledger = open(temp.path()).unwrap();
        ledger.append(&a_run()[0]).unwrap();
        let before = verified(temp.path());

        // A handle that may not write stands for a disk that refuses; the remains that such a write can
        // leave are longer than the next line, so that overwriting them would not be enough.
        let path = temp.path().join("ledger.jsonl");
        let writable = std::mem::replace(&mut ledger.file, File::open(&path).unwrap());
        assert!(ledger.append(&a_run()[1]).is_err());
        let remains = format!("{before}{}", "x".repeat(10_000));
        fs::write(&path, remains).unwrap();
        ledger.file = writable;

        assert_eq!(ledger.append(&a_run()[1]).unwrap(), 2);
        assert!(verified(temp.path()).starts_with(&before));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_reported_with_the_file_and_a_way_out() {
        let temp = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/full", temp.path().join("ledger.jsonl")).unwrap();
        let error = open(temp.path()).unwrap().append(&a_run()[0]).unwrap_err().to_string();
        assert!(error.contains("ledger.jsonl") && error.contains("free some space"), "{error}");
    }

    #[test]
    fn a_directory_that_cannot_be_is_reported_with_a_way_out() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("file");
        fs::write(&file, "").unwrap();
        for dir in [file.clone(), file.join("state")] {
            let error = open(&dir).unwrap_err();
            assert_eq!(error.exit(), Exit::Failed);
            let error = error.to_string();
            assert!(error.contains(&dir.display().to_string()) && error.contains("`state`"), "{error}");
        }
    }
}
