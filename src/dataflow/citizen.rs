//! What is known of one citizen beside the facts about persons, and what of it goes beyond the trivial link.
//!
//! ```text
//! participants, life statuses, deaths, blood types, listed benefits ─┐
//! linked? claims without a card? ────────────────────────────────────┴─▶ facts by citizen ─ fold ─▶ facts about
//!                                                            persons, edges of clusters, who is asked for elsewhere
//! ```
//! In: the facts of a citizen, in any order. Out: [`CitizenOutcome`]s. Must hold: an outcome depends on these alone; of a
//! citizen who is alive, is named by one participant and has nothing else there is none.
//!
//! Nearly everybody is such a citizen, of whom the table holds the participant and the life status, and no join
//! needs an arrangement of everybody: who is asked for is a fact here, and what is given out is of few.

use std::sync::Arc;

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::fact::{DeathFact, Fact};
use super::keyed_state::{Repeating, Table, Unpacked, WithoutSettings, fold_held};
use super::node::{Node, Person};
use super::view::exclusive_benefits;
use super::view::{BenefitFact, Excluded};
use crate::record::{BloodType, LifeStatus, Packed, take};
use crate::rule::{ExclusiveBenefits, Reason, ReasonSet};

/// A fact about a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CitizenFact {
    /// A participant that names the citizen.
    Participant(Node),
    /// The life status in the register.
    LifeStatus(LifeStatus),
    /// The blood type of the health profile.
    BloodType(BloodType),
    /// Claims without a card name the citizen.
    Cardless,
    /// The citizen is linked with another citizen, or shares an old id.
    Linked,
    /// A death evidence that names the citizen.
    Death(DeathFact),
    /// A benefit that the list of exclusive ones names.
    Benefit(BenefitFact),
}

/// What the fold over a citizen gives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CitizenOutcome {
    /// A fact about the citizen as a person, or about a participant that names it.
    Fact(Person, Fact),
    /// The citizen and a participant of its cluster.
    Edge(Node, Node),
    /// A participant of a registered citizen whom claims without a card name, and the citizen.
    OfCardless(Node, Node),
    /// A benefit that another excludes.
    Excluded(Excluded),
}

/// Keeps the facts of citizens, and gives out what goes beyond the trivial link.
pub(super) fn fold_citizens<'scope>(
    facts: VecCollection<'scope, u32, (Node, CitizenFact), i32>,
    without_settings: WithoutSettings<'scope>,
    wanted: ReasonSet,
    exclusive: Arc<ExclusiveBenefits>,
) -> VecCollection<'scope, u32, CitizenOutcome, i32> {
    fold_held(
        facts,
        without_settings,
        Table::of_short_keys("facts by citizen"),
        move |(): &(), citizen: &Node, facts: Unpacked<'_, CitizenFact>, out: &mut Vec<_>| {
            of_citizen(*citizen, facts, (wanted, &exclusive), out);
        },
    )
}

/// Folds over the facts of one citizen.
fn of_citizen(
    citizen: Node,
    facts: impl Iterator<Item = CitizenFact>,
    (wanted, exclusive): (ReasonSet, &ExclusiveBenefits),
    out: &mut Vec<CitizenOutcome>,
) {
    let mut participants: SmallVec<[Node; 2]> = SmallVec::new();
    let mut deaths: SmallVec<[DeathFact; 2]> = SmallVec::new();
    let mut benefits: SmallVec<[BenefitFact; 2]> = SmallVec::new();
    let (mut life_status, mut blood_type) = (None, None);
    let (mut is_cardless, mut is_linked) = (false, false);
    for fact in facts {
        match fact {
            CitizenFact::Participant(participant) => participants.push(participant),
            CitizenFact::LifeStatus(status) => life_status = Some(status),
            CitizenFact::BloodType(known) => blood_type = Some(known),
            CitizenFact::Cardless => is_cardless = true,
            CitizenFact::Linked => is_linked = true,
            CitizenFact::Death(death) => deaths.push(death),
            CitizenFact::Benefit(benefit) => benefits.push(benefit),
        }
    }
    let standing = match life_status {
        Some(LifeStatus::Alive) => None,
        Some(LifeStatus::Missing) => Some(Fact::Missing),
        _ => wanted
            .contains(Reason::DeathOnLivingCard)
            .then_some(Fact::NotAlive),
    };
    let of_all = || (standing.into_iter()).chain(blood_type.map(Fact::BloodType));
    for participant in &participants {
        let about = |fact| CitizenOutcome::Fact(*participant, fact);
        out.extend(of_all().map(about));
        let through = deaths.iter().map(|death| death.through(*participant));
        out.extend(through.map(Fact::Death).map(about));
        out.extend(exclusive_benefits::of_participant(&benefits, exclusive).map(about));
    }
    if is_cardless && life_status.is_some() {
        let about = |fact| CitizenOutcome::Fact(citizen, fact);
        out.extend(of_all().map(about));
        out.extend(deaths.iter().copied().map(Fact::Death).map(about));
        out.push(about(Fact::Registered));
        let of_it = participants.iter();
        out.extend(of_it.map(|participant| CitizenOutcome::OfCardless(*participant, citizen)));
    }
    if is_linked || participants.len() > 1 && reaches_clusters(wanted) {
        let of_it = participants.iter();
        out.extend(of_it.map(|participant| CitizenOutcome::Edge(citizen, *participant)));
    }
    let excluded = exclusive_benefits::of_citizen(&benefits, exclusive);
    out.extend(excluded.map(CitizenOutcome::Excluded));
}

