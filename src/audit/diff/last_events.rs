//! The histories of two runs, alert by alert.
//!
//! A history is in the order of its epochs; it is sorted by alert, on disk where it is larger than memory, and only
//! once some alert differs.

use std::iter::Peekable;
use std::path::Path;

use serde::{Deserialize, Deserializer, de};

use super::error::DiffError;
use super::row::Pair;
use super::run::Run;
use super::told::{Event, Kind, Told};
use crate::alert::AlertId;
use crate::record::{Instant, Value};
use crate::source::{ExternalSort, SortLimits, Sorted, SpillError};

/// The file.
const HISTORY: &str = "history.ndjson";

/// The histories of both runs.
pub(super) struct Histories<'r> {
    runs: Pair<&'r Run>,
    scratch: &'r Path,
    sorted: Option<Pair<History>>,
}

/// A history, sorted by alert.
struct History {
    events: Option<Peekable<Sorted<Event>>>,
    until: Option<Instant>,
}

#[derive(Deserialize)]
struct Line {
    alert_id: AlertId,
    kind: Kind,
    #[serde(deserialize_with = "instant")]
    at: Instant,
    cause: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    stream: String,
    key: String,
}

impl<'r> Histories<'r> {
    /// The histories of two runs, not read yet.
    pub fn new(a: &'r Run, b: &'r Run, scratch: &'r Path) -> Self {
        Self {
            runs: Pair { a, b },
            scratch,
            sorted: None,
        }
    }

    /// What the histories tell of an alert; alerts are asked for in ascending order.
    pub fn told(&mut self, alert: AlertId) -> Result<Pair<Told>, DiffError> {
        let sorted = match &mut self.sorted {
            Some(sorted) => sorted,
            none => none.insert(Pair {
                a: History::read(self.runs.a, self.scratch)?,
                b: History::read(self.runs.b, self.scratch)?,
            }),
        };
        Ok(Pair {
            a: sorted.a.told(alert)?,
            b: sorted.b.told(alert)?,
        })
    }
}

impl History {
    /// Reads the history of a run; exports may have none.
    fn read(run: &Run, scratch: &Path) -> Result<Self, DiffError> {
        let Some(mut lines) = run.lines_if_any(HISTORY)? else {
            return Ok(Self {
                events: None,
                until: None,
            });
        };
        let mut sort = ExternalSort::new(scratch, SortLimits::default());
        let mut until = None;
        let mut number = 0;
        while lines.advance()? {
            number += 1;
            let line: Line = lines.parse("a line of history")?;
            until = until.max(Some(line.at));
            sort.push(Event {
                alert_id: line.alert_id,
                line: number,
                kind: line.kind,
                at: line.at,
                cause: (line.cause.into_iter())
                    .map(|cause| (cause.stream, cause.key))
                    .collect(),
            })?;
        }
        Ok(Self {
            events: Some(sort.finish()?.peekable()),
            until,
        })
    }

    fn told(&mut self, alert: AlertId) -> Result<Told, SpillError> {
        let mut told = Told {
            until: self.until,
            ..Told::default()
        };
        let Some(events) = &mut self.events else {
            return Ok(told);
        };
        while let Some(event) =
            events.next_if(|event| event.as_ref().is_ok_and(|event| event.alert_id <= alert))
        {
            let event = event?;
            if event.alert_id == alert {
                if event.kind == Kind::Raised {
                    told.raised = Some(event.clone());
                }
                told.last = Some(event);
            }
        }
        match events.next_if(Result::is_err) {
            Some(Err(error)) => Err(error),
            _ => Ok(told),
        }
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    Instant::from_text(&text).ok_or_else(|| de::Error::custom(Instant::EXPECTED))
}
