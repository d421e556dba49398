//! The citizens that the rows hold, as authentication looks them up.
//!
//! In: rows as they are known at one time. Out: a citizen by its number. Must hold: a row log that cannot
//! be read is told when the work is done, and until then nobody is found.

use std::cell::RefCell;
use std::io;

use super::lookup::Known;
use crate::authenticate::Citizens;
use crate::authenticate::name::NameKey;
use crate::dataflow::{CitizenContent, Content, RowRef};
use crate::record::{Citizen, OldId, PersonalId};

/// Citizens by their number alone: the rows are found by key, and a whole register is not gone through
/// for a name or an old number, as `fundwatch authenticate` does.
pub struct KnownCitizens<'a> {
    known: Known<'a>,
    failure: RefCell<Option<io::Error>>,
}

impl<'a> KnownCitizens<'a> {
    /// The citizens among rows.
    pub fn new(known: Known<'a>) -> Self {
        Self {
            known,
            failure: RefCell::new(None),
        }
    }

    /// Says whether every look-up could be made.
    ///
    /// # Errors
    /// When the scratch file could not be read.
    pub fn finish(self) -> io::Result<()> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }
}

impl Citizens for KnownCitizens<'_> {
    fn by_personal_id(&self, id: PersonalId) -> Option<Citizen> {
        let row = match self.known.find(RowRef::citizen(id)) {
            Ok((_, row)) => row?,
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                return None;
            }
        };
        match row.content? {
            Content::Citizen(content) => citizen(content),
            _ => None,
        }
    }

    fn by_old_id(&self, _: OldId) -> Vec<Citizen> {
        Vec::new()
    }

    fn by_name_and_year(&self, _: &NameKey, _: u16) -> Vec<Citizen> {
        Vec::new()
    }
}

/// The citizen of whom the identity was kept.
fn citizen(content: CitizenContent) -> Option<Citizen> {
    let identity = content.identity?;
    Some(Citizen {
        personal_id: content.id,
        full_name: identity.full_name,
        birth_date: identity.birth_date,
        sex: identity.sex,
        life_status: content.life_status,
        death_date: content.death,
        superseded_by: content.superseded_by,
        old_id: content.old_id,
        province: None,
    })
}
