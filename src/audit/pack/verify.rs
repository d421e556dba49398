//! A pack held to its alert: from its rows alone.
//!
//! In: the bytes of a pack, and what decides. Out: what was found. Must hold: nothing but the pack is asked, unless the inputs of
//! the run are given: then every row that names those persons is read from them again, so that a row that was left out
//! of the pack is found.

use std::path::Path;

use super::decided::{Decided, OtherDetector};
use super::document::{Pack, PackedRow, RowDigest, read};
use super::inputs::{Inputs, InputsError, StatedInputs};
use super::make::{change, is_same, line_of};
use super::minimal::{found, substance};
use super::slice::{SliceRow, Slices};
use super::trial::{Move, TrialError, with_trial};
use crate::alert::AlertId;
use crate::audit::statement::StatementError;
use crate::audit::thresholds::rules_of;
use crate::case::Alert;
use crate::detector::Detector;
use crate::journal::MasterKey;
use crate::record::{Day, Instant, Operation, Value};
use crate::rule::RulesError;

/// A pack whose alert follows from it.
#[derive(Clone, Debug)]
pub struct PackChecked {
    /// The alert.
    pub alert: Alert,
    /// Rows of the pack.
    pub rows: usize,
    /// Those without which the alert would be the same in substance: they are listed as its evidence.
    pub not_needed: usize,
    /// Rows of the inputs that name those persons, where the inputs were read.
    pub slice: Option<usize>,
}

