//! What an alert says otherwise in one run than in the other.
//!
//! Must hold: fields of substance count, and these alone - class, severity, grade, cause, amount, scores, priority and
//! which rows are the evidence, known since when. When the alert was raised, and where its rows lay, depend on how
//! knowledge was cut into epochs and files, and on nothing that decides; the features are the scores' own account.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::alert_file::AlertLine;
use super::row::{Amount, Pair};
use crate::case::EvidencePlace;

/// The fields that differ, with both values.
pub type Changes = BTreeMap<&'static str, Pair<Value>>;

/// The rows that are the evidence.
pub(super) const EVIDENCE: &str = "evidence";
/// How many they are, where not all are listed.
pub(super) const EVIDENCE_COUNT: &str = "evidence_count";
/// Their digest, where not all are listed.
pub(super) const EVIDENCE_SHA256: &str = "evidence_sha256";

/// What differs between what two runs say of an alert.
pub(super) fn changes(a: &AlertLine, b: &AlertLine) -> Changes {
    let mut changes = Changes::new();
    for ((field, a), (_, b)) in fields(a).into_iter().zip(fields(b)) {
        if a != b {
            changes.insert(field, Pair { a, b });
        }
    }
    changes
}

fn fields(line: &AlertLine) -> [(&'static str, Value); 11] {
    [
        ("class", json!(line.class)),
        ("severity", json!(line.severity)),
        ("grade", json!(line.grade)),
        ("cause", json!(line.cause)),
        ("amount_vnd", json!(Amount(line.amount_vnd))),
        ("score", json!(line.score)),
        ("misuse_probability", json!(line.misuse_probability)),
        ("priority", json!(line.priority)),
        (EVIDENCE, rows(&line.evidence)),
        (EVIDENCE_COUNT, json!(line.evidence_count)),
        (EVIDENCE_SHA256, json!(line.evidence_sha256)),
    ]
}

fn rows(evidence: &[EvidencePlace]) -> Value {
    let mut rows: Vec<_> = evidence
        .iter()
        .map(|row| (&row.stream, &row.key, row.recorded_at))
        .collect();
    rows.sort_unstable();
    let rows = rows.into_iter().map(|(stream, key, recorded_at)| {
        json!({"stream": stream, "key": key, "recorded_at": recorded_at.to_string()})
    });
    rows.collect()
}
