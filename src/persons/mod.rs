//! Parts of the persons, where the rows of all of them are more than memory allows.
//!
//! In: rows, and of how many parts one is wanted. Out: the keys of the rows that decide on the persons of that part. Must
//! hold: what is decided on somebody of a part is what is decided on them among all, but for [`ACROSS_PERSONS`]; the parts
//! together are everybody.

mod memory;
mod memory_limit;
mod named;
mod not_covered;
mod rows;
mod slice;

pub use memory::{MOST_SLICES, Room, slices_that_fit};
pub use memory_limit::memory_limit;
pub(crate) use named::Named;
pub use not_covered::NotCovered;
pub use rows::Persons;
pub use slice::Slice;

use crate::rule::Reason;

/// The reason whose alerts compare all persons with each other, so that a part of them does not tell.
pub const ACROSS_PERSONS: Reason = Reason::ProbableDuplicate;
