//! What `fundwatch verify` says of proofs, and the keys that it takes for them.

use std::path::Path;
use std::process::ExitCode;

use super::{failed, wrong_call};
use crate::access_log::{
    ConsistencyProof, InclusionProof, Malformed, ProofFault, SignedCheckpoint, VerifyingKey,
    WitnessKey,
};
use crate::record::Instant;

/// The keys that a proof is held to.
pub(super) struct VerifyProof<'a> {
    pub(super) log: &'a [VerifyingKey],
    pub(super) witnesses: &'a [WitnessKey],
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {fault}")]
struct Wrong {
    file: String,
    fault: ProofFault,
}

impl VerifyProof<'_> {
    /// That a line is in a log.
    pub(super) fn inclusion(&self, file: &Path, entry: Option<&Path>) -> ExitCode {
        let entry = match entry.map(|entry| (entry, std::fs::read(entry))) {
            Some((path, Err(error))) => {
                return wrong_call(&format!("--entry-file {}: {error}", path.display()));
            }
            Some((_, Ok(bytes))) => Some(bytes),
            None => None,
        };
        let proof = match self.read(file, InclusionProof::from_bytes) {
            Ok(proof) => proof,
            Err(code) => return code,
        };
        let included = match proof.verify(self.log, self.witnesses, entry.as_deref()) {
            Ok(included) => included,
            Err(fault) => return told(file, fault),
        };
        println!("{}", String::from_utf8_lossy(&included.entry));
        println!(
            "entry {} is this line of the log {}, whose checkpoint signs {} lines",
            included.n,
            proof.signed().checkpoint.origin,
            proof.signed().checkpoint.size
        );
        self.tell_witnesses(proof.signed(), &included.witnesses);
        ExitCode::SUCCESS
    }

    /// That a log only grew.
    pub(super) fn consistency(&self, file: &Path, noted: Option<&Path>) -> ExitCode {
        let Some(noted) = noted else {
            return wrong_call(
                "a proof that a log only grew is held to the checkpoint that was noted before; name it with --from",
            );
        };
        let noted = match SignedCheckpoint::read(noted) {
            Ok(noted) => noted,
            Err(error) => return failed(&error),
        };
        let proof = match self.read(file, ConsistencyProof::from_bytes) {
            Ok(proof) => proof,
            Err(code) => return code,
        };
        match proof.verify(self.log, self.witnesses, &noted) {
            Ok(witnesses) => {
                let checkpoint = &proof.signed().checkpoint;
                println!(
                    "the {} lines that were signed before are the first of the {} lines of the log {}",
                    proof.old(),
                    checkpoint.size,
                    checkpoint.origin
                );
                self.tell_witnesses(proof.signed(), &witnesses);
                ExitCode::SUCCESS
            }
            Err(fault) => told(file, fault),
        }
    }

    fn read<T>(
        &self,
        file: &Path,
        parse: impl Fn(&[u8]) -> Result<T, Malformed>,
    ) -> Result<T, ExitCode> {
        if self.log.is_empty() {
            return Err(wrong_call(
                "a proof is held to the key of its log; name it with --log-key, as keys/access-log.pub of the service has it",
            ));
        }
        let bytes = std::fs::read(file)
            .map_err(|error| wrong_call(&format!("{}: {error}", file.display())))?;
        parse(&bytes).map_err(|error| told(file, error.into()))
    }

    /// Who cosigned, and whose signatures were not checked.
    fn tell_witnesses(&self, signed: &SignedCheckpoint, witnesses: &[(String, u64)]) {
        for (name, at) in witnesses {
            println!("cosigned by {name} at {}", time_of(*at));
        }
        let is_known = |name: &&str| {
            *name != signed.checkpoint.origin && witnesses.iter().all(|(known, _)| known != *name)
        };
        let others: Vec<&str> = signed.signers().filter(is_known).collect();
        if !others.is_empty() {
            println!(
                "not checked: what stands there by {}; name their keys with --witness-key",
                others.join(", ")
            );
        }
    }
}

fn told(file: &Path, fault: ProofFault) -> ExitCode {
    let file = file.display().to_string();
    match fault.is_wrong_call() {
        true => wrong_call(&format!("{file}: {fault}")),
        false => failed(&Wrong { file, fault }),
    }
}

/// A time in seconds since 1970, as people read it.
pub(super) fn time_of(seconds: u64) -> String {
    let instant = seconds
        .checked_mul(1_000)
        .and_then(|millis| i64::try_from(millis).ok())
        .and_then(Instant::from_millis);
    instant.map_or_else(|| format!("{seconds} s after 1970"), |at| at.to_string())
}

/// The key of a log, in an argument.
pub(super) fn log_key(line: &str) -> Result<VerifyingKey, String> {
    VerifyingKey::parse(line.trim())
        .ok_or_else(|| "not a key of a log such as `NAME+0a1b2c3d+AbC…=`".to_owned())
}

/// The key of a witness, in an argument.
pub(super) fn witness_key(line: &str) -> Result<WitnessKey, String> {
    WitnessKey::parse(line.trim())
        .ok_or_else(|| "not a key of a witness such as `NAME+0a1b2c3d+BAbC…=`".to_owned())
}
