//! How much linkage did, and what it left out.
//!
//! In: what blocks do, on any number of workers. Out: numbers for the summary. Must hold: what is left out
//! is a function of the rows; how many pairs were compared depends on epochs, too, and never on time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::link::PersonKeyKind;

/// Counts shared by all workers.
#[derive(Clone, Debug, Default)]
pub struct LinkageWork(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    compared: AtomicU64,
    ruled_out: AtomicU64,
    left_out: [LeftOutCounts; 3],
}

#[derive(Debug, Default)]
struct LeftOutCounts {
    blocks: AtomicU64,
    participants: AtomicU64,
}

/// The counts of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LinkageCounts {
    compared: u64,
    ruled_out: u64,
    /// Blocks and participants, by kind.
    left_out: [(u64, u64); 3],
}

/// What is left out of blocks of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Blocks that are larger than their bound and have somebody who would be compared.
    pub blocks: u64,
    /// Those who would be.
    pub participants: u64,
}

impl LinkageWork {
    pub(super) fn compare(&self) {
        self.0.compared.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn rule_out(&self) {
        self.0.ruled_out.fetch_add(1, Ordering::Relaxed);
    }

    /// A block left so many out before, and leaves so many out now.
    pub(super) fn leave_out(&self, kind: PersonKeyKind, before: u32, now: u32) {
        if before != now {
            let counts = &self.0.left_out[kind as usize];
            let change = |count: &AtomicU64, before: u64, now: u64| {
                count.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
            };
            change(&counts.participants, before.into(), now.into());
            change(&counts.blocks, u64::from(before > 0), u64::from(now > 0));
        }
    }

    /// The counts, to be added to those of another process.
    pub(super) fn counts(&self) -> LinkageCounts {
        LinkageCounts {
            compared: self.compared(),
            ruled_out: self.ruled_out(),
            left_out: self.0.left_out.each_ref().map(|counts| {
                let blocks = counts.blocks.load(Ordering::Relaxed);
                (blocks, counts.participants.load(Ordering::Relaxed))
            }),
        }
    }

    /// Adds what was counted in another process.
    pub(super) fn add(&self, other: &LinkageCounts) {
        self.0.compared.fetch_add(other.compared, Ordering::Relaxed);
        self.0
            .ruled_out
            .fetch_add(other.ruled_out, Ordering::Relaxed);
        for (counts, (blocks, participants)) in self.0.left_out.iter().zip(other.left_out) {
            counts.blocks.fetch_add(blocks, Ordering::Relaxed);
            counts
                .participants
                .fetch_add(participants, Ordering::Relaxed);
        }
    }

    /// Pairs whose rows were read; a pair that came and went counts each time.
    pub fn compared(&self) -> u64 {
        self.0.compared.load(Ordering::Relaxed)
    }

    /// Pairs of one block that were told apart without their names.
    pub fn ruled_out(&self) -> u64 {
        self.0.ruled_out.load(Ordering::Relaxed)
    }

    /// What is left out now of blocks of a kind.
    pub fn left_out(&self, kind: PersonKeyKind) -> LeftOut {
        let counts = &self.0.left_out[kind as usize];
        LeftOut {
            blocks: counts.blocks.load(Ordering::Relaxed),
            participants: counts.participants.load(Ordering::Relaxed),
        }
    }
}
