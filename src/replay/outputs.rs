//! Writing the outputs of a replay into its staging directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use serde::Serialize;

use super::error::ReplayError;
use super::options::Options;
use super::rejects::Rejects;
use crate::alert::{
    Alert, AlertId, EpochEnd, Event, EventKind, FileNames, Ledger, SharedRows, Subject, Weighings,
};
use crate::dataflow::Delta;
use crate::measure::Report;
use crate::model::ModelRegistry;
use crate::notice::Proposal;
use crate::persons::Persons;
use crate::rule::Reason;
use crate::staging::Staging;

/// The outputs that are a function of the rows and the options, in the order in which they are published.
pub const OUTPUTS: [&str; 6] = [
    "alerts.ndjson",
    "history.ndjson",
    "rejects.ndjson",
    "measures.ndjson",
    "notices.ndjson",
    "numbers.ndjson",
];
/// The outputs that tell times as well.
pub const BYPRODUCTS: [&str; 1] = ["summary.json"];

/// Events by reason: raised, changed, withdrawn, archived.
pub type EventCounts = BTreeMap<Reason, [u64; 4]>;

/// The thread that keeps the alerts and writes their history.
pub struct HistoryWriter {
    thread: JoinHandle<Result<(Ledger, EventCounts), ReplayError>>,
}

impl HistoryWriter {
    /// Starts it on the epochs to come, whose events are written, or only counted; of some persons alone, where they are
    /// named.
    ///
    /// # Errors
    /// When `history.ndjson` cannot be made.
    pub fn start(
        rows: SharedRows,
        models: ModelRegistry,
        (staging, options): (&Staging, &Options),
        epochs: Receiver<(EpochEnd, Delta)>,
    ) -> Result<Self, ReplayError> {
        let path = staging.path(OUTPUTS[1]);
        let mut out = staging
            .file(OUTPUTS[1])
            .map_err(ReplayError::output(&path))?;
        let (is_written, persons) = (options.is_audited, options.persons.clone());
        let thread = std::thread::spawn(move || {
            let mut ledger = Ledger::new(rows, models);
            let mut counts = EventCounts::new();
            for (epoch, delta) in epochs {
                let events = ledger.apply(epoch, delta).map_err(ReplayError::scratch)?;
                let theirs = |event: &&Event| is_theirs(persons.as_deref(), &event.subject);
                for event in events.iter().filter(theirs) {
                    count(&mut counts, event);
                    if !is_written {
                        continue;
                    }
                    line(&mut out, event).map_err(ReplayError::output(&path))?;
                }
            }
            out.flush().map_err(ReplayError::output(&path))?;
            Ok((ledger, counts))
        });
        Ok(Self { thread })
    }

    /// Waits for the last epoch.
    ///
    /// # Errors
    /// When the history could not be written, or a row not be looked up.
    pub fn finish(self) -> Result<(Ledger, EventCounts), ReplayError> {
        self.thread.join().map_err(|_| ReplayError::LedgerStopped)?
    }
}

/// Whether an alert about a subject is about one of some persons, where they are named.
pub fn is_theirs(persons: Option<&Persons>, subject: &Subject) -> bool {
    persons.is_none_or(|persons| persons.are_subject(subject.kind.as_str(), &subject.id))
}

fn count(counts: &mut EventCounts, event: &Event) {
    let place = match event.kind {
        EventKind::Raised => 0,
        EventKind::Changed => 1,
        EventKind::Withdrawn => 2,
        EventKind::Archived => 3,
    };
    counts.entry(event.reason).or_default()[place] += 1;
}

/// Writes `alerts.ndjson`.
///
/// # Errors
/// When it cannot be written.
pub fn write_alerts(staging: &Staging, alerts: &[Alert]) -> Result<(), ReplayError> {
    let (first, second) = alerts.split_at(alerts.len() / 2);
    write(staging, OUTPUTS[0], |out| {
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let mut out = Vec::new();
                lines(&mut out, second).map(|()| out)
            });
            lines(out, first)?;
            let second = second.join();
            out.write_all(&second.unwrap_or_else(|panic| resume_unwind(panic))?)
        })
    })
}

/// Writes `rejects.ndjson`.
///
/// # Errors
/// When it cannot be written.
pub fn write_rejects(
    staging: &Staging,
    rejects: Rejects,
    names: &FileNames,
) -> Result<(), ReplayError> {
    write(staging, OUTPUTS[2], |out| {
        rejects.write(names, out).map_err(io::Error::other)
    })
}

/// Writes `measures.ndjson`.
///
/// # Errors
/// When it cannot be written.
pub fn write_measures(staging: &Staging, report: &Report) -> Result<(), ReplayError> {
    write(staging, OUTPUTS[3], |out| report.write(out))
}

/// Writes `notices.ndjson`.
///
/// # Errors
/// When it cannot be written.
pub fn write_notices(staging: &Staging, notices: &[Proposal]) -> Result<(), ReplayError> {
    write(staging, OUTPUTS[4], |out| lines(out, notices))
}

/// A line of `numbers.ndjson`: the numbers of an alert's claim that thresholds are compared with.
#[derive(Serialize)]
struct NumberLine {
    alert_id: AlertId,
    reason: Reason,
    /// By the name of the threshold.
    numbers: BTreeMap<String, u32>,
}

/// Writes `numbers.ndjson`: of the alerts whose reason turns on a number, by alert id.
///
/// # Errors
/// When it cannot be written.
pub fn write_numbers(
    staging: &Staging,
    alerts: &[Alert],
    weighings: &Weighings,
) -> Result<(), ReplayError> {
    write(staging, OUTPUTS[5], |out| {
        for alert in alerts {
            let numbers = weighings.of_alert(alert.alert_id, alert.reason).into_iter();
            let numbers: BTreeMap<String, u32> = numbers
                .map(|(dial, number)| {
                    let (group, name) = dial.key();
                    (format!("{group}.{name}"), number)
                })
                .collect();
            if !numbers.is_empty() {
                let of_alert = NumberLine {
                    alert_id: alert.alert_id,
                    reason: alert.reason,
                    numbers,
                };
                line(out, &of_alert)?;
            }
        }
        Ok(())
    })
}

/// Writes a JSON document for programs and people.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(
    staging: &Staging,
    name: &str,
    document: &impl Serialize,
) -> Result<(), ReplayError> {
    write(staging, name, |out| {
        serde_json::to_writer_pretty(&mut *out, document)?;
        out.write_all(b"\n")
    })
}

/// Writes a document that is made already.
///
/// # Errors
/// When it cannot be written.
pub fn write_bytes(staging: &Staging, name: &str, bytes: &[u8]) -> Result<(), ReplayError> {
    write(staging, name, |out| out.write_all(bytes))
}

fn write(
    staging: &Staging,
    name: &str,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), ReplayError> {
    let path = staging.path(name);
    let written = || {
        let mut out = staging.file(name)?;
        content(&mut out)?;
        out.flush()
    };
    written().map_err(ReplayError::output(&path))
}

fn lines(out: &mut impl Write, values: &[impl Serialize]) -> io::Result<()> {
    values.iter().try_for_each(|value| line(out, value))
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
