//! What a citizen is told of themself, through a portal that has made sure who they are.
//!
//! ```text
//! portal ─▶ assertion (signed, for minutes, once) ─▶ whom it is about
//!                                                     │
//!             records of that person, per database ◀──┴─▶ what does not fit together, and what to do
//! ```
//! In: the text of an assertion and the keys of its portal; the records of one person. Out: whom the portal vouches for; the
//! person's own records in plain words; mismatches, each with what to do. Pure functions, without I/O. Must hold:
//! 1. Nothing of an assertion is believed before its signature is, and why it is refused says nothing of anybody.
//! 2. Numbers are told by their last three digits, since somebody may look over the person's shoulder; a name or a birth date
//!    is told whole only of a record that is the person's own for all that is known.
//! 3. Nobody else's number or name is told, and no diagnosis that the law restricts.

mod assertion;
mod mismatch;
mod own_field;
mod own_record;
mod portal;
mod portal_key;

pub use assertion::{Assertion, LONGEST_ASSERTION, Untrusted};
pub use mismatch::{Mismatch, mismatches};
pub use own_field::{OwnField, is_told_reason};
pub use own_record::own_record;
pub use portal::Portal;
pub use portal_key::{BadKey, PortalKey};
