//! Snapshots of the inputs, so that a start need not read the old journal.
//!
//! - [`SnapshotWriter`]: takes the rows of the epochs since the snapshot before, and makes a snapshot.
//! - [`Snapshots`]: which snapshots there are, whether their files are whole, and their rows.
//!
//! A snapshot is a [`Manifest`] and the immutable files that it names, its [`Part`]s: encrypted Parquet, each of
//! one stream and one month of arrival, under a key that follows from the month's. The format and the guarantees are in
//! `docs/snapshots.md`. Must hold: a snapshot is whole or is none, whatever dies when; rows read back as
//! they were, in the order of their journal within a stream; nothing can be read of a month whose key is destroyed.

mod columns;
mod digest;
mod error;
mod manifest;
mod merge;
mod part;
mod part_reader;
mod part_writer;
mod rows;
mod schema;
mod snapshots;
mod sweep;
mod writer;

pub use error::SnapshotError;
pub use manifest::Manifest;
pub use part::{Arrival, Ordinal, Part};
pub use snapshots::{Arrived, Listing, Loaded, Snapshots};
pub use sweep::Swept;
pub use writer::{SnapshotWriter, Taken};

use crate::journal::{KeyError, KeyState, Keys, Month};

/// Whether the key of a month is known to be destroyed.
fn is_destroyed(keys: &Keys, month: Month) -> Result<bool, KeyError> {
    let state = keys.months()?.get(&month).copied();
    Ok(matches!(state, Some(KeyState::Destroyed { .. })))
}
