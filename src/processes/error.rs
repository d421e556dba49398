//! Why processes did not come together.

use std::io;

use super::loss::Lost;
use super::{GATHERED_WITHIN, LOST_AFTER};

/// Processes that did not come together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessesError {
    /// This process cannot listen.
    #[error(
        "{address}: {error}; process {process} listens there, so the address must be this machine's, and free"
    )]
    Listen {
        /// This process.
        process: usize,
        /// Where.
        address: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// An address is of the internet.
    #[error(
        "{address} is a public address, and what passes between processes is not encrypted; name addresses of a private network, or of the ends of a tunnel on this machine"
    )]
    Public {
        /// Where.
        address: String,
    },
    /// Another process does not listen.
    #[error(
        "process {process} does not listen at {address} ({error}); start it, or put the hosts right; a run that has begun takes no more processes"
    )]
    Unreachable {
        /// The other process.
        process: usize,
        /// Where.
        address: String,
        /// What the operating system said last.
        error: io::Error,
    },
    /// Another process does not want this one.
    #[error("process {process} at {address}: {told}")]
    Refused {
        /// The other process.
        process: usize,
        /// Where.
        address: String,
        /// Why.
        told: String,
    },
    /// Some did not come.
    #[error(
        "{} did not join within {} s; start every process with the same --hosts, and look into what they say",
        listed(missing), GATHERED_WITHIN.as_secs()
    )]
    Missing {
        /// Which.
        missing: Vec<usize>,
    },
    /// One that had come went.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// What another process says is not understood.
    #[error(
        "process {process} at {address} could not be talked to: {error}; nothing was heard for {} s, or something else listens there",
        LOST_AFTER.as_secs()
    )]
    Talk {
        /// The other process.
        process: usize,
        /// Where.
        address: String,
        /// What went wrong.
        error: io::Error,
    },
    /// A thread could not be started, or a socket not be set up.
    #[error("the processes could not be brought together: {0}")]
    System(io::Error),
}

/// Processes by their numbers.
pub fn listed(processes: &[usize]) -> String {
    let numbers: Vec<String> = processes.iter().map(usize::to_string).collect();
    match numbers.as_slice() {
        [one] => format!("process {one}"),
        _ => format!("processes {}", numbers.join(", ")),
    }
}
