//! The access log: who saw or changed what, when and why.
//!
//! In: entries from many threads. Out: lines of JSON in a file a month, each durable before its caller is answered;
//! signed checkpoints; answers to who did what. Must hold: an entry is durable before what it is about leaves the
//! service; nothing in it is of a person of the registers but a pseudonym; a line that is changed, taken out, put in
//! or cut off after it was signed is found ([`verify()`]). The format is in `docs/access-log.md`.
//!
//! ```text
//! record ─▶ bounded queue ─▶ writer ─▶ DIR/access-log/2026-11.ndjson ─▶ index (SQLite, derived) ─▶ search
//!   ▲                          │  one write, one sync for all that wait
//!   └───── durable, or not ────┤
//!                              └─ hourly ─▶ DIR/access-log/checkpoints (hash tree, signed)
//! ```

mod before;
mod chain;
mod entry;
mod error;
mod index;
mod keeper;
mod key;
mod lines;
mod log;
mod merkle;
mod note;
mod notes;
mod opening;
mod progress;
mod proof;
mod sample;
mod search;
mod standing;
mod time;
mod verify;
mod watch;
mod writer;

pub use chain::Wrong;
pub use entry::Entry;
pub use error::{LogError, SearchError};
pub use keeper::{AccessLog, Options, Places};
pub use key::verifying_keys;
pub use note::{Checkpoint, VerifyingKey};
pub use opening::{Damage, months_of};
pub use proof::{
    At, BESIDE, CONSISTENCY, CONSISTENCY_NAME, CheckpointFileError, ConsistencyProof, Cosigned,
    Included, InclusionProof, Malformed, ProofFault, ProveError, Proved, SignatureFault,
    SignedCheckpoint, TLOG_PROOF, TLOG_PROOF_NAME, Wanted, Witness, WitnessError, WitnessKey,
    Witnessed, WitnessedError, prove_consistency, prove_inclusion, witnessed,
};
pub use sample::Sample;
pub use search::{Found, Query};
pub use standing::Standing;
pub use verify::{Report, verify, verify_on, verify_witnessed};

/// The folder of the log, in the data directory.
pub const FOLDER: &str = "access-log";
/// The folder of the keys, in the data directory.
const KEYS: &str = "keys";
