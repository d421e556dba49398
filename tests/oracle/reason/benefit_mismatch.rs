//! The fund is asked for more than the benefit level of the claim's card allows.

use super::{Findings, about};
use crate::person::card_of;
use crate::plain::{Amount, Claim, Day};
use crate::thresholds::Thresholds;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let Some(card) = card_of(world, claim) else {
            continue;
        };
        let level: usize = card[2..3].parse().expect("a digit from 1 to 5");
        let rate = world.thresholds.level_rates[level - 1];
        let lines = i64::from(claim.lines.unwrap_or(0).max(1));
        let allowed = lines * 1000 * world.thresholds.benefit_tolerance_dong;
        // In hundredths of thousandths, so that no rate leaves a fraction.
        let over = claim.paid_by_fund * 100 > claim.cost_covered * rate + allowed * 100;
        if over && !is_exempt(claim, &world.thresholds) {
            findings.extend([about(world, claim, "provider_billing", [])]);
        }
    }
    findings
}

fn is_exempt(claim: &Claim, thresholds: &Thresholds) -> bool {
    let day = claim.admission_date();
    let since = thresholds
        .base_salaries
        .iter()
        .filter(|(from, _)| *from <= day);
    let salary: Option<Amount> = since.max().map(|(_, dong)| dong * 1000);
    claim.object_code == "1.2"
        || claim.object_code.starts_with('2')
        || claim.copay_exempt_from.is_some_and(|from| from <= day)
        || salary
            .is_some_and(|salary| claim.cost_covered * 100 < salary * thresholds.exempt_percent)
}
