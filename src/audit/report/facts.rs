//! What a report tells of a run, counted from its outputs.
//!
//! In: the directory of a run. Out: sums. Must hold: only files with the digests of the manifest are read, each line by
//! line; memory grows with reasons, provinces and months, not with alerts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::error::ReportError;
use crate::audit::Run;
use crate::case::Alert;
use crate::measure;
use crate::record::{Instant, Money, Value as _};
use crate::rule::{Class, Reason};

/// How many, and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// What they come to.
    pub amount: Money,
}

impl Sum {
    fn add(&mut self, amount: Money) {
        self.count += 1;
        self.amount = self.amount.saturating_add(amount);
    }
}

/// `summary.json`, as far as it is told.
#[derive(Debug, Deserialize)]
pub struct Summary {
    /// Rows by stream.
    pub streams: Vec<OfStream>,
    /// Rows that were rejected, by code.
    pub rejected: BTreeMap<String, u64>,
    /// Reasons that could not be found.
    pub not_configured: Vec<Reason>,
    /// Alerts that hold.
    pub alerts: u64,
    /// What they are about, each subject once.
    #[serde(deserialize_with = "money")]
    pub amount_vnd: Money,
    /// The first knowledge time.
    pub first_recorded_at: Option<String>,
    /// The last knowledge time.
    pub last_recorded_at: Option<String>,
    /// The as-of date.
    pub as_of: Option<String>,
    /// Epochs.
    pub epochs: u64,
}

/// The rows of a stream.
#[derive(Debug, Deserialize)]
pub struct OfStream {
    /// Rows accepted.
    pub accepted: u64,
}

fn money<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
    let number = Box::<RawValue>::deserialize(from)?;
    Money::from_number(number.get())
        .ok_or_else(|| serde::de::Error::custom("not an amount of dong"))
}

/// A line of `history.ndjson`, as far as it is told.
#[derive(Deserialize)]
struct Event {
    kind: String,
    reason: Reason,
    cause: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    stream: String,
}

/// What became of the alerts of a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Raises.
    pub raised: u64,
    /// Changes.
    pub changed: u64,
    /// Withdrawals.
    pub withdrawn: u64,
    /// Archivings.
    pub archived: u64,
    /// Withdrawals by what changed; one with several causes counts at each.
    pub causes: BTreeMap<String, u64>,
}

/// A year and a month.
pub type Month = (i32, u32);

/// What a report tells.
pub struct Facts {
    /// The run.
    pub run: Run,
    /// Its summary.
    pub summary: Summary,
    /// Its data measures.
    pub measures: measure::Report,
    /// Alerts by reason.
    pub reasons: BTreeMap<Reason, Sum>,
    /// Alerts by class.
    pub classes: BTreeMap<Class, Sum>,
    /// Alerts by the province of the facility; none stands for what is about no visit.
    pub provinces: BTreeMap<Option<String>, Sum>,
    /// Alerts by the month in which they were raised.
    pub months: BTreeMap<Month, Sum>,
    /// What became of alerts, by reason.
    pub events: BTreeMap<Reason, Events>,
}

impl Facts {
    /// Those of a run.
    ///
    /// # Errors
    /// When a file cannot be read, or is not that of the manifest.
    pub fn of(run: Run) -> Result<Self, ReportError> {
        let measures = measure::Report::read(run.output("measures.ndjson")?)
            .map_err(|error| ReportError::Measures(error.to_string()))?;
        let mut facts = Self {
            summary: run.document("summary.json")?,
            measures,
            reasons: BTreeMap::new(),
            classes: BTreeMap::new(),
            provinces: BTreeMap::new(),
            months: BTreeMap::new(),
            events: BTreeMap::new(),
            run,
        };
        facts.count_alerts()?;
        facts.count_events()?;
        Ok(facts)
    }

    fn count_alerts(&mut self) -> Result<(), ReportError> {
        let (reasons, classes) = (&mut self.reasons, &mut self.classes);
        let (provinces, months) = (&mut self.provinces, &mut self.months);
        self.run.lines("alerts.ndjson", |alert: Alert| {
            let amount = alert.amount_vnd;
            let is_visit = matches!(alert.subject.kind.as_str(), "claim" | "check_in");
            let province = alert.subject.id.get(..2).filter(|_| is_visit);
            let (year, month, _) = alert.raised_at.day().civil();
            reasons.entry(alert.reason).or_default().add(amount);
            classes.entry(alert.class).or_default().add(amount);
            provinces
                .entry(province.map(str::to_owned))
                .or_default()
                .add(amount);
            months.entry((year, month)).or_default().add(amount);
            Ok(())
        })
    }

    fn count_events(&mut self) -> Result<(), ReportError> {
        let events = &mut self.events;
        self.run.lines("history.ndjson", |event: Event| {
            let of_reason = events.entry(event.reason).or_default();
            match event.kind.as_str() {
                "raised" => of_reason.raised += 1,
                "changed" => of_reason.changed += 1,
                "archived" => of_reason.archived += 1,
                _ => {
                    of_reason.withdrawn += 1;
                    let causes: BTreeSet<String> =
                        event.cause.into_iter().map(|cause| cause.stream).collect();
                    for cause in causes {
                        *of_reason.causes.entry(cause).or_default() += 1;
                    }
                }
            }
            Ok(())
        })
    }

    /// A sum over all reasons.
    pub fn events(&self, of: fn(&Events) -> u64) -> u64 {
        self.events.values().map(of).sum()
    }

    /// The time of a text of the run.
    pub fn instant(text: &Option<String>) -> Option<Instant> {
        Instant::from_text(text.as_deref()?)
    }
}
