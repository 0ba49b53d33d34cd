//! The same work on many items, on all processors.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::{iter, panic, thread};

/// The results of the work in the order of the items. A thread takes `chunk` items at a time, as many as are
/// worth a thread.
pub fn map<T: Send, R: Send>(items: Vec<T>, chunk: NonZeroUsize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(items.len().div_ceil(chunk.get()));
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let waiting = Mutex::new((0.., items.into_iter()));
    let take = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let chunk: Vec<T> = waiting.1.by_ref().take(chunk.get()).collect();
        waiting.0.next().filter(|_| !chunk.is_empty()).map(|n: usize| (n, chunk))
    };
    let run = || iter::from_fn(take).map(|(n, chunk)| (n, chunk.into_iter().map(&work).collect())).collect::<Vec<_>>();
    let mut done: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|payload| panic::resume_unwind(payload)))
            .collect()
    });
    done.sort_unstable_by_key(|(n, _)| *n);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    #[test]
    fn results_keep_the_order_of_the_items() {
        for count in [0, 1, 31, 32, 33, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|n| n * 2).collect();
            for chunk in [1, 32] {
                let chunk = NonZeroUsize::new(chunk).unwrap();
                assert_eq!(super::map(items.clone(), chunk, |n| n * 2), doubled, "{count}");
            }
        }
    }
}
