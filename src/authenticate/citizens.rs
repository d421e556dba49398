//! The look-ups that proposals need, whoever holds the citizens: a file, a dataflow, a service.

use super::name::NameKey;
use crate::record::{Citizen, OldId, PersonalId};

/// Citizens that can be looked up.
///
/// Must hold: answers are those of one time and in order of personal id, so that proposals are a
/// function of the register. Nothing is asked of a person who authenticates but
/// [`Citizens::by_personal_id`], once.
pub trait Citizens {
    /// The citizen with a personal id.
    fn by_personal_id(&self, id: PersonalId) -> Option<Citizen>;

    /// The citizens who had an old id.
    fn by_old_id(&self, id: OldId) -> Vec<Citizen>;

    /// The citizens who were born in a year and whose name has a key ([`NameKey::of`]).
    fn by_name_and_year(&self, name: &NameKey, year: u16) -> Vec<Citizen>;
}

impl<T: Citizens + ?Sized> Citizens for &T {
    fn by_personal_id(&self, id: PersonalId) -> Option<Citizen> {
        (**self).by_personal_id(id)
    }

    fn by_old_id(&self, id: OldId) -> Vec<Citizen> {
        (**self).by_old_id(id)
    }

    fn by_name_and_year(&self, name: &NameKey, year: u16) -> Vec<Citizen> {
        (**self).by_name_and_year(name, year)
    }
}
