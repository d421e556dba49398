//! A benefit that goes on after the death of who draws it.

use super::{Finding, Findings, Subject, death_rows};
use crate::person::{Person, deaths_of};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, as_of: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    let Some(as_of) = as_of else {
        return findings;
    };
    for (key, benefit) in &world.beneficiaries {
        let person = Person::Citizen(benefit.personal_id.clone());
        let died = deaths_of(world, &person)
            .into_iter()
            .any(|(_, latest)| latest < as_of && benefit.to.is_none_or(|to| latest < to));
        if died {
            let mut evidence = death_rows(world, &person);
            evidence.insert(("beneficiaries", key.clone()));
            let subject = Subject {
                kind: "beneficiary",
                id: key.clone(),
            };
            let finding = Finding {
                class: "eligibility",
                grade: None,
                cause: None,
                evidence,
                amount: benefit.monthly_amount,
                score: None,
            };
            findings.insert(subject, finding);
        }
    }
    findings
}
