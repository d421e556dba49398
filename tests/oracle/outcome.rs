//! What a replay wrote, read back as plain values.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::plain::{Amount, Key};

/// The files whose bytes must not depend on the number of workers.
pub const FILES: [&str; 5] = [
    "alerts.ndjson",
    "history.ndjson",
    "rejects.ndjson",
    "measures.ndjson",
    "notices.ndjson",
];

/// The text of a replay's outputs, in the order of [`FILES`].
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    pub alerts: String,
    pub history: String,
    pub rejects: String,
    pub measures: String,
    pub notices: String,
}

/// The fields that lines of both files share.
#[derive(Clone, Debug)]
pub struct Line {
    pub alert_id: String,
    pub reason: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub class: String,
    pub grade: Option<u64>,
    /// Why a participant does not authenticate: `cause` of an alert, `authentication_cause` of an event,
    /// whose `cause` is the rows that changed.
    pub cause: Option<String>,
    pub amount: Amount,
    /// The outlier score in ten-thousandths.
    pub score: Option<u64>,
    pub whole: Value,
}

impl Outcome {
    /// Reads the outputs.
    pub fn read(directory: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            std::fs::read_to_string(directory.join(name)).map_err(|e| format!("{name}: {e}"))
        };
        Ok(Self {
            alerts: read(FILES[0])?,
            history: read(FILES[1])?,
            rejects: read(FILES[2])?,
            measures: read(FILES[3])?,
            notices: read(FILES[4])?,
        })
    }

    /// The texts under their names.
    pub fn files(&self) -> [(&'static str, &str); 5] {
        [
            (FILES[0], &self.alerts),
            (FILES[1], &self.history),
            (FILES[2], &self.rejects),
            (FILES[3], &self.measures),
            (FILES[4], &self.notices),
        ]
    }
}

/// The lines of a file, each one JSON object.
pub fn lines(text: &str) -> Result<Vec<Value>, String> {
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("the last line does not end".into());
    }
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|e| format!("{e} in line {line}")))
        .collect()
}

impl Line {
    /// Reads what both files have in common.
    pub fn read(whole: Value) -> Result<Self, String> {
        let text = |value: &Value, name: &str| -> Result<String, String> {
            let cell = value[name]
                .as_str()
                .ok_or_else(|| format!("no text `{name}` in {whole}"))?;
            Ok(cell.to_owned())
        };
        let amount = thousandths(&whole["amount_vnd"])
            .ok_or_else(|| format!("no exact `amount_vnd` in {whole}"))?;
        let grade = match &whole["grade"] {
            Value::Null => None,
            grade => Some(
                grade
                    .as_u64()
                    .ok_or_else(|| format!("no number `grade` in {whole}"))?,
            ),
        };
        let of_event = whole["authentication_cause"].as_str();
        let cause = of_event.or(whole["cause"].as_str()).map(str::to_owned);
        let score = match &whole["score"] {
            Value::Null => None,
            score => Some(
                ten_thousandths(score).ok_or_else(|| format!("no score of 4 places in {whole}"))?,
            ),
        };
        Ok(Self {
            alert_id: text(&whole, "alert_id")?,
            reason: text(&whole, "reason")?,
            subject_kind: text(&whole["subject"], "kind")?,
            subject_id: text(&whole["subject"], "id")?,
            class: text(&whole, "class")?,
            grade,
            cause,
            amount,
            score,
            whole,
        })
    }

    /// The streams and keys of a list of rows.
    pub fn keys(&self, list: &str) -> Result<BTreeSet<(String, String)>, String> {
        let rows = self.whole[list]
            .as_array()
            .ok_or_else(|| format!("no list `{list}`: {self:?}"))?;
        rows.iter()
            .map(|row| match (row["stream"].as_str(), row["key"].as_str()) {
                (Some(stream), Some(key)) => Ok((stream.to_owned(), key.to_owned())),
                _ => Err(format!("a row of `{list}` without stream and key: {row}")),
            })
            .collect()
    }

    /// An instant, which must be written at UTC+7.
    pub fn instant(&self, name: &str) -> Result<Timestamp, String> {
        let text = self.whole[name].as_str().unwrap_or_default();
        match text.parse() {
            Ok(instant) if text.ends_with("+07:00") => Ok(instant),
            _ => Err(format!(
                "`{name}` is not RFC 3339 at +07:00: {}",
                self.whole
            )),
        }
    }
}

/// A key as outputs compare it.
pub fn owned(key: &Key) -> (String, String) {
    (key.0.to_owned(), key.1.clone())
}

/// Dong, as a number or as text, in thousandths.
fn thousandths(value: &Value) -> Option<Amount> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{fraction:0<3}");
    if padded.len() > 3 {
        return None;
    }
    Some(sign * (whole.parse::<i64>().ok()? * 1000 + padded.parse::<i64>().ok()?))
}

/// A number from 0 to 1 of at most four places, in ten-thousandths.
pub fn ten_thousandths(value: &Value) -> Option<u64> {
    let text = value.as_number()?.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let padded = format!("{fraction:0<4}");
    if padded.len() > 4 {
        return None;
    }
    let number = whole.parse::<u64>().ok()? * 10_000 + padded.parse::<u64>().ok()?;
    (number <= 10_000).then_some(number)
}

/// Lines without what may differ when rows move: `file` and `row` wherever they stand.
pub fn without_places(text: &str) -> Result<Vec<Value>, String> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(cells) => {
                cells.remove("file");
                cells.remove("row");
                cells.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut lines = lines(text)?;
    lines.iter_mut().for_each(strip);
    Ok(lines)
}

/// Alert lines without `raised_at`.
pub fn without_raised_at(text: &str) -> Result<Vec<Value>, String> {
    let mut lines = lines(text)?;
    for line in &mut lines {
        let cells = line.as_object_mut().ok_or("an alert that is no object")?;
        cells
            .remove("raised_at")
            .ok_or("an alert without `raised_at`")?;
    }
    Ok(lines)
}
