//! Two threads for work on many things that need not know of each other.

use std::collections::BTreeMap;
use std::io;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Things that one thread takes at a time: enough to be worth a thread, few enough that both end at the
/// same time.
const PIECE: usize = 2048;

/// What `work` makes of things, in their order; where they are many, it is given them piece by piece,
/// on two threads.
///
/// # Errors
/// One of those of `work`.
pub(super) fn in_pieces<T: Send, R: Send>(
    things: Vec<T>,
    work: impl Fn(Vec<T>) -> io::Result<Vec<R>> + Sync,
) -> io::Result<Vec<R>> {
    if things.len() <= PIECE {
        return work(things);
    }
    let left = Mutex::new(things.into_iter());
    let made = Mutex::new(BTreeMap::new());
    let taken = || {
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        let place = left.len();
        let piece: Vec<T> = left.by_ref().take(PIECE).collect();
        (place, piece)
    };
    let help = || -> io::Result<()> {
        loop {
            let (place, piece) = taken();
            if piece.is_empty() {
                return Ok(());
            }
            let results = work(piece)?;
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.insert(place, results);
        }
    };
    thread::scope(|scope| {
        let helper = scope.spawn(help);
        let own = help();
        own.and(helper.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    // The places tell how many things were left, so the first piece has the highest.
    let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(made.into_values().rev().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_has_the_order_of_what_it_is_made_of() {
        for count in [0, 1, 3 * PIECE + 1] {
            let things: Vec<usize> = (0..count).collect();
            let doubled = |piece: Vec<usize>| Ok(piece.iter().map(|n| n * 2).collect());
            let made: Vec<usize> = in_pieces(things, doubled).expect("it does not fail");
            assert!(made.iter().copied().eq((0..count).map(|n| n * 2)));
        }
    }

    #[test]
    fn a_failure_of_any_piece_is_told() {
        for bad in [0, 3 * PIECE] {
            let things = (0..=3 * PIECE).collect();
            let failing = |piece: Vec<usize>| match piece.contains(&bad) {
                true => Err(io::Error::other("bad")),
                false => Ok(piece),
            };
            assert!(in_pieces(things, failing).is_err());
        }
    }
}
