//! Evidence packs: the rows from which one alert follows, and nothing more.
//!
//! In: a run, and one of its alerts. Out: a document with the rows without any of which the alert would be another,
//! and what is needed to compute it from them; and back, whether it still follows. Must hold: what is packed was
//! computed from the packed rows alone, by the same dataflow; and every row of the persons that the alert is about
//! was looked at, so that no row that would speak against it is left out.
//!
//! ```text
//! inputs of the run ─ inputs ─▶ slice (every row in force that names those persons)
//!                                 └─ trial (dataflow, ledger) ─ minimal ─▶ the rows needed ─▶ pack
//! pack ─ trial ─▶ the same alert?
//! ```

mod decided;
mod document;
mod inputs;
mod make;
mod minimal;
mod slice;
mod trial;
mod verify;

pub use decided::OtherDetector;
pub use document::{Origin, PACK, Pack, Packed, PackedRow, RowDigest, SliceSummary};
pub use inputs::{Inputs, InputsError};
pub use make::{Found, PackError, Packer};
pub use slice::{Slice, SliceRow};
pub use trial::TrialError;
pub use verify::{PackChecked, PackFault, verify_pack};
