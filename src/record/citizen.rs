//! Stream `citizens`: the National Database on Population.

use super::cell::{Row, record};
use super::code::{LifeStatus, Sex};
use super::date::PartialDate;
use super::error::RowError;
use super::identifier::{OldId, PersonalId};
use super::name::Name;
use super::text::Text;

record! {
    /// A citizen as the population register knows one.
    Citizen {
        /// The key.
        required personal_id: PersonalId,
        /// Full name.
        required full_name: Name,
        /// Date of birth.
        required birth_date: PartialDate,
        /// Legal sex.
        required sex: Sex,
        /// Alive, dead, missing or cancelled.
        required life_status: LifeStatus,
        /// Date of death; it counts while `life_status` is `dead` or `declared_dead`.
        optional death_date: PartialDate,
        /// The number that took the place of this one.
        optional superseded_by: PersonalId,
        /// The nine-digit number that preceded this one.
        optional old_id: OldId,
        /// Province code.
        optional province: Text,
    }
}

impl Citizen {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        Self::read(row)
    }

    /// The date of death while the register holds the citizen for dead.
    pub fn death(&self) -> Option<PartialDate> {
        match self.life_status {
            LifeStatus::Dead | LifeStatus::DeclaredDead => self.death_date,
            LifeStatus::Alive | LifeStatus::Missing | LifeStatus::Cancelled => None,
        }
    }
}
