//! Examinations at several facilities on one admission date.

use std::collections::BTreeSet;

use super::{Findings, about, rows_of};
use crate::person::claims_by_person;
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claims in claims_by_person(world).into_values() {
        for claim in claims.iter().filter(|c| c.visit_type == "01") {
            let same_day: Vec<_> = claims
                .iter()
                .filter(|o| o.visit_type == "01" && o.admission_date() == claim.admission_date())
                .collect();
            let facilities: BTreeSet<_> = same_day.iter().map(|o| &o.facility).collect();
            if facilities.len() >= world.thresholds.facilities {
                let rows = same_day.iter().flat_map(|o| rows_of(world, o));
                findings.extend([about(world, claim, "misuse_suspected", rows)]);
            }
        }
    }
    findings
}
