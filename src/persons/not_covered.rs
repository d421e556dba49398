//! What a part of the persons does not tell.

use serde::{Deserialize, Serialize};

use super::ACROSS_PERSONS;
use super::slice::Slice;

/// What is not covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotCovered {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

impl NotCovered {
    /// What a part of the persons does not tell, where it is not all of them.
    pub fn by(slice: Slice) -> Option<Self> {
        (!slice.is_all()).then(|| Self {
            what: ACROSS_PERSONS.as_str().to_owned(),
            why: "alerts of this reason compare all persons with each other, and a part of them was replayed"
                .to_owned(),
        })
    }
}
