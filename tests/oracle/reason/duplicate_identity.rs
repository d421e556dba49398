//! The person's cluster holds cards in force under two si_numbers on the admission date.

use std::collections::BTreeSet;

use super::{Findings, about, cluster_rows, person_cluster};
use crate::person::{Node, cards_held, node_of, person_of};
use crate::plain::{Day, si_of};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let Some(person) = person_of(world, claim) else {
            continue;
        };
        let date = claim.admission_date();
        let members: BTreeSet<String> = person_cluster(world, claim)
            .into_iter()
            .filter_map(|node| match node {
                Node::SiNumber(si) => Some(si),
                Node::PersonalId(_) => None,
            })
            .collect();
        let in_force: BTreeSet<&str> = cards_held(world, &members)
            .filter(|c| c.covers(date))
            .filter(|c| c.status == "valid" || c.status_date.is_some_and(|since| since > date))
            .map(|c| si_of(&c.card_number))
            .collect();
        if in_force.len() >= 2 {
            findings.extend([about(
                world,
                claim,
                "identity",
                cluster_rows(world, node_of(&person)),
            )]);
        }
    }
    findings
}
