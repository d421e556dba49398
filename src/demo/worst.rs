//! The worst alerts of a run: those of highest priority, then score, then smallest id.
//!
//! In: `alerts.ndjson`. Out: at most as many alerts as asked for, worst first. Must hold: no more than
//! those are held.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de};
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
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
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
    /// The file, relative to the input directory.
    pub file: String,
    /// 1-based record in the file.
    pub row: u64,
}

/// Alerts that could not be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlertsError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A line is no alert.
    #[error("{}, line {line}: not an alert of this version: {error}; replay again", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: u64,
        /// What is wrong.
        error: serde_json::Error,
    },
}

impl Alert {
    /// Worse alerts are less, so that they come first.
    fn rank(&self, other: &Self) -> Ordering {
        let score = |alert: &Self| alert.score.unwrap_or(f64::NEG_INFINITY);
        (other.priority.total_cmp(&self.priority))
            .then_with(|| score(other).total_cmp(&score(self)))
            .then_with(|| self.alert_id.cmp(&other.alert_id))
    }
}

/// The worst alerts of a file, worst first.
///
/// # Errors
/// When the file cannot be read or holds something else.
pub(super) fn worst(path: &Path, most: usize) -> Result<Vec<Alert>, AlertsError> {
    let unreadable = |error| AlertsError::Io {
        path: path.to_owned(),
        error,
    };
    let lines = BufReader::new(File::open(path).map_err(unreadable)?).lines();
    let mut worst: Vec<Alert> = Vec::with_capacity(most + 1);
    for (line, number) in lines.zip(1..) {
        let line = line.map_err(unreadable)?;
        let alert: Alert = serde_json::from_str(&line).map_err(|error| AlertsError::Line {
            path: path.to_owned(),
            line: number,
            error,
        })?;
        let place = worst.partition_point(|other| other.rank(&alert).is_lt());
        if place < most {
            worst.insert(place, alert);
            worst.truncate(most);
        }
    }
    Ok(worst)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, priority: u32, score: &str) -> String {
        format!(
            r#"{{"alert_id":"{id}","reason":"unknown_card","class":"eligibility","severity":"medium",
            "subject":{{"kind":"claim","id":"79001/V{id}"}},"amount_vnd":1500.25,"priority":{priority}{score},
            "raised_at":"2025-03-04T08:00:00+07:00","evidence":[]}}"#
        )
        .replace('\n', "")
    }

    fn file(lines: &[String]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), lines.join("\n")).expect("written");
        file
    }

    #[test]
    fn the_worst_come_first() {
        let scored = |score: &str| {
            format!(
                r#","score":{score},"score_features":[{{"feature":"x","share":0.5,"observed":2,"typical":1}}]"#
            )
        };
        let alerts = file(&[
            line("d", 5, ""),
            line("c", 5, &scored("0.5")),
            line("b", 5, &scored("0.9")),
            line("a", 9, ""),
            line("aa", 5, ""),
            line("e", 1, &scored("1")),
        ]);
        let order = |most| -> Vec<String> {
            let alerts = worst(alerts.path(), most).expect("they are alerts");
            alerts.into_iter().map(|alert| alert.alert_id).collect()
        };
        assert_eq!(order(10), ["a", "b", "c", "aa", "d", "e"]);
        assert_eq!(order(3), ["a", "b", "c"]);
        let first = worst(alerts.path(), 2).expect("they are alerts").remove(1);
        assert_eq!(first.amount_vnd, Money::from_thousandths(1_500_250));
        assert_eq!(first.score_features[0].share, 5000);
    }

    #[test]
    fn what_is_no_alert_is_named_by_its_line() {
        let alerts = file(&[line("a", 1, ""), "{}".to_owned()]);
        let error = worst(alerts.path(), 3).expect_err("it is no alert");
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
