//! From the outbox to the sinks.
//!
//! ```text
//! outbox ─ turn ─▶ begun ─ transport ─▶ answer ─ policy ─▶ settled, pause ─ turn ─▶ outbox
//! ```
//! In: an outbox and sinks. Out: notices at the sinks, each at least once. Must hold: decisions are pure
//! functions of what is known and the time; I/O is at the edge.

mod address;
mod answer;
mod courier;
mod directory;
mod retry;
mod run;
mod signature;
mod transport;
mod webhook;

pub use address::{AddressError, address};
pub use answer::{Answer, retry_after};
pub use courier::{Courier, Job, Lane, Tally};
pub use directory::Directory;
pub use retry::{Policy, Room};
pub use run::{Until, deliver};
pub use signature::{SecretError, Secrets};
pub use transport::{Outgoing, SinkTransport, Transport};
pub use webhook::Webhook;
