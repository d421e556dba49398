//! A diagnosis that only the other sex can have.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::{Findings, about};
use crate::plain::Day;
use crate::world::World;

/// The sex that each listed code is limited to, if any; `None` where the list is absent.
pub fn rules() -> Option<&'static BTreeMap<String, Option<u8>>> {
    static RULES: OnceLock<Option<BTreeMap<String, Option<u8>>>> = OnceLock::new();
    let read = || {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/spec/icd10_rules.csv");
        let text = std::fs::read_to_string(place).ok()?;
        let rule = |line: &str| {
            let mut cells = line.split(',');
            let code = cells.next().expect("a code").to_owned();
            (code, cells.next().expect("a sex").parse().ok())
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

/// The one sex a diagnosis is allowed for: by its code without the dot, exactly, or by its listed
/// 3-character category when the code itself is not listed.
pub fn only_sex(rules: &BTreeMap<String, Option<u8>>, diagnosis: &str) -> Option<u8> {
    let code = diagnosis.replace('.', "");
    match rules.get(&code) {
        Some(sex) => *sex,
        None => rules.get(code.get(..3)?).copied().flatten(),
    }
}
