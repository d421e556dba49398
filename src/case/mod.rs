//! An alert told to people: why it holds, the rows behind it, what moved its score.
//!
//! In: an alert as its line tells it, and the records of its evidence. Out: sentences and short texts in the reader's
//! language, identifiers masked, names as initials, or revealed to who asked with a purpose. Pure functions.

mod alert;
mod bridge;
mod columns;
mod facts;
mod field;
mod figures;
mod identity_path;
mod restricted;
mod score;
mod whose;

pub use alert::{Alert, EvidencePlace, ScoreFeature, Subject};
pub use columns::{Column, columns, masked_fields, revealed, revealed_values};
pub use facts::sentence;
pub(crate) use facts::span;
pub use field::Field;
pub use figures::figures;
pub use identity_path::{
    Compared, IdentityKind, IdentityLink, IdentityNode, IdentityPath, Tie, identity_path,
    is_of_identities,
};
pub(crate) use restricted::is_restricted;
pub use score::{feature_name, scored};
pub use whose::whose;

#[cfg(test)]
pub(crate) mod tests {
    use super::Alert;

    /// An alert about a visit after death.
    pub fn alert() -> Alert {
        let line = r#"{
            "alert_id": "0123456789abcdef0123456789abcdef", "reason": "service_after_death",
            "class": "misuse_suspected", "severity": "high",
            "subject": {"kind": "claim", "id": "79001/S01-1"}, "amount_vnd": 1234567, "grade": 2,
            "score": 0.934, "score_features": [
                {"feature": "facility_surprise", "share": 0.71, "observed": 10, "typical": 0},
                {"feature": "cost", "share": 0.285, "observed": 1, "typical": 3},
                {"feature": "hour", "share": 0.005, "observed": 1, "typical": 1}],
            "priority": 3360, "raised_at": "2025-03-10T08:00:00+07:00", "evidence": []}"#;
        serde_json::from_str(line).expect("an alert")
    }
}
