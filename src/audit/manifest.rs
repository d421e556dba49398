//! `manifest.json`: what a replay was made of and came to, as an in-toto Statement.
//!
//! In: the options, the digests of the inputs, the summary and the files that are written. Out: the statement, and
//! back. Must hold: two runs of equal inputs, settings, code and rules have manifests that are equal but for the
//! digest of `summary.json`, which tells times, and for where the inputs were.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::digest::digest;
use super::statement::{FileDigest, Predicate, SelfReplayed, Statement, StatementError};
use super::thresholds::Thresholds;
use crate::model::ModelId;
use crate::persons::Slice;
use crate::replay::{EpochLength, Options, Summary, Supposition};
use crate::rule::{Reason, catalogue, catalogue_digest};

/// What the manifest of a replay is called.
pub const MANIFEST: &str = "manifest.json";

/// What it is called where it is signed: a DSSE envelope of its bytes.
pub const SIGNED: &str = "manifest.dsse.json";

/// The manifest of a replay: its subject are the outputs.
pub type Manifest = Statement<Replayed>;

/// What was replayed, by what, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replayed {
    /// The program.
    pub code: Code,
    /// The version of the catalogue of rules that the program carries.
    pub rules_version: String,
    /// SHA-256 of the catalogue and its tables.
    pub rules_sha256: String,
    /// SHA-256 of the list of benefits that exclude each other.
    pub exclusive_benefits_sha256: String,
    /// The thresholds of the reasons.
    pub thresholds: Thresholds,
    /// SHA-256 of the artefact of the model that scored claims, before the first that was activated.
    pub model_sha256: String,
    /// The models that took force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activated_models: Vec<ActivatedModel>,
    /// SHA-256 of the artefact of the model that scored beside them, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow_model_sha256: Option<String>,
    /// SHA-256 of the artefact of the model that linked participants.
    pub link_model_sha256: String,
    /// The settings that decide the outputs.
    pub settings: Settings,
    /// The inputs.
    pub inputs: Inputs,
    /// What it came to.
    pub result: RunResult,
    /// What was written beside the outputs, and differs from run to run.
    pub byproducts: Vec<FileDigest>,
    /// SHA-256 by part of this manifest.
    pub seal: BTreeMap<String, String>,
}

impl Predicate for Replayed {
    const TYPE: &'static str = "urn:fundwatch:replay:2";

    fn seal(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.seal
    }
}

/// A model that took force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivatedModel {
    /// When, in knowledge time.
    pub at: String,
    /// The file, or `builtin`.
    pub file: String,
    /// SHA-256 of the artefact.
    pub sha256: String,
}

/// Settings that decide the outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The instant after which rows were left out: the run is of what was known then.
    pub as_of: Option<String>,
    /// How knowledge time was cut: hours, `all`, or `journal` where the epochs are those of a service.
    pub epoch: String,
    /// The reasons computed.
    pub reasons: Vec<Reason>,
    /// The least weight of two participants who are linked, in thousandths of a bit.
    pub link_weight: i32,
    /// The part of the persons whose rows were fed and whose alerts were written, where not everybody's were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<Slice>,
    /// What was supposed of a journal that it does not say, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supposed: Option<SupposedOfJournal>,
}

/// What was supposed of a journal that it does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupposedOfJournal {
    /// Whether thresholds decided that were named, instead of the journal's.
    pub rules: bool,
    /// Whether a model scored that was named.
    pub model: bool,
    /// Loads that were left out, by name: the bytes are those of their rows as lines of NDJSON.
    pub without: Vec<FileDigest>,
    /// Files that came after the last epoch.
    pub loads: Vec<FileDigest>,
    /// When they came.
    pub arrival: Option<String>,
}

impl SupposedOfJournal {
    fn of(supposed: &Supposition, left_out: Vec<FileDigest>) -> io::Result<Option<Self>> {
        if supposed.is_empty() {
            return Ok(None);
        }
        let loads = supposed.loads.iter().map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(FileDigest::new(name, digest(path)?))
        });
        Ok(Some(Self {
            rules: supposed.rules,
            model: supposed.model,
            without: left_out,
            loads: loads.collect::<io::Result<_>>()?,
            arrival: supposed.arrival.map(|at| at.to_string()),
        }))
    }
}

/// Files of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Where they were.
    pub directory: String,
    /// The files.
    pub files: Vec<FileDigest>,
}

/// What a replay came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunResult {
    /// The first knowledge time of an accepted row.
    pub first_recorded_at: Option<String>,
    /// The last.
    pub last_recorded_at: Option<String>,
    /// The as-of date.
    pub as_of: Option<String>,
    /// Epochs with rows or a change of the settings.
    pub epochs: u32,
    /// Rows accepted, by stream.
    pub accepted: BTreeMap<String, u64>,
    /// Rows rejected, by code.
    pub rejected: BTreeMap<String, u64>,
    /// Alerts that hold at the end.
    pub alerts: u64,
    /// Alerts, amounts and events by reason; reasons without any event are left out.
    pub reasons: Vec<ReasonResult>,
}

/// What a replay came to under a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonResult {
    /// The reason.
    pub reason: Reason,
    /// Alerts that hold at the end.
    pub alerts: u64,
    /// The amount at stake in them, in dong, with its decimals where it has some.
    pub amount_vnd: String,
    /// Raises.
    pub raised: u64,
    /// Changes.
    pub changed: u64,
    /// Withdrawals.
    pub withdrawn: u64,
    /// Those that are archived, where a journal's claims are retired.
    pub archived: u64,
}

