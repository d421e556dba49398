//! Who is asked about: what a list or a command line says of a person.
//!
//! In: texts by column. Out: an identity, completed from the participant's row where a
//! social-insurance number is given. Must hold: a fault names the column and what was expected, and
//! never what was there.

use serde::Serialize;

use super::registers::Registers;
use crate::authenticate::{GivenId, Identity};
use crate::record::{CardNumber, ErrorCode, Name, PartialDate, Sex, SiNumber, Value};

/// A person as asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The social-insurance number, or that of the card.
    pub si_number: Option<SiNumber>,
    /// The personal id, or the old number.
    pub id: Option<GivenId>,
    /// Full name.
    pub full_name: Option<Name>,
    /// Date of birth.
    pub birth_date: Option<PartialDate>,
    /// Legal sex.
    pub sex: Option<Sex>,
}

/// Why a person cannot be authenticated as asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// What was expected, without the name of a column.
    pub fn expected(&self) -> &str {
        let message = self.message.as_str();
        match message.strip_prefix("column `") {
            Some(rest) => rest
                .split_once("`: ")
                .map_or(message, |(_, expected)| expected),
            None => message,
        }
    }
}

/// The columns of a list of people.
pub(super) const COLUMNS: [&str; 6] = [
    "si_number",
    "card_number",
    "personal_id",
    "full_name",
    "birth_date",
    "sex",
];

fn read<T: Value>(column: &str, text: &str) -> Result<Option<T>, Fault> {
    let wrong = || {
        Fault::new(
            T::CODE.as_str(),
            format!("column `{column}`: {}", T::EXPECTED),
        )
    };
    T::from_text(text).map(Some).ok_or_else(wrong)
}

impl Asked {
    /// Takes the text of a column; an empty one and an unknown column say nothing.
    ///
    /// # Errors
    /// When the text breaks the column's format.
    pub fn set(&mut self, column: &str, text: &str) -> Result<(), Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        match column {
            "si_number" => self.si_number = read(column, text)?,
            "card_number" => {
                let holder = read::<CardNumber>(column, text)?.map(CardNumber::holder);
                if self.si_number.is_some() && self.si_number != holder {
                    return Err(Fault::new(
                        "card_of_another",
                        "column `card_number`: the card is not that of `si_number`; give one of them",
                    ));
                }
                self.si_number = holder;
            }
            "personal_id" => {
                self.id = Some(GivenId::from_text(text).ok_or_else(|| {
                    Fault::new(
                        ErrorCode::BadPersonalId.as_str(),
                        "column `personal_id`: expected a personal id of 12 digits, or an old number of 9",
                    )
                })?);
            }
            "full_name" => self.full_name = read(column, text)?,
            "birth_date" => self.birth_date = read(column, text)?,
            "sex" => self.sex = read(column, text)?,
            _ => {}
        }
        Ok(())
    }

    /// The identity: what is said, completed from the participant's row.
    pub(super) fn identity(self, registers: &Registers) -> Result<Identity, Fault> {
        let participant = self.si_number.and_then(|si| registers.participant(si));
        let is_whole = self.full_name.is_some() && self.birth_date.is_some() && self.sex.is_some();
        if self.si_number.is_some() && participant.is_none() && !(is_whole && self.id.is_some()) {
            return Err(Fault::new(
                "unknown_participant",
                "no participant has this social-insurance number; give personal_id, full_name, birth_date and sex",
            ));
        }
        let own = participant.map(Identity::from);
        let own = own.as_ref();
        let missing = |column| {
            let message = format!(
                "column `{column}`: a value is required where no si_number or card_number is given"
            );
            Fault::new(ErrorCode::MissingColumn.as_str(), message)
        };
        Ok(Identity {
            id: self.id.or(own.and_then(|own| own.id)),
            full_name: (self.full_name)
                .or_else(|| own.map(|own| own.full_name.clone()))
                .ok_or_else(|| missing("full_name"))?,
            birth_date: (self.birth_date)
                .or(own.map(|own| own.birth_date))
                .ok_or_else(|| missing("birth_date"))?,
            sex: (self.sex)
                .or(own.map(|own| own.sex))
                .ok_or_else(|| missing("sex"))?,
        })
    }
}
