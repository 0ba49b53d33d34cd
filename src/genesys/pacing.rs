//! Pacing: one limit for all requests of the process.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Clock;

const MINUTE: Duration = Duration::from_secs(60);

/// When the next request may leave, as pure arithmetic (the generic cell rate algorithm).
///
/// Requests become due one `period` apart; one may leave up to `burst - 1` periods before it is due.
/// If k requests leave within less than a minute, the first at t, then the last was due no sooner than
/// t + (k - 1) periods and left at most burst - 1 periods before that, so (k - burst) periods fit into
/// less than a minute. With a period of a minute / (limit - burst + 1) that means k - burst <
/// limit - burst + 1: no half-open minute holds more than `limit` requests, whenever it begins.
#[derive(Debug)]
pub struct Pace {
    period: Duration,
    ahead: Duration,
    due: Duration,
    held_until: Duration,
}

/// Lets requests through at the pace, in the order in which they asked; but one that is sent again goes
/// before those that have not been sent yet. At the end of the queue it could meet the limit of the
/// service at the same moment each time, and never come through.
#[derive(Debug)]
pub struct Pacer {
    clock: Clock,
    pace: Mutex<Pace>,
    // A fair lock: whoever waits for the pace holds it, and the others queue behind.
    turn: tokio::sync::Mutex<()>,
    // Held while waiting for the turn, so that no more than one newcomer stands before what is sent again.
    newcomer: tokio::sync::Mutex<()>,
}

impl Pace {
    /// A pace of so many requests a minute, of which a fifteenth may leave at once: 20 of the 300 that
    /// the service allows a client by default.
    pub fn new(per_minute: NonZeroU32) -> Self {
        let limit = per_minute.get();
        let burst = (limit / 15).max(1);
        // Rounded up to the next nanosecond, because rounding down would let one too many through.
        let period = MINUTE / (limit - burst + 1) + Duration::from_nanos(1);
        Self { period, ahead: period * (burst - 1), due: Duration::ZERO, held_until: Duration::ZERO }
    }

    /// Lets a request leave now, or says when to ask again.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let opens = self.due.saturating_sub(self.ahead).max(self.held_until);
        if now < opens {
            return Err(opens);
        }
        self.due = self.due.max(now) + self.period;
        Ok(())
    }

    /// Lets nothing leave before a moment.
    pub fn hold_until(&mut self, moment: Duration) {
        self.held_until = self.held_until.max(moment);
    }
}

impl Pacer {
    /// A pacer for so many requests a minute.
    pub fn new(per_minute: NonZeroU32, clock: Clock) -> Self {
        Self {
            clock,
            pace: Mutex::new(Pace::new(per_minute)),
            turn: tokio::sync::Mutex::default(),
            newcomer: tokio::sync::Mutex::default(),
        }
    }

    /// Waits until a request may leave, for the first time or `again`.
    pub async fn turn(&self, again: bool) {
        let _newcomer = if again { None } else { Some(self.newcomer.lock().await) };
        let _turn = self.turn.lock().await;
        loop {
            let now = self.clock.now();
            // Asked anew after each wait: a hold may have come meanwhile.
            let taken = self.pace().take(now);
            match taken {
                Ok(()) => return,
                Err(opens) => self.clock.sleep(opens.saturating_sub(now)).await,
            }
        }
    }

    /// Holds everybody back for a time from now, as the service asked.
    pub fn hold_for(&self, wait: Duration) {
        let until = self.clock.now() + wait;
        self.pace().hold_until(until);
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn per_minute(n: u32) -> NonZeroU32 {
        NonZeroU32::new(n).unwrap()
    }

    /// The moments at which requests leave that all want to leave as soon as possible from `start` on.
    fn departures(pace: &mut Pace, start: Duration, count: usize) -> Vec<Duration> {
        let mut now = start;
        let mut left = Vec::new();
        while left.len() < count {
            match pace.take(now) {
                Ok(()) => left.push(now),
                Err(opens) => now = opens,
            }
        }
        left
    }

    #[test]
    fn no_minute_holds_more_than_the_limit_and_hardly_less() {
        for limit in [1, 2, 14, 15, 16, 60, 300, 3000] {
            let mut pace = Pace::new(per_minute(limit));
            // A quiet time lets the burst fill up; then everybody comes at once.
            let left = departures(&mut pace, Duration::from_secs(1000), 3 * limit as usize + 5);
            let within = |n: usize| left.partition_point(|t| *t < left[n] + MINUTE) - n;
            let most = (0..left.len()).map(within).max();
            assert_eq!(most, Some(limit as usize), "{limit} a minute");
        }
    }

    #[test]
    fn a_burst_leaves_at_once_and_the_rest_one_by_one() {
        let left = departures(&mut Pace::new(per_minute(300)), Duration::ZERO, 22);
        assert_eq!(left.iter().filter(|t| t.is_zero()).count(), 20);
        assert!(left[20] > Duration::from_millis(200) && left[20] < Duration::from_millis(220), "{:?}", left[20]);
    }

    #[tokio::test]
    async fn what_is_sent_again_goes_before_what_was_not_sent_yet() {
        let pacer = Pacer::new(per_minute(1), Clock::virtual_time());
        pacer.turn(false).await;
        let order = Mutex::new(Vec::new());
        let one = async |name, again| {
            pacer.turn(again).await;
            order.lock().unwrap().push(name);
        };
        tokio::join!(one("first", false), one("second", false), one("third", false), one("again", true));
        assert_eq!(order.into_inner().unwrap(), ["first", "again", "second", "third"]);
    }

    #[test]
    fn a_hold_stops_everybody_and_is_never_shortened() {
        let mut pace = Pace::new(per_minute(300));
        pace.hold_until(Duration::from_secs(9));
        pace.hold_until(Duration::from_secs(5));
        assert_eq!(pace.take(Duration::from_secs(8)), Err(Duration::from_secs(9)));
        assert_eq!(pace.take(Duration::from_secs(9)), Ok(()));
    }

    #[tokio::test]
    async fn waiters_leave_in_the_order_in_which_they_came() {
        let clock = Clock::virtual_time();
        let pacer = Arc::new(Pacer::new(per_minute(15), clock.clone()));
        let order = Arc::new(Mutex::new(Vec::new()));
        let waiters: Vec<_> = (0..10)
            .map(|n| {
                let (pacer, order) = (Arc::clone(&pacer), Arc::clone(&order));
                tokio::spawn(async move {
                    pacer.turn(false).await;
                    order.lock().unwrap().push(n);
                })
            })
            .collect();
        for waiter in waiters {
            waiter.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
        // The first leaves at once, each of the others after a period of four seconds.
        assert_eq!(clock.slept().as_secs(), 36);
    }

    #[tokio::test]
    async fn a_hold_reaches_those_who_wait_already() {
        let clock = Clock::virtual_time();
        let pacer = Pacer::new(per_minute(300), clock.clone());
        pacer.hold_for(Duration::from_secs(42));
        pacer.turn(false).await;
        assert_eq!(clock.now(), Duration::from_secs(42));
    }
}
