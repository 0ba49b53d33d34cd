//! Debounce: gathers notices until it is quiet.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout_at};

/// One notice of the system, as far as it matters.
#[derive(Debug)]
pub enum Notice {
    /// Something in a watched path changed.
    Changed,
    /// A watched path itself, or a directory above it, came, went or was replaced.
    Moved,
    /// The system no longer watches all of the paths.
    Failed(notify::Error),
}

/// What the notices up to a quiet moment say together.
#[derive(Debug, Default)]
pub struct Burst {
    /// Whether a watched path itself came, went or was replaced.
    pub moved: bool,
    /// The first failure.
    pub failure: Option<notify::Error>,
}

impl Burst {
    fn add(&mut self, notice: Notice) {
        match notice {
            Notice::Changed => {}
            Notice::Moved => self.moved = true,
            Notice::Failed(error) => self.failure = self.failure.take().or(Some(error)),
        }
    }
}

/// Waits for a notice, then until none has come for as long as `quiet`, but not longer than `patience`.
/// Where nobody sends any more it waits for ever.
pub async fn settled(notices: &mut UnboundedReceiver<Notice>, quiet: Duration, patience: Duration) -> Burst {
    let mut burst = Burst::default();
    burst.add(received(notices).await);
    let latest = Instant::now() + patience;
    while Instant::now() < latest {
        let until = latest.min(Instant::now() + quiet);
        match timeout_at(until, received(notices)).await {
            Ok(notice) => burst.add(notice),
            Err(_) => break,
        }
    }
    burst
}

async fn received(notices: &mut UnboundedReceiver<Notice>) -> Notice {
    match notices.recv().await {
        Some(notice) => notice,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::{sleep, timeout};

    use super::*;

    const QUIET: Duration = Duration::from_millis(150);
    const PATIENCE: Duration = Duration::from_secs(2);

    /// When the first bursts are complete, in milliseconds, for changes at these times.
    async fn complete_at(changes: &'static [u64], bursts: usize) -> Vec<u128> {
        let began = Instant::now();
        let (sender, mut notices) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for at in changes {
                tokio::time::sleep_until(began + Duration::from_millis(*at)).await;
                sender.send(Notice::Changed).unwrap();
            }
            std::future::pending::<()>().await;
        });
        let mut times = Vec::new();
        for _ in 0..bursts {
            settled(&mut notices, QUIET, PATIENCE).await;
            times.push(began.elapsed().as_millis());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn changes_close_together_are_one() {
        assert_eq!(complete_at(&[100], 1).await, [250]);
        assert_eq!(complete_at(&[100, 101, 200, 340], 1).await, [490]);
        assert_eq!(complete_at(&[100, 300, 310], 2).await, [250, 460]);
    }

    #[tokio::test(start_paused = true)]
    async fn changes_without_end_are_told_all_the_same() {
        let (sender, mut notices) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while sender.send(Notice::Changed).is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        });
        let began = Instant::now();
        settled(&mut notices, QUIET, PATIENCE).await;
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_notice_nothing_is_told() {
        let (sender, mut notices) = mpsc::unbounded_channel::<Notice>();
        let hour = Duration::from_secs(3_600);
        assert!(timeout(hour, settled(&mut notices, QUIET, PATIENCE)).await.is_err());
        drop(sender);
        assert!(timeout(hour, settled(&mut notices, QUIET, PATIENCE)).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_remembers_moves_and_the_first_failure() {
        let (sender, mut notices) = mpsc::unbounded_channel();
        let failures = ["first", "second"].map(|text| Notice::Failed(notify::Error::generic(text)));
        for notice in [Notice::Moved, Notice::Changed].into_iter().chain(failures) {
            sender.send(notice).unwrap();
        }
        let burst = settled(&mut notices, QUIET, PATIENCE).await;
        assert!(burst.moved);
        assert_eq!(burst.failure.unwrap().to_string(), "first");

        sender.send(Notice::Changed).unwrap();
        let burst = settled(&mut notices, QUIET, PATIENCE).await;
        assert!(!burst.moved && burst.failure.is_none());
    }
}
