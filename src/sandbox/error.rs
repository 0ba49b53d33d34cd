//! Why the sandbox does not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::openapi::BrokenDocument;
use super::store::StoreError;

/// The sandbox cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Its credentials and its data are for tests: nobody else on the network is to reach it.
    #[error("the sandbox listens on loopback only, not on {0}; use --listen 127.0.0.1:{port}", port = .0.port())]
    NotLoopback(SocketAddr),
    /// The address is taken, or not to be had.
    #[error(
        "cannot listen on {address}: {source}; stop what is using it, or choose another port with --listen 127.0.0.1:0"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The data file is broken or cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The embedded document is broken.
    #[error(transparent)]
    Document(#[from] BrokenDocument),
    /// The faults file cannot be read.
    #[error("cannot read the faults file {}: {source}; check the path given with --faults", path.display())]
    UnreadableFaults {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The faults file is not a list of rules.
    #[error(
        "the faults file {} is not a list of rules: {reason}; write for example `- {{every: 5, status: 429}}`",
        path.display()
    )]
    NotFaults {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
