//! One process at a time, for as long as a few writes to disk take.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// While it lives, whoever asks for a turn at the same file waits, in this process or in another one.
#[derive(Debug)]
pub struct Turn(File);

impl Turn {
    /// Waits for a turn. The file is made where there is none, and nothing is written to it.
    pub fn take(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        Ok(Self(file))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing the file gives the turn back as well, but only once no child that is just being started has
        // inherited it.
        let _ = self.0.unlock();
    }
}
