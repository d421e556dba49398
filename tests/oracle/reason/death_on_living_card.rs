//! A death outcome, while the citizen is alive and was admitted again on a later day.

use super::{Findings, about, rows_of};
use crate::person::{claims_by_person, personal_id_of};
use crate::plain::{Day, plus};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (person, claims) in claims_by_person(world) {
        let citizen = personal_id_of(world, &person).and_then(|id| world.citizens.get(&id));
        if citizen.is_none_or(|c| c.life_status != "alive") {
            continue;
        }
        for claim in claims.iter().filter(|c| c.outcome == 5 || c.outcome == 8) {
            let from = plus(claim.discharge_date(), world.thresholds.days_later);
            let later: Vec<_> = claims
                .iter()
                .filter(|o| o.id() != claim.id() && o.admission_date() >= from)
                .collect();
            if later.is_empty() {
                continue;
            }
            let class = if claim.is_stay() {
                "misuse_suspected"
            } else {
                "data_quality"
            };
            let rows = later.iter().flat_map(|o| rows_of(world, o));
            findings.extend([about(world, claim, class, rows)]);
        }
    }
    findings
}
