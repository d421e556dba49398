//! The thresholds of a run, as its manifest states them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::Instant;
use crate::rule::{Rules, RulesError, Settings, Values};

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

/// A value as a file of thresholds has it. What is none is told by who reads the file.
fn in_toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(in_toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{name} = {}", in_toml(value));
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        // A day, which has no quotes there.
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The rules with stated values in force, for ever.
///
/// # Errors
/// When a value is none that this version has.
pub(super) fn rules_of(values: &StatedValues) -> Result<Rules, RulesError> {
    let mut text = String::new();
    for (group, values) in values {
        for (name, value) in values {
            text.push_str(&format!("{group}.{name} = {}\n", in_toml(value)));
        }
    }
    Rules::parse(Path::new("thresholds"), &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_values_are_read_back() {
        let text = "[frequent_visits]\nvisits = 7\n\n[benefit_mismatch]\n";
        let rules = Rules::parse(Path::new("rules.toml"), text).expect("rules");
        let mut values = rules.initial().values();
        // Every threshold there is, whatever its kind.
        let read = rules_of(&stated(values.clone())).expect("rules");
        assert_eq!(read.initial(), rules.initial());
        values.retain(|(group, _), _| group == "frequent_visits");
        assert!(!values.is_empty());
        let mut unknown = stated(values);
        unknown
            .entry("frequent_visits".to_owned())
            .or_default()
            .insert("nights".to_owned(), 3.into());
        assert!(rules_of(&unknown).is_err());
    }
}
