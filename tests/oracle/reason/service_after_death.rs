//! A visit after the latest day of some death evidence of the person.

use super::{Findings, about, death_rows};
use crate::person::{claims_by_person, sources_before};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (person, claims) in claims_by_person(world) {
        for claim in claims {
            let sources = sources_before(world, &person, claim.admission_date());
            let class = match sources.len() {
                0 => continue,
                1 if sources.contains("contribution_form") || sources.contains("hospital") => {
                    "data_quality"
                }
                1 => "eligibility",
                _ => "misuse_suspected",
            };
            let (subject, mut finding) = about(world, claim, class, death_rows(world, &person));
            finding.grade = Some(sources.len() as u8);
            findings.insert(subject, finding);
        }
    }
    findings
}
