//! The retired claims of a person are found, to be restored.
//!
//! In: whose claims, and for how long. Out: a delivery that restores them. Must hold: who resolves rows is never
//! kept waiting for more than a block of rows; nothing is restored that is within the window.

use std::collections::HashSet;
use std::io;

use super::archive::Archive;
use crate::dataflow::{ClaimContent, Content};
use crate::journal::{Delivery, Place, Restoration, Row};
use crate::record::{CardNumber, Day, Key, PersonalId, SiNumber};

/// Rows that are looked at under one lock.
const BLOCK: usize = 4096;
/// For how long claims are restored where nothing else is asked for.
pub const RESTORED_DAYS: u32 = 90;
/// The source of what restores.
const SOURCE: &str = "restore";

/// Whose claims are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The holder's of a card.
    Card(CardNumber),
    /// A participant's.
    Participant(SiNumber),
    /// A citizen's: those of its participants, and those that name it.
    Citizen(PersonalId),
}

/// Retired claims that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Their keys.
    pub claims: Vec<Key>,
    /// The last day on which they will be decided on.
    pub until: Day,
}

/// Why claims are not looked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotFound {
    /// All claims are decided on.
    #[error("no claim is retired, since retention.claims is not set")]
    NoWindow,
    /// They would be restored for longer than the window.
    #[error("claims can be restored for 1 to {most} days")]
    Days {
        /// The longest.
        most: u32,
    },
    /// The rows cannot be read.
    #[error("the scratch file of rows cannot be read: {0}")]
    Scratch(#[from] io::Error),
}

impl Found {
    /// What restores them.
    pub fn delivery(self) -> Delivery {
        Delivery {
            source: SOURCE.to_owned(),
            restores: Some(Restoration {
                claims: self.claims,
                until: self.until,
            }),
            ..Delivery::default()
        }
    }
}

impl Archive {
    /// Looks for the retired claims of a person, which are to be restored for so many days. It goes through all
    /// rows; of a nation's that takes minutes.
    ///
    /// # Errors
    /// When no claim is ever retired, the days are too many, or the rows cannot be read.
    pub fn find(&self, whose: Whose, days: Option<u32>) -> Result<Found, NotFound> {
        let window = self.window.ok_or(NotFound::NoWindow)?;
        let most = window.days;
        let days = days.unwrap_or(RESTORED_DAYS.min(most));
        if !(1..=most).contains(&days) {
            return Err(NotFound::Days { most });
        }
        // Before the first epoch there are no claims either.
        let as_of = self.as_of().unwrap_or(Day::from_number(0));
        let (holders, citizen) = match whose {
            Whose::Card(card) => (HashSet::from([card.holder()]), None),
            Whose::Participant(si) => (HashSet::from([si]), None),
            Whose::Citizen(id) => (self.participants(id)?, Some(id)),
        };
        let is_of_person = |claim: &ClaimContent| {
            let mut cards = claim.cards.iter();
            cards.any(|(card, _)| holders.contains(&card.holder()))
                || (citizen.is_some() && claim.citizen == citizen)
        };
        let mut claims = Vec::new();
        let is_claim = |key: &Key| matches!(key, Key::Claim(..) | Key::CheckIn(..));
        self.each_latest(is_claim, |row| {
            if let Some(content @ (Content::Claim(claim) | Content::CheckIn(claim))) = &row.content
                && is_of_person(claim)
                && self.is_beyond(content, as_of)
            {
                claims.push(row.key.clone());
            }
        })?;
        claims.sort_unstable();
        Ok(Found {
            claims,
            until: as_of.plus(i32::try_from(days).unwrap_or(i32::MAX)),
        })
    }

    /// The participants that a citizen is.
    fn participants(&self, id: PersonalId) -> io::Result<HashSet<SiNumber>> {
        let mut participants = HashSet::new();
        self.each_latest(
            |key| matches!(key, Key::Participant(_)),
            |row| {
                if let Some(Content::Participant(participant)) = &row.content
                    && participant.citizen == Some(id)
                {
                    participants.insert(participant.si);
                }
            },
        )?;
        Ok(participants)
    }

    /// Tells the latest row of every key that is wanted.
    fn each_latest(
        &self,
        is_wanted: impl Fn(&Key) -> bool,
        mut tell: impl FnMut(&Row<Content>),
    ) -> io::Result<()> {
        let mut next = Some(Place(0));
        while let Some(from) = next {
            let rows = self.rows.read();
            next = rows.latest_of_block((from, BLOCK), &is_wanted, &mut tell)?;
        }
        Ok(())
    }
}
