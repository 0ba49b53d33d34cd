//! The lock that a run holds while it works.

use std::time::Duration;

use chrono::Utc;

use super::error::CommandError;
use super::terminal::Terminal;
use super::{Invocation, connection, provenance};
use crate::lock::{Claimant, RunLock};

/// Takes the lock: where another run holds it, waits for so many seconds at most.
///
/// # Errors
/// When it still holds it then, and when the lock cannot be used.
pub async fn take(timeout: u32, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<RunLock, CommandError> {
    let (clock, environment) = (&invocation.surroundings.clock, invocation.surroundings.environment);
    let give_up = clock.now() + Duration::from_secs(timeout.into());
    let (locks, scope) = (invocation.locks()?, connection::lock_scope(invocation)?);
    let claimant = Claimant { holder: provenance::holder(environment), run: provenance::run_page(environment) };
    let mut told = false;
    loop {
        // The real time, for other processes compare it with theirs.
        let now = Utc::now();
        match locks.take(scope.clone(), claimant.clone(), now) {
            Err(error) if error.held_by().is_some() && clock.now() < give_up => {
                if let Some(claim) = error.held_by().filter(|_| !told) {
                    let holder = claim.told(now);
                    terminal.note(format!("Waiting for another run to end, {timeout} s at most: {holder}."));
                    told = true;
                }
                clock.sleep(locks.asked_every()).await;
            }
            Ok(lock) => {
                if let Some(before) = lock.before() {
                    terminal.note(before.told(now));
                }
                return Ok(lock);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
