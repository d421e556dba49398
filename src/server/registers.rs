//! What the registers say of the subjects of alerts, for the desk.

use crate::alert::SharedRows;
use crate::dataflow::{ClaimContent, Content};
use crate::record::{CardNumber, Facility, Key, SiNumber, Stream, Text, Value};
use crate::review::{About, Registers};

/// The rows that the service knows.
pub(super) struct RowRegisters(SharedRows);

impl RowRegisters {
    pub(super) fn new(rows: SharedRows) -> Self {
        Self(rows)
    }

    /// What a key holds now; nothing where it holds nothing, or cannot be read: what rests on it is asked again when the
    /// alert changes next.
    fn content(&self, key: &Key) -> Option<Content> {
        let latest = self.0.read().latest(key);
        let latest = latest.unwrap_or_else(|error| {
            tracing::warn!(%error, "the subject of an alert cannot be looked up");
            None
        });
        latest.and_then(|(_, row)| row.content)
    }
}

impl Registers for RowRegisters {
    fn citizen_of(&self, si_number: &str) -> Option<String> {
        let key = Key::Participant(SiNumber::from_text(si_number)?);
        match self.content(&key)? {
            Content::Participant(participant) => Some(participant.citizen?.to_string()),
            _ => None,
        }
    }

    fn about(&self, kind: &str, id: &str) -> About {
        let person = |si: SiNumber| Some((Stream::Participants, si.to_string()));
        match kind {
            "claim" | "check_in" => {
                let key = visit(kind, id);
                match key.and_then(|key| self.content(&key)) {
                    Some(Content::Claim(claim) | Content::CheckIn(claim)) => of_visit(&claim),
                    _ => About::default(),
                }
            }
            "card" => CardNumber::from_text(id).map_or_else(About::default, |card| About {
                day: None,
                card: Some(card.to_string()),
                person: person(card.holder()),
            }),
            "participant" => About {
                person: SiNumber::from_text(id).and_then(person),
                ..About::default()
            },
            _ => {
                let citizen = id.split_once('/').map(|(citizen, _)| citizen.to_owned());
                About {
                    person: citizen.map(|citizen| (Stream::Citizens, citizen)),
                    ..About::default()
                }
            }
        }
    }
}

/// The key of a claim or a check-in, as outputs write it.
fn visit(kind: &str, id: &str) -> Option<Key> {
    let (facility, visit) = id.split_once('/')?;
    let (facility, visit) = (Facility::from_text(facility)?, Text::from_text(visit)?);
    Some(match kind {
        "claim" => Key::Claim(facility, visit),
        _ => Key::CheckIn(facility, visit),
    })
}

/// A visit is of its first card that covers the admission, else of its first: here of its first, which is the same for all
/// but the few that list several.
fn of_visit(claim: &ClaimContent) -> About {
    let card = claim.cards.first().map(|(card, _)| *card);
    let of_card = card.map(|card| (Stream::Participants, card.holder().to_string()));
    let of_citizen = || {
        let citizen = claim.citizen?;
        Some((Stream::Citizens, citizen.to_string()))
    };
    About {
        day: Some(claim.admitted_at.day()),
        card: card.map(|card| card.to_string()),
        person: of_card.or_else(of_citizen),
    }
}
