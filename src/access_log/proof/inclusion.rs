//! That a line is in the log.
//!
//! In: a file as <https://c2sp.org/tlog-proof> defines it, whose `extra` is the line itself. Out: whether the line is in
//! the log that its checkpoint signs. Must hold: nothing but the file and the keys is needed; what is read is, byte for
//! byte, what is written.

use super::fault::ProofFault;
use super::path;
use super::signed_note::SignedCheckpoint;
use super::text::{Lines, Malformed, base64, in_base64, number};
use super::witness_key::WitnessKey;
use crate::access_log::merkle::{Hash, leaf};
use crate::access_log::note::VerifyingKey;

/// What such a file begins with.
pub const TLOG_PROOF: &str = "c2sp.org/tlog-proof@v1";
/// What its name ends with.
pub const TLOG_PROOF_NAME: &str = "tlog-proof";
const EXTRA: &str = "extra ";
const INDEX: &str = "index ";

/// That a line is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The line, without its end.
    pub(super) entry: Option<Vec<u8>>,
    /// Its number, from 0.
    pub(super) index: u64,
    pub(super) path: Vec<Hash>,
    pub(super) signed: SignedCheckpoint,
}

/// A line that was found to be in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Included {
    /// Its number, from 1.
    pub n: u64,
    /// The line, without its end.
    pub entry: Vec<u8>,
    /// Who cosigned the checkpoint, and when, in seconds since 1970 (UTC).
    pub witnesses: Vec<(String, u64)>,
}

impl InclusionProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut lines = Lines::new(bytes)?;
        if lines.expect("the file is empty")? != TLOG_PROOF {
            return Err(lines.wrong("this is no proof of the form c2sp.org/tlog-proof@v1"));
        }
        let mut line = lines.expect("the number of the entry is missing")?;
        let mut entry = None;
        if let Some(extra) = line.strip_prefix(EXTRA) {
            let extra = base64(extra).filter(|extra| !extra.is_empty());
            entry = Some(extra.ok_or_else(|| lines.wrong("this is no entry in base64"))?);
            line = lines.expect("the number of the entry is missing")?;
        }
        let index = line.strip_prefix(INDEX).and_then(number);
        let index = index.ok_or_else(|| lines.wrong("this is not the number of an entry"))?;
        let path = lines.hashes()?;
        let signed = SignedCheckpoint::parse(&mut lines)?;
        Ok(Self {
            entry,
            index,
            path,
            signed,
        })
    }

    /// The file.
    pub fn to_text(&self) -> String {
        let extra = self.entry.as_deref().map(in_base64);
        let extra = extra.map_or_else(String::new, |extra| format!("{EXTRA}{extra}\n"));
        let path = self.path.iter().map(|hash| in_base64(hash) + "\n");
        format!(
            "{TLOG_PROOF}\n{extra}{INDEX}{}\n{}\n{}",
            self.index,
            path.collect::<String>(),
            self.signed.to_text()
        )
    }

    /// The checkpoint in it.
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// That the line is in the log, whose checkpoint one of its keys has signed, and each of the witnesses. `entry` is
    /// the line where it is known from elsewhere; an end of it is passed over.
    ///
    /// # Errors
    /// When it is not, or is not shown to be.
    pub fn verify(
        &self,
        log: &[VerifyingKey],
        witnesses: &[WitnessKey],
        entry: Option<&[u8]>,
    ) -> Result<Included, ProofFault> {
        self.signed.check_log(log)?;
        let witnesses = self.signed.check_witnesses(witnesses)?;
        let entry = entry.map(|entry| entry.strip_suffix(b"\n").unwrap_or(entry));
        let entry = match (entry, self.entry.as_deref()) {
            (Some(given), Some(known)) if given != known => return Err(ProofFault::OtherEntry),
            (given, known) => given.or(known).ok_or(ProofFault::NoEntry)?,
        };
        let (size, root) = (self.signed.checkpoint.size, &self.signed.checkpoint.root);
        let n = self.index.saturating_add(1);
        match path::includes(leaf(entry), self.index, size, &self.path, root) {
            true => Ok(Included {
                n,
                entry: entry.to_vec(),
                witnesses,
            }),
            false => Err(ProofFault::NotIncluded { n, size }),
        }
    }
}
