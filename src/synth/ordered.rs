//! Work on several threads whose results are met in order.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Jobs that may wait for a thread, and results that may wait to be met.
const WAITING: usize = 2;

/// Does every job and meets the results in the order of the jobs, whatever the number of threads.
///
/// # Errors
/// The first error of `meet`; the jobs that are left are then not done.
pub(super) fn ordered<J: Send, R: Send, E>(
    threads: usize,
    jobs: impl Iterator<Item = J> + Send,
    work: impl Fn(J) -> R + Sync,
    mut meet: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    thread::scope(|scope| {
        let mut inputs: Vec<SyncSender<J>> = Vec::new();
        let mut outputs: Vec<Receiver<R>> = Vec::new();
        for _ in 0..threads.max(1) {
            let (input, to_do) = sync_channel::<J>(WAITING);
            let (done, output) = sync_channel::<R>(WAITING);
            let work = &work;
            scope.spawn(move || {
                // A receiver that is gone has met an error.
                while let Ok(job) = to_do.recv() {
                    if done.send(work(job)).is_err() {
                        break;
                    }
                }
            });
            inputs.push(input);
            outputs.push(output);
        }
        scope.spawn(move || {
            for (place, job) in jobs.enumerate() {
                if inputs[place % inputs.len()].send(job).is_err() {
                    break;
                }
            }
        });
        let mut turn = 0;
        while let Ok(result) = outputs[turn % outputs.len()].recv() {
            turn += 1;
            meet(result)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_an_error_stops_the_rest() {
        for threads in [1, 2, 5] {
            let mut met = Vec::new();
            let all: Result<(), ()> = ordered(
                threads,
                0..1000u32,
                |n| n * 2,
                |n| {
                    met.push(n);
                    Ok(())
                },
            );
            assert!(all.is_ok() && met.iter().copied().eq((0..1000).map(|n| n * 2)));
            let stopped = ordered(
                threads,
                0..,
                |n: u32| n,
                |n| if n < 50 { Ok(()) } else { Err(n) },
            );
            assert_eq!(stopped, Err(50));
        }
    }
}
