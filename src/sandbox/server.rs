//! Starting and stopping the sandbox.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::schedule::{ScheduleKind, TargetRef};

use super::connection::{SeverableListener, Severance};
use super::error::SandboxError;
use super::http;
use super::options::SandboxOptions;
use super::service::Service;

/// A target that the sandbox is to know from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The family.
    pub kind: ScheduleKind,
    /// The target. One given by name gets an id that depends on kind and name alone, one given by id a
    /// readable name.
    pub target: TargetRef,
    /// The lines that it dials at once, at least; absent means those of any new campaign.
    pub lines: Option<u32>,
}

/// A running sandbox. It stops when this is dropped; [`Sandbox::stop`] also waits for its last answer.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

/// Starts the sandbox; when this returns it accepts connections.
///
/// # Errors
/// When the address is not loopback or not free, or the data file is broken or cannot be written.
pub async fn start(options: SandboxOptions, seeds: Vec<Seed>) -> Result<Sandbox, SandboxError> {
    let listen = options.listen;
    if !listen.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(listen));
    }
    let refused = |source| SandboxError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let service = Arc::new(Service::set_up(options, &seeds)?);
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
    pub async fn stop(self) {
        // It only fails when the server has ended before, which the next line tells.
        let _ = self.stop.send(());
        match self.running.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the sandbox broke off"),
            Err(error) => tracing::error!(%error, "the sandbox broke off"),
        }
    }
}
