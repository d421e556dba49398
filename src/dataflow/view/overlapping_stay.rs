//! `overlapping_stay`: two inpatient claims (`03`, `09`) of one person at different facilities
//! overlap by more minutes than are tolerated - transfers take time, and clocks differ -, and neither
//! names the other's facility. Both are subjects.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about};
use crate::record::VisitType;
use crate::rule::Reason;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let stays: Vec<&ClaimFact> = dossier.claims.iter().filter(|c| is_inpatient(c)).collect();
    if stays.len() < 2 {
        return;
    }
    let tolerated = dossier.settings.overlapping_stay.overlap_minutes;
    for (place, stay) in stays.iter().enumerate() {
        let others = stays
            .iter()
            .enumerate()
            .filter(|(p, other)| *p != place && overlap(stay, other, tolerated));
        let mut evidence: Vec<_> = others.map(|(_, other)| other.support()).collect();
        if !evidence.is_empty() {
            evidence.extend(dossier.ties(stay));
            out.push(Outcome::Finding(about(
                stay,
                Reason::OverlappingStay,
                evidence,
            )));
        }
    }
}

fn is_inpatient(claim: &ClaimFact) -> bool {
    [VisitType::INPATIENT, VisitType::SHORT_INPATIENT].contains(&claim.visit_type())
}

fn overlap(a: &ClaimFact, b: &ClaimFact, tolerated_minutes: i64) -> bool {
    let begin = a.admitted_at().max(b.admitted_at()).minutes();
    let end = a.discharged_at().min(b.discharged_at()).minutes();
    end - begin > tolerated_minutes
        && a.facility != b.facility
        && !a.refers_to(b.facility)
        && !b.refers_to(a.facility)
}
