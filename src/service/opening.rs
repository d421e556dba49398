//! What a service opens before it computes anything.
//!
//! In: its options. Out: the journal, whose lock it holds from then on, the store, and what decided so far. Must hold:
//! where one of them is refused, nothing is changed that an earlier program could not go on from.

use std::sync::Arc;

use super::Options;
use super::detectors::Detectors;
use super::error::ServiceError;
use super::places::{Places, directory, make};
use super::undo::Undoer;
use crate::journal::{
    ChainHash, Directory, EpochLookup, Journal, JournalError, JournalReader, Keys,
    Options as JournalOptions,
};
use crate::snapshot::Snapshots;
use crate::store::{AlertStore, Opening, StoreError, StoreKey, StorePlace};

/// What is open before anything is computed.
pub(super) struct Opened {
    pub(super) journal: Journal,
    pub(super) reader: JournalReader,
    pub(super) store: Box<dyn AlertStore>,
    pub(super) committed: Option<u64>,
    /// Which of the services that had this journal it is.
    pub(super) generation: u64,
    /// The last epoch of the journal.
    pub(super) sealed: u64,
    /// The journal's chain up to there.
    pub(super) chain: ChainHash,
    pub(super) detectors: Detectors,
    pub(super) snapshots: Snapshots,
    pub(super) keys: Arc<Keys>,
    storage: Arc<Directory>,
}

impl Opened {
    /// Undoes loads of the journal.
    pub(super) fn undoer(&self) -> Undoer {
        Undoer::new(self.storage.clone(), self.keys.clone())
    }

    /// Looks single epochs of the journal up.
    pub(super) fn lookup(&self) -> Result<EpochLookup, JournalError> {
        EpochLookup::new(self.storage.clone(), self.keys.clone())
    }
}

/// Opens the journal, then the store.
///
/// # Errors
/// When one of them cannot be opened, or they do not belong together.
pub(super) fn open(options: &Options) -> Result<Opened, ServiceError> {
    let places = Places(&options.data);
    make(&options.data)?;
    let storage = directory(&places.journal())?;
    let keys = Keys::new(directory(&places.keys())?, options.master_key.clone());
    let keys = Arc::new(keys);
    let of_journal = JournalOptions {
        segment_bytes: options.segment_bytes,
        ..JournalOptions::default()
    };
    let (journal, opened) = Journal::open(storage.clone(), keys.clone(), of_journal)?;
    // Under the lock of the journal, and before the store is brought up to date: where this is
    // refused, an earlier program can go on.
    let found = found(&options.store)?;
    let is_new_store = matches!(found, Found::New);
    let detectors = Detectors::open(&places.artefacts(), &options.detector, is_new_store)?;
    let opening = Opening {
        journal_id: opened.journal.0,
        generation: opened.generation,
    };
    let master = options.master_key.as_ref();
    let key = match found {
        Found::Sealed => StoreKey::open(&options.data, master)?,
        Found::New | Found::Plain => StoreKey::open_or_create(&options.data, master)?,
    };
    let mut store = crate::store::open(&options.store, opening, &key)?;
    let committed = store.reads().committed()?.epoch;
    let sealed = opened.upper;
    let journal_chain = journal.chain();
    if let Some(stored) = committed.filter(|stored| *stored > sealed) {
        return Err(ServiceError::StoreAhead { stored, sealed });
    }
    Ok(Opened {
        journal,
        reader: JournalReader::open(storage.clone(), keys.clone())?,
        storage,
        snapshots: Snapshots::new(directory(&places.snapshots())?, keys.clone()),
        keys,
        store,
        committed,
        generation: opened.generation,
        sealed,
        chain: journal_chain,
        detectors,
    })
}

/// What a store is, before it is opened to write to it.
enum Found {
    /// It has no epoch yet.
    New,
    /// It is of before its lines were sealed.
    Plain,
    /// It can be read with its key alone.
    Sealed,
}

fn found(store: &StorePlace) -> Result<Found, ServiceError> {
    match crate::store::open_counter(store) {
        Ok(mut reader) => Ok(match reader.committed()?.epoch {
            None => Found::New,
            Some(_) => Found::Sealed,
        }),
        Err(StoreError::Absent { .. }) => Ok(Found::New),
        // It is brought up to date when it is opened.
        Err(StoreError::OlderSchema { .. }) => Ok(Found::Plain),
        Err(error) => Err(error.into()),
    }
}
