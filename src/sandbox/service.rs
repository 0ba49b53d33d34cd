//! The running service: the model with its file, and everything that counts requests.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::Seed;
use super::errors::Refusal;
use super::faults::Faults;
use super::journal::Journal;
use super::model::{Model, Moment, WrongVersion};
use super::openapi::{BrokenDocument, Schemas};
use super::store::{Store, StoreError};
use super::tokens::Tokens;

/// Gives the time; the system's, or one that a test sets.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

/// How the service behaves.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// The only client that gets tokens.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// How long a token is valid. The service's own range is 300 s to 48 h, 24 h when not set.
    pub token_lifetime: TimeDelta,
    /// Requests per token in a window of 60 s; 0 for no limit. The service's default is 300.
    pub rate_limit: u32,
    /// Whether an interval that starts in the past is refused. Its user interface does, of the API it
    /// is not known.
    pub refuse_past_intervals: bool,
    /// How a wrong version is refused.
    pub wrong_version: WrongVersion,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// The time.
    pub clock: Clock,
}

impl Behaviour {
    /// The stated defaults, for one client.
    pub fn new(client_id: String, client_secret: SecretString) -> Self {
        Self {
            client_id,
            client_secret,
            token_lifetime: TimeDelta::days(1),
            rate_limit: 300,
            refuse_past_intervals: false,
            wrong_version: WrongVersion::default(),
            faults: Faults::default(),
            clock: Clock::system(),
        }
    }
}

/// The state behind the HTTP face.
pub struct Service {
    pub(super) behaviour: Behaviour,
    pub(super) schemas: Schemas,
    pub(super) tokens: Mutex<Tokens>,
    pub(super) faults: Mutex<Faults>,
    pub(super) journal: Mutex<Journal>,
    model: Mutex<Model>,
    store: Option<Store>,
}

/// The service cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The data file is the reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The embedded document is the reason.
    #[error(transparent)]
    Document(#[from] BrokenDocument),
}

impl Service {
    /// A service over the data file, with the seeds added. The file is written at once, so that a
    /// place that cannot be written is known before the first request.
    ///
    /// # Errors
    /// When the data file is broken or cannot be written.
    pub fn set_up(behaviour: Behaviour, data: Option<PathBuf>, seeds: &[Seed]) -> Result<Self, SetUpError> {
        let schemas = Schemas::compile(ScheduleKind::ALL.map(ScheduleKind::manifest_kind))?;
        let store = data.map(Store::at);
        let mut model = store.as_ref().map(Store::load).transpose()?.unwrap_or_default();
        let now = behaviour.clock.now();
        for Seed { kind, target } in seeds {
            model.seed(*kind, target, now);
        }
        if let Some(store) = &store {
            store.save(&model)?;
        }
        Ok(Self {
            faults: Mutex::new(behaviour.faults.clone()),
            behaviour,
            schemas,
            tokens: Mutex::default(),
            journal: Mutex::default(),
            model: Mutex::new(model),
            store,
        })
    }

    /// Looks at the model.
    pub fn read<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&lock(&self.model))
    }

    /// Changes the model: all of it, on disk too, or nothing.
    ///
    /// # Errors
    /// The refusal of the change, or 500 when the data file cannot be written.
    pub fn commit<T>(
        &self,
        change: impl FnOnce(&mut Model, &mut Moment<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut model = lock(&self.model);
        let mut next = model.clone();
        let mut moment = Moment { now: self.behaviour.clock.now(), new_id: &mut Uuid::new_v4 };
        let outcome = change(&mut next, &mut moment)?;
        if let Some(store) = &self.store {
            store.save(&next).map_err(|error| {
                tracing::error!(%error, "the change is not kept");
                Refusal::of_status(500)
            })?;
        }
        *model = next;
        Ok(outcome)
    }
}

/// Locks what no panic can leave half changed: each change is a single assignment or a single call.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
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

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
