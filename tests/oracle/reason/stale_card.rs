//! A valid card of someone who was dead before the as-of date.

use std::collections::BTreeSet;

use super::{Finding, Findings, Subject, death_rows};
use crate::person::{Person, sources_before};
use crate::plain::{Day, si_of};
use crate::world::World;

pub fn find(world: &World, as_of: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    let Some(as_of) = as_of else { return findings };
    for card in world.cards.values() {
        let holder = Person::Holder(si_of(&card.card_number).to_owned());
        let dead = !sources_before(world, &holder, as_of).is_empty();
        if card.status == "valid" && card.covers(as_of) && dead {
            let mut evidence = BTreeSet::from([("cards", card.card_number.clone())]);
            evidence.extend(death_rows(world, &holder));
            let subject = Subject {
                kind: "card",
                id: card.card_number.clone(),
            };
            let finding = Finding {
                class: "data_quality",
                grade: None,
                cause: None,
                evidence,
                amount: 0,
                score: None,
            };
            findings.insert(subject, finding);
        }
    }
    findings
}
