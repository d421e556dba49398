//! A row behind a finding, in eight bytes.

use serde::{Deserialize, Serialize};

use crate::journal::Place;
use crate::record::{CardNumber, Key, Packed, PersonalId, SiNumber};

/// A key that a finding rests on: packed where its digits allow, else the number of the key.
///
/// It may name a key that holds no row: an unregistered card is what `unknown_card` rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowRef {
    // Two halves and not a u64, so that what holds one is aligned to 4.
    high: u32,
    low: u32,
}

/// What a [`RowRef`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referent {
    /// A key that its digits tell.
    Packed(PackedKey),
    /// The key whose first row stands at this place of the row log.
    Numbered(Place),
}

/// A key that fits a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "a variant a stream")]
pub enum PackedKey {
    Citizen(PersonalId),
    Participant(SiNumber),
    Card(CardNumber),
    HealthProfile(PersonalId),
}

const TAG: u32 = 56;

impl RowRef {
    /// A claim, by its number.
    pub fn claim(number: Place) -> Self {
        Self::tagged(0, u64::from(number.0))
    }

    /// A card.
    pub fn card(card: CardNumber) -> Self {
        Self::tagged(1, card.packed())
    }

    /// A participant.
    pub fn participant(si: SiNumber) -> Self {
        Self::tagged(2, si.number())
    }

    /// A citizen.
    pub fn citizen(id: PersonalId) -> Self {
        Self::tagged(3, id.number())
    }

    /// A death report, by its number.
    pub fn death_report(number: Place) -> Self {
        Self::tagged(4, u64::from(number.0))
    }

    /// A claim of several cards, by its number: its cards decide whose it is, so that what rests on it
    /// rests on them too.
    pub fn claim_of_several_cards(number: Place) -> Self {
        Self::tagged(5, u64::from(number.0))
    }

    /// A check-in, by its number.
    pub fn check_in(number: Place) -> Self {
        Self::tagged(6, u64::from(number.0))
    }

    /// A health profile.
    pub fn health_profile(id: PersonalId) -> Self {
        Self::tagged(7, id.number())
    }

    /// An employment, by its number.
    pub fn employment(number: Place) -> Self {
        Self::tagged(8, u64::from(number.0))
    }

    /// An enterprise, by its number.
    pub fn enterprise(number: Place) -> Self {
        Self::tagged(9, u64::from(number.0))
    }

    /// A benefit, by its number.
    pub fn beneficiary(number: Place) -> Self {
        Self::tagged(10, u64::from(number.0))
    }

    /// The claim, where this is a claim of several cards.
    pub fn as_claim_of_several_cards(self) -> Option<Self> {
        match self.referent() {
            Referent::Numbered(number) if self == Self::claim_of_several_cards(number) => {
                Some(Self::claim(number))
            }
            _ => None,
        }
    }

    fn tagged(tag: u64, value: u64) -> Self {
        Self::from_number(tag << TAG | value)
    }

    fn from_number(packed: u64) -> Self {
        Self {
            high: (packed >> 32) as u32,
            low: packed as u32,
        }
    }

    fn number(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }

    /// What it names.
    pub fn referent(self) -> Referent {
        const PROOF: &str = "a reference is packed from a valid key";
        let packed = self.number();
        let value = packed & ((1 << TAG) - 1);
        match packed >> TAG {
            1 => Referent::Packed(PackedKey::Card(
                CardNumber::from_packed(value).expect(PROOF),
            )),
            2 => Referent::Packed(PackedKey::Participant(SiNumber::new(value).expect(PROOF))),
            3 => Referent::Packed(PackedKey::Citizen(PersonalId::new(value).expect(PROOF))),
            7 => Referent::Packed(PackedKey::HealthProfile(
                PersonalId::new(value).expect(PROOF),
            )),
            _ => Referent::Numbered(Place(value as u32)),
        }
    }
}

impl Packed for RowRef {
    fn pack(&self, out: &mut Vec<u8>) {
        self.number().pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        u64::unpack(bytes).map(Self::from_number)
    }
}

impl From<PackedKey> for Key {
    fn from(packed: PackedKey) -> Self {
        match packed {
            PackedKey::Citizen(id) => Key::Citizen(id),
            PackedKey::Participant(si) => Key::Participant(si),
            PackedKey::Card(card) => Key::Card(card),
            PackedKey::HealthProfile(id) => Key::HealthProfile(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    #[test]
    fn a_reference_names_what_it_was_made_of() {
        let card = CardNumber::from_text("ZZ5999999999999").expect("a card");
        assert_eq!(
            RowRef::card(card).referent(),
            Referent::Packed(PackedKey::Card(card))
        );
        let si = card.holder();
        assert_eq!(
            RowRef::participant(si).referent(),
            Referent::Packed(PackedKey::Participant(si))
        );
        let id = PersonalId::from_text("999999999999").expect("an id");
        assert_eq!(
            RowRef::citizen(id).referent(),
            Referent::Packed(PackedKey::Citizen(id))
        );
        assert_eq!(
            RowRef::health_profile(id).referent(),
            Referent::Packed(PackedKey::HealthProfile(id))
        );
        let number = Place(u32::MAX);
        assert_eq!(RowRef::claim(number).referent(), Referent::Numbered(number));
        assert_ne!(RowRef::claim(number), RowRef::death_report(number));
    }
}
