//! Which files are read, and their bytes. The only part of this module that touches the disk.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::parallel;

/// How many files or documents a thread takes at a time.
// 32 is not zero, which the compiler checks: the constant is evaluated when it builds.
pub(super) const CHUNK: NonZeroUsize = NonZeroUsize::new(32).unwrap();

/// The largest file that is read, in bytes; a manifest of a thousand slots takes a twentieth of it.
pub const MAX_FILE_BYTES: u64 = 4 << 20;

/// A path that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {error}")]
pub struct ReadError {
    /// The path as it is shown.
    pub path: String,
    /// What the system said.
    #[source]
    pub error: io::Error,
    /// What to do about it.
    pub way_out: &'static str,
}

/// A file that was found, and what it holds.
#[derive(Debug)]
pub(super) struct Found {
    /// The path as it is shown.
    pub path: String,
    pub content: Content,
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    /// More than [`MAX_FILE_BYTES`]: this many, none of them read.
    TooLarge(u64),
}

/// The manifests under the paths in sorted order, each once, and the paths that could not be read.
///
/// Directories are searched to any depth for `*.yaml` and `*.yml`; names that begin with a dot are
/// skipped, links are followed. A file that is given itself may have any name.
pub(super) fn discover(paths: &[PathBuf]) -> (Vec<Found>, Vec<ReadError>) {
    let mut search = Search::default();
    for path in paths {
        search.given(path);
    }
    search.read()
}

#[derive(Default)]
struct Search {
    /// The files by where they really are, so that no file is read twice.
    files: BTreeMap<PathBuf, PathBuf>,
    /// The directories that were seen, by where they really are: links may lead in circles.
    directories: HashSet<PathBuf>,
    unreadable: Vec<ReadError>,
}

impl Search {
    fn given(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.directory(path),
            Ok(metadata) if metadata.is_file() => self.file(path),
            Ok(_) => self.neither(path),
            Err(error) => self.unreadable.push(unreadable(path, error)),
        }
    }

    fn directory(&mut self, root: &Path) {
        let mut waiting = vec![root.to_owned()];
        while let Some(directory) = waiting.pop() {
            match self.enter(&directory) {
                Ok(further) => waiting.extend(further),
                Err(error) => self.unreadable.push(unreadable(&directory, error)),
            }
        }
    }

    /// Takes the files of a directory and gives the directories in it.
    fn enter(&mut self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let real = fs::canonicalize(directory)?;
        if !self.directories.insert(real.clone()) {
            return Ok(Vec::new());
        }
        let mut further = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let is_manifest = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            let mut kind = entry.file_type()?;
            let is_link = kind.is_symlink();
            if is_link {
                match fs::metadata(&path) {
                    Ok(metadata) => kind = metadata.file_type(),
                    // Whatever its name, it may have led to a directory of manifests; without them a
                    // prune would take their schedules for removed ones.
                    Err(error) => {
                        self.unreadable.push(unreadable(&path, error));
                        continue;
                    }
                }
            }
            if kind.is_dir() {
                further.push(path);
            } else if is_manifest && kind.is_file() {
                // To ask where each of ten thousand files really is takes longer than to find them.
                let real = if is_link { real_place(&path) } else { real.join(entry.file_name()) };
                self.files.entry(real).or_insert(path);
            } else if is_manifest {
                // A pipe or a socket: reading it may never end, and passing it over may hide a manifest.
                self.neither(&path);
            }
        }
        Ok(further)
    }

    fn neither(&mut self, path: &Path) {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "it is neither a file nor a directory");
        self.unreadable.push(unreadable(path, error));
    }

    fn file(&mut self, path: &Path) {
        self.files.entry(real_place(path)).or_insert_with(|| path.to_owned());
    }

    /// The bytes of the files that were found. Some may be gone by now.
    fn read(mut self) -> (Vec<Found>, Vec<ReadError>) {
        let mut files: Vec<PathBuf> = self.files.into_values().collect();
        files.sort_unstable();
        let mut found = Vec::with_capacity(files.len());
        for read in parallel::map(files, CHUNK, |path| {
            read(&path).map_err(|error| unreadable(&path, error)).map(|content| Found { path: display(&path), content })
        }) {
            match read {
                Ok(file) => found.push(file),
                Err(error) => self.unreadable.push(error),
            }
        }
        self.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        // What is given by itself and found in its directory, too.
        self.unreadable.dedup_by(|a, b| a.path == b.path);
        (found, self.unreadable)
    }
}

