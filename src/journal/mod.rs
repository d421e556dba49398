//! The rows that are known, by place.
//!
//! In a file replay the digested input directory is the journal, and nothing is sealed; what this
//! module keeps is the way back into it: which row each key holds, which row that one replaced, and
//! where each stands. In: accepted rows in `recorded_at` order. Out: what a key held before, and the
//! place of any row as it was known in any epoch. Must hold: memory grows by some ten bytes a key;
//! everything else is in a scratch file that vanishes with the process.

mod epoch;
mod row_log;
mod row_text;
mod rows;

pub use epoch::{Arrived, Delivery, Epoch, EpochError, Position, Rejected, Request, Settled};
pub use row_log::Place;
pub use row_text::row_text;
pub use rows::{KeyHasher, Row, Rows};
