//! Two inpatient stays of one person at different facilities, too long at once.

use super::{Findings, about, rows_of};
use crate::person::claims_by_person;
use crate::plain::{Claim, Day, minutes_between};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claims in claims_by_person(world).into_values() {
        for claim in &claims {
            let others: Vec<_> = claims
                .iter()
                .filter(|other| overlap(claim, other, world.thresholds.overlap_minutes))
                .collect();
            if !others.is_empty() {
                let rows = others.iter().flat_map(|o| rows_of(world, o));
                findings.extend([about(world, claim, "misuse_suspected", rows)]);
            }
        }
    }
    findings
}

fn overlap(a: &Claim, b: &Claim, minutes: i64) -> bool {
    let inpatient = |c: &Claim| c.visit_type == "03" || c.visit_type == "09";
    let start = a.admitted_at.max(b.admitted_at);
    let end = a.discharged_at.min(b.discharged_at);
    a.facility != b.facility
        && inpatient(a)
        && inpatient(b)
        && minutes_between(start, end) > minutes
        && !a.names(&b.facility)
        && !b.names(&a.facility)
}
