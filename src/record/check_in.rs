//! Stream `check_ins`: XML0, sent when a visit's first cost arises.

use super::cell::{Row, record};
use super::code::{Sex, VisitType};
use super::date::PartialDate;
use super::error::RowError;
use super::identifier::{CardNumber, Facility};
use super::name::Name;
use super::text::Text;
use super::time::LocalTime;

record! {
    /// A visit that has begun. `facility` and `visit_id` are the key, shared with its claim.
    CheckIn {
        /// The facility.
        required facility: Facility,
        /// The visit, in the facility's numbering.
        required visit_id: Text,
        /// The cards presented, in order.
        list cards: CardNumber,
        /// Any identity number.
        optional personal_id: Text,
        /// Full name.
        required full_name: Name,
        /// Date of birth.
        required birth_date: PartialDate,
        /// Legal sex.
        required sex: Sex,
        /// Kind of visit.
        required visit_type: VisitType,
        /// Arrival.
        required admitted_at: LocalTime,
    }
}

impl CheckIn {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        Self::read(row)
    }
}
