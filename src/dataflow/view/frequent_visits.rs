//! `frequent_visits`: too many claims of one person admitted in the days that end with a claim's
//! admission date, counting that claim and those before it by arrival, facility and visit. Each claim is weighed by
//! how many they are.

use super::super::dossier::{Dossier, Outcome, weighed};
use super::super::finding::{Finding, Support};
use crate::rule::{Dial, Reason};

const DIAL: Dial = Dial::Visits;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let claims = &dossier.claims;
    let settings = &dossier.settings.frequent_visits;
    let usual = settings.visits as usize;
    let reach = DIAL.reach(settings.visits) as usize;
    if claims.len() <= reach {
        return;
    }
    let mut first = 0;
    for (place, claim) in claims.iter().enumerate() {
        let begin = claim.admission_date().plus(1 - settings.window_days);
        while claims[first].admission_date() < begin {
            first += 1;
        }
        let visits = place + 1 - first;
        if visits > reach {
            out.push(weighed(claim, DIAL, visits as i64));
        }
        if visits > usual {
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
