//! One row behind an alert is shown unmasked: what the page and the API have in common.
//!
//! In: an alert as it is, and what somebody asks for who looked at it. Out: the row, or why not. Must hold: no row is given
//! back before it is durable in the work history and in the access log who has it shown, and why; what is asked for is of
//! the evidence that was looked at.

use super::cases::{CaseError, Cases, Revealed};
use crate::language::Language;
use crate::review::{Desk, EvidenceDigest, Item, Purpose, Refused, Reveal, Viewer};

/// What somebody wants to be shown.
pub(super) struct RowAsked {
    /// The number of the row, from 1 on.
    pub row: u32,
    /// How many rows of the alert they had had shown when they asked.
    pub before: u32,
    /// What the alert rested on when they looked at it.
    pub digest: EvidenceDigest,
    /// Why; none where what they said is none.
    pub purpose: Option<Purpose>,
    /// More about why.
    pub note: Option<String>,
}

/// Why nothing is shown.
pub(super) enum NotShown {
    /// The desk does not have it.
    Refused(Refused),
    /// It is not said why.
    NoPurpose,
    /// There is no such row, it was erased, or nothing in it is masked.
    NoRow,
    /// The row cannot be read.
    Unreadable(CaseError),
}

/// The row that somebody asks for of an alert, when it is kept that they have it shown. Told in a language, where it is in
/// words.
///
/// # Errors
/// Where nothing is to be shown, why.
pub(super) fn reveal(
    (desk, cases): (&Desk, &dyn Cases),
    who: &Viewer,
    item: &Item,
    asked: &RowAsked,
    language: Language,
) -> Result<Revealed, NotShown> {
    let id = &item.finding.alert_id;
    if !desk.may_reveal(who, item) {
        return Err(NotShown::Refused(Refused::NotFound));
    }
    // Rows are asked for by their number: of other evidence it would be another.
    if item.finding.digest != asked.digest {
        return Err(NotShown::Refused(Refused::Moved {
            is_acted_on: false,
            is_changed: true,
            now: Box::new(item.clone()),
        }));
    }
    let purpose = asked.purpose.ok_or(NotShown::NoPurpose)?;
    let revealed = cases.revealed(who, id, asked.row, language);
    let revealed = revealed.map_err(NotShown::Unreadable)?;
    let revealed = revealed.filter(|revealed| !revealed.fields.is_empty());
    let revealed = revealed.ok_or(NotShown::NoRow)?;
    let whom = revealed.person.as_ref();
    let kept = desk.reveal(
        who,
        id,
        &Reveal {
            purpose,
            note: asked.note.clone(),
            row: asked.row,
            fields: revealed.fields.iter().map(|field| field.as_str()).collect(),
            subject: whom.map(|(stream, id)| desk.key().group(stream.name(), id)),
            before: asked.before,
        },
    );
    kept.map_err(NotShown::Refused)?;
    Ok(revealed)
}
