//! `fundwatch witness`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::proof::written;
use super::verify_proof::log_key;
use super::{failed, on_interrupt, wrong_call};
use crate::access_log::{ConsistencyProof, VerifyingKey, Witness as Keeper, WitnessError};
use crate::service::Clock;

/// Watches from another machine that an access log only grows, and cosigns its checkpoints.
///
/// For auditors: on a machine that whoever runs the service cannot get at. What was cosigned cannot be changed, written
/// anew or cut off any more without `fundwatch verify` finding it, also where the log's own key is in the wrong hands.
#[derive(Args)]
pub struct Witness {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(Init),
    Cosign(Cosign),
}

/// Makes a witness with a key of its own, and prints the public one.
#[derive(Args)]
#[command(after_long_help = AFTER_INIT)]
struct Init {
    /// The directory of the witness, which its user alone may enter; made when absent.
    #[arg(long, value_name = "DIR")]
    directory: PathBuf,

    /// The name that it cosigns under, such as auditors.example/w1.
    #[arg(long, value_name = "NAME")]
    name: String,
}

const AFTER_INIT: &str = "\
Back the directory up: without the key nothing can be cosigned under it, and without the file
`cosigned` it is not known what was.

Exit codes:
  0  made   1  it could not be written   2  the call is wrong, or there is a witness already

Example:
  fundwatch witness init --directory witness --name auditors.example/w1";

/// Cosigns the checkpoint of a proof, where the log goes on from what was cosigned before.
///
/// What was cosigned last is durable before the cosignature is given out. A log that became shorter, that is another at
/// the same size, or that is not proved to go on from there is refused: keep the proof, it is evidence.
#[derive(Args)]
#[command(after_long_help = AFTER_COSIGN)]
struct Cosign {
    /// The directory of the witness.
    #[arg(long, value_name = "DIR")]
    directory: PathBuf,

    /// The proof with the checkpoint in it, as `fundwatch proof consistency` writes it.
    #[arg(long, value_name = "FILE")]
    proof: PathBuf,

    /// The key of the log, a line such as `NAME+ID+KEY`: the first time, or when the log has another. Have it from
    /// elsewhere than the proof.
    #[arg(long, value_name = "KEY", value_parser = log_key)]
    log_key: Vec<VerifyingKey>,

    /// The checkpoint with the cosignature. Keep a copy of it.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

const AFTER_COSIGN: &str = "\
Exit codes:
  0  cosigned   1  the log does not go on from what was cosigned, or a file cannot be used
  2  the call is wrong: no key of the log is known, or the proof begins elsewhere

Examples:
  fundwatch witness cosign --directory witness --proof first.tlog-consistency \\
    --log-key 'NAME+ID+KEY' --output cosigned.checkpoint
  fundwatch witness cosign --directory witness --proof next.tlog-consistency \\
    --output cosigned.checkpoint";

impl Witness {
    pub(super) fn run(self) -> ExitCode {
        if let Err(error) = on_interrupt("interrupted") {
            return failed(&error);
        }
        match self.command {
            Command::Init(init) => init.run(),
            Command::Cosign(cosign) => cosign.run(),
        }
    }
}

impl Init {
    fn run(self) -> ExitCode {
        match Keeper::init(&self.directory, &self.name) {
            Ok(key) => {
                println!("{key}");
                ExitCode::SUCCESS
            }
            Err(error) => undone(&error),
        }
    }
}

impl Cosign {
    fn run(self) -> ExitCode {
        let proof = match std::fs::read(&self.proof) {
            Ok(bytes) => ConsistencyProof::from_bytes(&bytes),
            Err(error) => return wrong_call(&format!("--proof {}: {error}", self.proof.display())),
        };
        let proof = match proof {
            Ok(proof) => proof,
            Err(error) => {
                let file = self.proof.display().to_string();
                return failed(&NoProof { file, error });
            }
        };
        let now = Clock::system().now().nanos() / 1_000_000_000;
        let Ok(now) = u64::try_from(now) else {
            return wrong_call("the clock of this machine is before 1970; set it");
        };
        let cosigned = Keeper::open(&self.directory)
            .and_then(|witness| witness.cosign(&proof, &self.log_key, now));
        let cosigned = match cosigned {
            Ok(cosigned) => cosigned,
            Err(error) => return undone(&error),
        };
        if let Err(code) = written(&self.output, &cosigned.signed.to_text()) {
            return code;
        }
        let checkpoint = &cosigned.signed.checkpoint;
        println!(
            "{}: {} lines of {} are cosigned, and {} were before",
            self.output.display(),
            checkpoint.size,
            checkpoint.origin,
            cosigned.before
        );
        ExitCode::SUCCESS
    }
}

/// A file that is no proof.
#[derive(Debug, thiserror::Error)]
#[error("--proof {file}, {error}")]
struct NoProof {
    file: String,
    error: crate::access_log::Malformed,
}

fn undone(error: &WitnessError) -> ExitCode {
    match error.is_wrong_call() {
        true => wrong_call(&error.to_string()),
        false => failed(error),
    }
}