/// The files of a run, for its manifest.
pub struct RunFiles<'a> {
    /// The inputs.
    pub inputs: Vec<FileDigest>,
    /// Loads of a journal that were left out.
    pub left_out: Vec<FileDigest>,
    /// Where the outputs lie.
    pub directory: &'a Path,
    /// Outputs that are a function of what the manifest states.
    pub outputs: &'a [&'a str],
    /// Outputs that differ from run to run.
    pub byproducts: &'a [&'a str],
    /// What the last self-replay of the service found whose journal it is.
    pub self_replay: Option<SelfReplayed>,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It cannot be read.
    #[error("{}: {error}; name the output directory of a replay, or its {MANIFEST}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// It is not as a replay of this version writes it.
    #[error("{}: {error}; replay again, or take the file back from a backup", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        error: StatementError,
    },
}

impl Manifest {
    /// The manifest of a run whose outputs are written.
    ///
    /// # Errors
    /// When an output cannot be read back.
    pub fn of_run(options: &Options, summary: &Summary, files: RunFiles<'_>) -> io::Result<Self> {
        let directory = options.input.canonicalize();
        let directory = directory.unwrap_or_else(|_| options.input.clone());
        let detector = &options.detector;
        let written = |names: &[&str]| -> io::Result<Vec<FileDigest>> {
            let names = names.iter();
            names
                .map(|name| Ok(FileDigest::new(*name, digest(&files.directory.join(name))?)))
                .collect()
        };
        let mut byproducts = written(files.byproducts)?;
        if let Some(byproduct) = byproducts.first_mut() {
            byproduct.annotations.self_replay = files.self_replay;
        }
        let replayed = Replayed {
            code: Code::running().clone(),
            rules_version: catalogue().version().to_owned(),
            rules_sha256: crate::hex::hex(&catalogue_digest()),
            exclusive_benefits_sha256: crate::hex::hex(&detector.exclusive_benefits.digest()),
            thresholds: Thresholds::of(&detector.rules, options.as_of),
            model_sha256: detector.models.digest(ModelId::default()).to_owned(),
            activated_models: activated_models(options),
            shadow_model_sha256: (detector.shadow_model.as_ref()).map(|model| model.digest()),
            link_model_sha256: detector.linkage.digest().to_owned(),
            settings: Settings {
                as_of: options.as_of.map(|at| at.to_string()),
                epoch: match options.epoch {
                    _ if options.journal.is_some() => JOURNAL.to_owned(),
                    EpochLength::All => "all".to_owned(),
                    EpochLength::Hours(hours) => format!("{hours}h"),
                },
                reasons: detector.reasons.iter().collect(),
                link_weight: detector.linkage.least(),
                persons: options.persons.as_ref().map(|persons| persons.slice()),
                supposed: match &options.journal {
                    None => None,
                    Some(journal) => SupposedOfJournal::of(&journal.supposed, files.left_out)?,
                },
            },
            inputs: Inputs {
                directory: directory.to_string_lossy().into_owned(),
                files: files.inputs,
            },
            result: RunResult::of(summary),
            byproducts,
            seal: BTreeMap::new(),
        };
        Ok(Self::new(written(files.outputs)?, replayed))
    }

    /// The manifest of a run: that of its directory, or the file itself.
    ///
    /// # Errors
    /// When it cannot be read, or is not as it was written.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let path = if path.is_dir() {
            path.join(MANIFEST)
        } else {
            path.to_owned()
        };
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Err(ManifestError::Io { path, error }),
        };
        Self::from_bytes(&bytes).map_err(|error| ManifestError::Wrong { path, error })
    }

    /// Whether the run is of a service's journal, whose epochs are the service's own.
    pub fn is_of_journal(&self) -> bool {
        self.predicate.settings.epoch == JOURNAL
    }

    /// Every file that was written, outputs before what differs from run to run.
    pub fn written(&self) -> impl Iterator<Item = &FileDigest> {
        self.subject.iter().chain(&self.predicate.byproducts)
    }
}

/// What `settings.epoch` is where the epochs are those of a service's journal.
pub const JOURNAL: &str = "journal";

impl RunResult {
    fn of(summary: &Summary) -> Self {
        Self {
            first_recorded_at: summary.first_recorded_at.map(|at| at.to_string()),
            last_recorded_at: summary.last_recorded_at.map(|at| at.to_string()),
            as_of: summary.as_of.map(|day| day.to_string()),
            epochs: summary.epochs,
            accepted: (summary.streams.iter())
                .map(|stream| (stream.stream.to_owned(), stream.accepted))
                .collect(),
            rejected: (summary.rejected.iter())
                .map(|(code, rows)| ((*code).to_owned(), *rows))
                .collect(),
            alerts: summary.alerts,
            reasons: (summary.reasons.iter())
                .map(|of| ReasonResult {
                    reason: of.reason,
                    alerts: of.alerts,
                    amount_vnd: of.amount_vnd.to_string(),
                    raised: of.raised,
                    changed: of.changed,
                    withdrawn: of.withdrawn,
                    archived: of.archived,
                })
                .collect(),
        }
    }
}

/// The models that took force in a run, in order of time.
fn activated_models(options: &Options) -> Vec<ActivatedModel> {
    let (mut former, mut activated) = (None, Vec::new());
    for activation in options.detector.rules.activations() {
        if options.as_of.is_some_and(|as_of| activation.at > as_of) {
            break;
        }
        if let Some(file) = activation.model_after(former) {
            let model = options.detector.after(activation).scoring.model;
            activated.push(ActivatedModel {
                at: activation.at.to_string(),
                file: file.to_string_lossy().into_owned(),
                sha256: options.detector.models.digest(model).to_owned(),
            });
        }
        former = activation.model.as_deref();
    }
    activated
}
