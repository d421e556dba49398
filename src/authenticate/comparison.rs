//! An identity held against one citizen, field by field, and the cause that follows.
//!
//! In: an identity and the citizen with its personal id, where there is one. Out: how the fields
//! compare, and the first cause of the contract. Must hold: it needs no other citizen, so that a join
//! by personal id decides it; equal texts authenticate; sex 3 agrees with all.

use super::birth_date::{self, BirthAgreement};
use super::cause::Cause;
use super::identity::{GivenId, Identity};
use super::name::{self, NameAgreement};
use crate::record::{Citizen, LifeStatus, PartialDate, Participant, Sex};

/// How the fields of an identity compare with a citizen's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comparison {
    /// The names.
    pub name: NameAgreement,
    /// The birth dates.
    pub birth_date: BirthAgreement,
    /// Whether the sexes agree.
    pub sex: bool,
}

/// The fields that are compared, lent by whoever holds them.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    /// Full name.
    pub full_name: &'a str,
    /// Date of birth.
    pub birth_date: PartialDate,
    /// Legal sex.
    pub sex: Sex,
}

macro_rules! lends_fields {
    ($($record:ty),*) => { $(
        impl<'a> From<&'a $record> for Fields<'a> {
            fn from(record: &'a $record) -> Self {
                Self {
                    full_name: record.full_name.as_str(),
                    birth_date: record.birth_date,
                    sex: record.sex,
                }
            }
        }
    )* };
}

lends_fields!(Identity, Citizen, Participant);

impl Comparison {
    /// Compares two people: an identity or a participant with a citizen.
    pub fn new<'a>(a: impl Into<Fields<'a>>, b: impl Into<Fields<'a>>) -> Self {
        let (a, b) = (a.into(), b.into());
        Self {
            name: name::compare(a.full_name, b.full_name),
            birth_date: birth_date::compare(a.birth_date, b.birth_date),
            sex: sexes_agree(a.sex, b.sex),
        }
    }

    /// The cause that the fields give: none, the one that differs, or several.
    pub fn cause(self) -> Option<Cause> {
        let name = match self.name {
            NameAgreement::Equal => None,
            NameAgreement::Spelling => Some(Cause::NameSpelling),
            NameAgreement::Different => Some(Cause::NameDiffers),
        };
        let birth_date = match self.birth_date {
            BirthAgreement::Equal => None,
            BirthAgreement::Partial => Some(Cause::BirthDatePartial),
            BirthAgreement::Swapped => Some(Cause::BirthDateSwapped),
            BirthAgreement::Different(_) => Some(Cause::BirthDateDiffers),
        };
        let sex = (!self.sex).then_some(Cause::SexDiffers);
        let mut causes = [name, birth_date, sex].into_iter().flatten();
        match (causes.next(), causes.next()) {
            (Some(_), Some(_)) => Some(Cause::SeveralCauses),
            (cause, _) => cause,
        }
    }

    /// Whether all that is known agrees, but for the spelling of the name and the precision of the
    /// birth date: most likely the same person.
    pub fn is_same_person(self) -> bool {
        self.name != NameAgreement::Different
            && matches!(
                self.birth_date,
                BirthAgreement::Equal | BirthAgreement::Partial
            )
            && self.sex
    }
}

/// Whether two sexes agree: undetermined agrees with all.
pub fn sexes_agree(a: Sex, b: Sex) -> bool {
    a == b || [a, b].iter().any(|sex| sex.number() == 3)
}

/// Why an identity does not authenticate; none where it does. `citizen` is the one with the
/// identity's personal id.
pub fn cause(identity: &Identity, citizen: Option<&Citizen>) -> Option<Cause> {
    match (identity.id, citizen) {
        (None, _) => Some(Cause::NoPersonalId),
        (Some(GivenId::Old(_)), _) | (Some(GivenId::Personal(_)), None) => {
            Some(Cause::UnknownPersonalId)
        }
        (Some(GivenId::Personal(_)), Some(citizen)) => {
            if citizen.superseded_by.is_some() {
                Some(Cause::SupersededId)
            } else if citizen.life_status == LifeStatus::Cancelled {
                Some(Cause::CancelledId)
            } else {
                Comparison::new(identity, citizen).cause()
            }
        }
    }
}
