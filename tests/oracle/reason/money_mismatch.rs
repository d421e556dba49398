//! Amounts that do not add up by more than a dong a line.

use super::{Findings, about};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let due = claim.cost_covered - claim.copay - claim.other_sources;
        let allowed = i64::from(claim.lines.unwrap_or(0).max(1)) * 1000;
        if (due - claim.paid_by_fund).abs() > allowed {
            findings.extend([about(world, claim, "provider_billing", [])]);
        }
    }
    findings
}
