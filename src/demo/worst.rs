//! The worst alerts of a run: those of highest priority, then score, then smallest id.
//!
//! In: `alerts.ndjson`. Out: at most as many alerts as asked for, worst first. Must hold: no more than
//! those are held.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::case::Alert;

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

/// Worse alerts are less, so that they come first.
fn rank(one: &Alert, other: &Alert) -> Ordering {
    let score = |alert: &Alert| alert.score.unwrap_or(f64::NEG_INFINITY);
    (other.priority.total_cmp(&one.priority))
        .then_with(|| score(other).total_cmp(&score(one)))
        .then_with(|| one.alert_id.cmp(&other.alert_id))
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
        let place = worst.partition_point(|other| rank(other, &alert).is_lt());
        if place < most {
            worst.insert(place, alert);
            worst.truncate(most);
        }
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Money;

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