/// Why a pack does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackFault {
    /// It is not as it was written.
    #[error("{0}; the pack is not what was written: make it again, or take it back from a backup")]
    Statement(#[from] StatementError),
    /// A row cannot be read.
    #[error("row {number} of `rows` ({stream}, {file}:{row}): {why}")]
    Row {
        /// Its number in the pack, from 1.
        number: usize,
        /// The stream.
        stream: String,
        /// The file of the run's inputs.
        file: String,
        /// 1-based record in it.
        row: u64,
        /// What is wrong.
        why: String,
    },
    /// A part says something that this version does not know.
    #[error("`{0}` says something that this version does not know")]
    Unknown(&'static str),
    /// What decides is not what decided.
    #[error(transparent)]
    OtherDetector(#[from] OtherDetector),
    /// The thresholds cannot be used.
    #[error("`thresholds`: {0}")]
    Rules(#[from] RulesError),
    /// The rows cannot be tried.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// The alert does not follow.
    #[error("the alert does not follow from the rows of the pack: {0}")]
    NotDerived(String),
    /// The inputs cannot be read as the run read them.
    #[error(transparent)]
    Inputs(#[from] InputsError),
    /// The inputs hold other rows about those persons than the pack says.
    #[error("{file}, row {row} ({stream}): {why}")]
    OtherSlice {
        /// The file of the run's inputs.
        file: String,
        /// 1-based record in it.
        row: u64,
        /// The stream.
        stream: String,
        /// What is wrong.
        why: &'static str,
    },
}

/// Holds a pack to its alert. `detector` says what decides but for the thresholds, which are the pack's.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_pack(
    bytes: &[u8],
    detector: &Detector,
    inputs: Option<(&Path, Option<MasterKey>)>,
) -> Result<PackChecked, PackFault> {
    let pack = read(bytes)?;
    let packed = &pack.predicate;
    let alert: Alert =
        serde_json::from_value(packed.alert.clone()).map_err(|_| PackFault::Unknown("alert"))?;
    let id: AlertId = alert
        .alert_id
        .parse()
        .map_err(|_| PackFault::Unknown("alert"))?;
    let rows = rows(&packed.rows)?;
    let detector = of_pack(&pack, detector)?;
    let detector = Detector {
        reasons: [alert.reason].into_iter().collect(),
        ..detector
    };
    let day = Day::from_text(&packed.as_of).and_then(Instant::end_of);
    let as_of = day.ok_or(PackFault::Unknown("as_of"))?;
    let not_needed = with_trial(&rows, &detector, as_of, |trial| {
        trial.apply((0..rows.len()).map(|place| (place, Move::Put)))?;
        let Some(derived) = found(trial, id)? else {
            return Err(PackFault::NotDerived(
                "nothing follows that has its id".to_owned(),
            ));
        };
        if let Some(member) = differing(&packed.alert, &line_of(&derived)) {
            return Err(PackFault::NotDerived(format!("its `{member}` is another")));
        }
        // What is said to be needed is, and what is not, is not.
        let mut not_needed = 0;
        for (place, row) in packed.rows.iter().enumerate() {
            trial.apply([(place, Move::Take)])?;
            let is_same =
                found(trial, id)?.is_some_and(|found| substance(&found) == substance(&derived));
            trial.apply([(place, Move::Put)])?;
            if is_same == row.is_needed {
                let why = if is_same {
                    "the alert is the same without it"
                } else {
                    "the alert is another without it"
                };
                return Err(fault(place, row, why.to_owned()));
            }
            not_needed += usize::from(is_same);
        }
        Ok(not_needed)
    })?;
    let slice = match inputs {
        None => None,
        Some((directory, master_key)) => Some(same_slice(&pack, &alert, directory, master_key)?),
    };
    Ok(PackChecked {
        alert,
        rows: rows.len(),
        not_needed,
        slice,
    })
}

/// The rows of a pack.
fn rows(packed: &[PackedRow]) -> Result<Vec<SliceRow>, PackFault> {
    let row = |(place, row): (usize, &PackedRow)| {
        let change = row.change().map_err(|why| fault(place, row, why))?;
        let Operation::Upsert(record) = change.operation else {
            return Err(fault(place, row, "it removes its key".to_owned()));
        };
        Ok(SliceRow {
            key: change.key,
            recorded_at: change.recorded_at,
            file: row.file.as_str().into(),
            row: row.row,
            record,
        })
    };
    packed.iter().enumerate().map(row).collect()
}

fn fault(place: usize, row: &PackedRow, why: String) -> PackFault {
    PackFault::Row {
        number: place + 1,
        stream: row.stream.clone(),
        file: row.file.clone(),
        row: row.row,
        why,
    }
}

/// The first member in which two lines of an alert differ, but for where rows stand and since when it is known.
fn differing(one: &serde_json::Value, other: &serde_json::Value) -> Option<String> {
    if is_same(one, other) {
        return None;
    }
    let members = |line: &serde_json::Value| line.as_object().cloned().unwrap_or_default();
    let (one, other) = (members(one), members(other));
    let names = one.keys().chain(other.keys());
    let mut differing =
        names.filter(|name| *name != "raised_at" && one.get(*name) != other.get(*name));
    let told = differing.find(|name| *name != "evidence").cloned();
    Some(told.unwrap_or_else(|| "evidence".to_owned()))
}

/// What decides, with the thresholds of a pack.
fn of_pack(pack: &Pack, detector: &Detector) -> Result<Detector, PackFault> {
    let packed = &pack.predicate;
    let rules = rules_of(&packed.thresholds)?;
    Decided::of_pack(packed).hold(&Decided::of(detector, None))?;
    Ok(Detector {
        rules: rules.into(),
        shadow_model: None,
        ..detector.clone()
    })
}

/// Reads the rows of those persons from the inputs again, and holds the pack to them.
fn same_slice(
    pack: &Pack,
    alert: &Alert,
    directory: &Path,
    master_key: Option<MasterKey>,
) -> Result<usize, PackFault> {
    let packed = &pack.predicate;
    let stated = StatedInputs {
        directory: directory.to_owned(),
        files: &packed.run.inputs,
        as_of: packed.run.as_of.as_deref().and_then(Instant::from_text),
        is_of_journal: packed.run.epoch == crate::audit::JOURNAL,
        is_supposed: false,
    };
    let inputs = Inputs::open(&stated, None, master_key)?;
    let slices = Slices::read(&inputs, std::slice::from_ref(alert))?;
    let slice = slices.of(alert);
    let mut said: Vec<RowDigest> = packed.slice.without_effect.clone();
    said.extend(packed.rows.iter().map(RowDigest::from));
    said.sort();
    let there = slice
        .rows
        .iter()
        .map(|row| RowDigest::new((&row.file, row.row), &change(row)));
    let mut there: Vec<RowDigest> = there.collect();
    there.sort();
    let other = |row: &RowDigest, why| PackFault::OtherSlice {
        file: row.file.clone(),
        row: row.row,
        stream: row.stream.clone(),
        why,
    };
    if let Some(row) = there.iter().find(|row| said.binary_search(row).is_err()) {
        return Err(other(
            row,
            "it names the person of the alert, and the pack does not say so",
        ));
    }
    if let Some(row) = said.iter().find(|row| there.binary_search(row).is_err()) {
        return Err(other(row, "the pack has it, and the inputs have not"));
    }
    if slice.counts() != packed.slice.rows {
        return Err(PackFault::Unknown("slice"));
    }
    Ok(there.len())
}
