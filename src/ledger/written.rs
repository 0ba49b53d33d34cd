//! The lines of a ledger as they were written, and which plans they say were begun.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::writer::FILE_NAME;

/// The files of the ledger of a state directory, which continue each other; none where there is no ledger.
///
/// # Errors
/// When nobody can tell.
pub fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let path = dir.join(FILE_NAME);
    Ok(if path.try_exists()? { vec![path] } else { Vec::new() })
}

/// The lines of the ledger, where there is one.
pub(super) fn lines(dir: &Path) -> io::Result<Option<BufReader<File>>> {
    let path = dir.join(FILE_NAME);
    match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => Ok(Some(BufReader::new(File::open(path)?))),
        // Nothing that is read to its end: whoever writes to it says what is wrong.
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// When a run began that carried out the plan with this digest, where there was one.
///
/// # Errors
/// When the file cannot be read.
pub fn begun_with(dir: &Path, plan_digest: &str) -> io::Result<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Begun {
        record: String,
        timestamp: String,
        plan_digest: Option<String>,
    }
    let Some(mut lines) = lines(dir)? else { return Ok(None) };
    let mut text = Vec::new();
    while lines.read_until(b'\n', &mut text)? > 0 {
        if let Ok(begun) = serde_json::from_slice::<Begun>(&text)
            && begun.record == "runStarted"
            && begun.plan_digest.as_deref() == Some(plan_digest)
        {
            return Ok(Some(begun.timestamp));
        }
        text.clear();
    }
    Ok(None)
}
