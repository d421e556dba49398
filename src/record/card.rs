//! Stream `cards`: health-insurance cards.

use super::cell::{Row, record};
use super::code::CardStatus;
use super::date::Day;
use super::error::{ErrorCode, RowError};
use super::identifier::CardNumber;
use super::text::Text;

record! {
    /// A card and its validity.
    Card {
        /// The key.
        required card_number: CardNumber,
        /// First day of validity.
        required valid_from: Day,
        /// Last day of validity; open when absent.
        optional valid_to: Day,
        /// Its status.
        required status: CardStatus,
        /// The day from which the status holds.
        optional status_date: Day,
        /// Primary facility.
        optional primary_facility: Text,
    }
}

impl Card {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        let card = Self::read(row)?;
        if card.valid_to.is_some_and(|to| to < card.valid_from) {
            return Err(RowError::new(
                ErrorCode::ValidToBeforeValidFrom,
                "`valid_to` is before `valid_from`",
            ));
        }
        Ok(card)
    }
}
