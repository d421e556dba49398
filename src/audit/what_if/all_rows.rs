//! Every row that one of the two replays reads, or both.
//!
//! In: the inputs of both. Out: what each row says, as often as it is asked for. Must hold: whoever
//! is named by a row of either is found, so that both replays are of the same persons.

use std::path::PathBuf;

use super::WhatIfError;
use crate::journal::{Epoch, JournalReader};
use crate::record::{Instant, Operation, Record};
use crate::replay::JournalEnd;
use crate::source::{InputFile, Reading, open};

/// Every row that one of the replays reads.
pub(super) struct AllRows {
    pub(super) journal: Option<(JournalReader, JournalEnd)>,
    pub(super) files: Vec<InputFile>,
    /// Rows that were known later are not read.
    pub(super) as_of: Option<Instant>,
    pub(super) scratch: PathBuf,
}

impl AllRows {
    /// Gives what every row says, but those that remove something.
    pub(super) fn each(&self, take: &mut dyn FnMut(&Record)) -> Result<(), WhatIfError> {
        let is_known = |at: Instant| self.as_of.is_none_or(|as_of| at <= as_of);
        if let Some((reader, end)) = &self.journal {
            for frame in reader.frames(1)? {
                let frame = frame?;
                let at = Instant::from_nanos(frame.at);
                if frame.number > end.epoch() || !is_known(at) {
                    break;
                }
                let of = (frame.number, at);
                let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref())?;
                for row in epoch.rows() {
                    if let Operation::Upsert(record) = &row.change.operation {
                        take(record);
                    }
                }
            }
        }
        // To a journal they come after its last epoch, and say the same whenever that is.
        let is_arriving = self.journal.is_some();
        let reading = match is_arriving {
            true => Reading::Arriving(Instant::from_nanos(i64::MAX)),
            false => Reading::Everything,
        };
        for file in &self.files {
            let mut rows = open(file, reading, &self.scratch)?;
            while let Some(entry) = rows.next_entry()? {
                let Ok(change) = entry.outcome else { continue };
                let is_read = is_arriving || is_known(change.recorded_at);
                if let (true, Operation::Upsert(record)) = (is_read, &change.operation) {
                    take(record);
                }
            }
        }
        Ok(())
    }
}
