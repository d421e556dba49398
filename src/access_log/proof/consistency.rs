//! That a log only grew.
//!
//! In: a file in the form of a request to a witness, as <https://c2sp.org/tlog-witness> defines it: how many lines were
//! signed before, the hashes, the checkpoint. Out: whether the lines that were signed before are the first of the log
//! now. Must hold: nothing but the file, the checkpoint that was noted and the keys is needed; what is read is, byte
//! for byte, what is written.

use super::fault::ProofFault;
use super::path;
use super::signed_note::SignedCheckpoint;
use super::text::{Lines, Malformed, in_base64, number};
use super::witness_key::WitnessKey;
use crate::access_log::merkle::{Hash, sha256};
use crate::access_log::note::VerifyingKey;

/// What such a file begins with.
pub const CONSISTENCY: &str = "old ";
/// What its name ends with.
pub const CONSISTENCY_NAME: &str = "tlog-consistency";

/// That a log only grew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// How many lines were signed before; 0 where nothing was.
    pub(super) old: u64,
    pub(super) path: Vec<Hash>,
    pub(super) signed: SignedCheckpoint,
}

impl ConsistencyProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut lines = Lines::new(bytes)?;
        let old = lines.expect("the file is empty")?;
        let old = old.strip_prefix(CONSISTENCY).and_then(number);
        let old =
            old.ok_or_else(|| lines.wrong("this does not tell how many lines were signed before"))?;
        let path = lines.hashes()?;
        let signed = SignedCheckpoint::parse(&mut lines)?;
        Ok(Self { old, path, signed })
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let path = self.path.iter().map(|hash| in_base64(hash) + "\n");
        format!(
            "{CONSISTENCY}{}\n{}\n{}",
            self.old,
            path.collect::<String>(),
            self.signed.to_text()
        )
    }

    /// With how many lines it begins.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The checkpoint in it.
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// Whether the first lines of the log are those of a root that is known.
    pub(super) fn leads_from(&self, root: &Hash) -> bool {
        let new = &self.signed.checkpoint;
        // An empty log has one root.
        let is_root = new.size > 0 || new.root == sha256(b"");
        is_root && path::is_prefix((self.old, root), (new.size, &new.root), &self.path)
    }

    /// That the lines that a noted checkpoint signs are the first of those that the checkpoint in the proof signs. Both
    /// have to be signed by a key of the log, and the second one by each of the witnesses. Tells who cosigned it, and
    /// when, in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// When they are not, or are not shown to be.
    pub fn verify(
        &self,
        log: &[VerifyingKey],
        witnesses: &[WitnessKey],
        noted: &SignedCheckpoint,
    ) -> Result<Vec<(String, u64)>, ProofFault> {
        self.signed.check_log(log)?;
        let witnesses = self.signed.check_witnesses(witnesses)?;
        let (new, noted_one) = (&self.signed.checkpoint, &noted.checkpoint);
        if new.origin != noted_one.origin {
            return Err(ProofFault::OtherLog {
                origin: new.origin.clone(),
                noted: noted_one.origin.clone(),
            });
        }
        noted.check_log(log)?;
        if noted_one.size != self.old {
            return Err(ProofFault::OtherSize {
                old: self.old,
                noted: noted_one.size,
            });
        }
        match self.leads_from(&noted_one.root) {
            true => Ok(witnesses),
            false => Err(ProofFault::Inconsistent {
                old: self.old,
                size: new.size,
            }),
        }
    }
}
