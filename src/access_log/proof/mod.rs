//! Proofs of the access log, and its witnesses.
//!
//! In: the files of a log, or a proof of it, and keys. Out: proofs that a line is in the log and that the log only grew,
//! which anybody verifies without the log; cosignatures of witnesses, who run on machines of their own. Must hold: what
//! a proof is held to is what is signed; a log that was written anew, by whoever has its key, is not what a witness saw.

mod consistency;
mod fault;
mod inclusion;
mod make;
mod path;
mod signed_note;
mod text;
mod witness;
mod witness_key;
mod witnessed;

pub use consistency::{CONSISTENCY, CONSISTENCY_NAME, ConsistencyProof};
pub use fault::ProofFault;
pub use inclusion::{Included, InclusionProof, TLOG_PROOF, TLOG_PROOF_NAME};
pub use make::{At, ProveError, Proved, Wanted, prove_consistency, prove_inclusion};
pub use signed_note::{CheckpointFileError, SignatureFault, SignedCheckpoint};
pub use text::Malformed;
pub use witness::{Cosigned, Witness, WitnessError};
pub use witness_key::WitnessKey;
pub use witnessed::{BESIDE, Witnessed, WitnessedError, witnessed};
