//! Persons and identity numbers in five bytes.

use serde::{Deserialize, Serialize};

use super::keyed_state::Repeating;
use super::paged_table::PageKey;
use crate::record::{OldId, Packed, PersonalId, SiNumber, take};

/// A number of the identity graph: a personal id, a social-insurance number or an old id.
///
/// A claim's person is one too: the holder's social-insurance number, or the citizen of a claim
/// without a card. Forty bits, big endian, so that order is numeric and an arrangement wastes no
/// padding: personal ids, 10^12 of them, come first, then 10^10 social-insurance numbers, then 10^9
/// old ids.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Node([u8; 5]);

/// The person of a claim.
pub type Person = Node;

const PERSONAL_IDS: u64 = 1_000_000_000_000;
const SI_NUMBERS: u64 = 10_000_000_000;
const OLD_IDS: u64 = 1_000_000_000;

impl Node {
    /// How many bytes a number may begin with: those from this one on tell other things from numbers.
    pub(super) const FIRST_BYTES: u8 = ((PERSONAL_IDS + SI_NUMBERS + OLD_IDS - 1) >> 32) as u8 + 1;

    /// A citizen.
    pub fn citizen(id: PersonalId) -> Self {
        Self::of_number(id.number())
    }

    /// A participant, or the holder of a card.
    pub fn participant(si: SiNumber) -> Self {
        Self::of_number(PERSONAL_IDS + si.number())
    }

    /// An old identity number.
    pub fn old_id(id: OldId) -> Self {
        Self::of_number(PERSONAL_IDS + SI_NUMBERS + id.number())
    }

    /// The personal id, if it is one.
    pub fn as_citizen(self) -> Option<PersonalId> {
        PersonalId::new(self.number())
    }

    /// The social-insurance number, if it is one.
    pub fn as_participant(self) -> Option<SiNumber> {
        SiNumber::new(self.number().checked_sub(PERSONAL_IDS)?)
    }

    fn of_number(number: u64) -> Self {
        let [_, _, _, bytes @ ..] = number.to_be_bytes();
        Self(bytes)
    }

    fn number(self) -> u64 {
        let [a, b, c, d, e] = self.0;
        u64::from_be_bytes([0, 0, 0, a, b, c, d, e])
    }
}

impl PageKey for Node {
    const BYTES: usize = 5;

    fn number(self) -> u64 {
        Self::number(self)
    }

    fn of_number(number: u64) -> Self {
        Self::of_number(number)
    }
}

impl Repeating for Node {
    type Told = ();
}

impl Packed for Node {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_kinds_of_numbers_do_not_meet() {
        let last_id = PersonalId::new(PERSONAL_IDS - 1).expect("12 digits");
        let last_si = SiNumber::new(SI_NUMBERS - 1).expect("10 digits");
        let last_old = OldId::new(999_999_999).expect("9 digits");
        assert_eq!(Node::citizen(last_id).as_citizen(), Some(last_id));
        assert_eq!(Node::citizen(last_id).as_participant(), None);
        assert_eq!(Node::participant(last_si).as_participant(), Some(last_si));
        assert_eq!(Node::participant(last_si).as_citizen(), None);
        assert_eq!(Node::old_id(last_old).as_citizen(), None);
        assert_eq!(Node::old_id(last_old).as_participant(), None);
        assert!(Node::citizen(last_id) < Node::participant(SiNumber::new(0).expect("10 digits")));
        assert!(Node::old_id(last_old).number() < 1 << 40);
        assert!(Node::old_id(last_old).0[0] < Node::FIRST_BYTES);
    }
}
