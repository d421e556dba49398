//! Several processes that share one dataflow: who they are, that they are of one program and one generation, and what they
//! say to each other beside it.
//!
//! ```text
//! process 1 ─ control ─▶ process 0   hello ─▶ (waits) ◀─ welcome: generation, terms
//! process 2 ─ dataflow ▶ 0 and 1     hello, with the generation ─▶ ◀─ accepted
//! process 1 ─ control ─▶ process 0   ready ─▶ ◀─ start
//!                                    questions ─▶ ◀─ answers; signs of life both ways
//!                                    ◀─ finish; what it held ─▶
//! ```
//! In: the addresses, one a process, and, of process 0, what it has to tell the others. Out: a connection to each other
//! process, which the dataflow takes over, and the control connection between process 0 and each other. Must hold: a process
//! of another program, or of an earlier generation, is refused; a process that ended before it said what it held, or of which
//! nothing was heard for [`LOST_AFTER`], is lost, and then all of them stop: no process goes on without another.
//!
//! What passes between processes is not encrypted. Public addresses are refused: see `docs/processes.md`.

mod control;
mod coordinator;
mod door;
mod error;
mod frame;
mod gathering;
mod hello;
mod hosts;
mod joining;
mod loss;
mod message;
mod socket;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use control::Control;
pub use coordinator::Coordinator;
pub use error::ProcessesError;
pub use gathering::{Gathered, Gathering};
pub use hello::Generation;
pub use hosts::{Hosts, HostsError};
pub use joining::{Joined, join};
pub use loss::{Loss, Lost};

/// For how long nothing is heard of a process before it is lost.
pub const LOST_AFTER: Duration = Duration::from_secs(15);

/// For how long process 0, when it has all that it needs itself, waits for the others, and they for process 0 to listen.
pub const GATHERED_WITHIN: Duration = Duration::from_secs(60);

/// Time between two signs of life.
const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(2);

/// Answers a question of another process.
pub type Answer = std::sync::Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, String> + Send + Sync>;

/// Is told what another process does, while it runs.
pub type Listen = std::sync::Arc<dyn Fn(&[u8]) + Send + Sync>;
