//! What differs between what two runs say of themselves.
//!
//! In: the manifests, where there are some. Out: the inputs that differ, by file; code, rules, thresholds, models and
//! settings that differ, each with both values. Must hold: values are those in force at the end of a run, since the
//! alerts that hold at the end turn on nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::super::manifest::{Manifest, Replayed};
use super::super::statement::FileDigest;
use super::super::thresholds::{StatedValues, stated};
use super::row::Pair;
use crate::record::{Instant, Stream, Value as _};
use crate::rule::{Reason, Settings};
use crate::source::stream_of_file;

/// What a value is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The program.
    Code,
    /// The catalogue of rules and its tables.
    Catalogue,
    /// The file of thresholds; what is in it is told by [`Part::Threshold`].
    RulesFile,
    /// A threshold.
    Threshold,
    /// The list of benefits that exclude each other.
    ExclusiveBenefits,
    /// The model that scores claims.
    Model,
    /// The model that links participants.
    LinkModel,
    /// The least weight of two linked participants.
    LinkProbability,
    /// The reasons that are computed.
    Reasons,
    /// The instant after which rows were left out.
    AsOf,
    /// The as-of date.
    AsOfDate,
    /// How knowledge was cut: it decides when an alert was raised, and not whether.
    Epoch,
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValueDifference {
    /// What it is of.
    pub part: Part,
    /// What it is called.
    pub name: String,
    /// Of run A.
    pub a: Value,
    /// Of run B.
    pub b: Value,
}

/// An input that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileDifference {
    /// Its name.
    pub name: String,
    /// Its digests; none where a run has no such file.
    pub sha256: Pair<Option<String>>,
    /// Its rows, where they are counted.
    pub rows: Pair<Option<u64>>,
}

/// What differs between the inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "files", rename_all = "snake_case")]
pub enum InputDifference {
    /// A run has no manifest.
    NotStated,
    /// They are the same, to the byte.
    Same,
    /// These files differ.
    Differ(Vec<FileDifference>),
}

/// What differs between two runs, beside alerts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Differences {
    /// Whether a run says what it was made of.
    pub stated: Pair<bool>,
    /// What went in.
    pub inputs: InputDifference,
    /// What decided.
    pub values: Vec<ValueDifference>,
    /// Whether the same inputs were looked at as known at two times: what differs is hindsight.
    pub is_hindsight: bool,
    #[serde(skip)]
    pub(super) as_of: Option<Pair<Option<Instant>>>,
    #[serde(skip)]
    pub(super) reasons: Option<Pair<BTreeSet<Reason>>>,
}

