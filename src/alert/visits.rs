//! The visits of those who come often or are looked into, and the parts of them on which alerts rest.

use std::ops::Range;

use hashbrown::HashMap;

use crate::dataflow::{Person, RowRef, Visits};

/// What is known of persons, as [`Visits`] tell it.
pub type VisitsByPerson = HashMap<Person, Visits>;

/// The visits of a person, if they are known, in the order of [`Visits`].
pub fn visits_of(visits: &VisitsByPerson, person: Person) -> &[RowRef] {
    visits.get(&person).map_or(&[], |known| &known.claims)
}

/// The rows that tell of a death of a person, if they are known.
pub fn deaths_of(visits: &VisitsByPerson, person: Person) -> &[RowRef] {
    visits.get(&person).map_or(&[], |known| &known.deaths)
}

/// Where a window stands among the visits of its person. It ends with the subject.
pub fn window(visits: &[RowRef], first: RowRef, count: u32) -> Range<usize> {
    let begin = visits
        .iter()
        .position(|claim| *claim == first)
        .unwrap_or(visits.len());
    begin..begin.saturating_add(count as usize).min(visits.len())
}

/// Where the visits of a person before a claim stand.
pub fn earlier(visits: &[RowRef], claim: RowRef) -> Range<usize> {
    let is_claim = |row: &RowRef| *row == claim || row.as_claim_of_several_cards() == Some(claim);
    0..visits.iter().position(is_claim).unwrap_or(visits.len())
}
