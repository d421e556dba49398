//! Samples that auditors look through themselves: of alerts, and of claims that no alert is about.
//!
//! In: a run, a seed, how many. Out: `sample.csv`, a worksheet to be filled, and `sample.json`, how it was drawn; from a
//! filled worksheet, estimates with intervals. Must hold: the same run and seed draw the same units on every machine,
//! whatever the order of input rows; nothing is drawn from files that are not those of the manifest; memory is bounded.
//!
//! ```text
//! alerts.ndjson ─────────────▶ alerts ───────┐           ┌─▶ sample.csv ─▶ auditors ─▶ estimate
//!        └─ subjects ─┐                      ├─▶ drawing ┤                                ▲
//! claims ─ versions ──┴─▶ claims in force ───┘           └─▶ sample.json ─────────────────┘
//!                         without an alert
//! ```

mod allocation;
mod document;
mod draw;
mod error;
mod estimate;
mod frame;
mod interval;
mod strata;
mod worksheet;

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

pub use allocation::allocate;
pub use document::{Asked, Document, Drawn, OfRun};
pub use draw::{FrameKind, Number, Seed, Unit};
pub use error::SampleError;
pub use estimate::{
    AmountEstimate, Estimates, FrameEstimate, Recall, Sampled, StratumEstimate, mean, total,
};
pub use interval::{Interval, TAIL, count, share, student_quantile};
pub use strata::{BANDS, By};
pub use worksheet::{COLUMNS, Conclusion, Row};

use super::MANIFEST;
use super::run::Run;
use crate::hex::hex;
use crate::record::Money;
use crate::staging::Staging;
use draw::{Candidate, Frame};

/// The worksheet's file.
pub const WORKSHEET: &str = "sample.csv";
/// The file that tells how it was drawn.
pub const DOCUMENT: &str = "sample.json";

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct Options {
    /// The output directory of a replay.
    pub run: PathBuf,
    /// Where its inputs are now, where they are not where they were.
    pub input: Option<PathBuf>,
    /// The seed.
    pub seed: String,
    /// How much.
    pub asked: Asked,
    /// The directory that receives the outputs.
    pub output: PathBuf,
}

/// Draws a sample and writes it.
///
/// # Errors
/// When the run cannot be used, or fewer units are asked for than there are strata; then nothing is written.
pub fn draw(options: &Options) -> Result<Document, SampleError> {
    let run = Run::open(&options.run)?;
    let asked = &options.asked;
    if run.is_of_journal() && asked.non_alerts > 0 {
        return Err(SampleError::wrong(
            &run.path(MANIFEST),
            "the run is of a journal, whose claims are not read here; name --non-alerts 0, or replay the streams as files",
        ));
    }
    let staging = Staging::create(&options.output).map_err(SampleError::io(&options.output))?;
    let seed = Seed::new(&options.seed);
    let mut frames = Vec::new();
    if asked.alerts > 0 {
        let most = most(asked.alerts, asked.spares);
        let mut frame = Frame::new(&seed, FrameKind::Alerts, &asked.strata, most);
        frame::alerts(&run, |unit| frame.push(unit))?;
        frames.push(chosen(
            FrameKind::Alerts,
            frame,
            asked.alerts,
            asked.spares,
        )?);
    }
    if asked.non_alerts > 0 {
        let most = most(asked.non_alerts, asked.spares);
        let mut frame = Frame::new(&seed, FrameKind::NonAlerts, &asked.strata, most);
        let (input, scratch) = (options.input.as_deref(), staging.directory());
        frame::non_alerts(&run, input, scratch, |unit| frame.push(unit))?;
        let kind = FrameKind::NonAlerts;
        frames.push(chosen(kind, frame, asked.non_alerts, asked.spares)?);
    }
    let about_claims = frames
        .iter()
        .flat_map(|frame| &frame.strata)
        .flat_map(|stratum| &stratum.sample)
        .map(|one| &one.unit)
        .filter(|unit| unit.reason.is_some() && unit.kind == "claim")
        .map(|unit| ((unit.kind.clone(), unit.subject.clone()), 0));
    let alerts_of = frame::alerts_of(&run, about_claims.collect())?;
    write(options, &run, staging, &frames, &alerts_of)
}

fn most(asked: u64, spares: u64) -> usize {
    usize::try_from(asked.saturating_add(spares)).unwrap_or(usize::MAX)
}

/// A frame of which it is known what is drawn.
struct Chosen {
    kind: FrameKind,
    sha256: String,
    strata: Vec<ChosenStratum>,
}

struct ChosenStratum {
    name: String,
    units: u64,
    amount: Money,
    sha256: String,
    drawn: u64,
    sample: Vec<Candidate>,
}

