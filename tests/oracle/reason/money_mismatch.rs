//! Amounts that do not add up by more than some dong a line.

use super::{Findings, about};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let due = claim.cost_covered - claim.copay - claim.other_sources;
        let lines = i64::from(claim.lines.unwrap_or(0).max(1));
        let allowed = lines * 1000 * world.thresholds.money_tolerance_dong;
        if (due - claim.paid_by_fund).abs() > allowed {
            findings.extend([about(world, claim, "provider_billing", [])]);
        }
    }
    findings
}
