//! Whether somebody is who they are said to be, by what is known now.
//!
//! In: a number - of a card, of the insurance, of a citizen - with name, birth date and sex. Out: matched, or the
//! first cause of contract 2 (`unauthenticated_identity`). Must hold: it decides as the reason does.

use std::io;

use crate::alert::SharedRows;
use crate::authenticate::{Cause, Comparison, Fields};
use crate::dataflow::Content;
use crate::record::{
    CardNumber, Key, LifeStatus, Name, PartialDate, PersonalId, Sex, SiNumber, Value,
};
use crate::web::{Asked, AskedId, ReadError};

const UNREADABLE: &str = "the registers cannot be read now; try again later";

/// Why somebody does not authenticate; nothing where they do.
///
/// # Errors
/// When a field breaks its format, or the registers cannot be read.
pub(super) fn cause(rows: &SharedRows, asked: &Asked) -> Result<Option<Cause>, ReadError> {
    let name: Name = field("full_name", &asked.full_name)?;
    let fields = Fields {
        full_name: name.as_str(),
        birth_date: field::<PartialDate>("birth_date", &asked.birth_date)?,
        sex: field::<Sex>("sex", &asked.sex)?,
    };
    let unreadable = |error: io::Error| {
        tracing::error!(%error, "the rows cannot be read");
        ReadError::Unavailable(UNREADABLE)
    };
    let citizen = match &asked.id {
        AskedId::PersonalId(text) => Some(field::<PersonalId>("personal_id", text)?),
        AskedId::SiNumber(text) => {
            citizen_of(rows, field("si_number", text)?).map_err(unreadable)?
        }
        AskedId::Card(text) => {
            let card: CardNumber = field("card_number", text)?;
            citizen_of(rows, card.holder()).map_err(unreadable)?
        }
    };
    let Some(citizen) = citizen else {
        return Ok(Some(Cause::NoPersonalId));
    };
    let known = rows
        .read()
        .latest(&Key::Citizen(citizen))
        .map_err(unreadable)?;
    let Some(Content::Citizen(known)) = known.and_then(|(_, row)| row.content) else {
        return Ok(Some(Cause::UnknownPersonalId));
    };
    if known.superseded_by.is_some() {
        return Ok(Some(Cause::SupersededId));
    }
    if known.life_status == LifeStatus::Cancelled {
        return Ok(Some(Cause::CancelledId));
    }
    match &known.identity {
        Some(identity) => Ok(Comparison::new(fields, identity.fields()).cause()),
        // Names are kept where a reason compares them.
        None => Err(ReadError::Unavailable(
            "names are not kept, since `unauthenticated_identity` is not among the reasons of the configuration",
        )),
    }
}

/// The personal id of a participant.
fn citizen_of(rows: &SharedRows, si: SiNumber) -> io::Result<Option<PersonalId>> {
    let known = rows.read().latest(&Key::Participant(si))?;
    Ok(match known.and_then(|(_, row)| row.content) {
        Some(Content::Participant(participant)) => participant.citizen,
        _ => None,
    })
}

fn field<T: Value>(name: &'static str, text: &str) -> Result<T, ReadError> {
    let value = (!text.is_empty()).then(|| T::from_text(text)).flatten();
    value.ok_or(ReadError::BadField {
        code: T::CODE.as_str(),
        field: name,
        expected: T::EXPECTED,
    })
}
