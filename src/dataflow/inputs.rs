//! The inputs of the graph, declared once: as collections in it, as the sessions that write them, and
//! as updates that travel to the thread where the sessions are.

use differential_dataflow::VecCollection;
use differential_dataflow::input::InputSession;
use timely::dataflow::Scope;

use super::employer::Employer;
use super::fact::{CardFact, CeasedFact, DeathFact, Fact};
use super::finding::Finding;
use super::identity::IdentityFact;
use super::likeness::BlockEntry;
use super::node::{Node, Person};
use super::presented::SeveralCards;
use super::settings::PersonSettings;
use super::view::BenefitFact;
use crate::link::PersonKey;
use crate::record::{BloodType, CardNumber, Day, LifeStatus};

macro_rules! inputs {
    ($( $(#[$doc:meta])* $name:ident: $ty:ty, )*) => {
        /// The collections that rows become.
        pub struct Inputs<'scope> {
            $( $(#[$doc])* pub $name: VecCollection<'scope, u32, $ty, i32>, )*
        }

        /// Updates of the inputs within one epoch.
        #[derive(Default)]
        pub struct Updates {
            $( $(#[$doc])* pub $name: Vec<($ty, i32)>, )*
        }

        impl Updates {
            /// How many there are.
            pub fn len(&self) -> usize {
                0 $( + self.$name.len() )*
            }

            /// Whether there is none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Adds what takes something back and what is fed in its place, but for inputs to which both are
            /// the same.
            pub fn add_differences(&mut self, before: Self, after: Self) {
                $(
                    let values = before.$name.iter().map(|(value, _)| value);
                    if !values.eq(after.$name.iter().map(|(value, _)| value)) {
                        self.$name.extend(before.$name);
                        self.$name.extend(after.$name);
                    }
                )*
            }
        }

        /// The writing ends of the inputs.
        pub struct Sessions { $( $name: InputSession<u32, $ty, i32>, )* }

        impl Sessions {
            /// Sessions at the first epoch.
            pub fn new() -> Self {
                Self { $( $name: InputSession::new(), )* }
            }

            /// The collections that the sessions write.
            pub fn collections<'scope>(&mut self, scope: Scope<'scope, u32>) -> Inputs<'scope> {
                Inputs { $( $name: self.$name.to_collection(scope.clone()), )* }
            }

            /// Writes updates into the epoch in progress, and leaves their room.
            pub fn update(&mut self, updates: &mut Updates) {
                $( for (value, diff) in updates.$name.drain(..) { self.$name.update(value, diff); } )*
            }

            /// Closes every epoch before `time`.
            pub fn advance_to(&mut self, time: u32) {
                $( self.$name.advance_to(time); self.$name.flush(); )*
            }
        }
    };
}

inputs! {
    /// Cards, participants' citizens, employments, and claims of one card or, of the citizen that they name, of none.
    facts: (Person, Fact),
    /// The citizens that claims without a card name.
    cardless: Node,
    /// Claims of several cards.
    claims_of_several_cards: SeveralCards,
    /// The cards that claims of several cards list.
    listed_cards: (CardNumber, CardFact),
    /// The life status of each citizen.
    life_statuses: (Node, LifeStatus),
    /// Participants, by the citizen that they name.
    participants: (Node, Node),
    /// Death evidence, by the citizen that it names.
    deaths_of_citizens: (Node, DeathFact),
    /// Death evidence, by the participant that it names.
    deaths_of_participants: (Node, DeathFact),
    /// Citizens and the numbers that took their place.
    superseded: (Node, Node),
    /// Citizens by old id.
    old_ids: (Node, Node),
    /// The blood types of health profiles, by citizen.
    blood_types: (Node, BloodType),
    /// Participants, by the enterprise through which they are insured.
    employees: (Employer, Node),
    /// The enterprises that ceased without a successor.
    ceased_enterprises: (Employer, CeasedFact),
    /// Benefits, by the citizen who draws them.
    benefits: (Node, BenefitFact),
    /// What is known of personal ids.
    identities: (Node, IdentityFact),
    /// Participants, by the keys under which others are looked for who are the same person.
    likenesses: (PersonKey, BlockEntry),
    /// Findings of rows by their own columns.
    own_findings: Finding,
    /// The days up to the as-of date.
    days_passed: Day,
    /// Changes of the settings: those that were (-1) and those that are (+1).
    settings: PersonSettings,
}
