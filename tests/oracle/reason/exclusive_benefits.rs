//! A benefit drawn beside another, or an employment, that excludes it.

use std::collections::BTreeSet;

use super::{Finding, Findings, Subject};
use crate::plain::Day;
use crate::world::World;

/// The pairs of `streams/exclusive_benefits.csv`, written down again.
const PAIRS: [(&str, &str); 2] = [("unemployment", "pension"), ("social_pension", "pension")];
const EXCLUDES_EMPLOYMENT: &str = "unemployment";

/// Whether two spans share a day; an absent end is open.
fn meet(a: (Day, Option<Day>), b: (Day, Option<Day>)) -> bool {
    let begins_in_time = |from: Day, to: Option<Day>| to.is_none_or(|to| from <= to);
    begins_in_time(a.0, b.1) && begins_in_time(b.0, a.1)
}

pub fn find(world: &World, _as_of: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (key, benefit) in &world.beneficiaries {
        let span = (benefit.from, benefit.to);
        let mut rows = BTreeSet::new();
        for (other_key, other) in &world.beneficiaries {
            let pair = (benefit.scheme, other.scheme);
            let excluded = PAIRS.contains(&pair) || PAIRS.contains(&(pair.1, pair.0));
            let same_person = benefit.personal_id == other.personal_id;
            if same_person && excluded && meet(span, (other.from, other.to)) {
                rows.insert(("beneficiaries", other_key.clone()));
            }
        }
        for (employment_key, employment) in &world.employments {
            let participant = world.participants.get(&employment.si_number);
            let same_person =
                participant.is_some_and(|p| p.personal_id.as_ref() == Some(&benefit.personal_id));
            if benefit.scheme == EXCLUDES_EMPLOYMENT
                && same_person
                && meet(span, (employment.from, employment.to))
            {
                rows.insert(("employments", employment_key.clone()));
                rows.insert(("participants", employment.si_number.clone()));
            }
        }
        if !rows.is_empty() {
            rows.insert(("beneficiaries", key.clone()));
            let subject = Subject {
                kind: "beneficiary",
                id: key.clone(),
            };
            let finding = Finding {
                class: "eligibility",
                grade: None,
                cause: None,
                evidence: rows,
                amount: benefit.monthly_amount,
                score: None,
            };
            findings.insert(subject, finding);
        }
    }
    findings
}
