//! Where the state is kept: in a folder of this machine, or in an object store that several machines share.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::ledger::canonical::Digest;
use crate::store::{InvalidLocation, Location};

/// The folder of the state unless a setting names another.
const DEFAULT: &str = ".dialctl";

/// Where ledger, locks and the sandbox's data are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// In a folder.
    Folder(PathBuf),
    /// In a store.
    Store {
        /// Where it is.
        location: Location,
        /// The folder of this machine's copy of the ledger.
        copy: PathBuf,
    },
}

/// The state is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidState {
    /// The URL is that of no store.
    #[error(transparent)]
    Location(#[from] InvalidLocation),
    /// The URL of a folder is none of this machine.
    #[error("`{}` names no folder of this machine; write it like file:///var/lib/dialctl", .0.escape_debug())]
    File(String),
}

impl State {
    /// The folder of this machine that the ledger is read from.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Folder(folder) | Self::Store { copy: folder, .. } => folder,
        }
    }

    /// Where the store is, if there is one.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Folder(_) => None,
            Self::Store { location, .. } => Some(location),
        }
    }

    /// Where a sandbox inside this process keeps its data: never in a store, where it would be nobody's business.
    pub fn of_sandbox(self) -> Self {
        match self {
            Self::Store { .. } => Self::default(),
            folder @ Self::Folder(_) => folder,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self::Folder(PathBuf::from(DEFAULT))
    }
}

/// What has `://` is a URL, all else is a folder.
impl TryFrom<PathBuf> for State {
    type Error = InvalidState;

    fn try_from(path: PathBuf) -> Result<Self, InvalidState> {
        let Some(text) = path.to_str().filter(|text| text.contains("://")) else { return Ok(Self::Folder(path)) };
        if let Some(folder) = text.strip_prefix("file://") {
            // Between the slashes would stand the name of another machine, and `%` would begin a character.
            let is_here = folder.starts_with('/') && !folder.contains('%');
            return if is_here { Ok(Self::Folder(folder.into())) } else { Err(InvalidState::File(text.to_owned())) };
        }
        let location: Location = text.parse()?;
        let digest = Digest::of(location.to_string().as_bytes()).to_string();
        // Whoever points elsewhere must not take the copy of one store for that of another.
        let copy = Path::new(DEFAULT).join(digest.get(..8).unwrap_or(&digest));
        Ok(Self::Store { location, copy })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Store { location, .. } => location.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> Result<State, InvalidState> {
        State::try_from(PathBuf::from(text))
    }

    #[test]
    fn a_url_is_a_store_and_all_else_a_folder() {
        for (text, folder) in [
            ("", ""),
            (".dialctl", ".dialctl"),
            ("s3:/bucket", "s3:/bucket"),
            (r"C:\state", r"C:\state"),
            ("file:///var/lib/x", "/var/lib/x"),
        ] {
            assert_eq!(state(text), Ok(State::Folder(PathBuf::from(folder))), "{text}");
        }
        let store = state("s3://bucket/x/").unwrap();
        assert_eq!(store.to_string(), "s3://bucket/x");
        assert!(store.folder().starts_with(".dialctl") && store.location().is_some());
        assert_eq!(store.folder(), state("s3://bucket/x").unwrap().folder());
        assert_ne!(store.folder(), state("s3://bucket/y").unwrap().folder());
        assert_eq!(store.of_sandbox(), State::default());
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["file://state", "file://host/state", "file:///a%20b", "https://bucket.s3.amazonaws.com", "s3://"] {
            assert!(state(text).is_err(), "{text}");
        }
    }
}
