//! `visit_during_stay`: an examination (`01`) that begins at least 120 minutes after the start and
//! before the end of an inpatient stay (`03`) of the same person elsewhere, when neither names the
//! other's facility. The examination is the subject.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about};
use crate::record::VisitType;
use crate::rule::Reason;

/// Minutes at either end of a stay in which the person may be on the way.
const MARGIN_MINUTES: i64 = 120;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let of_type = |visit_type| {
        dossier
            .claims
            .iter()
            .filter(move |c| c.visit_type() == visit_type)
    };
    let stays: Vec<&ClaimFact> = of_type(VisitType::INPATIENT).collect();
    if stays.is_empty() {
        return;
    }
    for visit in of_type(VisitType::EXAMINATION) {
        let during = stays.iter().filter(|stay| is_during(visit, stay));
        let mut evidence: Vec<_> = during.map(|stay| stay.support()).collect();
        if !evidence.is_empty() {
            evidence.extend(dossier.ties(visit));
            out.push(Outcome::Finding(about(
                visit,
                Reason::VisitDuringStay,
                evidence,
            )));
        }
    }
}

fn is_during(visit: &ClaimFact, stay: &ClaimFact) -> bool {
    let at = visit.admitted_at().minutes();
    at >= stay.admitted_at().minutes() + MARGIN_MINUTES
        && at <= stay.discharged_at().minutes() - MARGIN_MINUTES
        && visit.facility != stay.facility
        && !visit.refers_to(stay.facility)
        && !stay.refers_to(visit.facility)
}
