//! What is known, durably and by place.
//!
//! - [`Journal`], [`JournalReader`]: the truth of the live service: epochs of facts in append-only, sealed,
//!   chained segment files. The format, the protocol and every crash case are in `docs/journal.md`.
//! - [`Epoch`]: what a frame of the journal holds.
//! - [`Rows`]: which row each key holds, which row that one replaced, and where each stands.
//!
//! In a file replay the digested input directory is the journal, and nothing is sealed. Must hold: what was
//! acknowledged is read by every later writer; of the index of rows, memory grows by some ten bytes a key, and
//! everything else is in a scratch file that vanishes with the process.

mod chain;
mod claim;
mod derive;
mod encode;
mod end;
mod epoch;
mod error;
mod frame;
mod key;
mod key_file;
mod key_index;
mod key_note;
mod keys;
mod lineage;
mod load;
mod lookup;
mod month;
mod naming;
mod reader;
mod rewrap;
mod row_log;
mod row_text;
mod rows;
mod seal;
mod sealed_text;
mod segment;
pub mod simulation;
mod storage;
mod tail;
mod undone;
mod verify;
mod walk;
mod window;
mod writer;

pub use chain::{ChainHash, JournalId};
pub use derive::DerivedKey;
pub(crate) use derive::KeyMark;
pub use epoch::{
    Arrived, Delivery, Epoch, EpochError, Position, Rejected, Request, Restoration, RowPlace,
    Settled, Undoing,
};
pub use error::JournalError;
pub use frame::{Frame, MAX_PLAIN_BYTES, MAX_SECRET_BYTES};
pub use key::{KeyError, MasterKey};
pub use key_file::{KeyBytes, KeyFile, KeyFileError};
pub use keys::{KeyState, Keys};
pub use load::{LoadId, NoLoadId};
pub use lookup::EpochLookup;
pub use month::Month;
pub use naming::Named;
pub use reader::{Frames, JournalReader};
pub use rewrap::{Rewrapped, rewrap};
pub use row_log::Place;
pub use row_text::row_text;
pub use rows::{KeyHasher, Row, Rows};
pub use sealed_text::OpenedText;
pub use storage::{Directory, Guard, Locking, Storage};
pub use undone::{UndoneLoads, UnreadableEpoch, each_epoch};
pub use verify::Verified;
pub use walk::Unfinished;
pub use writer::{Entry, Journal, Opened, Options};
