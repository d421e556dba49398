//! `alerts.ndjson` of a run, alert by alert.
//!
//! Must hold: alerts are in ascending order of their ids, each once; else the line is named.

use serde::{Deserialize, Deserializer, de};
use serde_json::Number;
use serde_json::value::RawValue;

use super::error::DiffError;
use super::lines::Lines;
use super::run::Run;
use crate::alert::AlertId;
use crate::case::{EvidencePlace, Subject};
use crate::record::Money;
use crate::record::Value as _;
use crate::rule::{Class, Reason, Severity};

/// The file.
const ALERTS: &str = "alerts.ndjson";
/// What a line is.
const ALERT: &str = "an alert";

/// The alerts of a run, at one of them.
pub(super) struct AlertFile {
    lines: Lines,
    head: Option<Head>,
}

/// What is known of an alert whether or not it differs.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Head {
    pub alert_id: AlertId,
    pub reason: Reason,
    pub subject: Subject,
    #[serde(deserialize_with = "money")]
    pub amount_vnd: Money,
}

/// What an alert says, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct AlertLine {
    pub class: Class,
    pub severity: Severity,
    pub grade: Option<u8>,
    pub cause: Option<String>,
    #[serde(deserialize_with = "money")]
    pub amount_vnd: Money,
    pub score: Option<Number>,
    pub misuse_probability: Option<Number>,
    pub priority: Number,
    pub evidence: Vec<EvidencePlace>,
    pub evidence_count: Option<u64>,
    pub evidence_sha256: Option<String>,
}

impl AlertFile {
    /// The alerts of a run, at the first.
    pub fn open(run: &Run) -> Result<Self, DiffError> {
        let mut file = Self {
            lines: run.lines(ALERTS)?,
            head: None,
        };
        file.advance()?;
        Ok(file)
    }

    /// Goes on to the next alert.
    pub fn advance(&mut self) -> Result<(), DiffError> {
        let before = self.head.take().map(|head| head.alert_id);
        if self.lines.advance()? {
            let head: Head = self.lines.parse(ALERT)?;
            if before.is_some_and(|before| before >= head.alert_id) {
                return Err(self
                    .lines
                    .wrong("alerts are not sorted by `alert_id`, each once"));
            }
            self.head = Some(head);
        }
        Ok(())
    }

    /// The alert, where one is left.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// Its line.
    pub fn bytes(&self) -> &[u8] {
        self.lines.bytes()
    }

    /// What it says.
    pub fn line(&self) -> Result<AlertLine, DiffError> {
        self.lines.parse(ALERT)
    }
}

fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    let number = <&RawValue>::deserialize(deserializer)?;
    Money::from_number(number.get())
        .ok_or_else(|| de::Error::custom("`amount_vnd` is not an amount of dong"))
}
