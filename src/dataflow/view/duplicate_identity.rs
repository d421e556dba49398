//! `duplicate_identity`: the person's identity cluster holds cards of at least two social-insurance
//! numbers that both cover the admission date and were in force on it.
//!
//! ```text
//! labels of the linked ─┬─ join by person ─▶ members: cards, claims, rows (by label) ─ fold ─▶ findings
//! facts by person ──────┘
//! ```
//! Only clusters beyond the trivial one have labels, so few claims get here, and a fold over a
//! cluster costs what the cluster holds, however many of its persons came at once.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};

use super::super::fact::{CardFact, Fact};
use super::super::finding::Finding;
use super::super::fold::fold;
use super::super::graph::{Facts, Findings, Labels};
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

/// Findings of the persons that are linked beyond the trivial link.
pub(in super::super) fn duplicate_identity<'scope>(
    facts: Facts<'scope>,
    labels: Labels<'scope>,
) -> Findings<'scope> {
    let members = facts.join_core(labels.clone(), |person, fact, label| {
        let member = match fact {
            Fact::Card(card) => person.as_participant().map(|si| Member::Card(si, *card)),
            Fact::Claim(claim) => {
                let card = person.as_participant().and_then(|holder| {
                    let prefix = claim.card_prefix()?;
                    crate::record::CardNumber::from_parts(prefix, holder)
                });
                let card = card.map(RowRef::card);
                Some(Member::Claim(claim.admission_date(), claim.row(), card))
            }
            Fact::Citizen(_) | Fact::Death(_) => None,
        };
        member.map(|member| (*label, member))
    });
    let ties = labels
        .as_collection(|node, label| (*label, *node))
        .flat_map(|(label, node)| {
            let participant = node.as_participant().map(RowRef::participant);
            let row = participant.or_else(|| node.as_citizen().map(RowRef::citizen))?;
            Some((label, Member::Tie(row)))
        });
    let members: VecCollection<'scope, u32, (Node, Member), i32> = members.concat(ties);
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
