//! `manifest.json`: digests of a run's inputs, outputs, code and rules.
//!
//! Two runs of equal inputs, settings, code and rules have equal `alerts`, `history` and `rejects`
//! digests; the summary tells times and differs.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::thresholds::Thresholds;
use crate::hex::hex;
use crate::model::ModelId;
use crate::replay::{EpochLength, Options};
use crate::rule::{Reason, catalogue, catalogue_digest};

/// What went into a run and what came out.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// The version of this document's shape.
    pub format: u32,
    /// The program.
    pub code: Code,
    /// The version of the catalogue of rules that the program carries.
    pub rules_version: &'static str,
    /// SHA-256 of the catalogue and its tables.
    pub rules_sha256: String,
    /// SHA-256 of the list of benefits that exclude each other.
    pub exclusive_benefits_sha256: String,
    /// The thresholds of the reasons.
    pub thresholds: Thresholds,
    /// SHA-256 of the artefact of the model that scored claims, before the first that was activated.
    pub model_sha256: String,
    /// The models that took force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub activated_models: Vec<ActivatedModel>,
    /// SHA-256 of the artefact of the model that scored beside them, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow_model_sha256: Option<String>,
    /// SHA-256 of the artefact of the model that linked participants.
    pub link_model_sha256: String,
    /// The settings that decide the outputs.
    pub settings: Settings,
    /// The inputs.
    pub inputs: Files,
    /// The outputs, in the directory of the manifest.
    pub outputs: Vec<FileDigest>,
}

/// Which program ran.
#[derive(Clone, Debug, Serialize)]
pub struct Code {
    /// The package's version.
    pub version: &'static str,
    /// SHA-256 of the executable, where it can be read.
    pub executable_sha256: Option<String>,
}

/// A model that took force.
#[derive(Clone, Debug, Serialize)]
pub struct ActivatedModel {
    /// When, in knowledge time.
    pub at: String,
    /// The file, or `builtin`.
    pub file: String,
    /// SHA-256 of the artefact.
    pub sha256: String,
}

/// Settings that decide the outputs.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// The instant after which rows were left out.
    pub as_of: Option<String>,
    /// How knowledge time was cut: hours, or `all`.
    pub epoch: String,
    /// The reasons computed.
    pub reasons: Vec<Reason>,
    /// The least weight of two participants who are linked, in thousandths of a bit.
    pub link_weight: i32,
}

/// Files of a directory.
#[derive(Clone, Debug, Serialize)]
pub struct Files {
    /// Where they were.
    pub directory: String,
    /// The files.
    pub files: Vec<FileDigest>,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct FileDigest {
    /// Its name in its directory, parts separated by `/`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes as they lie on disk.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of a run whose outputs are written.
    ///
    /// # Errors
    /// When an output cannot be read back.
    pub fn new(
        options: &Options,
        inputs: Vec<FileDigest>,
        outputs: &[&str],
        output_directory: &Path,
    ) -> io::Result<Self> {
        let directory = options
            .input
            .canonicalize()
            .unwrap_or_else(|_| options.input.clone());
        Ok(Self {
            format: 1,
            code: Code {
                version: env!("CARGO_PKG_VERSION"),
                executable_sha256: executable_sha256(),
            },
            rules_version: catalogue().version(),
            rules_sha256: hex(&catalogue_digest()),
            exclusive_benefits_sha256: hex(&options.detector.exclusive_benefits.digest()),
            thresholds: Thresholds::of(&options.detector.rules, options.as_of),
            model_sha256: options
                .detector
                .models
                .digest(ModelId::default())
                .to_owned(),
            activated_models: activated_models(options),
            shadow_model_sha256: options
                .detector
                .shadow_model
                .as_ref()
                .map(|model| model.digest()),
            link_model_sha256: options.detector.linkage.digest().to_owned(),
            settings: Settings {
                as_of: options.as_of.map(|at| at.to_string()),
                epoch: match options.epoch {
                    _ if options.journal.is_some() => "journal".to_owned(),
                    EpochLength::All => "all".to_owned(),
                    EpochLength::Hours(hours) => format!("{hours}h"),
                },
                reasons: options.detector.reasons.iter().collect(),
                link_weight: options.detector.linkage.least(),
            },
            inputs: Files {
                directory: directory.to_string_lossy().into_owned(),
                files: inputs,
            },
            outputs: outputs
                .iter()
                .map(|name| {
                    let (bytes, sha256) = digest(&output_directory.join(name))?;
                    Ok(FileDigest {
                        name: (*name).to_owned(),
                        bytes,
                        sha256,
                    })
                })
                .collect::<io::Result<_>>()?,
        })
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

/// SHA-256 of the executable that runs, where it can be read; it is read once a process.
fn executable_sha256() -> Option<String> {
    static DIGEST: OnceLock<Option<String>> = OnceLock::new();
    let read = || std::env::current_exe().and_then(|path| digest(&path)).ok();
    DIGEST
        .get_or_init(|| read().map(|(_, sha256)| sha256))
        .clone()
}

/// Size of a file, and its SHA-256 in hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hex(&hasher.finalize())));
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
}
