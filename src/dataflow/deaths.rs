//! The death evidence of each person.
//!
//! ```text
//! deaths of citizens ─┬──────────────────────────────────▶ the citizen, where a claim has no card
//!                     └─ join participants by citizen ──▶ the participant
//! deaths of participants ─┬──────────────────────────────▶ the participant
//!                         └─ join (of citizens whose claims have no card) ▶ the citizen
//! ```
//! The last path exists because a report may name only the social-insurance number of someone who
//! came without a card; it is restricted to those citizens before it meets anything large.

use differential_dataflow::VecCollection;

use super::fact::{DeathFact, Fact};
use super::graph::{ByKey, Nodes, ParticipantsByCitizen};
use super::node::{Node, Person};

/// Death evidence as facts about persons.
///
/// `of_citizens` and `of_participants` are keyed by the number that the evidence names; `cardless`
/// holds the citizens of claims without a card.
pub fn deaths<'scope>(
    of_citizens: ByKey<'scope, Node, DeathFact>,
    of_participants: VecCollection<'scope, u32, (Node, DeathFact), i32>,
    participants: ParticipantsByCitizen<'scope>,
    cardless: Nodes<'scope>,
) -> VecCollection<'scope, u32, (Person, Fact), i32> {
    let through_participant =
        of_citizens
            .clone()
            .join_core(participants.clone(), |_citizen, death, participant| {
                Some((
                    *participant,
                    Fact::Death(DeathFact {
                        through: Some(*participant),
                        ..*death
                    }),
                ))
            });
    let of_cardless = cardless
        .join_core(participants, |citizen, (), participant| {
            Some((*participant, *citizen))
        })
        .arrange_by_key_named("participants of claims without a card")
        .join_core(
            of_participants
                .clone()
                .arrange_by_key_named("deaths of participants"),
            |participant, citizen, death| {
                let death = DeathFact {
                    through: Some(*participant),
                    ..*death
                };
                Some((*citizen, Fact::Death(death)))
            },
        );
    of_citizens
        .as_collection(|citizen, death| (*citizen, *death))
        .concat(of_participants)
        .map(|(person, death)| (person, Fact::Death(death)))
        .concat(through_participant)
        .concat(of_cardless)
}
