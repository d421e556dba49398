//! Who a participant or a citizen is said to be: name, birth date and sex.
//!
//! In: a record. Out: an [`IdentityContent`] for the row log, and an [`IdentityFact`] for the table by
//! citizen, which holds a digest of it and where it stands. Must hold: no name gets into the dataflow;
//! equal digests are equal columns, but by a chance of 1 in 2^64 a pair; a place stands for one identity
//! for ever, so that what is computed from it at one time can be computed again to be taken back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::keyed_state::Repeating;
use super::node::Node;
use crate::authenticate::Fields;
use crate::journal::Place;
use crate::record::{Citizen, LifeStatus, Name, Packed, PartialDate, Participant, Sex, take};

/// Gives the identity in the row at a place. It is asked only where digests differ.
///
/// # Panics
/// When the row log cannot be read, or the row there has no identity.
pub type IdentityAt = Arc<dyn Fn(Place) -> IdentityContent + Send + Sync>;

/// Name, birth date and sex, as the row log keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityContent {
    /// Full name.
    pub full_name: Name,
    /// Date of birth.
    pub birth_date: PartialDate,
    /// Legal sex.
    pub sex: Sex,
    digest: u64,
}

impl IdentityContent {
    /// An identity.
    pub fn new(full_name: Name, birth_date: PartialDate, sex: Sex) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([sex.number()]);
        let mut date = Vec::with_capacity(4);
        birth_date.pack(&mut date);
        hasher.update(date);
        hasher.update(full_name.as_str());
        let digest: [u8; 32] = hasher.finalize().into();
        let mut first = &digest[..];
        Self {
            full_name,
            birth_date,
            sex,
            digest: u64::unpack(&mut first).expect("a digest has 32 bytes"),
        }
    }

    /// The columns that are compared.
    pub fn fields(&self) -> Fields<'_> {
        Fields {
            full_name: self.full_name.as_str(),
            birth_date: self.birth_date,
            sex: self.sex,
        }
    }

    /// It, at the place of its row.
    pub fn at(&self, row: Place) -> IdentityRef {
        IdentityRef {
            digest: self.digest,
            row,
        }
    }
}

impl From<&Citizen> for IdentityContent {
    fn from(citizen: &Citizen) -> Self {
        Self::new(citizen.full_name.clone(), citizen.birth_date, citizen.sex)
    }
}

impl From<&Participant> for IdentityContent {
    fn from(participant: &Participant) -> Self {
        Self::new(
            participant.full_name.clone(),
            participant.birth_date,
            participant.sex,
        )
    }
}

impl Packed for IdentityContent {
    fn pack(&self, out: &mut Vec<u8>) {
        self.full_name.pack(out);
        self.birth_date.pack(out);
        self.sex.pack(out);
        self.digest.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            full_name: Name::unpack(bytes)?,
            birth_date: PartialDate::unpack(bytes)?,
            sex: Sex::unpack(bytes)?,
            digest: u64::unpack(bytes)?,
        })
    }
}

/// An identity by its digest, and where it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IdentityRef {
    /// Of the columns that are compared.
    pub digest: u64,
    /// The first of the rows that say so.
    pub row: Place,
}

impl Packed for IdentityRef {
    fn pack(&self, out: &mut Vec<u8>) {
        self.digest.pack(out);
        self.row.0.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            digest: u64::unpack(bytes)?,
            row: Place(u32::unpack(bytes)?),
        })
    }
}

/// Whether a personal id still stands for a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// It does.
    Current,
    /// Another took its place.
    Superseded,
    /// It was cancelled.
    Cancelled,
}

impl Standing {
    const ALL: [Self; 3] = [Self::Current, Self::Superseded, Self::Cancelled];

    /// The standing of a citizen: that another number took its place says more than a cancellation.
    pub fn of(life_status: LifeStatus, is_superseded: bool) -> Self {
        if is_superseded {
            Self::Superseded
        } else if life_status == LifeStatus::Cancelled {
            Self::Cancelled
        } else {
            Self::Current
        }
    }
}

/// What is known of a personal id: the citizen, and the participants that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IdentityFact {
    /// The citizen.
    Citizen(IdentityRef, Standing),
    /// A participant.
    Participant(Node, IdentityRef),
}

/// What the first byte of a packed fact says it is, from [`Standing::ALL`] on.
const PARTICIPANT: u8 = 3;

impl Repeating for IdentityFact {
    type Told = ();
}

impl Packed for IdentityFact {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Citizen(identity, standing) => {
                out.push(*standing as u8);
                identity.pack(out);
            }
            Self::Participant(participant, identity) => {
                out.push(PARTICIPANT);
                participant.pack(out);
                identity.pack(out);
            }
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let [tag] = take(bytes)?;
        Some(match Standing::ALL.get(usize::from(tag)) {
            Some(standing) => Self::Citizen(IdentityRef::unpack(bytes)?, *standing),
            None if tag == PARTICIPANT => {
                Self::Participant(Node::unpack(bytes)?, IdentityRef::unpack(bytes)?)
            }
            None => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{SiNumber, Value};

    fn identity(name: &str, birth_date: &str, sex: u8) -> IdentityContent {
        IdentityContent::new(
            Name::from_text(name).expect("a name"),
            PartialDate::from_text(birth_date).expect("a date"),
            Sex::new(sex).expect("a sex"),
        )
    }

    #[test]
    fn digests_differ_where_a_column_does() {
        let same = identity("Nguyễn Mẫu An", "1980", 1);
        assert_eq!(same, identity("Nguyễn Mẫu An", "1980", 1));
        for other in [
            identity("Nguyễn Mẫu Ân", "1980", 1),
            identity("Nguyễn Mẫu An", "1980-01", 1),
            identity("Nguyễn Mẫu An", "1980", 2),
        ] {
            assert_ne!(same.digest, other.digest);
        }
    }

    #[test]
    fn facts_come_back() {
        let identity = identity("Nguyễn Mẫu An", "1980-02-03", 3);
        let mut packed = Vec::new();
        identity.pack(&mut packed);
        let at = identity.at(Place(u32::MAX));
        let participant = Node::participant(SiNumber::new(9_999_999_999).expect("10 digits"));
        let mut facts = vec![IdentityFact::Participant(participant, at)];
        facts.extend(Standing::ALL.map(|standing| IdentityFact::Citizen(at, standing)));
        facts.iter().for_each(|fact| fact.pack(&mut packed));
        let mut bytes = packed.as_slice();
        assert_eq!(IdentityContent::unpack(&mut bytes), Some(identity));
        for fact in facts {
            assert_eq!(IdentityFact::unpack(&mut bytes), Some(fact));
        }
        assert!(bytes.is_empty());
    }
}
