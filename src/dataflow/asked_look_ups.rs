//! Look-ups of a process that does not have the rows: it asks process 0.
//!
//! In: a question - the order of two visits, the identity or the participant in a row. Out: its answer, from the rows of process
//! 0. Must hold: what is asked is answered as it would be where the rows are; a question without an answer stops the process
//! that asks, as rows that cannot be read stop a worker.

use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::engine::LookUps;
use crate::journal::Place;
use crate::processes::Control;

#[derive(Serialize, Deserialize)]
enum Question {
    /// Which of two visits comes first.
    Visits(Place, Place),
    /// The identity in a row.
    Identity(Place),
    /// The participant in a row.
    Participant(Place),
}

impl LookUps {
    /// Look-ups that ask process 0.
    pub(super) fn asking(control: &Control) -> Self {
        let (visits, identities) = (control.clone(), control.clone());
        let participants = control.clone();
        Self {
            visits: Arc::new(move |a, b| {
                let order: i8 = ask(&visits, &Question::Visits(a, b));
                order.cmp(&0)
            }),
            identity_at: Arc::new(move |place| ask(&identities, &Question::Identity(place))),
            participant_at: Arc::new(move |place| {
                ask(&participants, &Question::Participant(place))
            }),
        }
    }

    /// The answer to a question of another process.
    ///
    /// # Errors
    /// When it is no question, or the rows cannot be read.
    pub(super) fn answer(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        let question = postcard::from_bytes(question).map_err(|error| error.to_string())?;
        // Rows that cannot be read panic where they are looked up, and here nobody would hear of it.
        let answer = catch_unwind(AssertUnwindSafe(|| match question {
            Question::Visits(a, b) => postcard::to_stdvec(&match (self.visits)(a, b) {
                Ordering::Less => -1i8,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            }),
            Question::Identity(place) => postcard::to_stdvec(&(self.identity_at)(place)),
            Question::Participant(place) => postcard::to_stdvec(&(self.participant_at)(place)),
        }));
        let answer = answer.map_err(|_| "a row could not be read".to_owned())?;
        answer.map_err(|error| error.to_string())
    }
}

fn ask<T: DeserializeOwned>(control: &Control, question: &Question) -> T {
    let question = postcard::to_stdvec(question).expect("a question is of plain values");
    let answer = control
        .ask(question)
        .unwrap_or_else(|told| panic!("{LOST}: {told}"));
    postcard::from_bytes(&answer).unwrap_or_else(|error| panic!("no answer of process 0: {error}"))
}

/// What a worker says that waits for a process that is lost.
pub(super) const LOST: &str = "another process was lost";
