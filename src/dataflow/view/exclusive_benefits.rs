//! `exclusive_benefits`: on a common day the person draws another benefit, or has an employment, that
//! the list of exclusive pairs names for it.
//!
//! ```text
//! listed benefits by citizen ─┬─ fold ─▶ the other benefits of a pair ─────────────┐
//!                             └─ join participants ─▶ facts ─▶ fold over persons ──┴─ fold ─▶ findings
//!                                                              (employments)        by benefit
//! ```
//! Benefits go to the employments and not the other way: the list names few schemes, and nearly
//! everybody is employed.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};

use super::super::dossier::{Dossier, Outcome};
use super::super::fact::{EmploymentFact, Fact};
use super::super::finding::Finding;
use super::super::fold::fold;
use super::super::graph::{ByKey, Findings, ParticipantsByCitizen};
use super::super::node::{Node, Person};
use super::super::row_ref::RowRef;
use crate::journal::Place;
use crate::record::{Day, Packed};
use crate::rule::{ExclusiveBenefits, Reason, Scheme};

/// A benefit, without the citizen who draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BenefitFact {
    /// Its row.
    pub number: Place,
    /// What it is drawn under.
    pub scheme: Scheme,
    /// First day.
    pub from: Day,
    /// Last day; [`OPEN`](super::super::fact::OPEN) when open.
    pub to: Day,
}

impl BenefitFact {
    fn meets(&self, from: Day, to: Day) -> bool {
        self.from <= to && from <= self.to
    }
}

/// A benefit that excludes an employment, as a fact about a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnemployedFact {
    /// Its row.
    pub number: Place,
    /// First day.
    pub from: Day,
    /// Last day; [`OPEN`](super::super::fact::OPEN) when open.
    pub to: Day,
}

impl Packed for UnemployedFact {
    fn pack(&self, out: &mut Vec<u8>) {
        self.number.0.pack(out);
        self.from.pack(out);
        self.to.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            number: Place(u32::unpack(bytes)?),
            from: Day::unpack(bytes)?,
            to: Day::unpack(bytes)?,
        })
    }
}

/// A row that a benefit excludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Excluded {
    /// The benefit that excludes it.
    pub benefit: Place,
    /// It.
    pub row: RowRef,
    /// The participant whose row ties it to the citizen, if it takes one.
    pub through: Option<Node>,
}

/// The benefits of a list, by the citizen who draws them.
pub(in super::super) fn listed<'scope>(
    benefits: VecCollection<'scope, u32, (Node, BenefitFact), i32>,
    list: &ExclusiveBenefits,
) -> ByKey<'scope, Node, BenefitFact> {
    let list = list.clone();
    benefits
        .filter(move |(_, benefit)| list.names(benefit.scheme))
        .arrange_by_key_named("listed benefits by citizen")
}

/// The benefits that exclude an employment, as facts about the participants who are the citizen.
pub(in super::super) fn of_participants<'scope>(
    listed: ByKey<'scope, Node, BenefitFact>,
    participants: ParticipantsByCitizen<'scope>,
    list: &ExclusiveBenefits,
) -> VecCollection<'scope, u32, (Person, Fact), i32> {
    let list = list.clone();
    listed.join_core(participants, move |_citizen, benefit, participant| {
        list.excludes_employment(benefit.scheme).then(|| {
            let fact = UnemployedFact {
                number: benefit.number,
                from: benefit.from,
                to: benefit.to,
            };
            (*participant, Fact::Unemployed(fact))
        })
    })
}

/// Gives out the employments that the person's benefits exclude.
pub(super) fn employed(dossier: &Dossier, out: &mut Vec<Outcome>) {
    for benefit in &dossier.unemployed {
        let meets = |employment: &&EmploymentFact| {
            benefit.from <= employment.to && employment.from <= benefit.to
        };
        out.extend(dossier.employments.iter().filter(meets).map(|employment| {
            Outcome::Excluded(Excluded {
                benefit: benefit.number,
                row: RowRef::employment(employment.number),
                through: Some(dossier.person),
            })
        }));
    }
}

/// The benefits that exclude something that the person has.
pub(in super::super) fn exclusive_benefits<'scope>(
    listed: ByKey<'scope, Node, BenefitFact>,
    employed: VecCollection<'scope, u32, Excluded, i32>,
    list: &ExclusiveBenefits,
) -> Findings<'scope> {
    let list = list.clone();
    let other_benefits = fold(
        listed,
        "benefits that exclude each other",
        move |_citizen, benefits, out: &mut Vec<Excluded>| {
            let benefits: Vec<&BenefitFact> = benefits.collect();
            for one in &benefits {
                let others = benefits.iter().filter(|other| {
                    list.excludes(one.scheme, other.scheme) && one.meets(other.from, other.to)
                });
                out.extend(others.map(|other| Excluded {
                    benefit: one.number,
                    row: RowRef::beneficiary(other.number),
                    through: None,
                }));
            }
        },
    );
    let by_benefit = other_benefits
        .concat(employed)
        .map(|excluded| (excluded.benefit.0, excluded))
        .arrange_by_key_named("excluded by benefit");
    fold(
        by_benefit,
        "exclusive benefits",
        |number, excluded, out: &mut Vec<Finding>| {
            let mut evidence = Vec::new();
            for excluded in excluded {
                evidence.push(excluded.row);
                let participant = excluded.through.and_then(Node::as_participant);
                evidence.extend(participant.map(RowRef::participant));
            }
            let subject = RowRef::beneficiary(Place(*number));
            let reason = Reason::ExclusiveBenefits;
            out.push(Finding::new(reason, reason.class(), subject, evidence));
        },
    )
}
