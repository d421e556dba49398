//! What two runs state differently: of what decides, and of what was known.
//!
//! In: two manifests. Out: what differs, by kind. Must hold: a threshold that changed and changed back is none that
//! differs.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::audit::manifest::Manifest;
use crate::audit::thresholds::{StatedValues, Thresholds, stated};
use crate::record::{Instant, Value as _};
use crate::rule::{Reason, ReasonSet, Settings, catalogue};

/// What two runs state differently.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// Each, for people and programs.
    pub differences: Vec<StatedDifference>,
    /// Thresholds in force at the end: name, value in A, value in B, and the reasons that use it.
    pub thresholds: Vec<(String, Value, Value, ReasonSet)>,
    /// The reasons that were computed in A, and in B; none where that is not known.
    pub reasons: [Option<ReasonSet>; 2],
    /// The time after which rows were left out, in A and B; none where nothing was.
    pub as_of: [Option<Instant>; 2],
    /// The as-of date, in A and B.
    pub day: [Option<String>; 2],
    /// Whether they read the same files.
    pub same_inputs: bool,
}

/// Something that two runs state differently.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatedDifference {
    /// What: `code`, `rules`, `threshold`, `model`, `link_model`, `link_weight`, `exclusive_benefits`, `reasons`,
    /// `as_of`, `inputs`, `manifest`.
    pub what: &'static str,
    /// Which of it, where there are several: a file, a threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value in A.
    pub a: Value,
    /// The value in B.
    pub b: Value,
}

impl Stated {
    /// What two runs state differently. Where one states nothing, that is the difference.
    pub fn new(a: Option<&Manifest>, b: Option<&Manifest>) -> Self {
        let mut told = Self::default();
        let (Some(a), Some(b)) = (a, b) else {
            if a.is_some() != b.is_some() {
                told.add("manifest", None, a.is_some().into(), b.is_some().into());
            }
            return told;
        };
        let (a, b) = (&a.predicate, &b.predicate);
        let digest = |value: &Option<String>| value.clone().map_or(Value::Null, Value::String);
        for (what, name, one, other) in [
            (
                "code",
                "version",
                Value::from(a.code.version.as_str()),
                Value::from(b.code.version.as_str()),
            ),
            (
                "code",
                "git_revision",
                digest(&a.code.git_revision),
                digest(&b.code.git_revision),
            ),
            (
                "code",
                "executable_sha256",
                digest(&a.code.executable_sha256),
                digest(&b.code.executable_sha256),
            ),
            (
                "code",
                "cargo_lock_sha256",
                a.code.cargo_lock_sha256.as_str().into(),
                b.code.cargo_lock_sha256.as_str().into(),
            ),
            (
                "rules",
                "version",
                a.rules_version.as_str().into(),
                b.rules_version.as_str().into(),
            ),
            (
                "rules",
                "sha256",
                a.rules_sha256.as_str().into(),
                b.rules_sha256.as_str().into(),
            ),
            ("model", "sha256", model(a), model(b)),
            (
                "link_model",
                "sha256",
                a.link_model_sha256.as_str().into(),
                b.link_model_sha256.as_str().into(),
            ),
            (
                "link_weight",
                "least",
                a.settings.link_weight.into(),
                b.settings.link_weight.into(),
            ),
            (
                "exclusive_benefits",
                "sha256",
                a.exclusive_benefits_sha256.as_str().into(),
                b.exclusive_benefits_sha256.as_str().into(),
            ),
            (
                "as_of",
                "time",
                digest(&a.settings.as_of),
                digest(&b.settings.as_of),
            ),
            (
                "as_of",
                "date",
                digest(&a.result.as_of),
                digest(&b.result.as_of),
            ),
        ] {
            if one != other {
                told.add(what, Some(name.to_owned()), one, other);
            }
        }
        if a.settings.reasons != b.settings.reasons {
            let names =
                |reasons: &[Reason]| -> Value { reasons.iter().map(|one| one.as_str()).collect() };
            told.add(
                "reasons",
                None,
                names(&a.settings.reasons),
                names(&b.settings.reasons),
            );
        }
        told.add_thresholds(&a.thresholds, &b.thresholds);
        let files = |inputs: &crate::audit::Inputs| -> BTreeMap<String, String> {
            let files = inputs.files.iter();
            files
                .map(|file| (file.name.clone(), file.sha256().to_owned()))
                .collect()
        };
        let (of_a, of_b) = (files(&a.inputs), files(&b.inputs));
        told.same_inputs = of_a == of_b;
        let names: std::collections::BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
        for name in names {
            let (one, other) = (of_a.get(name).cloned(), of_b.get(name).cloned());
            if one != other {
                told.add("inputs", Some(name.clone()), digest(&one), digest(&other));
            }
        }
        told.reasons = [a, b].map(|run| Some(run.settings.reasons.iter().copied().collect()));
        told.as_of = [a, b].map(|run| run.settings.as_of.as_deref().and_then(Instant::from_text));
        told.day = [a, b].map(|run| run.result.as_of.clone());
        told
    }

    fn add(&mut self, what: &'static str, name: Option<String>, a: Value, b: Value) {
        self.differences.push(StatedDifference { what, name, a, b });
    }

    fn add_thresholds(&mut self, a: &Thresholds, b: &Thresholds) {
        let (a, b) = (at_end(a), at_end(b));
        for (group, values) in &a {
            for (name, one) in values {
                let other = b
                    .get(group)
                    .and_then(|values| values.get(name))
                    .cloned()
                    .unwrap_or_default();
                if *one != other {
                    let full = format!("{group}.{name}");
                    self.add("threshold", Some(full.clone()), one.clone(), other.clone());
                    let reasons = catalogue().reasons_of(group).into_iter().collect();
                    self.thresholds.push((full, one.clone(), other, reasons));
                }
            }
        }
    }

    /// Whether they differ in something of a kind.
    pub fn differs_in(&self, what: &str) -> bool {
        self.differences.iter().any(|one| one.what == what)
    }

    /// Whether B is what was known later than in A, or earlier, of the same inputs, by the same rules: what hindsight
    /// makes of it.
    pub fn is_hindsight(&self) -> bool {
        let as_of = self.as_of[0] != self.as_of[1];
        as_of && self.same_inputs && self.differences.iter().all(|one| one.what == "as_of")
    }
}

/// The models of a run: the first, and those that took force.
fn model(run: &crate::audit::Replayed) -> Value {
    let later = run
        .activated_models
        .iter()
        .map(|model| model.sha256.as_str());
    let all: Vec<&str> = std::iter::once(run.model_sha256.as_str())
        .chain(later)
        .collect();
    all.join(" then ").into()
}

/// Every threshold at the end of a run.
fn at_end(thresholds: &Thresholds) -> StatedValues {
    let mut values = stated(Settings::defaults().values());
    let later = thresholds.activations.iter().map(|one| &one.changed);
    for changed in std::iter::once(&thresholds.changed).chain(later) {
        for (group, of_group) in changed {
            let group = values.entry(group.clone()).or_default();
            group.extend(
                of_group
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
    }
    values
}
