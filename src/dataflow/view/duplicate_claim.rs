//! `duplicate_claim`: another claim of the same person and facility has the same arrival, main
//! diagnosis and total cost, and a smaller visit.

use differential_dataflow::Hashable;

use super::super::dossier::{Dossier, Outcome, about};
use crate::record::Claim;
use crate::rule::Reason;

/// A fingerprint of main diagnosis and total cost.
pub(in super::super) fn bill(claim: &Claim) -> u64 {
    (
        claim.cost_total.thousandths(),
        claim.main_diagnosis.as_str(),
    )
        .hashed()
}

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    // Claims are by arrival, facility, then visit: in a run of the first two, the first of a bill is
    // the smallest visit of it.
    for run in dossier
        .claims
        .chunk_by(|a, b| (a.admitted_at(), a.facility) == (b.admitted_at(), b.facility))
    {
        for (place, claim) in run.iter().enumerate() {
            let Some(first) = run[..place].iter().find(|c| c.bill() == claim.bill()) else {
                continue;
            };
            let mut evidence = dossier.ties(claim);
            evidence.push(first.support());
            out.push(Outcome::Finding(about(
                claim,
                Reason::DuplicateClaim,
                evidence,
            )));
        }
    }
}