fn chosen(
    kind: FrameKind,
    frame: Frame<'_>,
    asked: u64,
    spares: u64,
) -> Result<Chosen, SampleError> {
    let (sha256, strata) = frame.finish();
    let sizes: Vec<u64> = strata.values().map(|stratum| stratum.units).collect();
    let drawn = allocate(&sizes, asked).ok_or(SampleError::TooFew {
        frame: kind.as_str(),
        asked,
        strata: sizes.len(),
    })?;
    let strata = strata
        .into_iter()
        .zip(drawn)
        .map(|((name, stratum), drawn)| {
            let (units, amount, sha256) = (stratum.units, stratum.amount, stratum.sha256());
            let mut sample = stratum.into_first();
            sample.truncate(most(drawn, spares));
            ChosenStratum {
                name,
                units,
                amount,
                sha256,
                drawn,
                sample,
            }
        });
    Ok(Chosen {
        kind,
        sha256,
        strata: strata.collect(),
    })
}

fn number(amount: Money) -> Box<RawValue> {
    // An amount displays as a JSON number.
    RawValue::from_string(amount.to_string()).unwrap_or_default()
}

fn write(
    options: &Options,
    run: &Run,
    staging: Staging,
    frames: &[Chosen],
    alerts_of: &HashMap<(String, String), u64>,
) -> Result<Document, SampleError> {
    let mut sheet = worksheet::header();
    let mut listed = Vec::new();
    for frame in frames {
        let mut strata = Vec::new();
        for stratum in &frame.strata {
            let mut sample = Vec::new();
            for (order, one) in (1u64..).zip(&stratum.sample) {
                let spare = order > stratum.drawn;
                let unit = &one.unit;
                sheet.push_str(&worksheet::line(
                    frame.kind,
                    &stratum.name,
                    order,
                    spare,
                    unit,
                ));
                let subject = (unit.kind.clone(), unit.subject.clone());
                sample.push(Drawn {
                    order,
                    spare,
                    unit: worksheet::shown_id(unit),
                    number: hex(&one.number),
                    alerts_of_claim: alerts_of.get(&subject).copied().unwrap_or(0),
                });
            }
            strata.push(document::Stratum {
                stratum: stratum.name.clone(),
                units: stratum.units,
                amount_vnd: number(stratum.amount),
                sha256: stratum.sha256.clone(),
                drawn: stratum.drawn,
                sample,
            });
        }
        let amounts = frame.strata.iter().map(|stratum| stratum.amount);
        listed.push(document::Frame {
            frame: frame.kind,
            units: frame.strata.iter().map(|stratum| stratum.units).sum(),
            amount_vnd: number(amounts.fold(Money::ZERO, Money::saturating_add)),
            sha256: frame.sha256.clone(),
            strata,
        });
    }
    let document = Document {
        format: 1,
        seed: options.seed.clone(),
        numbers: document::NUMBERS.to_owned(),
        allocation: document::ALLOCATION.to_owned(),
        digests: document::DIGESTS.to_owned(),
        run: OfRun {
            manifest_sha256: run.manifest_sha256.clone(),
            as_of: run.as_of.map(|at| at.to_string()),
        },
        asked: options.asked.clone(),
        frames: listed,
        worksheet_sha256: hex(&Sha256::digest(sheet.as_bytes())),
    };
    let put = |name: &str, bytes: &[u8]| {
        let path = staging.path(name);
        let mut file = staging.file(name).map_err(SampleError::io(&path))?;
        file.write_all(bytes)
            .and_then(|()| file.flush())
            .map_err(SampleError::io(&path))
    };
    put(WORKSHEET, sheet.as_bytes())?;
    let mut text = serde_json::to_vec_pretty(&document).map_err(|error| SampleError::Io {
        path: staging.path(DOCUMENT),
        error: error.into(),
    })?;
    text.push(b'\n');
    put(DOCUMENT, &text)?;
    staging
        .publish(&[WORKSHEET, DOCUMENT], &[])
        .map_err(SampleError::io(&options.output))?;
    Ok(document)
}

/// How a sample was drawn, as `sample.json` beside a worksheet tells it, and the worksheet's rows.
///
/// # Errors
/// When they cannot be read, or do not belong together.
pub fn read(worksheet: &Path) -> Result<(Document, Vec<Row>), SampleError> {
    let path = worksheet.with_file_name(DOCUMENT);
    let text = std::fs::read(&path).map_err(SampleError::io(&path))?;
    let document = serde_json::from_slice(&text).map_err(|error| {
        let message = format!("{error}; draw again with this version of fundwatch");
        SampleError::wrong(&path, message)
    })?;
    let rows = worksheet::read(worksheet, &document)?;
    Ok((document, rows))
}

/// What a filled worksheet says.
///
/// # Errors
/// As [`read`], and when a row is open or a stratum has nothing that could be audited.
pub fn estimate(worksheet: &Path) -> Result<(Document, Estimates), SampleError> {
    let (document, rows) = read(worksheet)?;
    let estimates = estimate::estimate(worksheet, &document, &rows)?;
    Ok((document, estimates))
}

/// What rows that were read say; see [`estimate`].
///
/// # Errors
/// As [`estimate`].
pub fn estimate_rows(
    worksheet: &Path,
    document: &Document,
    rows: &[Row],
) -> Result<Estimates, SampleError> {
    estimate::estimate(worksheet, document, rows)
}
