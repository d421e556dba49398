//! The bytes that bodies may take at a time, of all callers and of each.
//!
//! In: how many bytes somebody is about to keep. Out: room for them, or none.
//! Must hold: what is charged is at least what is allocated, and is given back when the bytes are dropped,
//! whoever drops them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// The least that a buffer grows by, and the most it grows by beyond what is asked.
const STEP: usize = 64 << 10;
const LEAP: usize = 4 << 20;

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// How many bytes are taken, and by whom.
#[derive(Debug)]
pub(super) struct Budget {
    total: u64,
    per_caller: u64,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: u64,
    by_caller: HashMap<Arc<str>, u64>,
}

impl Budget {
    /// A budget of `total` bytes, `per_caller` of them for any one.
    pub fn new(total: u64, per_caller: u64) -> Arc<Self> {
        Arc::new(Self {
            total,
            per_caller,
            taken: Mutex::default(),
        })
    }

    /// An empty buffer of a caller.
    pub fn buffer(self: &Arc<Self>, caller: &str) -> Buffer {
        Buffer {
            bytes: Vec::new(),
            share: Share {
                budget: self.clone(),
                caller: caller.into(),
                bytes: 0,
            },
        }
    }

    /// How many bytes are taken.
    #[cfg(test)]
    pub fn taken(&self) -> u64 {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // The sums are changed by single additions: a panic elsewhere leaves them whole.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one buffer has taken.
#[derive(Debug)]
struct Share {
    budget: Arc<Budget>,
    caller: Arc<str>,
    bytes: u64,
}

impl Share {
    fn take(&mut self, bytes: u64) -> Result<(), Full> {
        let mut taken = self.budget.lock();
        let own = taken.by_caller.get(&self.caller).copied().unwrap_or(0);
        let fits =
            |taken: u64, limit: u64| taken.checked_add(bytes).is_some_and(|sum| sum <= limit);
        if !fits(own, self.budget.per_caller) || !fits(taken.total, self.budget.total) {
            return Err(Full);
        }
        taken.total += bytes;
        taken.by_caller.insert(self.caller.clone(), own + bytes);
        drop(taken);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.budget.lock();
        taken.total = taken.total.saturating_sub(self.bytes);
        let own = taken.by_caller.get(&self.caller).copied().unwrap_or(0);
        match own.saturating_sub(self.bytes) {
            0 => taken.by_caller.remove(&self.caller),
            left => taken.by_caller.insert(self.caller.clone(), left),
        };
    }
}

/// Bytes that are charged to a budget.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    share: Share,
}

impl Buffer {
    /// Another empty buffer of the same caller.
    pub fn sibling(&self) -> Self {
        self.share.budget.buffer(&self.share.caller)
    }

    /// Takes room for `capacity` bytes in all.
    ///
    /// # Errors
    /// When there is none; the buffer stays as it is.
    pub fn reserve(&mut self, capacity: usize) -> Result<(), Full> {
        let more = capacity.saturating_sub(self.bytes.capacity());
        if more > 0 {
            self.share.take(more as u64)?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        Ok(())
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When there is no room; nothing is appended.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let needed = self.bytes.len() + bytes.len();
        let capacity = self.bytes.capacity();
        if needed > capacity {
            let ahead = capacity.clamp(STEP, LEAP);
            self.reserve(needed.max(capacity + ahead))
                .or_else(|Full| self.reserve(needed))?;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// The bytes, still charged until the last clone is dropped.
    pub fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_caller_cannot_take_the_share_of_another() {
        let budget = Budget::new(100, 60);
        let (mut first, mut second) = (budget.buffer("a"), budget.buffer("b"));
        first.reserve(60).unwrap();
        assert_eq!(budget.buffer("a").reserve(1), Err(Full));
        second.reserve(40).unwrap();
        assert_eq!(second.reserve(41), Err(Full));
        drop(first);
        second.reserve(60).unwrap();
        let bytes = second.freeze();
        let clone = bytes.clone();
        drop(bytes);
        assert_eq!(budget.taken(), 60);
        drop(clone);
        assert_eq!(budget.taken(), 0);
        assert!(budget.lock().by_caller.is_empty());
    }

    #[test]
    fn the_last_bytes_of_a_budget_can_be_used() {
        let budget = Budget::new(10, 10);
        let mut buffer = budget.buffer("a");
        buffer.push(&[7; 4]).unwrap();
        buffer.push(&[7; 6]).unwrap();
        assert_eq!(buffer.push(&[7]), Err(Full));
        assert_eq!(buffer.as_ref(), [7; 10]);
    }

    proptest! {
        #[test]
        fn what_is_charged_is_what_is_allocated(
            steps in proptest::collection::vec((0_usize..4, 0_usize..200_000), 0..40),
        ) {
            let budget = Budget::new(1 << 20, 700_000);
            let mut buffers: Vec<Buffer> = (0..4).map(|i| budget.buffer(["a", "b"][i % 2])).collect();
            for (which, length) in steps {
                match length % 7 {
                    0 => buffers[which] = buffers[which].sibling(),
                    1 => drop(buffers[which].reserve(length)),
                    _ => drop(buffers[which].push(&vec![0; length])),
                }
                let allocated: usize = buffers.iter().map(|b| b.bytes.capacity()).sum();
                prop_assert_eq!(budget.taken(), allocated as u64);
                prop_assert!(budget.taken() <= 1 << 20);
            }
            drop(buffers);
            prop_assert_eq!(budget.taken(), 0);
        }
    }
}