/// Where a file really is. One whose place cannot be told is read, or reported, under the name it has.
fn real_place(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn read(path: &Path) -> io::Result<Content> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > MAX_FILE_BYTES {
        return Ok(Content::TooLarge(size));
    }
    // The file may grow while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    let read = file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    let read = u64::try_from(read).unwrap_or(u64::MAX);
    Ok(if read > MAX_FILE_BYTES { Content::TooLarge(read) } else { Content::Bytes(bytes) })
}

fn unreadable(path: &Path, error: io::Error) -> ReadError {
    let way_out = match error.kind() {
        io::ErrorKind::NotFound => "check the path; manifests are in `schedules` unless a path is given",
        io::ErrorKind::PermissionDenied => "let the user that runs this program read it",
        io::ErrorKind::InvalidInput => "give a file or a directory, and remove what else is named like a manifest",
        _ => "repair or remove it, then run again",
    };
    ReadError { path: display(path), error, way_out }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn write(path: &Path, bytes: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// The files found below a directory, and the paths that could not be read.
    fn found(root: &Path, given: &[&str]) -> (Vec<String>, Vec<String>) {
        let paths: Vec<PathBuf> = given.iter().map(|path| root.join(path)).collect();
        let short = |path: &str| path.strip_prefix(&format!("{}/", root.display())).unwrap_or(path).to_owned();
        let (found, unreadable) = discover(&paths);
        (
            found.iter().map(|file| short(&file.path)).collect(),
            unreadable.iter().map(|error| short(&error.path)).collect(),
        )
    }

    #[test]
    fn finds_manifests_at_any_depth_in_order_and_each_once() {
        let root = tempfile::tempdir().unwrap();
        for path in
            ["s/b.yaml", "s/a.yml", "s/deep/er/c.yaml", "s/.git/x.yaml", "s/.hidden.yaml", "s/note.txt", "t.txt"]
        {
            write(&root.path().join(path), b"");
        }
        let all = ["s/a.yml", "s/b.yaml", "s/deep/er/c.yaml"];
        assert_eq!(found(root.path(), &["s"]), (all.map(String::from).to_vec(), vec![]));
        assert_eq!(found(root.path(), &["s/b.yaml", "s", "s/deep"]).0, all);
        assert_eq!(found(root.path(), &["t.txt"]).0, ["t.txt"]);
        assert_eq!(found(root.path(), &["s/deep", "absent", "also/absent"]).1, ["absent", "also/absent"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_circles_end_and_only_regular_files_are_read() {
        use std::os::unix::{fs::symlink, net::UnixListener};
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        write(&at("s/a.yaml"), b"");
        write(&at("other/b.yaml"), b"");
        symlink(at("s"), at("s/circle")).unwrap();
        symlink(at("other"), at("s/linked")).unwrap();
        symlink(at("s/a.yaml"), at("s/z.yaml")).unwrap();
        symlink(at("nowhere"), at("s/dangling.yaml")).unwrap();
        symlink(at("nowhere"), at("s/region")).unwrap();
        let _socket = UnixListener::bind(at("s/socket.yaml")).unwrap();
        let (files, unreadable) = found(root.path(), &["s", "s/socket.yaml"]);
        assert_eq!(files.len(), 2, "{files:?}");
        assert!(files.contains(&"s/linked/b.yaml".to_owned()), "{files:?}");
        assert_eq!(unreadable, ["s/dangling.yaml", "s/region", "s/socket.yaml"]);
    }

    #[test]
    fn what_vanishes_before_it_is_read_is_told() {
        let root = tempfile::tempdir().unwrap();
        for path in ["s/a.yaml", "s/b.yaml", "s/deep/c.yaml", "t/d.yaml"] {
            write(&root.path().join(path), b"");
        }
        let mut search = Search::default();
        search.given(&root.path().join("s"));
        fs::remove_file(root.path().join("s/a.yaml")).unwrap();
        fs::remove_dir_all(root.path().join("s/deep")).unwrap();
        let (found, unreadable) = search.read();
        assert_eq!(found.len(), 1);
        let kinds: Vec<_> = unreadable.iter().map(|error| error.error.kind()).collect();
        assert_eq!(kinds, [io::ErrorKind::NotFound; 2]);

        // A directory that is gone when its turn comes, and a file that another thing has replaced since.
        let mut search = Search::default();
        let gone = root.path().join("gone");
        search.directory(&gone);
        search.given(&root.path().join("t/d.yaml"));
        fs::remove_file(root.path().join("t/d.yaml")).unwrap();
        fs::create_dir(root.path().join("t/d.yaml")).unwrap();
        let (found, unreadable) = search.read();
        assert_eq!((found.len(), unreadable.len()), (0, 2));
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("large.yaml");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let (found, _) = discover(&[path]);
        assert!(matches!(found.as_slice(), [Found { content: Content::TooLarge(size), .. }] if *size == 1 << 40));
    }
}
