//! `frequent_visits`: more than 50 claims of one person admitted in the 120 days that end with a
//! claim's admission date, counting that claim and those before it by arrival, facility and visit.

use super::super::dossier::{Dossier, Outcome};
use super::super::finding::{Finding, Support};
use crate::rule::Reason;

/// Visits that are not yet remarkable.
const VISITS: usize = 50;
/// Days of the window, the admission date included.
const DAYS: i32 = 120;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let claims = &dossier.claims;
    if claims.len() <= VISITS {
        return;
    }
    let mut first = 0;
    for (place, claim) in claims.iter().enumerate() {
        let begin = claim.admission_date().plus(1 - DAYS);
        while claims[first].admission_date() < begin {
            first += 1;
        }
        let visits = place + 1 - first;
        if visits > VISITS {
            out.push(Outcome::Finding(Finding {
                subject: claim.row(),
                reason: Reason::FrequentVisits,
                class: Reason::FrequentVisits.class(),
                grade: 0,
                cause: None,
                evidence: Support::Window {
                    person: dossier.person,
                    first: claims[first].support(),
                    visits: visits as u32,
                },
            }));
        }
    }
}
