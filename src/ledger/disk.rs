//! What a ledger asks of the disk. The tests put another one in its place, which loses what was not synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::turn::Turn;

use super::segments;

/// The files of a state directory.
pub trait Disk {
    /// A file that is open.
    type File: DiskFile;
    /// While it lives, no other writer of the ledger does anything.
    type Turn;

    /// Waits for a turn at a lock file.
    fn turn(&self, path: &Path) -> io::Result<Self::Turn>;
    /// The closed files of a ledger, oldest first.
    fn closed(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;
    /// Whether there is something of this name.
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// Opens a file only to read it.
    fn read(&self, path: &Path) -> io::Result<Self::File>;
    /// Opens a file to read and write, with what it holds; makes it where there is none.
    fn open(&self, path: &Path) -> io::Result<Self::File>;
    /// Makes a file that is not there yet.
    fn create(&self, path: &Path) -> io::Result<Self::File>;
    /// Gives a file another name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the names in a directory are on disk.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// A file that is open.
pub trait DiskFile: Read + Write + Seek {
    /// Cuts what exceeds a length in bytes off.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Waits until what the file holds is on disk.
    fn sync_data(&self) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Debug)]
pub struct Local;

impl Disk for Local {
    type File = File;
    type Turn = Turn;

    fn turn(&self, path: &Path) -> io::Result<Turn> {
        Turn::take(path)
    }

    fn closed(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        segments::closed_in(dir)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    fn read(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Elsewhere than on Unix directories cannot be synced and need not be.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
    }
}

impl DiskFile for File {
    fn set_len(&self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Self::sync_data(self)
    }
}
