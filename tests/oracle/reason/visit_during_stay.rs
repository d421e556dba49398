//! An examination elsewhere in the midst of an inpatient stay.

use super::{Findings, about, rows_of};
use crate::person::claims_by_person;
use crate::plain::{Claim, Day, minutes_between};
use crate::thresholds::Thresholds;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claims in claims_by_person(world).into_values() {
        for visit in claims.iter().filter(|c| c.visit_type == "01") {
            let stays: Vec<_> = claims
                .iter()
                .filter(|stay| during(visit, stay, &world.thresholds))
                .collect();
            if !stays.is_empty() {
                let rows = stays.iter().flat_map(|s| rows_of(world, s));
                findings.extend([about(world, visit, "misuse_suspected", rows)]);
            }
        }
    }
    findings
}

fn during(visit: &Claim, stay: &Claim, thresholds: &Thresholds) -> bool {
    stay.visit_type == "03"
        && stay.facility != visit.facility
        && minutes_between(stay.admitted_at, visit.admitted_at)
            >= thresholds.minutes_after_admission
        && minutes_between(visit.admitted_at, stay.discharged_at)
            >= thresholds.minutes_before_discharge
        && !visit.names(&stay.facility)
        && !stay.names(&visit.facility)
}
