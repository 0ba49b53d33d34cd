//! Certificate authorities that are trusted besides those of the system: of a proxy or a gateway with
//! certificates of its own.

use std::io;
use std::path::{Path, PathBuf};

use reqwest::{Certificate, ClientBuilder};

/// The largest file of certificates that is read, in bytes: a system's whole store is smaller.
const SIZE_MAX: u64 = 4 * 1024 * 1024;

/// Certificate authorities that are trusted besides those of the system.
#[derive(Clone, Debug, Default)]
pub struct Authorities(Vec<Certificate>);

/// A file of certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAuthorities {
    /// It cannot be read.
    #[error("cannot read the certificates in {}: {source}; give another file with --ca-file", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is something else, such as a single certificate in binary form.
    #[error(
        "{} holds no certificates: it must be a file of at most {SIZE_MAX} bytes in PEM format, with lines such as \
         `-----BEGIN CERTIFICATE-----`{}",
        .path.display(),
        .reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default()
    )]
    NoCertificates {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, where more is known.
        reason: Option<String>,
    },
}

impl Authorities {
    /// The authorities in a PEM file.
    ///
    /// # Errors
    /// When it cannot be read, or holds none.
    pub fn read(path: &Path) -> Result<Self, InvalidAuthorities> {
        let unreadable = |source| InvalidAuthorities::Unreadable { path: path.to_owned(), source };
        let none = |reason| InvalidAuthorities::NoCertificates { path: path.to_owned(), reason };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        // A pipe, for example, would be waited for in vain.
        if !metadata.is_file() || metadata.len() > SIZE_MAX {
            return Err(none(None));
        }
        let found = Certificate::from_pem_bundle(&std::fs::read(path).map_err(unreadable)?);
        match found {
            Ok(found) if found.is_empty() => Err(none(None)),
            Ok(found) => Ok(Self(found)),
            Err(error) => Err(none(std::error::Error::source(&error).map(ToString::to_string))),
        }
    }

    /// A client that trusts them too.
    pub fn trusted_by(&self, builder: ClientBuilder) -> ClientBuilder {
        if self.0.is_empty() { builder } else { builder.tls_certs_merge(self.0.iter().cloned()) }
    }
}
