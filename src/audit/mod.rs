//! What an auditor holds a run to: what went in and came out, by what, and whether it still is.

mod code;
pub mod diff;
mod digest;
mod envelope;
mod loads;
mod manifest;
mod pack;
pub mod report;
mod run;
pub mod sample;
mod signing;
mod statement;
mod thresholds;
mod verify;
pub mod what_if;

pub use code::Code;
pub use digest::{digest, digest_of_first};
pub use envelope::{Envelope, EnvelopeError};
pub use loads::{Load, loads};
pub use manifest::{
    ActivatedModel, Inputs, JOURNAL, MANIFEST, Manifest, ManifestError, ReasonResult, Replayed,
    RunFiles, RunResult, SIGNED, Settings, SupposedOfJournal,
};
pub use pack::{
    Found, Inputs as RunInputs, InputsError, Origin, OtherDetector, PACK, Pack, PackChecked,
    PackError, PackFault, Packed, PackedRow, Packer, RowDigest, Slice, SliceRow, SliceSummary,
    TrialError, verify_pack,
};
pub use run::{Run, RunError, StatedFile};
pub use signing::{KeyFileError, PublicKey, SigningKey};
pub use statement::{
    FileAnnotations, FileDigest, Predicate, SelfReplayed, Sha256Digest, Statement, StatementError,
    stated_kind,
};
pub use thresholds::{ActivatedThresholds, StatedValues, Thresholds, ThresholdsFile};
pub use verify::{
    Kind, KindError, Rerun, RerunError, RunChecked, RunFault, ServiceChecked, ServiceFault, Signed,
    SignedFault, open_signed, rerun, signed_beside, verify_access_log, verify_run, verify_service,
    verify_signed,
};
