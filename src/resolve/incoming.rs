//! What the sequencer takes of an accepted row, made on the thread that reads the row.
//!
//! In: a change with its record. Out: the key and its hash, a fingerprint of the whole record, and
//! what the dataflow needs of it. Must hold: equal records have equal fingerprints within a run, and
//! of the record's names and texts nothing goes further but the identities that reasons compare.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use serde::{Deserialize, Serialize};

use crate::dataflow::Content;
use crate::journal::KeyHasher;
use crate::measure::{Note, Registered};
use crate::record::{Change, Instant, Key, Operation, Record, Stream};
use crate::rule::ReasonSet;
use crate::source::{Keep, Kept};

/// An accepted row, as far as it is needed.
#[derive(Serialize, Deserialize)]
pub struct Incoming {
    /// Knowledge time.
    pub recorded_at: Instant,
    /// Stream and key.
    pub key: Key,
    /// The hash by which the rows find the key.
    pub hash: u64,
    /// A fingerprint of every column; 0 where the row deletes its key.
    pub fingerprint: u64,
    /// What the measures keep of it; nothing where the row deletes its key.
    pub note: Note,
    /// What an enterprise says of its workforce.
    pub registered: Option<Registered>,
    /// What the dataflow needs of it; `None` where the row removes its key.
    pub content: Option<Content>,
}

impl Incoming {
    /// Makes rows incoming, for the reasons that are wanted, whose keys are hashed by `keys`.
    pub fn keep(keys: KeyHasher, wanted: ReasonSet) -> Keep<Self> {
        // Keyed anew each run, as a fingerprint never leaves the run.
        let fingerprints = DefaultHashBuilder::default();
        std::sync::Arc::new(move |change: Change| {
            let hash = keys.hash(&change.key);
            let Change {
                recorded_at,
                key,
                operation,
            } = change;
            let Operation::Upsert(record) = operation else {
                return Self {
                    recorded_at,
                    key,
                    hash,
                    fingerprint: 0,
                    note: Note::default(),
                    registered: None,
                    content: None,
                };
            };
            Self {
                recorded_at,
                key,
                hash,
                fingerprint: fingerprints.hash_one(&record),
                note: Note::of(&record, recorded_at),
                registered: match &record {
                    Record::Enterprises(enterprise) => Some(Registered::of(enterprise)),
                    _ => None,
                },
                content: Content::of(&record, wanted),
            }
        })
    }
}

impl Kept for Incoming {
    fn recorded_at(&self) -> Instant {
        self.recorded_at
    }

    fn stream(&self) -> Stream {
        self.key.stream()
    }
}
