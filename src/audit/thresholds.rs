//! The thresholds of a run, as its manifest states them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::Instant;
use crate::rule::{Rules, Settings, Values};

/// The thresholds of a run: those that held before its first row, and what changed them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// The file that they come from; none where they are the catalogue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ThresholdsFile>,
    /// What they were called; see the causes of the history.
    pub key: String,
    /// Those that were not the catalogue's.
    pub changed: StatedValues,
    /// The changes that took force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activations: Vec<ActivatedThresholds>,
}

/// Values of thresholds, by group and name, as a file of thresholds writes them.
pub type StatedValues = BTreeMap<String, BTreeMap<String, Value>>;

/// The file of the thresholds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThresholdsFile {
    /// Where it was.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Thresholds that took force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivatedThresholds {
    /// When, in knowledge time.
    pub at: String,
    /// Who decided it, or why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What they are called.
    pub key: String,
    /// Those that were others before.
    pub changed: StatedValues,
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
                changed: stated(activation.settings.differences(former)),
            });
            former = &activation.settings;
        }
        Self {
            file: rules.source().map(|source| ThresholdsFile {
                path: source.path.to_string_lossy().into_owned(),
                sha256: source.sha256.clone(),
            }),
            key: rules.initial().key(),
            changed: stated(rules.initial().differences(Settings::defaults())),
            activations,
        }
    }
}

/// Values, as a manifest states them.
pub(super) fn stated(values: Values) -> StatedValues {
    let mut stated = StatedValues::new();
    for ((group, name), value) in values {
        let value = serde_json::to_value(value).expect("a threshold is plain data");
        stated
            .entry(group.to_string())
            .or_default()
            .insert(name.to_string(), value);
    }
    stated
}
