//! `same_day_facilities`: examinations (`01`) of one person at several facilities on one admission
//! date. Each is weighed by how many facilities they are.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about, weighed};
use crate::record::VisitType;
use crate::rule::{Dial, Reason};

const DIAL: Dial = Dial::Facilities;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let remarkable = dossier.settings.same_day_facilities.facilities;
    let reach = DIAL.reach(remarkable) as usize;
    let remarkable = remarkable as usize;
    let examinations: Vec<&ClaimFact> = (dossier.claims.iter())
        .filter(|claim| claim.visit_type() == VisitType::EXAMINATION)
        .collect();
    for day in examinations.chunk_by(|a, b| a.admission_date() == b.admission_date()) {
        if day.len() < reach {
            continue;
        }
        let mut facilities: Vec<_> = day.iter().map(|claim| claim.facility).collect();
        facilities.sort_unstable();
        facilities.dedup();
        if facilities.len() < reach {
            continue;
        }
        let number = facilities.len() as i64;
        out.extend(day.iter().map(|claim| weighed(claim, DIAL, number)));
        if facilities.len() < remarkable {
            continue;
        }
        for claim in day {
            let others = day.iter().filter(|other| other.number != claim.number);
            let mut evidence: Vec<_> = others.map(|other| other.support()).collect();
            evidence.extend(dossier.ties(claim));
            out.push(Outcome::Finding(about(
                claim,
                Reason::SameDayFacilities,
                evidence,
            )));
        }
    }
}
