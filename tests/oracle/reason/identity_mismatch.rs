//! The claim names a citizen outside the identity cluster of its card's holder.

use super::{Findings, about, cluster_rows, person_cluster};
use crate::person::{Node, card_of, node_of, person_of, personal_id_of};
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for claim in world.claims.values() {
        let Some(named) = claim.personal_id.as_ref().filter(|id| is_twelve_digits(id)) else {
            continue;
        };
        let Some(person) = person_of(world, claim).filter(|_| card_of(world, claim).is_some())
        else {
            continue;
        };
        let known = personal_id_of(world, &person).is_some();
        let node = Node::PersonalId(named.clone());
        if known && !person_cluster(world, claim).contains(&node) {
            let mut rows = cluster_rows(world, node_of(&person));
            rows.extend(cluster_rows(world, node));
            findings.extend([about(world, claim, "identity", rows)]);
        }
    }
    findings
}

fn is_twelve_digits(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}
