//! An alert as its line tells it (contract 3.1).

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

use crate::authenticate::Cause;
use crate::record::{Instant, Money, Value};
use crate::rule::{Class, Reason, Severity};

/// A line of `alerts.ndjson`, as far as it is shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Alert {
    /// Its id.
    pub alert_id: String,
    /// Why it holds.
    pub reason: Reason,
    /// What it suggests.
    pub class: Class,
    /// How much harm it stands for.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The amount at stake.
    #[serde(deserialize_with = "money")]
    pub amount_vnd: Money,
    /// Distinct sources, for the reason that counts them.
    pub grade: Option<u8>,
    /// Why the participant does not authenticate, for the reason that says it.
    pub cause: Option<Cause>,
    /// The outlier score, 0 to 1, where the alert has one.
    pub score: Option<f64>,
    /// What moved the score, strongest first.
    #[serde(default)]
    pub score_features: Vec<ScoreFeature>,
    /// Its place in the queue, highest first.
    pub priority: f64,
    /// When it became known.
    #[serde(deserialize_with = "instant")]
    pub raised_at: Instant,
    /// The rows behind it that are listed.
    pub evidence: Vec<EvidencePlace>,
    /// How many rows there are, where not all are listed.
    pub evidence_count: Option<u64>,
    /// The digest of all of them, where not all are listed.
    pub evidence_sha256: Option<String>,
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// Its kind, such as `claim`.
    pub kind: String,
    /// Its key.
    pub id: String,
}

/// What one feature added to a score.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ScoreFeature {
    /// Its name.
    pub feature: String,
    /// Its share of the score, in ten-thousandths; a decimal of 0 to 1 in JSON.
    #[serde(deserialize_with = "ten_thousandths")]
    pub share: u16,
    /// The value of the claim.
    pub observed: i64,
    /// The usual value, in the same unit.
    pub typical: i64,
}

/// A decimal of 0 to 1 with up to four places.
fn ten_thousandths<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let share = (f64::deserialize(from)? * 10_000.0).round();
    if !(0.0..=10_000.0).contains(&share) {
        return Err(de::Error::custom("a share is a number from 0 to 1"));
    }
    Ok(share as u16)
}

/// Where a row behind an alert is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EvidencePlace {
    /// The stream's name.
    pub stream: String,
    /// The key.
    pub key: String,
    /// When it became known.
    #[serde(deserialize_with = "instant")]
    pub recorded_at: Instant,
    /// The file, relative to the input directory.
    pub file: String,
    /// 1-based record in the file.
    pub row: u64,
}

fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    let number = Box::<RawValue>::deserialize(deserializer)?;
    Money::from_number(number.get())
        .ok_or_else(|| serde::de::Error::custom("`amount_vnd` is not an amount of dong"))
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    let text = String::deserialize(deserializer)?;
    Instant::from_text(&text).ok_or_else(|| serde::de::Error::custom(Instant::EXPECTED))
}
