//! `visit_during_stay`: an examination (`01`) that begins some time after the start and before the end of
//! an inpatient stay (`03`) of the same person elsewhere - who may be on the way at either end -, when
//! neither names the other's facility. The examination is the subject.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about};
use crate::record::VisitType;
use crate::rule::{Reason, VisitDuringStay};

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
    let settings = &dossier.settings.visit_during_stay;
    for visit in of_type(VisitType::EXAMINATION) {
        let during = stays.iter().filter(|stay| is_during(visit, stay, settings));
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

fn is_during(visit: &ClaimFact, stay: &ClaimFact, settings: &VisitDuringStay) -> bool {
    let at = visit.admitted_at().minutes();
    at >= stay.admitted_at().minutes() + settings.minutes_after_admission
        && at <= stay.discharged_at().minutes() - settings.minutes_before_discharge
        && visit.facility != stay.facility
        && !visit.refers_to(stay.facility)
        && !stay.refers_to(visit.facility)
}
