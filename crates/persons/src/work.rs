//! Work in pieces of a fixed size, put together in order: the same result on any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does pieces `0..pieces` and returns their results in order.
pub(crate) fn in_chunks<T, F>(threads: usize, pieces: usize, piece: F) -> Vec<T>
where
    T: Send,
    F: Fn(usize) -> T + Sync,
{
    if threads <= 1 || pieces <= 1 {
        return (0..pieces).map(piece).collect();
    }
    let next = AtomicUsize::new(0);
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= pieces {
                    return done;
                }
                done.push((at, piece(at)));
            }
        };
        let others: Vec<_> = (1..threads.min(pieces))
            .map(|_| scope.spawn(work))
            .collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, result)| result).collect()
}
