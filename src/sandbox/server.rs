//! Starting and stopping the sandbox.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::schedule::{ScheduleKind, TargetRef};

use super::connection::{SeverableListener, Severance};
use super::http;
use super::service::{Behaviour, Service, SetUpError};

/// Where the sandbox listens, what it keeps, and how it behaves.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// A loopback address; port 0 for a free one.
    pub listen: SocketAddr,
    /// The data file; without one everything is forgotten at the end.
    pub data: Option<PathBuf>,
    /// How the service behaves.
    pub behaviour: Behaviour,
}

/// A target that the sandbox is to know from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The family.
    pub kind: ScheduleKind,
    /// The target. One given by name gets an id that depends on kind and name alone, one given by id a
    /// readable name.
    pub target: TargetRef,
}

/// A running sandbox. It stops when this is dropped; [`Sandbox::stop`] also waits for its last answer.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

/// The sandbox cannot be started, or broke off.
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
    SetUp(#[from] SetUpError),
    /// The server ended by itself.
    #[error("the sandbox on {address} broke off: {source}")]
    Ended {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Starts the sandbox; when this returns it accepts connections.
///
/// # Errors
/// When the address is not loopback or not free, or the data file is broken or cannot be written.
pub async fn start(options: SandboxOptions, seeds: Vec<Seed>) -> Result<Sandbox, SandboxError> {
    let SandboxOptions { listen, data, behaviour } = options;
    if !listen.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(listen));
    }
    let refused = |source| SandboxError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let service = Arc::new(Service::set_up(behaviour, data, &seeds)?);
    let app = http::router(service).into_make_service_with_connect_info::<Severance>();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(SeverableListener(listener), app).with_graceful_shutdown(async {
        // Dropping the sender stops the server as well.
        let _ = stopped.await;
    });
    let running = tokio::spawn(async { server.await });
    Ok(Sandbox { address, stop, running })
}

impl Sandbox {
    /// Where API and login are reached, for example `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more connections, answers what is in flight, then returns.
    ///
    /// # Errors
    /// When the server has broken off before.
    pub async fn stop(self) -> Result<(), SandboxError> {
        let Self { address, stop, running } = self;
        // It only fails when the server has ended, which the next line reports.
        let _ = stop.send(());
        let ended = running.await.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        ended.map_err(|source| SandboxError::Ended { address, source })
    }

    /// Serves until the future is ready, then stops as [`Sandbox::stop`] does.
    ///
    /// # Errors
    /// As [`Sandbox::stop`].
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> Result<(), SandboxError> {
        shutdown.await;
        self.stop().await
    }
}
