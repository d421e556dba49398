//! The same visit of a person at a facility under a smaller visit_id.

use super::{Findings, about, rows_of};
use crate::person::claims_by_person;
use crate::plain::{Claim, Day};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claims in claims_by_person(world).into_values() {
        for claim in &claims {
            let earlier: Vec<_> = claims
                .iter()
                .filter(|other| repeats(claim, other))
                .collect();
            if !earlier.is_empty() {
                let rows = earlier.iter().flat_map(|o| rows_of(world, o));
                findings.extend([about(world, claim, "provider_billing", rows)]);
            }
        }
    }
    findings
}

fn repeats(claim: &Claim, other: &Claim) -> bool {
    other.facility == claim.facility
        && other.admitted_at == claim.admitted_at
        && other.main_diagnosis == claim.main_diagnosis
        && other.cost_total == claim.cost_total
        && other.visit_id.as_bytes() < claim.visit_id.as_bytes()
}
