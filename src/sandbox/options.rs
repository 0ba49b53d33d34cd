//! How the sandbox is set up.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::assumptions::Assumptions;
use super::faults::Faults;
use super::inventory::Inventory;
use super::permissions::Permissions;

/// Where the sandbox listens, what it keeps, and how it behaves.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// A loopback address; port 0 for a free one.
    pub listen: SocketAddr,
    /// The data file; without one everything is forgotten at the end.
    pub data: Option<PathBuf>,
    /// What it has from the start besides the targets of manifests.
    pub inventory: Inventory,
    /// The only client that gets tokens.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What the client may do.
    pub permissions: Permissions,
    /// How long a token is valid, in whole seconds. The service's own range is 300 s to 48 h.
    pub token_lifetime: Duration,
    /// Requests per token in a window of 60 s; 0 for no limit.
    pub rate_limit: u32,
    /// Where it departs from the default readings of what is not known.
    pub assumptions: Assumptions,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// The time.
    pub clock: SandboxClock,
}

impl SandboxOptions {
    /// A sandbox for one client that may do everything, on a free port, with the service's defaults: 300 requests
    /// a minute, tokens for 24 hours. It keeps nothing and nothing goes wrong.
    pub fn new(client_id: String, client_secret: SecretString) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            data: None,
            inventory: Inventory::default(),
            client_id,
            client_secret,
            permissions: Permissions::default(),
            token_lifetime: Duration::from_secs(86_400),
            rate_limit: 300,
            assumptions: Assumptions::default(),
            faults: Faults::default(),
            clock: SandboxClock::system(),
        }
    }
}

/// Gives the time; the system's, or one that a test sets.
#[derive(Clone)]
pub struct SandboxClock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl SandboxClock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::from_fn(Utc::now)
    }

    /// A clock that gives what the function gives.
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl fmt::Debug for SandboxClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SandboxClock")
    }
}