/// Whether a reason that is wanted turns on identity clusters.
pub(super) fn reaches_clusters(wanted: ReasonSet) -> bool {
    wanted.contains(Reason::IdentityMismatch) || wanted.contains(Reason::DuplicateIdentity)
}

/// What the first byte of a packed fact says it is, but for a participant, of which the first byte is that of its number:
/// none begins with so high a one.
mod tag {
    use crate::dataflow::node::Node;

    /// And those behind it, a life status each.
    pub const LIFE_STATUS: u8 = Node::FIRST_BYTES;
    /// And those behind it, a blood type each.
    pub const BLOOD_TYPE: u8 = LIFE_STATUS + 5;
    pub const CARDLESS: u8 = BLOOD_TYPE + 4;
    pub const LINKED: u8 = CARDLESS + 1;
    pub const DEATH: u8 = LINKED + 1;
    pub const BENEFIT: u8 = DEATH + 1;
}

const _: () = assert!(
    LifeStatus::ALL.len() == (tag::BLOOD_TYPE - tag::LIFE_STATUS) as usize
        && BloodType::ALL.len() == (tag::CARDLESS - tag::BLOOD_TYPE) as usize
);

impl Repeating for CitizenFact {
    type Told = ();
}

impl Packed for CitizenFact {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Participant(participant) => participant.pack(out),
            Self::LifeStatus(status) => out.push(tag::LIFE_STATUS + *status as u8),
            Self::BloodType(blood_type) => out.push(tag::BLOOD_TYPE + *blood_type as u8),
            Self::Cardless => out.push(tag::CARDLESS),
            Self::Linked => out.push(tag::LINKED),
            Self::Death(death) => {
                out.push(tag::DEATH);
                death.pack_behind_tag(out);
            }
            Self::Benefit(benefit) => {
                out.push(tag::BENEFIT);
                benefit.pack(out);
            }
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        if *bytes.first()? < Node::FIRST_BYTES {
            return Node::unpack(bytes).map(Self::Participant);
        }
        let [tag] = take(bytes)?;
        Some(match tag {
            tag::DEATH => Self::Death(DeathFact::unpack_tagged(false, bytes)?),
            tag::BENEFIT => Self::Benefit(BenefitFact::unpack(bytes)?),
            tag::CARDLESS => Self::Cardless,
            tag::LINKED => Self::Linked,
            tag::BLOOD_TYPE.. => {
                Self::BloodType(*BloodType::ALL.get(usize::from(tag - tag::BLOOD_TYPE))?)
            }
            _ => Self::LifeStatus(*LifeStatus::ALL.get(usize::from(tag - tag::LIFE_STATUS))?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataflow::fact::EvidenceSource;
    use crate::dataflow::row_ref::RowRef;
    use crate::journal::Place;
    use crate::record::{Day, PersonalId, SiNumber};
    use crate::rule::Scheme;

    fn citizen() -> Node {
        Node::citizen(PersonalId::new(999_999_999_999).expect("12 digits"))
    }

    fn participant(number: u64) -> Node {
        Node::participant(SiNumber::new(number).expect("10 digits"))
    }

    fn death() -> DeathFact {
        DeathFact {
            latest_day: Day::from_number(20_000),
            source: EvidenceSource::Court,
            through: None,
            row: RowRef::death_report(Place(7)),
        }
    }

    fn outcomes(facts: &[CitizenFact], wanted: ReasonSet) -> Vec<CitizenOutcome> {
        let mut out = Vec::new();
        let exclusive = ExclusiveBenefits::default();
        of_citizen(
            citizen(),
            facts.iter().copied(),
            (wanted, &exclusive),
            &mut out,
        );
        out.sort_unstable();
        out
    }

    #[test]
    fn facts_come_back() {
        let mut facts = vec![
            CitizenFact::Participant(participant(0)),
            CitizenFact::Participant(participant(9_999_999_999)),
            CitizenFact::Cardless,
            CitizenFact::Linked,
            CitizenFact::Death(death()),
            CitizenFact::Benefit(BenefitFact {
                number: Place(u32::MAX),
                scheme: Scheme::named("pension"),
                from: Day::from_number(-1),
                to: crate::dataflow::OPEN,
            }),
        ];
        facts.extend(LifeStatus::ALL.iter().copied().map(CitizenFact::LifeStatus));
        facts.extend(BloodType::ALL.map(CitizenFact::BloodType));
        let mut packed = Vec::new();
        facts.iter().for_each(|fact| fact.pack(&mut packed));
        let mut bytes = packed.as_slice();
        for fact in facts {
            assert_eq!(CitizenFact::unpack(&mut bytes), Some(fact));
        }
        assert!(bytes.is_empty());
        assert_eq!(CitizenFact::unpack(&mut [u8::MAX].as_slice()), None);
    }

    #[test]
    fn the_trivial_link_of_somebody_alive_takes_six_bytes_and_gives_nothing() {
        let facts = [
            CitizenFact::LifeStatus(LifeStatus::Alive),
            CitizenFact::Participant(participant(1)),
        ];
        let mut packed = Vec::new();
        facts.iter().for_each(|fact| fact.pack(&mut packed));
        assert_eq!(packed.len(), 6);
        assert_eq!(outcomes(&facts, ReasonSet::ALL), []);
    }

    #[test]
    fn a_second_participant_or_a_link_makes_edges_of_all_participants() {
        let edge = |number| CitizenOutcome::Edge(citizen(), participant(number));
        let alive = CitizenFact::LifeStatus(LifeStatus::Alive);
        let [first, second] = [1, 2].map(|number| CitizenFact::Participant(participant(number)));
        let all = ReasonSet::ALL;
        assert_eq!(outcomes(&[second, alive, first], all), [edge(1), edge(2)]);
        assert_eq!(
            outcomes(&[first, CitizenFact::Linked, alive], all),
            [edge(1)]
        );
        assert_eq!(outcomes(&[CitizenFact::Linked, alive], all), []);
        let without = [Reason::StaleCard].into_iter().collect();
        assert_eq!(outcomes(&[second, alive, first], without), []);
    }

    #[test]
    fn a_citizen_is_told_of_as_a_person_where_a_claim_has_no_card() {
        let fact = |person, fact| CitizenOutcome::Fact(person, fact);
        let facts = [
            CitizenFact::Death(death()),
            CitizenFact::Participant(participant(1)),
            CitizenFact::LifeStatus(LifeStatus::Dead),
        ];
        let mut expected = vec![
            fact(participant(1), Fact::NotAlive),
            fact(participant(1), Fact::Death(death().through(participant(1)))),
        ];
        expected.sort_unstable();
        assert_eq!(outcomes(&facts, ReasonSet::ALL), expected);
        expected.extend([
            fact(citizen(), Fact::NotAlive),
            fact(citizen(), Fact::Death(death())),
            fact(citizen(), Fact::Registered),
            CitizenOutcome::OfCardless(participant(1), citizen()),
        ]);
        expected.sort_unstable();
        let cardless: Vec<_> = facts.into_iter().chain([CitizenFact::Cardless]).collect();
        assert_eq!(outcomes(&cardless, ReasonSet::ALL), expected);
        let unregistered = [CitizenFact::Cardless, CitizenFact::Death(death())];
        assert_eq!(outcomes(&unregistered, ReasonSet::ALL), []);
    }
}
