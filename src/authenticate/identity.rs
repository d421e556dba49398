//! Who somebody is said to be: what is held against the citizens.

use std::fmt;

use crate::record::{Citizen, Name, OldId, PartialDate, Participant, PersonalId, Sex, Value};

/// A number by which a citizen is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GivenId {
    /// A personal id of 12 digits.
    Personal(PersonalId),
    /// A number of 9 digits, which is no personal id but may lead to one.
    Old(OldId),
}

impl GivenId {
    /// Reads 12 or 9 digits.
    pub fn from_text(text: &str) -> Option<Self> {
        match text.len() {
            9 => OldId::from_text(text).map(Self::Old),
            _ => PersonalId::from_text(text).map(Self::Personal),
        }
    }

    /// The old number in it: nine digits, or twelve of which the first three are zeros, since no
    /// province has the code 000 and programs put zeros before a number that is too short.
    pub fn old_id(self) -> Option<OldId> {
        match self {
            Self::Personal(id) => OldId::new(id.number()),
            Self::Old(old) => Some(old),
        }
    }
}

impl fmt::Display for GivenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal(id) => id.fmt(f),
            Self::Old(id) => id.fmt(f),
        }
    }
}

impl fmt::Debug for GivenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal(id) => fmt::Debug::fmt(id, f),
            Self::Old(id) => fmt::Debug::fmt(id, f),
        }
    }
}

/// Who somebody is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The number, where there is one.
    pub id: Option<GivenId>,
    /// Full name.
    pub full_name: Name,
    /// Date of birth.
    pub birth_date: PartialDate,
    /// Legal sex.
    pub sex: Sex,
}

impl From<&Participant> for Identity {
    fn from(participant: &Participant) -> Self {
        Self {
            id: participant.personal_id.map(GivenId::Personal),
            full_name: participant.full_name.clone(),
            birth_date: participant.birth_date,
            sex: participant.sex,
        }
    }
}

impl From<&Citizen> for Identity {
    fn from(citizen: &Citizen) -> Self {
        Self {
            id: Some(GivenId::Personal(citizen.personal_id)),
            full_name: citizen.full_name.clone(),
            birth_date: citizen.birth_date,
            sex: citizen.sex,
        }
    }
}
