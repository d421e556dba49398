//! `exclusive_benefits`: on a common day the person draws another benefit, or has an employment, that
//! the list of exclusive pairs names for it.
//!
//! ```text
//! facts by citizen ─ fold ─┬─▶ the other benefits of a pair ──────────────────────────┐
//! (listed benefits)        └─▶ facts of participants ─▶ fold over persons ────────────┴─ fold ─▶ findings
//!                                                       (employments)                 by benefit
//! ```
//! Benefits go to the employments and not the other way: the list names few schemes, and nearly
//! everybody is employed.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};

use super::super::dossier::{Dossier, Outcome};
use super::super::fact::{EmploymentFact, Fact};
use super::super::finding::Finding;
use super::super::fold::fold;
use super::super::graph::Findings;
use super::super::node::Node;
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

impl Packed for BenefitFact {
    fn pack(&self, out: &mut Vec<u8>) {
        self.number.0.pack(out);
        self.scheme.number().pack(out);
        self.from.pack(out);
        self.to.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            number: Place(u32::unpack(bytes)?),
            scheme: Scheme::from_number(u64::unpack(bytes)?),
            from: Day::unpack(bytes)?,
            to: Day::unpack(bytes)?,
        })
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

/// The benefits that a list names.
pub(in super::super) fn listed<'scope>(
    benefits: VecCollection<'scope, u32, (Node, BenefitFact), i32>,
    list: &ExclusiveBenefits,
) -> VecCollection<'scope, u32, (Node, BenefitFact), i32> {
    let list = list.clone();
    benefits.filter(move |(_, benefit)| list.names(benefit.scheme))
}

/// What excludes the benefits of one citizen: other benefits of it.
pub(in super::super) fn of_citizen<'a>(
    benefits: &'a [BenefitFact],
    list: &'a ExclusiveBenefits,
) -> impl Iterator<Item = Excluded> + 'a {
    benefits.iter().flat_map(|one| {
        let others = benefits.iter().filter(|other| {
            list.excludes(one.scheme, other.scheme) && one.meets(other.from, other.to)
        });
        others.map(|other| Excluded {
            benefit: one.number,
            row: RowRef::beneficiary(other.number),
            through: None,
        })
    })
}

/// The benefits of one citizen that exclude an employment, as facts about whoever is the citizen.
pub(in super::super) fn of_participant<'a>(
    benefits: &'a [BenefitFact],
    list: &'a ExclusiveBenefits,
) -> impl Iterator<Item = Fact> + 'a {
    let exclusive = (benefits.iter()).filter(|benefit| list.excludes_employment(benefit.scheme));
    exclusive.map(|benefit| {
        Fact::Unemployed(UnemployedFact {
            number: benefit.number,
            from: benefit.from,
            to: benefit.to,
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
    excluded: VecCollection<'scope, u32, Excluded, i32>,
) -> Findings<'scope> {
    let by_benefit = excluded
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
