//! Making packs of a run's alerts.
//!
//! In: a run, what decided in it, and ids of alerts. Out: their packs. Must hold: what decides is what decided in
//! the run, by its digests; of each alert the rows alone come to the line that the run has.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::decided::{Decided, OtherDetector};
use super::document::{Origin, Pack, Packed, PackedRow, RowDigest, SliceSummary};
use super::inputs::{Inputs, InputsError, StatedInputs};
use super::minimal::{found, minimal};
use super::slice::{Slice, SliceRow, Slices};
use super::trial::{Move, TrialError, with_trial};
use crate::alert::AlertId;
use crate::audit::code::Code;
use crate::audit::manifest::{MANIFEST, Manifest, ManifestError};
use crate::audit::statement::{FileDigest, Statement};
use crate::audit::thresholds::stated;
use crate::case::Alert;
use crate::detector::Detector;
use crate::hex::hex;
use crate::journal::MasterKey;
use crate::model::ModelRegistry;
use crate::record::{Change, Day, Instant, Operation, Value};
use crate::rule::{Rules, Settings, catalogue, catalogue_digest};

/// Makes packs of the alerts of a run.
pub struct Packer {
    manifest: Manifest,
    manifest_sha256: String,
    alerts: PathBuf,
    inputs: Inputs,
    detector: Detector,
    as_of: Instant,
}

/// An alert of a run, with the rows that name whom it is about.
pub struct Found {
    /// The alert.
    pub alert: Alert,
    /// Its line.
    pub line: Json,
    /// The rows.
    pub slice: Slice,
}

/// A pack that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// The manifest of the run cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The run's alerts cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A line is no alert.
    #[error("{}, line {line}: not an alert of this version: {error}; replay again", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: u64,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// There is no such alert.
    #[error("{}: no alert {id} holds in this run; if it was withdrawn, history.ndjson says when and why", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The id.
        id: AlertId,
    },
    /// The inputs cannot be read as the run read them.
    #[error(transparent)]
    Inputs(#[from] InputsError),
    /// The run accepted no row.
    #[error("{}: the run accepted no row", .0.display())]
    Empty(PathBuf),
    /// What decides is not what decided in the run.
    #[error(transparent)]
    OtherDetector(#[from] OtherDetector),
    /// The rows cannot be tried.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// The rows do not come to the alert.
    #[error(
        "the rows that name whom alert {0} is about do not come to it alone; this is a defect of fundwatch, please report it"
    )]
    NotDerived(AlertId),
}

impl Packer {
    /// Packs of the run in a directory, whose inputs are where its manifest says, or in `input`. `detector` is to be
    /// what decided in it.
    ///
    /// # Errors
    /// When the run or its inputs cannot be read, or something else decided in it.
    pub fn open(
        run: &Path,
        input: Option<&Path>,
        (detector, master_key): (Detector, Option<MasterKey>),
    ) -> Result<Self, PackError> {
        let path = run.join(MANIFEST);
        let manifest = Manifest::read(&path)?;
        let bytes = manifest.to_bytes();
        let predicate = &manifest.predicate;
        let as_of = predicate
            .settings
            .as_of
            .as_deref()
            .and_then(Instant::from_text);
        Decided::of_run(predicate).hold(&Decided::of(&detector, as_of))?;
        let day = predicate.result.as_of.as_deref().and_then(Day::from_text);
        let end = day
            .and_then(Instant::end_of)
            .ok_or_else(|| PackError::Empty(run.to_owned()))?;
        let stated = StatedInputs::of(&manifest);
        let inputs = Inputs::open(&stated, input, master_key)?;
        Ok(Self {
            detector: settled(&detector, as_of),
            manifest_sha256: hex(&Sha256::digest(&bytes)),
            alerts: run.join("alerts.ndjson"),
            inputs,
            as_of: end,
            manifest,
        })
    }

    /// The manifest of the run.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The thresholds in force at the end of the run.
    pub fn settings(&self) -> &Settings {
        self.detector.rules.initial()
    }

    /// Finds alerts, and the rows that name whom they are about.
    ///
    /// # Errors
    /// When one does not hold, or rows cannot be read.
    pub fn find(&self, ids: &[AlertId]) -> Result<Vec<Found>, PackError> {
        let lines = self.lines(ids)?;
        let alerts: Vec<Alert> = lines.iter().map(|(alert, _)| alert.clone()).collect();
        let slices = Slices::read(&self.inputs, &alerts)?;
        let found = lines.into_iter().map(|(alert, line)| Found {
            slice: slices.of(&alert),
            alert,
            line,
        });
        Ok(found.collect())
    }

