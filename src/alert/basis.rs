//! What the observations of outliers rest on, for the causes of an epoch.
//!
//! In: what came and went of it in an epoch. Out: the rows behind an alert, each on its side of the epoch.
//! Must hold: nothing is kept from one epoch to the next.

use hashbrown::HashMap;

use super::causes::Side;
use super::transition::AlertKey;
use crate::dataflow::{Basis, RowRef};
use crate::rule::Reason;

/// The claims on which observations rest that came or went in an epoch.
#[derive(Default)]
pub struct Bases {
    by_claim: HashMap<RowRef, Vec<(Side, Box<[RowRef]>)>>,
}

impl Bases {
    /// Takes what came or went.
    pub fn add(&mut self, basis: Basis, count: i32) {
        let side = match count < 0 {
            true => Side::Before,
            false => Side::After,
        };
        let of_claim = self.by_claim.entry(basis.claim).or_default();
        of_claim.push((side, basis.rows));
    }

    /// The rows behind what became of an alert.
    pub fn rows(&self, (subject, reason): AlertKey) -> impl Iterator<Item = (RowRef, Side)> + '_ {
        let of_claim = self.by_claim.get(&subject);
        let of_claim = of_claim.filter(|_| reason == Reason::CostOutlier);
        let sides = of_claim.into_iter().flatten();
        sides.flat_map(|(side, rows)| rows.iter().map(|row| (*row, *side)))
    }
}
