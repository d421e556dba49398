//! More than so many visits in the days that end with the admission date.

use super::{Findings, about, rows_of};
use crate::person::claims_by_person;
use crate::plain::{Claim, Day, plus};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claims in claims_by_person(world).into_values() {
        for claim in &claims {
            let window: Vec<_> = claims
                .iter()
                .filter(|other| counts(claim, other, world.thresholds.window_days))
                .collect();
            if window.len() > world.thresholds.visits {
                let rows = window.iter().flat_map(|o| rows_of(world, o));
                findings.extend([about(world, claim, "misuse_suspected", rows)]);
            }
        }
    }
    findings
}

/// Whether a claim is in the window and not after the one that ends it.
fn counts(claim: &Claim, other: &Claim, days: i32) -> bool {
    let place = |c: &Claim| (c.admitted_at, c.facility.clone(), c.visit_id.clone());
    other.admission_date() >= plus(claim.admission_date(), 1 - days) && place(other) <= place(claim)
}
