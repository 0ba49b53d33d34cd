//! The running service: the model with its file, and everything that counts requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::Seed;
use super::error::SandboxError;
use super::faults::Faults;
use super::journal::Journal;
use super::model::{Model, Moment};
use super::openapi::Schemas;
use super::options::SandboxOptions;
use super::permissions::PermissionRules;
use super::refusal::Refusal;
use super::store::Store;
use super::tokens::Tokens;

/// The state behind the HTTP face.
pub struct Service {
    pub(super) options: SandboxOptions,
    pub(super) schemas: Schemas,
    pub(super) permission_rules: PermissionRules,
    pub(super) started: DateTime<Utc>,
    pub(super) tokens: Mutex<Tokens>,
    pub(super) faults: Mutex<Faults>,
    pub(super) journal: Mutex<Journal>,
    model: Mutex<Model>,
    /// Earlier states that reads still see, each until an instant, the oldest first.
    stale: Mutex<Vec<(DateTime<Utc>, Model)>>,
    store: Option<Store>,
}

impl Service {
    /// A service over the data file, with the seeds added. The file is written at once, so that a
    /// place that cannot be written is known before the first request.
    ///
    /// # Errors
    /// When the data file is broken or cannot be written.
    pub fn set_up(options: SandboxOptions, seeds: &[Seed]) -> Result<Self, SandboxError> {
        let schemas = Schemas::compile(ScheduleKind::ALL.map(ScheduleKind::manifest_kind))?;
        let store = options.data.clone().map(Store::at);
        let mut model = store.as_ref().map(Store::load).transpose()?.unwrap_or_default();
        let now = options.clock.now();
        // First, so that a manifest's name finds the id that the inventory gives it.
        model.stock(&options.inventory, now);
        for Seed { kind, target, lines } in seeds {
            model.seed(*kind, target, *lines, now);
        }
        // Again, as a manifest's capacity does not raise what the inventory says.
        model.stock(&options.inventory, now);
        if let Some(store) = &store {
            store.save(&model)?;
        }
        Ok(Self {
            faults: Mutex::new(options.faults.clone()),
            options,
            schemas,
            permission_rules: PermissionRules::read()?,
            started: now,
            tokens: Mutex::default(),
            journal: Mutex::default(),
            model: Mutex::new(model),
            stale: Mutex::default(),
            store,
        })
    }

    /// Looks at the model, or at what it was where a fault keeps reads behind.
    pub fn read<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        let now = self.options.clock.now();
        let mut stale = lock(&self.stale);
        stale.retain(|(until, _)| now < *until);
        match stale.first() {
            Some((_, model)) => look(model),
            None => look(&lock(&self.model)),
        }
    }

    /// The model as it is.
    pub fn snapshot(&self) -> Model {
        lock(&self.model).clone()
    }

    /// Lets reads see an earlier state for a while.
    pub fn keep_reads_at(&self, earlier: Model, time: Duration) {
        let until = TimeDelta::from_std(time).ok().and_then(|time| self.options.clock.now().checked_add_signed(time));
        lock(&self.stale).push((until.unwrap_or(DateTime::<Utc>::MAX_UTC), earlier));
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
        let mut moment = Moment { now: self.options.clock.now(), new_id: &mut Uuid::new_v4 };
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
