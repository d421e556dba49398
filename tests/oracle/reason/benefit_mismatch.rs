//! The fund is asked for more than the benefit level of the claim's card allows.

use jiff::civil::date;

use super::{Findings, about};
use crate::person::card_of;
use crate::plain::{Amount, Claim, Day};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let Some(card) = card_of(world, claim) else {
            continue;
        };
        let rate = match &card[2..3] {
            "3" => 95,
            "4" => 80,
            _ => 100,
        };
        let allowed = i64::from(claim.lines.unwrap_or(0).max(1)) * 1000;
        // In hundredths of thousandths, so that no rate leaves a fraction.
        let over = claim.paid_by_fund * 100 > claim.cost_covered * rate + allowed * 100;
        if over && !is_exempt(claim) {
            findings.extend([about(world, claim, "provider_billing", [])]);
        }
    }
    findings
}

fn is_exempt(claim: &Claim) -> bool {
    let day = claim.admission_date();
    let salary: Option<Amount> = if day >= date(2024, 7, 1) {
        Some(2_340_000_000)
    } else if day >= date(2023, 7, 1) {
        Some(1_800_000_000)
    } else if day >= date(2019, 7, 1) {
        Some(1_490_000_000)
    } else {
        None
    };
    claim.object_code == "1.2"
        || claim.object_code.starts_with('2')
        || claim.copay_exempt_from.is_some_and(|from| from <= day)
        || salary.is_some_and(|salary| claim.cost_covered * 100 < salary * 15)
}
