//! `duplicate_identity`: the person's identity cluster holds cards of at least two social-insurance
//! numbers that both cover the admission date and were in force on it.
//!
//! ```text
//! persons with a cluster ─ fold ─▶ members: cards, claims (by cluster) ─┬─ fold ─▶ findings
//! labels of the linked ────────── members: rows that tie it together ───┘
//! ```
//! Only who is linked beyond the trivial link has a cluster, so few claims get here, and a fold over
//! a cluster costs what the cluster holds, however many of its persons came at once.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};

use super::super::clusters::ties;
use super::super::dossier::{Dossier, Outcome};
use super::super::fact::CardFact;
use super::super::finding::Finding;
use super::super::fold::fold;
use super::super::graph::{Findings, Labels};
use super::super::node::Node;
use super::super::row_ref::RowRef;
use crate::record::{Day, SiNumber};
use crate::rule::Reason;

/// Rows that tie the cluster together, beyond which evidence lists no more of them.
const TIES_SHOWN: usize = 16;

/// What a cluster holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(in super::super) enum Member {
    /// A card and its holder.
    Card(SiNumber, CardFact),
    /// A row that ties the cluster together.
    Tie(RowRef),
    /// A claim: its admission date, its row, and the row of its card.
    Claim(Day, RowRef, Option<RowRef>),
}

impl Member {
    /// The claim, if it is one.
    pub(in super::super) fn claim(&self) -> Option<RowRef> {
        match self {
            Member::Claim(_, claim, _) => Some(*claim),
            Member::Card(..) | Member::Tie(_) => None,
        }
    }
}

/// What a person with a cluster brings into it.
pub(super) fn members(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let Some(cluster) = dossier.cluster else {
        return;
    };
    if let Some(holder) = dossier.person.as_participant() {
        let cards = dossier.cards.iter();
        out.extend(cards.map(|card| Outcome::Member(cluster, Member::Card(holder, *card))));
    }
    out.extend(dossier.claims.iter().map(|claim| {
        let card = dossier.presented(claim).map(RowRef::card);
        Outcome::Member(
            cluster,
            Member::Claim(claim.admission_date(), claim.row(), card),
        )
    }));
}

/// Findings of the members of clusters.
pub(in super::super) fn duplicate_identity<'scope>(
    members: VecCollection<'scope, u32, (Node, Member), i32>,
    labels: Labels<'scope>,
) -> Findings<'scope> {
    let ties = ties(labels).map(|(label, row)| (label, Member::Tie(row)));
    let members = members.concat(ties);
    fold(
        members.arrange_by_key_named("members of clusters"),
        "duplicate identity",
        find,
    )
}

/// Folds over one cluster: cards first, then ties, then claims, so that the cards and ties that are
/// named do not depend on the order in which they came.
fn find(_label: &Node, members: &mut dyn Iterator<Item = &Member>, out: &mut Vec<Finding>) {
    let mut cards: Vec<(SiNumber, CardFact)> = Vec::new();
    let mut ties: Vec<RowRef> = Vec::new();
    let mut members: Vec<&Member> = members.collect();
    members.sort_unstable();
    for member in members {
        match member {
            Member::Card(holder, card) => cards.push((*holder, *card)),
            Member::Tie(row) => {
                if ties.len() < TIES_SHOWN {
                    ties.push(*row);
                }
            }
            Member::Claim(admission, claim, card) => {
                let in_force = |(_, card): &&(SiNumber, CardFact)| {
                    card.covers(*admission) && card.in_force(*admission)
                };
                let Some((holder, one)) = cards.iter().find(in_force) else {
                    continue;
                };
                let Some((other_holder, other)) = cards
                    .iter()
                    .filter(|(other, _)| other != holder)
                    .find(in_force)
                else {
                    continue;
                };
                let mut evidence = ties.clone();
                evidence.extend(card);
                evidence
                    .extend([one.number(*holder), other.number(*other_holder)].map(RowRef::card));
                evidence.extend([holder, other_holder].map(|si| RowRef::participant(*si)));
                let reason = Reason::DuplicateIdentity;
                out.push(Finding::new(reason, reason.class(), *claim, evidence));
            }
        }
    }
}
