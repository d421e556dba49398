//! The thresholds of a run, as its manifest states them.

use serde::Serialize;

use crate::record::Instant;
use crate::rule::{Rules, Settings, Values, serialize_values};

/// The thresholds of a run: those that held before its first row, and what changed them.
#[derive(Clone, Debug, Serialize)]
pub struct Thresholds {
    /// The file that they come from; none where they are the catalogue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<ThresholdsFile>,
    /// What they were called; see the causes of the history.
    pub key: String,
    /// Those that were not the catalogue's.
    #[serde(serialize_with = "serialize_values")]
    pub changed: Values,
    /// The changes that took force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub activations: Vec<ActivatedThresholds>,
}

/// The file of the thresholds.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdsFile {
    /// Where it was.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Thresholds that took force.
#[derive(Clone, Debug, Serialize)]
pub struct ActivatedThresholds {
    /// When, in knowledge time.
    pub at: String,
    /// Who decided it, or why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What they are called.
    pub key: String,
    /// Those that were others before.
    #[serde(serialize_with = "serialize_values")]
    pub changed: Values,
}

impl Thresholds {
    /// Those of a run of rows known by some time.
    pub(super) fn of(rules: &Rules, as_of: Option<Instant>) -> Self {
        let (mut former, mut activations) = (rules.initial(), Vec::new());
        for activation in rules.activations() {
            if as_of.is_some_and(|as_of| activation.at > as_of) {
                break;
            }
            activations.push(ActivatedThresholds {
                at: activation.at.to_string(),
                note: activation.note.clone(),
                key: activation.settings.key(),
                changed: activation.settings.differences(former),
            });
            former = &activation.settings;
        }
        Self {
            file: rules.source().map(|source| ThresholdsFile {
                path: source.path.to_string_lossy().into_owned(),
                sha256: source.sha256.clone(),
            }),
            key: rules.initial().key(),
            changed: rules.initial().differences(Settings::defaults()),
            activations,
        }
    }
}
