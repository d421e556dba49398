//! The death evidence of each person.
//!
//! ```text
//! deaths of citizens ─ facts by citizen ─ fold ─┬─▶ the participants
//!                                               └─▶ the citizen, where a claim has no card
//! deaths of participants ─┬───────────────────────▶ the participant
//!                         └─ join (of citizens whose claims have no card) ─▶ the citizen
//! ```
//! The last path exists because a report may name only the social-insurance number of someone who
//! came without a card; it is restricted to those citizens before it meets anything large.

use differential_dataflow::VecCollection;

use super::fact::{DeathFact, Fact};
use super::node::{Node, Person};

impl DeathFact {
    /// It, tied to a person by the row of a participant.
    pub(super) fn through(self, participant: Node) -> Self {
        Self {
            through: Some(participant),
            ..self
        }
    }
}

/// Death evidence that names a participant, as facts about persons: `cardless` holds the participants of citizens whose
/// claims have no card, each with the citizen.
pub(super) fn deaths_of_participants<'scope>(
    of_participants: VecCollection<'scope, u32, (Node, DeathFact), i32>,
    cardless: VecCollection<'scope, u32, (Node, Node), i32>,
) -> VecCollection<'scope, u32, (Person, Fact), i32> {
    let of_cardless = cardless
        .arrange_by_key_named("participants of claims without a card")
        .join_core(
            of_participants
                .clone()
                .arrange_by_key_named("deaths of participants"),
            |participant, citizen, death| {
                let death = death.through(*participant);
                Some((*citizen, Fact::Death(death)))
            },
        );
    of_participants
        .map(|(person, death)| (person, Fact::Death(death)))
        .concat(of_cardless)
}
