//! Time as the client sees it: the real one, or one that tests move.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A source of time and of waiting. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Real { began: Instant },
    Virtual(Arc<Mutex<Moved>>),
}

#[derive(Debug, Default)]
struct Moved {
    now: Duration,
    slept: Duration,
}

impl Clock {
    /// The time of this machine.
    pub fn real() -> Self {
        Self(Source::Real { began: Instant::now() })
    }

    /// A time that stands still until somebody sleeps, and then jumps.
    pub fn virtual_time() -> Self {
        Self(Source::Virtual(Arc::default()))
    }

    /// The time since the clock was made. It never runs backwards.
    pub fn now(&self) -> Duration {
        match &self.0 {
            Source::Real { began } => began.elapsed(),
            Source::Virtual(moved) => lock(moved).now,
        }
    }

    /// The calendar's time, which HTTP dates are compared with. A virtual clock begins at the Unix epoch.
    pub fn calendar(&self) -> SystemTime {
        match &self.0 {
            Source::Real { .. } => SystemTime::now(),
            Source::Virtual(moved) => SystemTime::UNIX_EPOCH + lock(moved).now,
        }
    }

    /// Waits. On a virtual clock the wait is over at once, and the time has moved on.
    pub async fn sleep(&self, wait: Duration) {
        match &self.0 {
            Source::Real { .. } => tokio::time::sleep(wait).await,
            Source::Virtual(moved) => {
                {
                    let mut moved = lock(moved);
                    moved.now += wait;
                    moved.slept += wait;
                }
                tokio::task::yield_now().await;
            }
        }
    }

    /// How long all sleeps on a virtual clock would have taken, put end to end; nothing for the real one.
    pub fn slept(&self) -> Duration {
        match &self.0 {
            Source::Real { .. } => Duration::ZERO,
            Source::Virtual(moved) => lock(moved).slept,
        }
    }
}

fn lock(moved: &Mutex<Moved>) -> std::sync::MutexGuard<'_, Moved> {
    moved.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn virtual_time_moves_by_sleeping_only() {
        let clock = Clock::virtual_time();
        let other = clock.clone();
        other.sleep(Duration::from_secs(3600)).await;
        assert_eq!((clock.now(), clock.slept()), (Duration::from_secs(3600), Duration::from_secs(3600)));
        assert_eq!(clock.calendar(), SystemTime::UNIX_EPOCH + Duration::from_secs(3600));
    }
}
