//! The rows behind alerts, read back from the inputs.
//!
//! In: the places that alerts name. Out: the records there. Must hold: each file is read once, in its
//! own order, and only the rows asked for are held - which is the same for every format, also for
//! those that cannot be entered in the middle.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::case::Alert;
use crate::record::{Instant, Operation, Record};
use crate::source::{self, InputFile, Reading, SourceError};

/// A row behind an alert.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What it says.
    pub record: Record,
    /// Knowledge time.
    pub recorded_at: Instant,
    /// The file, relative to the input directory.
    pub file: String,
    /// 1-based record in the file.
    pub row: u64,
}

/// Rows that could not be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The row is not there any more.
    #[error(
        "{file}, row {row}: it was there when it was replayed; run again when nobody writes to the files"
    )]
    Gone {
        /// The file.
        file: String,
        /// The row.
        row: u64,
    },
}

/// Places in one file that are looked for: row, stream and key, with what is found there.
type Wanted<'a> = HashMap<(u64, &'a str, &'a str), Option<(Instant, Record)>>;

/// The rows behind each alert, in its order.
///
/// # Errors
/// When a file cannot be read, or has changed since it was replayed.
pub(super) fn of_alerts(
    input: &Path,
    scratch: &Path,
    alerts: &[Alert],
) -> Result<Vec<Vec<Evidence>>, EvidenceError> {
    let mut wanted: BTreeMap<&str, Wanted<'_>> = BTreeMap::new();
    for place in alerts.iter().flat_map(|alert| &alert.evidence) {
        let rows = wanted.entry(&place.file).or_default();
        rows.insert((place.row, &place.stream, &place.key), None);
    }
    for file in source::discover(input)?.files {
        if let Some(rows) = wanted.get_mut(file.name.as_str()) {
            look(&file, scratch, rows)?;
        }
    }
    let found = |alert: &Alert| {
        let rows = alert.evidence.iter().map(|place| {
            let key = (place.row, place.stream.as_str(), place.key.as_str());
            let found = wanted
                .get(place.file.as_str())
                .and_then(|rows| rows.get(&key));
            match found {
                Some(Some((recorded_at, record))) => Ok(Evidence {
                    record: record.clone(),
                    recorded_at: *recorded_at,
                    file: place.file.clone(),
                    row: place.row,
                }),
                _ => Err(EvidenceError::Gone {
                    file: place.file.clone(),
                    row: place.row,
                }),
            }
        });
        rows.collect()
    };
    alerts.iter().map(found).collect()
}

/// Reads a file until every row that is wanted is found.
fn look(file: &InputFile, scratch: &Path, wanted: &mut Wanted<'_>) -> Result<(), SourceError> {
    let mut rows = source::open(file, Reading::Everything, scratch)?;
    let numbers: std::collections::HashSet<u64> = wanted.keys().map(|(row, ..)| *row).collect();
    let mut missing = wanted.len();
    while missing > 0 {
        let Some(entry) = rows.next_entry()? else {
            break;
        };
        if !numbers.contains(&entry.row) {
            continue;
        }
        let Ok(change) = entry.outcome else { continue };
        let Operation::Upsert(record) = change.operation else {
            continue;
        };
        let key = change.key.to_string();
        let stream = change.key.stream().name();
        let of_row = wanted.iter_mut().find(|((row, of_stream, of_key), found)| {
            (*row, *of_stream, *of_key) == (entry.row, stream, key.as_str()) && found.is_none()
        });
        if let Some((_, found)) = of_row {
            *found = Some((change.recorded_at, record));
            missing -= 1;
        }
    }
    Ok(())
}