impl Differences {
    /// What differs between what two runs say of themselves.
    pub(in crate::audit) fn of(a: Option<&Manifest>, b: Option<&Manifest>) -> Self {
        let stated = Pair {
            a: a.is_some(),
            b: b.is_some(),
        };
        let (Some(a), Some(b)) = (a, b) else {
            return Self {
                stated,
                inputs: InputDifference::NotStated,
                values: Vec::new(),
                is_hindsight: false,
                as_of: None,
                reasons: None,
            };
        };
        let (a, b) = (&a.predicate, &b.predicate);
        let inputs = inputs(a, b);
        let as_of = |run: &Replayed| run.settings.as_of.as_deref().and_then(Instant::from_text);
        let as_of = Pair {
            a: as_of(a),
            b: as_of(b),
        };
        let is_hindsight = inputs == InputDifference::Same && as_of.a != as_of.b;
        let reasons = |run: &Replayed| run.settings.reasons.iter().copied().collect();
        Self {
            stated,
            inputs,
            values: values(a, b),
            is_hindsight,
            as_of: (as_of.a != as_of.b).then_some(as_of),
            reasons: Some(Pair {
                a: reasons(a),
                b: reasons(b),
            }),
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.inputs == InputDifference::Same && self.values.is_empty()
    }

    /// The values of a part that differ.
    pub(super) fn of_part(&self, part: Part) -> impl Iterator<Item = &ValueDifference> {
        self.values.iter().filter(move |value| value.part == part)
    }

    /// The first of them.
    pub(super) fn first_of(&self, part: Part) -> Option<&ValueDifference> {
        self.of_part(part).next()
    }

    /// Whether an input is known to be another, or none, in the other run.
    pub(super) fn file_differs(&self, name: &str) -> bool {
        self.files().iter().any(|file| file.name == name)
            // The rows of a journal lie in epochs, which are not its files.
            || self.files().iter().any(|file| file.name.starts_with("journal/"))
    }

    /// The inputs that differ.
    pub(super) fn files(&self) -> &[FileDifference] {
        match &self.inputs {
            InputDifference::Differ(files) => files,
            _ => &[],
        }
    }
}

impl FileDifference {
    /// The stream of its rows; none where it has those of all.
    pub(super) fn stream(&self) -> Option<Stream> {
        stream_of_file(&self.name)
    }
}

fn inputs(a: &Replayed, b: &Replayed) -> InputDifference {
    let mut files: BTreeMap<String, FileDifference> = BTreeMap::new();
    let mut has = |is_a: bool, name: String, file: &FileDigest| {
        let of = files.entry(name.clone()).or_insert(FileDifference {
            name,
            sha256: Pair::default(),
            rows: Pair::default(),
        });
        let (sha256, rows) = match is_a {
            true => (&mut of.sha256.a, &mut of.rows.a),
            false => (&mut of.sha256.b, &mut of.rows.b),
        };
        *sha256 = Some(file.sha256().to_owned());
        *rows = file.annotations.rows;
    };
    for (is_a, run) in [(true, a), (false, b)] {
        let supposed = run.settings.supposed.iter();
        let loads = supposed.clone().flat_map(|supposed| &supposed.loads);
        for file in run.inputs.files.iter().chain(loads) {
            has(is_a, file.name.clone(), file);
        }
        // What one was supposed never to have had, the other has.
        for load in supposed.flat_map(|supposed| &supposed.without) {
            has(!is_a, format!("journal/{}", load.name), load);
        }
    }
    let differ: Vec<FileDifference> = files
        .into_values()
        .filter(|file| file.sha256.a != file.sha256.b)
        .collect();
    match differ.is_empty() {
        true => InputDifference::Same,
        false => InputDifference::Differ(differ),
    }
}

fn values(a: &Replayed, b: &Replayed) -> Vec<ValueDifference> {
    let mut values = Vec::new();
    let mut add = |part, name: &str, a: Value, b: Value| {
        if a != b {
            values.push(ValueDifference {
                part,
                name: name.to_owned(),
                a,
                b,
            });
        }
    };
    let code = |run: &Replayed| serde_json::to_value(&run.code).expect("code is plain data");
    let (of_a, of_b) = (code(a), code(b));
    for name in [
        "version",
        "git_revision",
        "git_dirty",
        "executable_sha256",
        "cargo_lock_sha256",
        "rustc",
        "target",
    ] {
        add(Part::Code, name, of_a[name].clone(), of_b[name].clone());
    }
    add(
        Part::Catalogue,
        "rules_version",
        json!(a.rules_version),
        json!(b.rules_version),
    );
    add(
        Part::Catalogue,
        "rules_sha256",
        json!(a.rules_sha256),
        json!(b.rules_sha256),
    );
    let file = |run: &Replayed| {
        let file = run.thresholds.file.as_ref();
        json!(file.map(|file| &file.sha256))
    };
    add(Part::RulesFile, "rules_file_sha256", file(a), file(b));
    let (of_a, of_b) = (thresholds(a), thresholds(b));
    let names: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
    for name in names {
        let of = |values: &BTreeMap<String, Value>| values.get(name).cloned().unwrap_or_default();
        add(Part::Threshold, name, of(&of_a), of(&of_b));
    }
    add(
        Part::ExclusiveBenefits,
        "exclusive_benefits_sha256",
        json!(a.exclusive_benefits_sha256),
        json!(b.exclusive_benefits_sha256),
    );
    add(Part::Model, "model_sha256", model(a), model(b));
    add(
        Part::LinkModel,
        "link_model_sha256",
        json!(a.link_model_sha256),
        json!(b.link_model_sha256),
    );
    add(
        Part::LinkProbability,
        "link_weight",
        json!(a.settings.link_weight),
        json!(b.settings.link_weight),
    );
    add(
        Part::Reasons,
        "reasons",
        json!(a.settings.reasons),
        json!(b.settings.reasons),
    );
    add(
        Part::AsOf,
        "as_of",
        json!(a.settings.as_of),
        json!(b.settings.as_of),
    );
    add(
        Part::AsOfDate,
        "as_of_date",
        json!(a.result.as_of),
        json!(b.result.as_of),
    );
    add(
        Part::Epoch,
        "epoch",
        json!(a.settings.epoch),
        json!(b.settings.epoch),
    );
    values
}

/// The thresholds in force at the end of a run, by `group.name`.
fn thresholds(run: &Replayed) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    let mut take = |stated: &StatedValues| {
        for (group, of_group) in stated {
            for (name, value) in of_group {
                values.insert(format!("{group}.{name}"), value.clone());
            }
        }
    };
    take(&stated(Settings::defaults().values()));
    take(&run.thresholds.changed);
    for activation in &run.thresholds.activations {
        take(&activation.changed);
    }
    values
}

/// The model in force at the end of a run.
fn model(run: &Replayed) -> Value {
    let last = run.activated_models.last();
    json!(last.map_or(&run.model_sha256, |activated| &activated.sha256))
}
