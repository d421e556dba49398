//! Change notices: what was found wrong in which database, told to those who keep it.
//!
//! ```text
//! cases ─ derive ─┬▶ proposals ─ reconcile ─▶ outbox ─ courier ─▶ sinks (webhooks, directories)
//! (alerts with    │   (notices.ndjson)        (versions of
//!  their rows)    │                            notices)
//! signs ──────────┘
//! (of no alert)
//! ```
//! In: the alerts of a replay or a service with the rows behind them. Out: a [`Proposal`] a value that is to
//! be put right or looked into, and a notice of it at whoever keeps the database. Must hold: a proposal is
//! for people to decide on, nothing is changed anywhere; a sink gets each notice at least once, under one
//! idempotency key, and of one value no earlier version after a later; no log, error, key or name of a file
//! holds a number or a name of a person.

pub mod delivery;
mod derive;
mod findings;
mod message;
mod moment;
pub mod outbox;
mod proposal;
mod signs;
mod sinks;

pub use derive::{Lead, leads_of_case, proposals, proposes};
pub use findings::{Findings, RunError};
pub use moment::{Clock, Moment, Span, SystemClock};
pub use proposal::{ALERTS_SHOWN, Content, Proposal, Target, Told};
pub use signs::{evidence_of_life, stopped_enterprise};
pub use sinks::{Sink, SinksError, read_sinks};
