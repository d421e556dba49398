//! `employer_ceased`: the person's card is an employee's, the person has employments that cover the
//! admission date, and every one of them is at an enterprise that ceased, without a successor, more
//! than 90 days before it.
//!
//! ```text
//! employments ─┬────────────────────────────────────▶ facts by person ─ find
//!              └─ by employer ─ join ceased enterprises ─▶ facts by person
//! ```

use differential_dataflow::VecCollection;

use super::super::dossier::{Dossier, Outcome, about};
use super::super::fact::{CeasedFact, EmploymentFact, Fact};
use super::super::finding::Forgiving;
use super::super::node::{Node, Person};
use super::super::row_ref::RowRef;
use crate::dataflow::employer::Employer;
use crate::record::Day;
use crate::rule::Reason;

/// Days after an enterprise has ceased in which its employees' cards are still to be taken back
/// (contract 2).
const GRACE_DAYS: i32 = 90;

/// The object group of employees' cards.
const EMPLOYEE: [u8; 2] = *b"DN";

/// The enterprises that ceased, as facts about those who are insured through them.
pub(in super::super) fn ceased_employers<'scope>(
    employees: VecCollection<'scope, u32, (Employer, Node), i32>,
    ceased: VecCollection<'scope, u32, (Employer, CeasedFact), i32>,
) -> VecCollection<'scope, u32, (Person, Fact), i32> {
    employees
        .arrange_by_key_named("employees by employer")
        .join_core(
            ceased.arrange_by_key_named("ceased enterprises"),
            |_employer, person, ceased| Some((*person, Fact::Ceased(*ceased))),
        )
}

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    if dossier.ceased.is_empty() {
        return;
    }
    for claim in &dossier.claims {
        let card = dossier.presented(claim);
        if card.is_none_or(|card| card.group() != EMPLOYEE) {
            continue;
        }
        let admission = claim.admission_date();
        let mut evidence = dossier.ties(claim);
        let (mut ceased, mut others) = (0, Vec::new());
        for employment in dossier.employments.iter().filter(|e| e.covers(admission)) {
            let row = RowRef::employment(employment.number);
            match long_ceased(dossier, employment, admission) {
                Some(employer) => {
                    ceased += 1;
                    evidence.extend([row, RowRef::enterprise(employer.number)]);
                }
                None => others.push(row),
            }
        }
        if ceased > 0 && others.is_empty() {
            let finding = about(claim, Reason::EmployerCeased, evidence);
            out.push(Outcome::Finding(finding));
        } else if ceased > 0 {
            others.sort_unstable();
            out.push(Outcome::Forgiving(Forgiving {
                reason: Reason::EmployerCeased,
                subjects: [claim.row()].into(),
                rows: others.into(),
            }));
        }
    }
}

/// The employer of an employment, if it had ceased long before a day.
fn long_ceased<'a>(
    dossier: &'a Dossier,
    employment: &EmploymentFact,
    day: Day,
) -> Option<&'a CeasedFact> {
    dossier.ceased.iter().find(|ceased| {
        ceased.employer == employment.employer && ceased.since.plus(GRACE_DAYS) < day
    })
}