    /// The lines of alerts, in the order of the ids.
    fn lines(&self, ids: &[AlertId]) -> Result<Vec<(Alert, Json)>, PackError> {
        let unreadable = |error| PackError::Io {
            path: self.alerts.clone(),
            error,
        };
        let file = BufReader::new(File::open(&self.alerts).map_err(unreadable)?);
        let mut lines: HashMap<String, (Alert, Json)> = HashMap::new();
        let wanted: Vec<String> = ids.iter().map(ToString::to_string).collect();
        for (line, number) in file.lines().zip(1..) {
            let line = line.map_err(unreadable)?;
            let Some(id) = wanted.iter().find(|id| line.contains(id.as_str())) else {
                continue;
            };
            let wrong = |error| PackError::Line {
                path: self.alerts.clone(),
                line: number,
                error,
            };
            let alert: Alert = serde_json::from_str(&line).map_err(wrong)?;
            if alert.alert_id == *id {
                let json = serde_json::from_str(&line).map_err(wrong)?;
                lines.insert(id.clone(), (alert, json));
            }
        }
        let found = wanted.iter().zip(ids).map(|(wanted, id)| {
            lines
                .get(wanted)
                .cloned()
                .ok_or_else(|| PackError::Unknown {
                    path: self.alerts.clone(),
                    id: *id,
                })
        });
        found.collect()
    }

    /// The pack of an alert.
    ///
    /// # Errors
    /// When its rows do not come to it, or cannot be tried.
    pub fn pack(&self, found_alert: &Found) -> Result<Pack, PackError> {
        let rows = &found_alert.slice.rows;
        let reason = found_alert.alert.reason;
        let id: AlertId = found_alert
            .alert
            .alert_id
            .parse()
            .expect("an alert's id was read");
        let detector = Detector {
            reasons: [reason].into_iter().collect(),
            ..self.detector.clone()
        };
        let needed = with_trial(rows, &detector, self.as_of, |trial| {
            trial.apply((0..rows.len()).map(|place| (place, Move::Put)))?;
            let derived = found(trial, id)?.ok_or(PackError::NotDerived(id))?;
            if !is_same(&found_alert.line, &line_of(&derived)) {
                return Err(PackError::NotDerived(id));
            }
            Ok::<_, PackError>(minimal(trial, &derived, rows.len())?)
        })?;
        let packed = needed.rows.iter().map(|(place, is_needed)| {
            let row = &rows[*place];
            PackedRow::new((&row.file, row.row), &change(row), *is_needed)
        });
        let is_packed = |place: usize| needed.rows.iter().any(|(packed, _)| *packed == place);
        let others = rows
            .iter()
            .enumerate()
            .filter(|(place, _)| !is_packed(*place));
        let mut without_effect: Vec<RowDigest> = others
            .map(|(_, row)| RowDigest::new((&row.file, row.row), &change(row)))
            .collect();
        without_effect.sort();
        Ok(self.statement(
            found_alert,
            packed.collect(),
            SliceSummary {
                rows: found_alert.slice.counts(),
                without_effect,
            },
        ))
    }

    fn statement(&self, found: &Found, rows: Vec<PackedRow>, slice: SliceSummary) -> Pack {
        let stated_run = &self.manifest.predicate;
        let line = found.line.to_string();
        let subject = FileDigest::new(
            format!("alert/{}", found.alert.alert_id),
            (line.len() as u64, hex(&Sha256::digest(&line))),
        );
        let settings = self.settings();
        let packed = Packed {
            alert: found.line.clone(),
            rows,
            slice,
            code: Code::running().clone(),
            rules_version: catalogue().version().to_owned(),
            rules_sha256: hex(&catalogue_digest()),
            exclusive_benefits_sha256: hex(&self.detector.exclusive_benefits.digest()),
            thresholds: stated(settings.differences(Settings::defaults())),
            model_sha256: self
                .detector
                .models
                .digest(self.detector.models.initial())
                .to_owned(),
            link_model_sha256: self.detector.linkage.digest().to_owned(),
            link_weight: self.detector.linkage.least(),
            as_of: self.as_of.day().to_string(),
            run: Origin {
                manifest_sha256: self.manifest_sha256.clone(),
                as_of: stated_run.settings.as_of.clone(),
                epoch: stated_run.settings.epoch.clone(),
                inputs: stated_run.inputs.files.clone(),
            },
            seal: Default::default(),
        };
        Statement::new(vec![subject], packed)
    }
}

/// A row as a change.
pub(super) fn change(row: &SliceRow) -> Change {
    Change {
        recorded_at: row.recorded_at,
        key: row.key.clone(),
        operation: Operation::Upsert(row.record.clone()),
    }
}

/// The line of an alert, as a document.
pub(super) fn line_of(alert: &crate::alert::Alert) -> Json {
    serde_json::to_value(alert).expect("an alert is plain data")
}

/// Whether two lines of an alert say the same, but for where rows stand and since when the alert is known.
pub(super) fn is_same(one: &Json, other: &Json) -> bool {
    without_places(one.clone()) == without_places(other.clone())
}

fn without_places(mut line: Json) -> Json {
    if let Some(members) = line.as_object_mut() {
        members.remove("raised_at");
        let rows = members.get_mut("evidence").and_then(Json::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Json::as_object_mut) {
            row.remove("file");
            row.remove("row");
        }
    }
    line
}

/// What decides, with what is in force at a time as all that ever was.
fn settled(detector: &Detector, as_of: Option<Instant>) -> Detector {
    let in_force = detector.in_force(as_of);
    let model = detector.models.get(in_force.scoring.model).clone();
    Detector {
        rules: Arc::new(Rules::of((*in_force.settings).clone())),
        models: ModelRegistry::new(model),
        shadow_model: None,
        ..detector.clone()
    }
}
