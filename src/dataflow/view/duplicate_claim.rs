//! `duplicate_claim`: another claim of the same person and facility has the same arrival, main
//! diagnosis and total cost, and a smaller visit.

use sha2::{Digest, Sha256};

use super::super::dossier::{Dossier, Outcome, about};
use crate::record::Claim;
use crate::rule::Reason;

/// A fingerprint of main diagnosis and total cost.
pub(in super::super) fn bill(claim: &Claim) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(claim.cost_total.thousandths().to_le_bytes());
    hasher.update(claim.main_diagnosis.as_str());
    let digest = hasher.finalize();
    let [a, b, c, d, e, f, g, h, ..] = digest.0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
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
