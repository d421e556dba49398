//! A diagnosis for an age at which the patient cannot have been.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::{Findings, about};
use crate::plain::{Claim, Day, plus};
use crate::world::World;

/// Least and greatest days, least and greatest years.
type Limits = [Option<i32>; 4];

fn rules() -> Option<&'static BTreeMap<String, Limits>> {
    static RULES: OnceLock<Option<BTreeMap<String, Limits>>> = OnceLock::new();
    let read = || {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/icd10_rules.csv");
        let text = std::fs::read_to_string(place).ok()?;
        let rule = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            (
                cells[0].to_owned(),
                [2, 3, 4, 5].map(|n: usize| cells[n].parse().ok()),
            )
        };
        Some(text.lines().skip(1).map(rule).collect())
    };
    RULES.get_or_init(read).as_ref()
}

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
fn conflicts(rules: &BTreeMap<String, Limits>, diagnosis: &str, claim: &Claim) -> bool {
    let code = diagnosis.replace('.', "");
    let listed = rules.get(&code);
    let category = || rules.get(code.get(..3)?);
    let Some(limits) = listed.or_else(category) else {
        return false;
    };
    let mut birth = claim.birth_date.earliest();
    while birth <= claim.birth_date.latest() {
        if fits(limits, birth, claim.admission_date()) {
            return false;
        }
        birth = plus(birth, 1);
    }
    true
}

fn fits(limits: &Limits, birth: Day, admission: Day) -> bool {
    let days = birth.until(admission).expect("days apart").get_days();
    let had_birthday = (admission.month(), admission.day()) >= (birth.month(), birth.day());
    let years = i32::from(admission.year() - birth.year()) - i32::from(!had_birthday);
    let [min_days, max_days, min_years, max_years] = *limits;
    min_days.is_none_or(|least| days >= least)
        && max_days.is_none_or(|most| days <= most)
        && min_years.is_none_or(|least| years >= least)
        && max_years.is_none_or(|most| years <= most)
}
