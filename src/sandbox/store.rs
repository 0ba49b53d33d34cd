//! The data file: the model as JSON, replaced as a whole so that a crash leaves the old or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::model::Model;

const FORMAT_VERSION: u32 = 1;

/// Keeps a model in a file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
}

/// Why the data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be read.
    #[error(
        "cannot read the sandbox data file {}: {source}; choose a place that can be read with --data",
        path.display()
    )]
    Unreadable { path: PathBuf, source: io::Error },
    /// Its content is not that of a data file. It is left as it is.
    #[error("the sandbox data file {} is broken: {reason}; repair it, or move it away to start empty", path.display())]
    Broken { path: PathBuf, reason: String },
    /// It cannot be written.
    #[error(
        "cannot write the sandbox data file {}: {source}; choose a place that can be written with --data",
        path.display()
    )]
    Unwritable { path: PathBuf, source: io::Error },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DataFile<M> {
    format_version: u32,
    model: M,
}

impl Store {
    /// A store at this path; nothing is read or written yet.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The model in the file; an empty one when there is no file.
    ///
    /// # Errors
    /// When the file cannot be read or is broken.
    pub fn load(&self) -> Result<Model, StoreError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Model::default()),
            Err(source) => return Err(StoreError::Unreadable { path: self.path.clone(), source }),
        };
        let broken = |reason: String| StoreError::Broken { path: self.path.clone(), reason };
        let data: DataFile<Model> = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if data.format_version == FORMAT_VERSION {
            Ok(data.model)
        } else {
            Err(broken(format!("it has format version {}, not {FORMAT_VERSION}", data.format_version)))
        }
    }

    /// Replaces the file by this model; when it returns, the file is on disk.
    ///
    /// # Errors
    /// When the file cannot be written; then it is as it was before.
    pub fn save(&self, model: &Model) -> Result<(), StoreError> {
        self.replace(model).map_err(|source| StoreError::Unwritable { path: self.path.clone(), source })
    }

    fn replace(&self, model: &Model) -> io::Result<()> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut text = serde_json::to_vec_pretty(&DataFile { format_version: FORMAT_VERSION, model })?;
        text.push(b'\n');
        let mut new = NamedTempFile::new_in(directory)?;
        new.write_all(&text)?;
        new.as_file().sync_all()?;
        new.persist(&self.path)?;
        // The rename itself must reach the disk too; only Unix can open a directory for that.
        if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{ScheduleKind, TargetRef};

    #[test]
    fn what_is_saved_is_loaded() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::at(directory.path().join("state/sandbox.json"));
        assert_eq!(store.load().unwrap(), Model::default());
        let mut model = Model::default();
        model.seed(
            ScheduleKind::Sequence,
            &TargetRef::Name("S".into()),
            None,
            "2027-01-01T00:00:00.5Z".parse().unwrap(),
        );
        store.save(&model).unwrap();
        assert_eq!(store.load().unwrap(), model);
        let names = fs::read_dir(directory.path().join("state")).unwrap().count();
        assert_eq!(names, 1, "no temporary file stays behind");
    }

    #[test]
    fn broken_files_are_named_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sandbox.json");
        let other_version = serde_json::json!({"formatVersion": 2, "model": Model::default()}).to_string();
        for content in ["", "{", "[]", "{\"formatVersion\": 1}", other_version.as_str()] {
            fs::write(&path, content).unwrap();
            let message = Store::at(path.clone()).load().unwrap_err().to_string();
            assert!(message.contains("sandbox.json") && message.contains("move it away"), "{message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        let message = Store::at(file.join("sandbox.json")).save(&Model::default()).unwrap_err().to_string();
        assert!(message.contains("sandbox.json") && message.contains("--data"), "{message}");
    }
}
