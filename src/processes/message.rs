//! What process 0 and another say to each other on their control connection, once the run has begun.

use serde::{Deserialize, Serialize};

/// What process 0 is told.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToCoordinator {
    /// The connections to all others are there.
    Ready,
    /// A sign of life.
    Alive,
    /// A question, with a number for its answer.
    Question(u32, Vec<u8>),
    /// What the process does, while it runs.
    Told(Vec<u8>),
    /// What the process held when the run was done: the last that it says.
    Held(Vec<u8>),
}

/// What process 0 tells another.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromCoordinator {
    /// All are ready.
    Start,
    /// A sign of life.
    Alive,
    /// The answer to the question of that number, or why there is none.
    Answer(u32, Result<Vec<u8>, String>),
    /// The last epoch is done.
    Finish,
}
