//! Whom a row is about, beside its key: for finding the rows of one person.
//!
//! In: what is kept of a row. Out: the citizens and participants that it names, as numbers for
//! [`Rows::create_with_names`](crate::journal::Rows::create_with_names). Must hold: what is found by a key that is the person's
//! own number - a citizen, a participant's own row, a health profile - is not named.

use super::content::Content;
use crate::journal::Named;
use crate::record::{PersonalId, SiNumber};

/// Somebody whom rows name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whom {
    /// By the number of a citizen.
    Citizen(PersonalId),
    /// By the number of the insurance.
    Participant(SiNumber),
}

impl Whom {
    /// A number that is nobody else's.
    pub fn number(self) -> u64 {
        match self {
            Self::Citizen(id) => id.number() << 1,
            Self::Participant(si) => (si.number() << 1) | 1,
        }
    }
}

/// Whom content names.
pub fn people(content: &Content) -> Named {
    let citizen = |id: Option<PersonalId>| id.map(|id| Whom::Citizen(id).number());
    let participant = |si: Option<SiNumber>| si.map(|si| Whom::Participant(si).number());
    match content {
        // Whoever has the number that took the place of this one had this one before.
        Content::Citizen(own) => citizen(own.superseded_by).into_iter().collect(),
        Content::DeathReport(report) => {
            let named = [citizen(report.citizen), participant(report.participant)];
            named.into_iter().flatten().collect()
        }
        Content::Participant(own) => citizen(own.citizen).into_iter().collect(),
        Content::Card(card, _) => participant(Some(card.holder())).into_iter().collect(),
        Content::Claim(claim) | Content::CheckIn(claim) => {
            let cards = claim.cards.iter();
            let holders = cards.map(|(card, _)| Whom::Participant(card.holder()).number());
            holders.chain(citizen(claim.citizen)).collect()
        }
        Content::Employment(employment) => participant(Some(employment.si)).into_iter().collect(),
        Content::Beneficiary(benefit) => citizen(Some(benefit.citizen)).into_iter().collect(),
        Content::Enterprise(_) | Content::HealthProfile(_) => Named::new(),
    }
}
