//! The files of a ledger: one that is written to, and those that were closed when they had become large.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

/// The name of the file that is written to.
pub(super) const OPEN: &str = "ledger.jsonl";

/// The name of the file with what has still to come into the store.
pub(super) const SPOOL: &str = "spool.jsonl";

/// The name of a closed file, by the number of its first record. The names sort as the files continue each other.
pub(super) fn closed_name(first: u64) -> String {
    format!("ledger-{first:020}.jsonl")
}

/// Whether a name is that of a closed file.
pub(super) fn is_closed(name: &str) -> bool {
    let number = name.strip_prefix("ledger-").and_then(|rest| rest.strip_suffix(".jsonl"));
    number.is_some_and(|number| number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The closed files in a directory, oldest first; none where there is no directory.
pub(super) fn closed_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut closed = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if name.to_str().is_some_and(is_closed) {
            closed.push(dir.join(name));
        }
    }
    closed.sort();
    Ok(closed)
}

/// The files of a ledger as they stood at one moment, oldest first. They continue each other.
#[derive(Debug)]
pub struct Files {
    paths: Vec<PathBuf>,
    /// The one that was open then, and its place among them: its name may be that of another file by now.
    open: Option<(usize, File)>,
}

impl Files {
    /// The files of the ledger of a state directory; none where there is no ledger.
    ///
    /// # Errors
    /// When nobody can tell.
    pub fn of(dir: &Path) -> io::Result<Self> {
        let mut files = Self::without_spool(dir)?;
        let spool = dir.join(SPOOL);
        files.paths.extend(if_file(&spool)?.map(|_| spool));
        Ok(files)
    }

    /// The same without what has still to come into the store.
    pub(super) fn without_spool(dir: &Path) -> io::Result<Self> {
        let mut paths = closed_in(dir)?;
        loop {
            let path = dir.join(OPEN);
            let open = if_file(&path)?;
            // A run may have closed that file meanwhile, before or after it was opened here.
            let now = closed_in(dir)?;
            if now == paths {
                let open = open.map(|file| (paths.len(), file));
                paths.extend(open.is_some().then_some(path));
                return Ok(Self { paths, open });
            }
            paths = now;
        }
    }

    /// Whether there is no ledger.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Where they are.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Opens one of them, by its place among the others; nothing where there are fewer.
    pub(super) fn open(&mut self, at: usize) -> io::Result<Option<BufReader<File>>> {
        let Some(path) = self.paths.get(at) else { return Ok(None) };
        let file = match self.open.take_if(|(place, _)| *place == at) {
            Some((_, file)) => file,
            None => File::open(path)?,
        };
        Ok(Some(BufReader::with_capacity(1 << 16, file)))
    }
}

#[cfg(test)]
impl From<Vec<PathBuf>> for Files {
    fn from(paths: Vec<PathBuf>) -> Self {
        Self { paths, open: None }
    }
}

/// Opens a file that can be read to its end. What is something else, whoever writes to it says.
fn if_file(path: &Path) -> io::Result<Option<File>> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        // It may have been closed this very moment.
        Ok(_) => match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        },
    }
}
