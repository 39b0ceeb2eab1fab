//! Work shared out to threads, its results taken in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;

struct Shared<T> {
    /// Next item to be worked on.
    next: usize,
    /// Next result to be taken.
    wanted: usize,
    ready: BTreeMap<usize, T>,
    stopped: bool,
}

/// Stops everybody when a worker unwinds.
struct Alarm<'a, T>(&'a Mutex<Shared<T>>, &'a Condvar);

impl<T> Drop for Alarm<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .stopped = true;
            self.1.notify_all();
        }
    }
}

/// Computes `work(0)`, `work(1)`, … `work(count - 1)` on `workers` threads and hands the results to
/// `take` on this thread, in that order. At most `2 × workers` results wait at any time.
///
/// # Errors
/// The first error in the order of items, from either closure; later items are left undone.
pub(crate) fn in_order<T: Send, E: Send>(
    count: usize,
    workers: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    let workers = workers.max(1);
    let shared = Mutex::new(Shared {
        next: 0,
        wanted: 0,
        ready: BTreeMap::new(),
        stopped: false,
    });
    let changed = Condvar::new();
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = || {
        // A worker that panics must not leave the taking thread waiting for its result.
        let _alarm = Alarm(&shared, &changed);
        loop {
            let index = {
                let mut state = lock();
                while !state.stopped && state.next >= state.wanted + 2 * workers {
                    state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                if state.stopped || state.next >= count {
                    return;
                }
                state.next += 1;
                state.next - 1
            };
            let result = work(index);
            lock().ready.insert(index, result);
            changed.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers.min(count) {
            scope.spawn(worker);
        }
        let mut outcome = Ok(());
        for index in 0..count {
            let result = {
                let mut state = lock();
                loop {
                    if let Some(result) = state.ready.remove(&index) {
                        state.wanted = index + 1;
                        break Some(result);
                    }
                    if state.stopped {
                        break None;
                    }
                    state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            };
            changed.notify_all();
            // Only a panic stops the work from outside, and the scope passes it on.
            let Some(result) = result else { break };
            outcome = result.and_then(|result| take(index, result));
            if outcome.is_err() {
                break;
            }
        }
        lock().stopped = true;
        changed.notify_all();
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whoever_is_faster() {
        let mut seen = Vec::new();
        let work = |i: usize| {
            thread::sleep(std::time::Duration::from_micros(
                ((i * 7919) % 13) as u64 * 50,
            ));
            Ok::<_, ()>(i * i)
        };
        in_order(200, 3, work, |i, square| {
            seen.push((i, square));
            Ok(())
        })
        .expect("nothing fails");
        let expected: Vec<_> = (0..200).map(|i| (i, i * i)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_first_error_in_order_stops_the_work() {
        let mut taken = 0;
        let outcome = in_order(
            1000,
            4,
            |i| if i >= 10 { Err(i) } else { Ok(i) },
            |_, _| {
                taken += 1;
                Ok(())
            },
        );
        assert_eq!((outcome, taken), (Err(10), 10));
    }
}
