//! What the observations of outliers rested and rest on, for the causes of an epoch.
//!
//! In: what is told of it in an epoch. Out: the rows behind an alert, each on its side of the epoch.
//! Must hold: nothing is kept from one epoch to the next.

use hashbrown::HashMap;

use super::causes::Side;
use super::transition::AlertKey;
use crate::dataflow::{Basis, RowRef};
use crate::rule::Reason;

/// The claims on which observations rest that changed in an epoch.
#[derive(Default)]
pub struct Bases {
    /// A claim that moves from one person to another has two.
    by_claim: HashMap<RowRef, Vec<Basis>>,
}

impl Bases {
    /// Takes what is told.
    pub fn add(&mut self, basis: Basis) {
        self.by_claim.entry(basis.claim).or_default().push(basis);
    }

    /// The rows behind what became of an alert.
    pub fn rows(&self, (subject, reason): AlertKey) -> impl Iterator<Item = (RowRef, Side)> + '_ {
        let of_claim = self.by_claim.get(&subject);
        let of_claim = of_claim.filter(|_| reason == Reason::CostOutlier);
        of_claim.into_iter().flatten().flat_map(|basis| {
            let before = basis.before.iter().map(|row| (*row, Side::Before));
            before.chain(basis.after.iter().map(|row| (*row, Side::After)))
        })
    }
}
