//! `sample.json`: how a sample was drawn, so that anybody can draw it again.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::draw::FrameKind;
use super::strata::By;

/// How a number is made, in words.
pub const NUMBERS: &str = "HMAC-SHA-256 of the text FRAME:ID under the seed; the units of a stratum with the lowest numbers are drawn, those next to them are its spares";
/// How many of each stratum are drawn, in words.
pub const ALLOCATION: &str = "two of each stratum (one, where fewer are asked for), the rest one by one to the stratum with the greatest units^2/(n*(n+1)): proportional, in exact integers (T. Wright 2012)";
/// What digests of frames are of, in words.
pub const DIGESTS: &str =
    "SHA-256 of the units in byte order of their ids: a line of id, tab, amount in dong for each";

/// The sample of a run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Document {
    /// The version of this document's shape.
    pub format: u32,
    /// The seed.
    pub seed: String,
    /// How the number of a unit is made, in words.
    pub numbers: String,
    /// How many of each stratum are drawn, in words.
    pub allocation: String,
    /// What digests of frames are of, in words.
    pub digests: String,
    /// What was drawn from.
    pub run: OfRun,
    /// What was asked for.
    pub asked: Asked,
    /// The frames, in the order in which they were drawn from.
    pub frames: Vec<Frame>,
    /// SHA-256 of the worksheet as it was written, before anybody filled it.
    pub worksheet_sha256: String,
}

/// The run that was drawn from.
#[derive(Debug, Serialize, Deserialize)]
pub struct OfRun {
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
    /// The instant after which rows were left out, where one was named.
    pub as_of: Option<String>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Alerts.
    pub alerts: u64,
    /// Claims without an alert.
    pub non_alerts: u64,
    /// Spares of each stratum.
    pub spares: u64,
    /// By what frames are cut.
    pub strata: Vec<By>,
}

/// A frame.
#[derive(Debug, Serialize, Deserialize)]
pub struct Frame {
    /// Which.
    pub frame: FrameKind,
    /// Its units.
    pub units: u64,
    /// What they come to, in dong.
    pub amount_vnd: Box<RawValue>,
    /// The digest of its units.
    pub sha256: String,
    /// Its strata, by name.
    pub strata: Vec<Stratum>,
}

/// A stratum.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stratum {
    /// Its name.
    pub stratum: String,
    /// Its units.
    pub units: u64,
    /// What they come to, in dong.
    pub amount_vnd: Box<RawValue>,
    /// The digest of its units.
    pub sha256: String,
    /// How many are drawn.
    pub drawn: u64,
    /// The units drawn, then the spares, in order.
    pub sample: Vec<Drawn>,
}

/// A unit that was drawn.
#[derive(Debug, Serialize, Deserialize)]
pub struct Drawn {
    /// Its place in its stratum, from 1.
    pub order: u64,
    /// Whether it stands in only for one that cannot be audited.
    pub spare: bool,
    /// The alert's id, or the claim's key; a card's number in it is masked.
    pub unit: String,
    /// Its number, in hexadecimal digits.
    pub number: String,
    /// How many alerts are about the same claim; 0 where it is about none.
    pub alerts_of_claim: u64,
}
