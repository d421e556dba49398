//! Work on ranges, on several threads.
//!
//! In: a number of items. Out: what each range of them gives, in order. Must hold: results come in the
//! order of the ranges, whichever thread was first.

use std::ops::Range;

/// Splits `0..len` into as many ranges as threads and works on them at once.
pub(crate) fn chunks<T: Send>(
    len: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let threads = threads.max(1);
    let bound = |part: usize| len * part / threads;
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> = (0..threads)
            .map(|part| scope.spawn(move || work(bound(part)..bound(part + 1))))
            .collect();
        let joined = parts.into_iter().map(|part| match part.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}
