//! The delivery that is being filled while another becomes durable.
//!
//! In: rows that were taken, and gaps between them. Out: all of them at once. Must hold: it says
//! that it is full as soon as a bound is reached, so that it exceeds it by one row at most.

use std::sync::Arc;

use crate::source::delivery::{Gap, RawRow};

/// Rows that wait to be handed over.
#[derive(Debug, Default)]
pub(super) struct Forming {
    rows: Vec<RawRow>,
    gaps: Vec<Gap>,
    bytes: usize,
}

impl Forming {
    /// Adds a row.
    pub(super) fn push(&mut self, row: RawRow) {
        self.bytes += size(&row);
        self.rows.push(row);
    }

    /// Adds a gap.
    pub(super) fn push_gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    /// Its rows.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// What its rows take in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops what came from some partitions.
    pub(super) fn forget(&mut self, is_gone: impl Fn(&Arc<str>) -> bool) {
        self.rows.retain(|row| !is_gone(&row.partition));
        self.gaps.retain(|gap| !is_gone(&gap.partition));
        self.bytes = self.rows.iter().map(size).sum();
    }

    /// Everything, leaving nothing.
    pub(super) fn take(&mut self) -> (Vec<RawRow>, Vec<Gap>) {
        let all = std::mem::take(self);
        (all.rows, all.gaps)
    }
}

fn size(row: &RawRow) -> usize {
    size_of::<RawRow>() + row.value.as_ref().map_or(0, Vec::len)
}
