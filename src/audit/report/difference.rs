//! What `fundwatch diff` found, as a report tells it.
//!
//! In: its NDJSON, one object an alert. Out: counts by reason and state, and the alerts that differ, as many as are
//! told. Must hold: nobody is named in it: numbers of people are masked, also in what is said of the cause.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::error::ReportError;
use crate::audit::diff::State;
use crate::audit::digest;
use crate::mask;
use crate::rule::Reason;

/// The most alerts that are listed.
pub const LISTED: usize = 200;

#[derive(Deserialize)]
struct Line {
    alert_id: String,
    reason: Reason,
    subject: Value,
    state: State,
    #[serde(default)]
    because: Value,
}

/// An alert that differs.
pub struct Differing {
    /// Its id.
    pub alert_id: String,
    /// Its reason.
    pub reason: Reason,
    /// What it is about, masked.
    pub subject: String,
    /// How it differs.
    pub state: State,
    /// Why, masked.
    pub because: String,
}

/// What two runs decided differently.
pub struct Difference {
    /// SHA-256 of the file.
    pub sha256: String,
    /// Alerts by reason and state.
    pub counts: BTreeMap<Reason, BTreeMap<State, u64>>,
    /// Those that differ, the first of them.
    pub differing: Vec<Differing>,
    /// How many differ.
    pub all_differing: u64,
}

/// Reads a difference.
///
/// # Errors
/// When it cannot be read, naming the line.
pub fn read(path: &Path) -> Result<Difference, ReportError> {
    let error = |message: String| ReportError::Diff {
        path: path.to_owned(),
        message,
    };
    let (_, sha256) = digest(path).map_err(|cause| error(cause.to_string()))?;
    let mut difference = Difference {
        sha256,
        counts: BTreeMap::new(),
        differing: Vec::new(),
        all_differing: 0,
    };
    let file = File::open(path).map_err(|cause| error(cause.to_string()))?;
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(|cause| error(cause.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).map_err(|cause| {
            let column = cause.column();
            error(format!(
                "line {number}, column {column}: not a line of `fundwatch diff`; make it again with this version"
            ))
        })?;
        let of_reason = difference.counts.entry(line.reason).or_default();
        *of_reason.entry(line.state).or_default() += 1;
        if line.state == State::Unchanged {
            continue;
        }
        difference.all_differing += 1;
        if difference.differing.len() < LISTED {
            difference.differing.push(Differing {
                alert_id: line.alert_id,
                reason: line.reason,
                subject: subject(&line.subject),
                state: line.state,
                because: mask::text(&plain(&line.because)),
            });
        }
    }
    Ok(difference)
}

fn subject(subject: &Value) -> String {
    let part = |name: &str, place: usize| subject.get(name).or(subject.get(place))?.as_str();
    match (part("kind", 0), part("id", 1)) {
        (Some(kind), Some(id)) => mask::key(matches!(kind, "claim" | "check_in"), id),
        _ => mask::text(&plain(subject)),
    }
}

/// What a value says, without its brackets.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(plain).collect();
            all.join("; ")
        }
        Value::Object(all) => {
            let all = all
                .iter()
                .map(|(name, value)| format!("{name} {}", plain(value)));
            all.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
