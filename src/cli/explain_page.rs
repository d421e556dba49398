//! An alert with its rows, for a terminal.
//!
//! In: the alert, its pack, the rows, the history of the run. Out: text on standard output, identifiers masked unless
//! they are asked for.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use console::style;
use serde::Deserialize;

use crate::audit::{Found, Pack, PackedRow};
use crate::case::{columns, figures, revealed, sentence};
use crate::language::{Language, fill};
use crate::mask;
use crate::record::{Instant, Operation, Record, Value};
use crate::rule::Settings;

/// What is told.
pub(super) struct Told<'a> {
    pub found: &'a Found,
    pub pack: &'a Pack,
    /// The thresholds in force.
    pub settings: &'a Settings,
    /// The history of the run.
    pub history: &'a Path,
    pub language: Language,
    /// Whether numbers and names are shown whole.
    pub is_revealed: bool,
}

/// A line of the history, as far as it is told.
#[derive(Deserialize)]
struct Event {
    at: String,
    kind: String,
    alert_id: String,
    cause: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    stream: String,
    key: String,
}

impl Told<'_> {
    pub(super) fn print(&self) -> io::Result<()> {
        let out = &mut io::stdout().lock();
        let (alert, language) = (&self.found.alert, self.language);
        let messages = language.messages();
        let reason = alert.reason;
        writeln!(out, "{}", style(reason.title(language)).bold())?;
        let class = fill(messages.class_and_severity, |place| {
            Some(match place {
                "class" => alert.class.word(language).to_owned(),
                _ => alert.severity.word(language).to_owned(),
            })
        });
        writeln!(out, "{}", class.unwrap_or_default())?;
        writeln!(out, "{}", figures(alert, &alert.alert_id, language))?;
        let rows = &self.found.slice.rows;
        let is_evidence = |row: &&crate::audit::SliceRow| {
            (alert.evidence.iter()).any(|place| *place.file == *row.file && place.row == row.row)
        };
        let evidence: Vec<&Record> = rows
            .iter()
            .filter(is_evidence)
            .map(|row| &row.record)
            .collect();
        writeln!(
            out,
            "\n{}",
            sentence(alert, &evidence, self.settings, language)
        )?;
        heading(out, messages.explain_rule)?;
        writeln!(out, "  {}", reason.explanation(self.settings, language))?;
        let packed = &self.pack.predicate;
        let count = |message: &str, count: usize| {
            fill(message, |_| Some(language.count(count as u64))).unwrap_or_default()
        };
        heading(out, &count(messages.explain_rows, packed.rows.len()))?;
        for row in &packed.rows {
            self.row(out, row)?;
        }
        let others = packed.slice.without_effect.len();
        writeln!(
            out,
            "  {}",
            style(count(messages.explain_without_effect, others)).dim()
        )?;
        heading(out, messages.explain_history)?;
        self.events(out)?;
        heading(out, messages.adjustment)?;
        writeln!(out, "  {}", reason.adjustment(language))?;
        heading(out, messages.legal_basis)?;
        for basis in reason.legal_basis(language) {
            writeln!(out, "  {}", basis.instrument)?;
        }
        Ok(())
    }

    /// One row: where it is and when it became known, then what it says.
    fn row(&self, out: &mut impl Write, row: &PackedRow) -> io::Result<()> {
        let (language, reason) = (self.language, self.found.alert.reason);
        let messages = language.messages();
        // It was made of a change a moment ago.
        let change = row.change().expect("a packed row is a row");
        let Operation::Upsert(record) = &change.operation else {
            return Ok(());
        };
        let at = language.instant(change.recorded_at);
        let known = fill(messages.known, |_| Some(at.clone())).unwrap_or_default();
        let mut head = format!(
            "  - {} · {}:{} · {known}",
            language.record(change.key.stream()),
            row.file,
            row.row
        );
        if !row.is_needed {
            head.push_str(&format!(" · {}", messages.explain_not_needed));
        }
        writeln!(out, "{}", style(head).dim())?;
        let columns: Vec<String> = if self.is_revealed {
            let columns = revealed(record, reason, language).into_iter();
            columns.map(|column| column.text).collect()
        } else {
            columns(record, reason, language)
        };
        writeln!(out, "    {}", columns.join(", "))
    }

    /// What happened to the alert in the run, where its history is there.
    fn events(&self, out: &mut impl Write) -> io::Result<()> {
        let messages = self.language.messages();
        let file = match File::open(self.history) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => BufReader::new(file?),
        };
        for line in file.lines() {
            let line = line?;
            if !line.contains(&self.found.alert.alert_id) {
                continue;
            }
            let event: Event = serde_json::from_str(&line).map_err(io::Error::from)?;
            if event.alert_id != self.found.alert.alert_id {
                continue;
            }
            let told = fill(messages.explain_event, |place| {
                Some(match place {
                    "at" => Instant::from_text(&event.at)
                        .map_or_else(|| event.at.clone(), |at| self.language.instant(at)),
                    "kind" => match event.kind.as_str() {
                        "raised" => messages.explain_raised.to_owned(),
                        "changed" => messages.explain_changed.to_owned(),
                        "withdrawn" => messages.explain_withdrawn.to_owned(),
                        _ => messages.explain_archived.to_owned(),
                    },
                    _ => {
                        let causes: Vec<String> =
                            event.cause.iter().map(|cause| self.cause(cause)).collect();
                        causes.join(", ")
                    }
                })
            });
            writeln!(out, "  {}", told.unwrap_or_default())?;
        }
        Ok(())
    }

    /// An input that changed.
    fn cause(&self, cause: &Cause) -> String {
        let messages = self.language.messages();
        match cause.stream.as_str() {
            "rules" => messages.explain_by_rules.to_owned(),
            "model" => messages.explain_by_model.to_owned(),
            "as_of" => {
                fill(messages.explain_by_day, |_| Some(cause.key.clone())).unwrap_or_default()
            }
            stream => {
                let streams = crate::record::Stream::ALL.iter();
                let known = streams.copied().find(|one| one.name() == stream);
                let name = known.map_or(stream, |stream| self.language.record(stream));
                let key = match self.is_revealed {
                    true => cause.key.clone(),
                    false => mask::text(&cause.key),
                };
                format!("{name} {key}")
            }
        }
    }
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{}", style(text).underlined())
}
