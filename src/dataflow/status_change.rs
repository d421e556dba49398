//! What a row did to the state of a person or a card, for the metrics.
//!
//! In: what a key held before and holds after. Out: changes of state. Must hold: a row sent again tells
//! none.

use super::content::Content;
use crate::metric::StatusChange;
use crate::record::{CardStatus, LifeStatus, OldId, PersonalId};

/// Tells `found` of each change of state between what a key held and what it holds.
pub fn status_changes(
    before: Option<&Content>,
    after: Option<&Content>,
    mut found: impl FnMut(StatusChange),
) {
    match (is_death(before), is_death(after)) {
        (false, true) => found(StatusChange::DeathRecorded),
        (true, false) => found(StatusChange::DeathAnnulled),
        _ => {}
    }
    let came_to_be = |is_it: fn(CardStatus) -> bool| {
        let [before, after] =
            [before, after].map(|content| card_status(content).is_some_and(is_it));
        after && !before
    };
    if came_to_be(is_withdrawn) {
        found(StatusChange::CardLocked);
    }
    if came_to_be(|status| status == CardStatus::Replaced) {
        found(StatusChange::CardReissued);
    }
    for [before, after] in ties(before, after) {
        if before != after {
            if before.is_some() {
                found(StatusChange::IdentityUnlinked);
            }
            if after.is_some() {
                found(StatusChange::IdentityLinked);
            }
        }
    }
}

fn is_death(content: Option<&Content>) -> bool {
    match content {
        Some(Content::Citizen(citizen)) => {
            matches!(
                citizen.life_status,
                LifeStatus::Dead | LifeStatus::DeclaredDead
            )
        }
        Some(Content::DeathReport(_)) => true,
        _ => false,
    }
}

fn card_status(content: Option<&Content>) -> Option<CardStatus> {
    match content {
        Some(Content::Card(_, card)) => Some(card.status),
        _ => None,
    }
}

fn is_withdrawn(status: CardStatus) -> bool {
    matches!(
        status,
        CardStatus::Locked | CardStatus::Revoked | CardStatus::Reduced
    )
}

/// A number that a key is tied to.
type Tie = Option<u64>;

/// What a key is tied to, before and after: a participant to its citizen, a citizen to the number that
/// supersedes it and to its old one.
fn ties(before: Option<&Content>, after: Option<&Content>) -> [[Tie; 2]; 3] {
    let of = |content: Option<&Content>| match content {
        Some(Content::Participant(participant)) => {
            [participant.citizen.map(PersonalId::number), None, None]
        }
        Some(Content::Citizen(citizen)) => [
            None,
            citizen.superseded_by.map(PersonalId::number),
            citizen.old_id.map(OldId::number),
        ],
        _ => [None; 3],
    };
    let (before, after) = (of(before), of(after));
    std::array::from_fn(|place| [before[place], after[place]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataflow::{CardFact, CitizenContent, ParticipantContent};
    use crate::metric::StatusChange::{
        CardLocked, CardReissued, DeathAnnulled, DeathRecorded, IdentityLinked, IdentityUnlinked,
    };
    use crate::record::{CardNumber, Day, SiNumber};

    fn told(before: Option<&Content>, after: Option<&Content>) -> Vec<StatusChange> {
        let mut told = Vec::new();
        status_changes(before, after, |change| told.push(change));
        told
    }

    fn citizen(
        life_status: LifeStatus,
        superseded_by: Option<u64>,
        old_id: Option<u64>,
    ) -> Content {
        Content::Citizen(CitizenContent {
            id: PersonalId::new(1).expect("12 digits"),
            life_status,
            death: None,
            superseded_by: superseded_by.and_then(PersonalId::new),
            old_id: old_id.and_then(OldId::new),
            identity: None,
        })
    }

    fn participant(citizen: Option<u64>) -> Content {
        Content::Participant(ParticipantContent {
            si: SiNumber::new(1).expect("10 digits"),
            citizen: citizen.and_then(PersonalId::new),
            identity: None,
            likeness: None,
        })
    }

    fn card(status: CardStatus) -> Content {
        let day = Day::from_number(0);
        let holder = SiNumber::new(1).expect("10 digits");
        let fact = CardFact {
            prefix: 0,
            valid_from: day,
            valid_to: day,
            status_date: day,
            status,
        };
        Content::Card(CardNumber::from_parts(0, holder).expect("a card"), fact)
    }

    #[test]
    fn deaths_come_and_go() {
        let alive = citizen(LifeStatus::Alive, None, None);
        let dead = citizen(LifeStatus::Dead, None, None);
        let declared = citizen(LifeStatus::DeclaredDead, None, None);
        assert_eq!(told(Some(&alive), Some(&dead)), [DeathRecorded]);
        assert_eq!(told(None, Some(&dead)), [DeathRecorded]);
        assert_eq!(told(Some(&dead), Some(&declared)), [], "still dead");
        assert_eq!(told(Some(&declared), Some(&alive)), [DeathAnnulled]);
        assert_eq!(told(Some(&dead), None), [DeathAnnulled]);
        assert_eq!(told(Some(&dead), Some(&dead)), [], "sent again");
    }

    #[test]
    fn cards_are_locked_and_reissued() {
        let [valid, locked, revoked, replaced] = [
            CardStatus::Valid,
            CardStatus::Locked,
            CardStatus::Revoked,
            CardStatus::Replaced,
        ]
        .map(card);
        assert_eq!(told(Some(&valid), Some(&locked)), [CardLocked]);
        assert_eq!(told(Some(&locked), Some(&revoked)), [], "still withdrawn");
        assert_eq!(told(Some(&valid), Some(&replaced)), [CardReissued]);
        assert_eq!(told(Some(&locked), Some(&valid)), []);
    }

    #[test]
    fn numbers_are_tied_and_untied() {
        let [free, first, second] = [None, Some(7), Some(8)].map(participant);
        assert_eq!(told(None, Some(&free)), []);
        assert_eq!(told(Some(&free), Some(&first)), [IdentityLinked]);
        let moved = told(Some(&first), Some(&second));
        assert_eq!(moved, [IdentityUnlinked, IdentityLinked]);
        assert_eq!(told(Some(&second), None), [IdentityUnlinked]);
        let alone = citizen(LifeStatus::Alive, None, None);
        let tied = citizen(LifeStatus::Alive, Some(7), Some(8));
        let both = told(Some(&alone), Some(&tied));
        assert_eq!(both, [IdentityLinked, IdentityLinked]);
    }
}
