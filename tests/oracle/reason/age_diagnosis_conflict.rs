//! A diagnosis for an age at which the patient cannot have been.

use super::diagnosis_rules::{Rules, rule, rules};
use super::{Findings, about};
use crate::plain::{Claim, Day, plus};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let Some(rules) = rules() else {
        return Findings::new();
    };
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let mut diagnoses = claim.other_diagnoses.iter().chain([&claim.main_diagnosis]);
        if diagnoses.any(|diagnosis| conflicts(rules, diagnosis, claim)) {
            findings.extend([about(world, claim, "provider_billing", [])]);
        }
    }
    findings
}

/// Whether the diagnosis is limited, and no birth day that the claim allows fits the limits.
fn conflicts(rules: &Rules, diagnosis: &str, claim: &Claim) -> bool {
    let Some(cells) = rule(rules, diagnosis) else {
        return false;
    };
    let limits = [1, 2, 3, 4].map(|n: usize| cells[n].parse().ok());
    let mut birth = claim.birth_date.earliest();
    while birth <= claim.birth_date.latest() {
        if fits(limits, birth, claim.admission_date()) {
            return false;
        }
        birth = plus(birth, 1);
    }
    true
}

/// Least and greatest days, least and greatest years.
fn fits(limits: [Option<i32>; 4], birth: Day, admission: Day) -> bool {
    let days = birth.until(admission).expect("days apart").get_days();
    let had_birthday = (admission.month(), admission.day()) >= (birth.month(), birth.day());
    let years = i32::from(admission.year() - birth.year()) - i32::from(!had_birthday);
    let [min_days, max_days, min_years, max_years] = limits;
    min_days.is_none_or(|least| days >= least)
        && max_days.is_none_or(|most| days <= most)
        && min_years.is_none_or(|least| years >= least)
        && max_years.is_none_or(|most| years <= most)
}
