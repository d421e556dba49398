//! `fundwatch proof`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args, Subcommand};

use super::verify_proof::log_key;
use super::{failed, on_interrupt, wrong_call};
use crate::access_log::{
    At, ProveError, SignedCheckpoint, VerifyingKey, Wanted, prove_consistency, prove_inclusion,
};
use crate::staging::write_whole;

/// Proves that a line is in the access log, or that the log only grew, to whoever has a checkpoint of it.
///
/// A proof is a small file that is verified without the log, with the log's public key alone. The service may run.
#[derive(Args)]
pub struct Proof {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Inclusion(Inclusion),
    Consistency(Consistency),
}

/// Proves that an entry is in the access log.
///
/// The proof (C2SP tlog-proof) has the line itself and a signed checkpoint in it.
#[derive(Args)]
#[command(
    after_long_help = AFTER_INCLUSION,
    group(ArgGroup::new("wanted").required(true).args(["entry", "journal_epoch"]))
)]
struct Inclusion {
    #[command(flatten)]
    log: OfLog,

    /// The entry of this number, `n` of the line.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    entry: Option<u64>,

    /// The first entry that has the journal's chain up to epoch N or a later one.
    #[arg(long, value_name = "N")]
    journal_epoch: Option<u64>,
}

const AFTER_INCLUSION: &str = "\
Exit codes:
  0  proved   1  the log is not what was signed, or cannot be read
  2  the call is wrong, or there is no such entry or checkpoint

Examples:
  fundwatch proof inclusion --data /var/lib/fundwatch --entry 42 --output entry.tlog-proof
  fundwatch proof inclusion --data /var/lib/fundwatch --journal-epoch 1200 --output epoch.tlog-proof
  fundwatch verify entry.tlog-proof --log-key \"$(tail -n 1 /var/lib/fundwatch/keys/access-log.pub)\"";

/// Proves that the lines that a checkpoint of before signs are the first of the access log now.
///
/// The proof has the form of a request to a witness (C2SP tlog-witness). Without --from it begins with nothing: for a
/// witness that has seen nothing of the log yet.
#[derive(Args)]
#[command(after_long_help = AFTER_CONSISTENCY)]
struct Consistency {
    #[command(flatten)]
    log: OfLog,

    /// The checkpoint of before: as it was noted, or as a witness cosigned it.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

const AFTER_CONSISTENCY: &str = "\
Exit codes:
  0  proved   1  the log is not what was signed, then or now, or cannot be read
  2  the call is wrong, or there is no such checkpoint

Examples:
  fundwatch proof consistency --data /var/lib/fundwatch --output first.tlog-consistency
  fundwatch proof consistency --data /var/lib/fundwatch --from cosigned.checkpoint \\
    --output next.tlog-consistency";

#[derive(Args)]
struct OfLog {
    /// The directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The checkpoint that signs SIZE lines; the newest when left out.
    #[arg(long, value_name = "SIZE", conflicts_with = "cosigned")]
    checkpoint: Option<u64>,

    /// The checkpoint in FILE, with the signatures of witnesses that it has.
    #[arg(long, value_name = "FILE")]
    cosigned: Option<PathBuf>,

    /// Accept checkpoints by this key of the log as well, a line such as `NAME+ID+KEY`; those in the service's
    /// `keys/access-log.pub` are accepted anyway.
    #[arg(long, value_name = "KEY", value_parser = log_key)]
    log_key: Vec<VerifyingKey>,

    /// The proof.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

impl Proof {
    pub(super) fn run(self) -> ExitCode {
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        match self.command {
            Command::Inclusion(inclusion) => inclusion.run(),
            Command::Consistency(consistency) => consistency.run(),
        }
    }
}

impl Inclusion {
    fn run(self) -> ExitCode {
        let at = match self.log.at() {
            Ok(at) => at,
            Err(code) => return code,
        };
        let wanted = match (self.entry, self.journal_epoch) {
            (Some(n), _) => Wanted::Entry(n),
            (None, Some(epoch)) => Wanted::JournalEpoch(epoch),
            (None, None) => return wrong_call("name --entry or --journal-epoch"),
        };
        let made = match prove_inclusion(&self.log.data, &self.log.log_key, wanted, at) {
            Ok(made) => made,
            Err(error) => return undone(&error),
        };
        if let Err(code) = written(&self.log.output, &made.proof.to_text()) {
            return code;
        }
        let checkpoint = &made.proof.signed().checkpoint;
        println!(
            "{}: entry {} is in the log {}, of which {} lines are signed",
            self.log.output.display(),
            made.n,
            checkpoint.origin,
            checkpoint.size
        );
        if let (Some(sealed), Some(epoch)) = (made.epoch, self.journal_epoch) {
            println!(
                "the entry has the journal's chain up to epoch {sealed}; that the chain of epoch {epoch} leads there is \
                 checked by `fundwatch verify {}`",
                self.log.data.display()
            );
        }
        ExitCode::SUCCESS
    }
}

impl Consistency {
    fn run(self) -> ExitCode {
        let at = match self.log.at() {
            Ok(at) => at,
            Err(code) => return code,
        };
        let noted = match self.from.as_deref().map(SignedCheckpoint::read).transpose() {
            Ok(noted) => noted,
            Err(error) => return wrong_call(&format!("--from {error}")),
        };
        let made = prove_consistency(&self.log.data, &self.log.log_key, noted.as_ref(), at);
        let proof = match made {
            Ok(proof) => proof,
            Err(error) => return undone(&error),
        };
        if let Err(code) = written(&self.log.output, &proof.to_text()) {
            return code;
        }
        println!(
            "{}: the {} lines that were signed before are the first of the {} that are signed of {}",
            self.log.output.display(),
            proof.old(),
            proof.signed().checkpoint.size,
            proof.signed().checkpoint.origin
        );
        ExitCode::SUCCESS
    }
}

impl OfLog {
    fn at(&self) -> Result<At, ExitCode> {
        match (&self.cosigned, self.checkpoint) {
            (Some(file), _) => match SignedCheckpoint::read(file) {
                Ok(signed) => Ok(At::Checkpoint(signed)),
                Err(error) => Err(wrong_call(&format!("--cosigned {error}"))),
            },
            (None, Some(size)) => Ok(At::Size(size)),
            (None, None) => Ok(At::Newest),
        }
    }
}

fn undone(error: &ProveError) -> ExitCode {
    match error.is_wrong_call() {
        true => wrong_call(&error.to_string()),
        false => failed(error),
    }
}

/// Writes a small file as a whole.
pub(super) fn written(file: &Path, text: &str) -> Result<(), ExitCode> {
    let written = write_whole(file, |out| out.write_all(text.as_bytes()));
    written.map_err(|error| {
        let file = file.display().to_string();
        failed(&NotWritten { file, error })
    })
}

#[derive(Debug, thiserror::Error)]
#[error("--output {file}: {error}")]
struct NotWritten {
    file: String,
    error: std::io::Error,
}
