//! An employee's card of somebody all of whose employers had long ceased.

use super::{Findings, about};
use crate::person::card_of;
use crate::plain::{Day, Employment, plus, si_of};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let Some(card) = card_of(world, claim).filter(|card| card.starts_with("DN")) else {
            continue;
        };
        let admission = claim.admission_date();
        let covering: Vec<&Employment> = world
            .employments
            .values()
            .filter(|e| e.si_number == si_of(card) && e.covers(admission))
            .collect();
        let long_ceased = |employment: &&Employment| {
            world.enterprises.get(employment.tax_code).is_some_and(|e| {
                ["dissolved", "bankrupt"].contains(&e.status)
                    && e.successor.is_none()
                    && plus(e.effective_date, world.thresholds.ceased_grace_days) < admission
            })
        };
        if !covering.is_empty() && covering.iter().all(long_ceased) {
            let rows = covering.iter().flat_map(|e| {
                let employment = format!("{}/{}", e.si_number, e.tax_code);
                [
                    ("employments", employment),
                    ("enterprises", e.tax_code.to_owned()),
                ]
            });
            findings.extend([about(world, claim, "eligibility", rows)]);
        }
    }
    findings
}
