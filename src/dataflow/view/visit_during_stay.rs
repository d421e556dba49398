//! `visit_during_stay`: an examination (`01`) that begins some time after the start and before the end of
//! an inpatient stay (`03`) of the same person elsewhere - who may be on the way at either end -, when
//! neither names the other's facility. The examination is the subject. It is weighed by the minutes from the
//! start, among the stays that end late enough, and by those to the end, among the stays that begin early enough.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about, weighed};
use crate::record::VisitType;
use crate::rule::{Dial, Reason};

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
    let after = Turned::new(
        Dial::MinutesAfterAdmission,
        settings.minutes_after_admission,
    );
    let before = Turned::new(
        Dial::MinutesBeforeDischarge,
        settings.minutes_before_discharge,
    );
    for visit in of_type(VisitType::EXAMINATION) {
        let (mut longest_after, mut longest_before) = (None, None);
        let mut evidence = Vec::new();
        for stay in &stays {
            let at = visit.admitted_at().minutes();
            let since = at - stay.admitted_at().minutes();
            let left = stay.discharged_at().minutes() - at;
            if since < after.reach || left < before.reach || !are_apart(visit, stay) {
                continue;
            }
            if left >= before.value {
                longest_after = longest_after.max(Some(since));
            }
            if since >= after.value {
                longest_before = longest_before.max(Some(left));
            }
            if since >= after.value && left >= before.value {
                evidence.push(stay.support());
            }
        }
        let longest = [(after.dial, longest_after), (before.dial, longest_before)];
        let numbers = longest.into_iter();
        out.extend(numbers.filter_map(|(dial, minutes)| Some(weighed(visit, dial, minutes?))));
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

/// A dial with the minutes that are in force, and how few are looked at.
struct Turned {
    dial: Dial,
    value: i64,
    reach: i64,
}

impl Turned {
    fn new(dial: Dial, value: i64) -> Self {
        let reach = dial.reach(u32::try_from(value).unwrap_or(u32::MAX)).into();
        Self { dial, value, reach }
    }
}

/// Whether they are at two facilities of which neither sent the person to the other.
fn are_apart(visit: &ClaimFact, stay: &ClaimFact) -> bool {
    visit.facility != stay.facility
        && !visit.refers_to(stay.facility)
        && !stay.refers_to(visit.facility)
}
