//! A diagnosis that only the other sex can have.

use super::diagnosis_rules::{Rules, rule, rules};
use super::{Findings, about};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let Some(rules) = rules() else {
        return Findings::new();
    };
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let diagnoses = claim.other_diagnoses.iter().chain([&claim.main_diagnosis]);
        let conflict = |diagnosis: &str| match only_sex(rules, diagnosis) {
            Some(sex) => claim.sex != 3 && claim.sex != sex,
            None => false,
        };
        if diagnoses.into_iter().any(|d| conflict(d)) {
            findings.extend([about(world, claim, "provider_billing", [])]);
        }
    }
    findings
}

/// The one sex a diagnosis is allowed for.
pub fn only_sex(rules: &Rules, diagnosis: &str) -> Option<u8> {
    rule(rules, diagnosis)?[0].parse().ok()
}
