//! A visit after the latest day of some death evidence of the person.

use super::{Findings, about_presentation, death_rows, presentations};
use crate::person::{person_of, sources_before};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (kind, claim) in presentations(world) {
        let Some(person) = person_of(world, &claim) else {
            continue;
        };
        let sources = sources_before(world, &person, claim.admission_date());
        let class = match sources.len() {
            0 => continue,
            n if n >= world.thresholds.misuse_sources => "misuse_suspected",
            1 if sources.contains("contribution_form") || sources.contains("hospital") => {
                "data_quality"
            }
            _ => "eligibility",
        };
        let rows = death_rows(world, &person);
        let (subject, mut finding) = about_presentation(world, (kind, &claim), class, rows);
        finding.grade = Some(sources.len() as u8);
        findings.insert(subject, finding);
    }
    findings
}
