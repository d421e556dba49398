//! The claim's blood group is not that of the person's health profile.

use super::{Findings, about};
use crate::person::{person_of, personal_id_of};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let id = person_of(world, claim).and_then(|person| personal_id_of(world, &person));
        let profile = id.and_then(|id| world.health_profiles.get(&id));
        let Some(profile) = profile else { continue };
        if let (Some(claimed), Some(known)) = (claim.blood_group, profile.blood_group)
            && letters(claimed) != letters(known)
        {
            let row = ("health_profiles", profile.personal_id.clone());
            findings.extend([about(world, claim, "identity", [row])]);
        }
    }
    findings
}

fn letters(group: &str) -> &str {
    group.trim_end_matches(['+', '-'])
}
