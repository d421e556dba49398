//! What linkage needs of a participant.
//!
//! In: a record. Out: a [`LikenessContent`] for the row log, beside the identity there, and for each of
//! its keys a [`BlockEntry`]. Must hold: no name gets into the dataflow; a place stands for one content
//! for ever, so that what is computed from it at one time can be computed again to be taken back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::content::ParticipantContent;
use super::identity::IdentityContent;
use crate::journal::Place;
use crate::link::{PersonColumns, PersonHint, PersonKey, PersonKeys};
use crate::record::{Packed, Participant, Text};

/// Gives what is kept of the participant in the row at a place.
///
/// # Panics
/// When the row log cannot be read, or no participant is there.
pub type ParticipantAt = Arc<dyn Fn(Place) -> ParticipantContent + Send + Sync>;

/// The province, and the keys under which the participant is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikenessContent {
    /// Province code.
    pub province: Option<Text>,
    /// The keys.
    pub keys: PersonKeys,
}

impl From<&Participant> for LikenessContent {
    fn from(participant: &Participant) -> Self {
        Self {
            province: participant.province.clone(),
            keys: PersonKeys::of(participant.full_name.as_str(), participant.birth_date),
        }
    }
}

impl Packed for LikenessContent {
    fn pack(&self, out: &mut Vec<u8>) {
        self.province.pack(out);
        self.keys.pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            province: Option::unpack(bytes)?,
            keys: PersonKeys::unpack(bytes)?,
        })
    }
}

/// A participant under one of its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockEntry {
    /// The first of the rows that say so.
    pub row: Place,
    /// What is known without reading it.
    pub hint: PersonHint,
    /// Whether its personal id is missing or not trusted: others are looked for who are the same person.
    pub is_doubted: bool,
}

impl ParticipantContent {
    /// Its entries, of a row that has said so since a place; none where linkage is not wanted.
    pub fn entries(
        &self,
        row: Place,
        is_doubted: bool,
    ) -> impl Iterator<Item = (PersonKey, BlockEntry)> + '_ {
        let both = self.identity.as_ref().zip(self.likeness.as_ref());
        let entries = both.map(|(identity, likeness)| {
            likeness.keys.each().map(move |(kind, key)| {
                let hint = likeness.hint(identity, kind);
                let entry = BlockEntry {
                    row,
                    hint,
                    is_doubted,
                };
                (key, entry)
            })
        });
        entries.into_iter().flatten()
    }

    /// The columns that are compared.
    ///
    /// # Panics
    /// Where linkage is not wanted.
    pub fn with_columns<T>(&self, look: impl FnOnce(PersonColumns<'_>) -> T) -> T {
        let both = self.identity.as_ref().zip(self.likeness.as_ref());
        let (identity, likeness) = both.expect("both are kept where linkage is wanted");
        look(PersonColumns {
            full_name: identity.full_name.as_str(),
            birth_date: &identity.birth_date.to_string(),
            sex: &identity.sex.number().to_string(),
            province: likeness.province.as_ref().map(Text::as_str),
        })
    }
}

impl LikenessContent {
    fn hint(&self, identity: &IdentityContent, kind: crate::link::PersonKeyKind) -> PersonHint {
        let province = self.province.as_ref().map(Text::as_str);
        (self.keys).hint(kind, identity.birth_date, identity.sex, province)
    }
}
