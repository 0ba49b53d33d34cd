//! How long work takes that is done several times.

use std::time::{Duration, Instant};

const RUNS: usize = 5;

/// The shortest time of several runs, and what the last gave.
pub fn fastest<T>(work: impl Fn() -> T) -> (Duration, T) {
    let timed = || {
        let start = Instant::now();
        let result = work();
        (start.elapsed(), result)
    };
    (1..RUNS).fold(timed(), |(shortest, _), _| {
        let (time, result) = timed();
        (shortest.min(time), result)
    })
}
