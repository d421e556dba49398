//! Claims that list several cards: whose they are, and what their cards make of them.
//!
//! A claim's person is the holder of the first listed card whose validity covers the admission date,
//! else of the first listed (contract 1.2), so it can change whenever a card does. A claim of one
//! card has its person by form alone and does not come here.
//!
//! ```text
//! claims of several cards ─┬─ each card ─┐
//!                          │             join ─▶ registered (by claim) ─┐
//! the cards that they list ┼─────────────┘                              fold ─▶ the claim under its
//!                          └─ the claim itself ────────────────────────┘       person; findings
//! ```
//! The second input holds only the cards that such claims list: it is restricted where rows are
//! resolved, so that no second arrangement of every card is needed here.

use differential_dataflow::VecCollection;
use serde::{Deserialize, Serialize};

use super::claim_fact::ClaimFact;
use super::fact::{CardFact, Fact};
use super::finding::Finding;
use super::fold::fold;
use super::node::{Node, Person};
use super::row_ref::RowRef;
use super::view::{OverpaidLevels, presented_is_not_valid};
use crate::record::{CardNumber, Day};
use crate::rule::Reason;

/// A claim that lists several cards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeveralCards {
    /// The claim, under no card yet.
    pub claim: ClaimFact,
    /// The cards in their order, each with whether it need not be registered.
    pub cards: Vec<(CardNumber, bool)>,
    /// The benefit levels at which it asks for too much.
    pub overpaid_levels: OverpaidLevels,
    /// The earliest last day of a card that is valid for it to its end.
    pub needed_until: Day,
}

/// What is known of one claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Part {
    Registered(CardNumber, CardFact),
    Claim(SeveralCards),
}

/// What a claim of several cards comes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Resolved {
    /// The claim is a fact about this person.
    Fact(Person, Fact),
    /// A reason that its cards decide.
    Finding(Finding),
}

/// Resolves claims against the cards that they list.
pub fn presented<'scope>(
    claims: VecCollection<'scope, u32, SeveralCards, i32>,
    listed: VecCollection<'scope, u32, (CardNumber, CardFact), i32>,
) -> VecCollection<'scope, u32, Resolved, i32> {
    let registered = claims
        .clone()
        .flat_map(|several| {
            let number = several.claim.number;
            several
                .cards
                .into_iter()
                .map(move |(card, _)| (card.packed(), number))
        })
        .arrange_by_key_named("listings, by card")
        .join_core(
            listed
                .map(|(card, fact)| (card.packed(), fact))
                .arrange_by_key_named("listed cards"),
            |card, number, fact| {
                let card = CardNumber::from_packed(*card).expect("packed from a card number");
                Some((number.0, Part::Registered(card, *fact)))
            },
        );
    let parts = claims
        .map(|several| (several.claim.number.0, Part::Claim(several)))
        .concat(registered)
        .arrange_by_key_named("parts of claims of several cards");
    fold(parts, "presented cards", resolve)
}

/// Folds over one claim and the registered ones of its cards.
fn resolve(_claim: &u32, parts: &mut dyn Iterator<Item = &Part>, out: &mut Vec<Resolved>) {
    let mut registered: Vec<(CardNumber, CardFact)> = Vec::new();
    let mut claims = Vec::new();
    for part in parts {
        match part {
            Part::Registered(card, fact) => registered.push((*card, *fact)),
            Part::Claim(several) => claims.push(several),
        }
    }
    for several in claims {
        resolve_claim(several, &registered, out);
    }
}

fn resolve_claim(
    several: &SeveralCards,
    registered: &[(CardNumber, CardFact)],
    out: &mut Vec<Resolved>,
) {
    let SeveralCards {
        claim,
        cards,
        overpaid_levels,
        needed_until,
    } = several;
    let find = |card: &CardNumber| {
        registered
            .iter()
            .find(|(r, _)| r == card)
            .map(|(_, fact)| fact)
    };
    let admission = claim.admission_date();
    let covering = cards
        .iter()
        .find(|(card, _)| find(card).is_some_and(|fact| fact.covers(admission)));
    let Some((card, may_be_unregistered)) = covering.or(cards.first()) else {
        return;
    };
    let fact = Fact::Claim(claim.under(*card, *may_be_unregistered));
    out.push(Resolved::Fact(Node::participant(card.holder()), fact));

    let unknown = cards.iter().any(|(card, may)| !may && find(card).is_none());
    let presented = (admission, *needed_until);
    let facts = registered.iter().map(|(_, fact)| fact);
    let of_register = if unknown {
        Some(Reason::UnknownCard)
    } else if !registered.is_empty() && presented_is_not_valid(presented, facts) {
        Some(Reason::CardNotValid)
    } else {
        None
    };
    let of_level = (overpaid_levels.contains(*card)).then_some(Reason::BenefitMismatch);
    for reason in of_register.into_iter().chain(of_level) {
        let evidence = cards.iter().map(|(card, _)| RowRef::card(*card)).collect();
        let finding = Finding::new(reason, reason.class(), claim.row(), evidence);
        out.push(Resolved::Finding(finding));
    }
}
