//! `overlapping_stay`: two inpatient claims (`03`, `09`) of one person at different facilities
//! overlap by more minutes than are tolerated - transfers take time, and clocks differ -, and neither
//! names the other's facility. Both are subjects. Each is weighed by the minutes of its longest overlap.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about, weighed};
use crate::record::VisitType;
use crate::rule::{Dial, Reason};

const DIAL: Dial = Dial::OverlapMinutes;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let stays: Vec<&ClaimFact> = dossier.claims.iter().filter(|c| is_inpatient(c)).collect();
    if stays.len() < 2 {
        return;
    }
    let tolerated = dossier.settings.overlapping_stay.overlap_minutes;
    let reach = i64::from(DIAL.reach(u32::try_from(tolerated).unwrap_or(u32::MAX)));
    for (place, stay) in stays.iter().enumerate() {
        let (mut evidence, mut longest) = (Vec::new(), reach);
        for (p, other) in stays.iter().enumerate() {
            let minutes = common_minutes(stay, other);
            if p == place || minutes <= reach || !are_apart(stay, other) {
                continue;
            }
            longest = longest.max(minutes);
            if minutes > tolerated {
                evidence.push(other.support());
            }
        }
        if longest > reach {
            out.push(weighed(stay, DIAL, longest));
        }
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

/// The minutes that both last; below 0 where one ends before the other begins.
fn common_minutes(a: &ClaimFact, b: &ClaimFact) -> i64 {
    let begin = a.admitted_at().max(b.admitted_at()).minutes();
    let end = a.discharged_at().min(b.discharged_at()).minutes();
    end - begin
}

/// Whether they are at two facilities of which neither sent the person to the other.
fn are_apart(a: &ClaimFact, b: &ClaimFact) -> bool {
    a.facility != b.facility && !a.refers_to(b.facility) && !b.refers_to(a.facility)
}
