//! The units that are drawn from: alerts, and claims in force that no alert is about.
//!
//! In: a run, and its input directory. Out: units in byte order of their ids. Must hold: memory is bounded whatever
//! the number of alerts and claims - both are sorted outside of it; a claim that was replaced, deleted or withdrawn, or that
//! became known after the run's as-of, is not in the frame.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::draw::Unit;
use super::error::SampleError;
use crate::audit::Run;
use crate::case::Alert;
use crate::record::{Instant, Key, Money, Operation, Record, Stream};
use crate::source::{self, ExternalSort, Reading, SortLimits};

/// What sorting may take.
const LIMITS: SortLimits = SortLimits {
    memory: 64 << 20,
    fan_in: 64,
};

/// What a visit's alerts are about.
const CLAIM: &str = "claim";

/// A row of a claim. The order of the fields is that of the versions of a claim: the last is in force (contract 1).
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Version {
    key: String,
    recorded_at: Instant,
    /// The place of its file, in byte order of the names.
    file: u32,
    row: u64,
    /// What the fund is asked to pay; none where the row takes the claim away.
    asked: Option<Money>,
}

/// Hands over each alert, in order of the ids.
///
/// # Errors
/// When they cannot be read.
pub fn alerts(run: &Run, mut take: impl FnMut(Unit)) -> Result<(), SampleError> {
    run.lines("alerts.ndjson", |alert: Alert| {
        let own = alert
            .evidence
            .iter()
            .find(|row| row.key == alert.subject.id)
            .or(alert.evidence.first());
        let (file, row) = own.map_or((String::new(), 0), |row| (row.file.clone(), row.row));
        take(Unit {
            id: alert.alert_id,
            reason: Some(alert.reason),
            kind: alert.subject.kind,
            subject: alert.subject.id,
            amount: alert.amount_vnd,
            raised_at: Some(alert.raised_at),
            file,
            row,
        });
        Ok(())
    })
}

/// How many alerts are about each of some subjects, which are kinds and ids.
///
/// # Errors
/// When they cannot be read.
pub fn alerts_of(
    run: &Run,
    mut subjects: HashMap<(String, String), u64>,
) -> Result<HashMap<(String, String), u64>, SampleError> {
    if subjects.is_empty() {
        return Ok(subjects);
    }
    alerts(run, |unit| {
        if let Some(count) = subjects.get_mut(&(unit.kind, unit.subject)) {
            *count += 1;
        }
    })?;
    Ok(subjects)
}

/// Hands over each claim that is in force and that no alert is about, in order of the keys.
///
/// # Errors
/// When alerts or inputs cannot be read, or are not those of the manifest.
pub fn non_alerts(
    run: &Run,
    input: Option<&Path>,
    scratch: &Path,
    mut take: impl FnMut(Unit),
) -> Result<(), SampleError> {
    let mut flagged = ExternalSort::new(scratch, LIMITS);
    run.lines("alerts.ndjson", |alert: Alert| {
        if alert.subject.kind == CLAIM {
            flagged.push(alert.subject.id)?;
        }
        Ok::<_, SampleError>(())
    })?;
    let files = run.inputs_of(Stream::Claims, input)?;
    let mut versions = ExternalSort::new(scratch, LIMITS);
    for (place, file) in (0u32..).zip(&files) {
        let mut rows = source::open(file, Reading::Everything, scratch)?;
        while let Some(entry) = rows.next_entry()? {
            // What was rejected changes nothing.
            let Ok(change) = entry.outcome else { continue };
            if !matches!(change.key, Key::Claim(..))
                || run.as_of.is_some_and(|as_of| change.recorded_at > as_of)
            {
                continue;
            }
            let asked = match &change.operation {
                Operation::Upsert(Record::Claims(claim)) if !claim.is_withdrawal() => {
                    Some(claim.paid_by_fund)
                }
                _ => None,
            };
            versions.push(Version {
                key: change.key.to_string(),
                recorded_at: change.recorded_at,
                file: place,
                row: entry.row,
                asked,
            })?;
        }
    }
    let mut flagged = flagged.finish()?;
    let mut next_flagged = flagged.next().transpose()?;
    let mut unit = |version: Version| -> Result<(), SampleError> {
        let Some(amount) = version.asked else {
            return Ok(());
        };
        while next_flagged.as_ref().is_some_and(|key| *key < version.key) {
            next_flagged = flagged.next().transpose()?;
        }
        if next_flagged.as_ref() == Some(&version.key) {
            return Ok(());
        }
        let file = files.get(version.file as usize);
        take(Unit {
            id: version.key.clone(),
            reason: None,
            kind: CLAIM.to_owned(),
            subject: version.key,
            amount,
            raised_at: None,
            file: file.map_or_else(String::new, |file| file.name.clone()),
            row: version.row,
        });
        Ok(())
    };
    let mut last: Option<Version> = None;
    for version in versions.finish()? {
        let version = version?;
        match last.replace(version) {
            Some(former) if last.as_ref().is_some_and(|one| one.key != former.key) => unit(former)?,
            _ => {}
        }
    }
    last.map_or(Ok(()), unit)
}
