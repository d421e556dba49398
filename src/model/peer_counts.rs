//! How often each cost, or length of stay, is met among claims of a kind.
//!
//! In: claims one by one. Out: counts. Must hold: they depend on the set of claims alone, however it was
//! split, merged or ordered; memory is bounded, whatever is counted.

use hashbrown::HashMap;

use super::peer_group::{PeerGroup, PeerKind};

/// Distinct cells that are counted before cells are made coarser.
const MOST_CELLS: usize = 1 << 21;

/// Counts of claims by kind and value.
///
/// Values are counted exactly, to the thousandth of ln, while there are at most 2^21 distinct cells; then
/// neighbouring values share a cell, two by two, as often as needed. How often depends only on what has
/// been counted, not on its order, so that counts can be added in any order.
#[derive(Clone, Debug, Default)]
struct Cells {
    /// Claims by kind (23 bits) and value (16 bits) without its last `coarseness` bits.
    cells: HashMap<u64, u64>,
    coarseness: u32,
}

impl Cells {
    /// Counts a claim, in at most so many cells.
    fn add(&mut self, kind: u32, value: i32, most: usize) {
        let value = value.clamp(0, i32::from(u16::MAX)) as u64;
        let cell = u64::from(kind) << 16 | value >> self.coarseness;
        *self.cells.entry(cell).or_default() += 1;
        // There are far fewer kinds than cells, so that one value a kind fits.
        while self.cells.len() > most && self.coarseness < 16 {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        let mut cells = HashMap::with_capacity(self.cells.len());
        for (cell, claims) in self.cells.drain() {
            let (kind, value) = (cell >> 16, cell & 0xFFFF);
            *cells.entry(kind << 16 | value >> 1).or_default() += claims;
        }
        self.cells = cells;
        self.coarseness += 1;
    }

    /// The groups of a level with their values and counts, sorted.
    fn of_level(&self, level: usize) -> Vec<(PeerGroup, i32, u64)> {
        let half = ((1i32 << self.coarseness) - 1) / 2;
        let cells = self.cells.iter().filter_map(|(cell, claims)| {
            let kind = PeerKind::from_packed((cell >> 16) as u32);
            let value = ((cell & 0xFFFF) << self.coarseness) as i32 + half;
            Some((PeerGroup::levels(kind)[level]?, value, *claims))
        });
        let mut cells: Vec<_> = cells.collect();
        cells.sort_unstable();
        cells
    }
}

/// Counts of claims by kind and cost, and by kind and length.
#[derive(Clone, Debug, Default)]
pub(super) struct PeerCounts {
    costs: Cells,
    stays: Cells,
}

impl PeerCounts {
    /// Counts a claim: its cost and its length in thousandths of ln. What is out of range counts as the
    /// nearest value.
    pub(super) fn add(&mut self, kind: PeerKind, cost: i32, stay: i32) {
        let kind = kind.packed();
        self.costs.add(kind, cost, MOST_CELLS);
        self.stays.add(kind, stay, MOST_CELLS);
    }

    /// Tells every group of a level that holds a claim, ascending, with what its claims cost and how long
    /// they lasted: values and counts, ascending.
    pub(super) fn each_group(
        &self,
        level: usize,
        mut tell: impl FnMut(PeerGroup, &[(i32, u64)], &[(i32, u64)]),
    ) {
        let (costs, stays) = (self.costs.of_level(level), self.stays.of_level(level));
        let of_group = |cells: &[(PeerGroup, i32, u64)]| -> Vec<(i32, u64)> {
            cells.iter().map(|cell| (cell.1, cell.2)).collect()
        };
        // Every claim is in both, so that the groups are the same.
        let costs = costs.chunk_by(|a, b| a.0 == b.0);
        let stays = stays.chunk_by(|a, b| a.0 == b.0);
        for (costs, stays) in costs.zip(stays) {
            tell(costs[0].0, &of_group(costs), &of_group(stays));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::age_band::AgeBand;

    #[test]
    fn cells_are_bounded_whatever_the_order() {
        let claim = |n: u64| {
            let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let kind = PeerKind {
                visit_type: (mixed >> 60) as u8 + 1,
                diagnosis: (mixed >> 40) as u16 % 2600,
                tier: None,
                age: AgeBand::To39,
            };
            (kind.packed(), (mixed >> 20) as i32 & 0x3FFF)
        };
        const MOST: usize = 1 << 15;
        const CLAIMS: u64 = 40_000;
        let claims: Vec<_> = (0..CLAIMS).map(claim).collect();
        let counted = |claims: &mut dyn Iterator<Item = &(u32, i32)>| {
            let mut cells = Cells::default();
            claims.for_each(|(kind, value)| cells.add(*kind, *value, MOST));
            cells
        };
        let forwards = counted(&mut claims.iter());
        assert!(forwards.cells.len() <= MOST && forwards.coarseness > 0);
        let backwards = counted(&mut claims.iter().rev());
        assert_eq!(forwards.coarseness, backwards.coarseness);
        assert_eq!(forwards.cells, backwards.cells);
        assert_eq!(forwards.cells.values().sum::<u64>(), CLAIMS);
    }
}
