//! `fundwatch explain`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::deciding::Deciding;
use super::demo::language;
use super::explain_page;
use super::replay::signing_key;
use super::{failed, master_key_file, wrong_call};
use crate::alert::AlertId;
use crate::audit::{Envelope, PackError, Packer, SigningKey, signed_beside};
use crate::language::Language;
use crate::rule::ReasonSet;
use crate::staging::write_whole;

/// Shows the rows behind one alert of a run, and what they have to do with it.
///
/// Every row that names the persons of the alert is read from the inputs of the run, which must still be those that it
/// read. Then rows are left out one by one, in the same dataflow, until the alert would be another without any that is
/// left. With --pack, these and nothing else go into an evidence pack, from which `fundwatch verify` computes the alert
/// anew, anywhere.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Explain {
    /// The output directory of the replay.
    #[arg(long, value_name = "DIR")]
    run: PathBuf,

    /// The id of the alert, as alerts.ndjson has it.
    #[arg(value_name = "ALERT_ID")]
    alert: AlertId,

    /// The inputs of the run are in DIR, and not where its manifest says.
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,

    /// The file with the master key of the journal, where the run is of a journal whose keys are wrapped.
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,

    /// Write an evidence pack to FILE. It holds what the rows say, names and numbers of people too.
    #[arg(long, value_name = "FILE")]
    pack: Option<PathBuf>,

    /// Sign the pack with the key in FILE (Ed25519, PEM); the signed form is beside it, with `.dsse.json` behind the
    /// name.
    #[arg(long, value_name = "FILE", requires = "pack")]
    signing_key: Option<PathBuf>,

    /// The language to tell it in.
    #[arg(long = "lang", value_name = "vi|en", value_parser = language, default_value = "en")]
    language: Language,

    /// Show numbers and names of people as the rows have them, instead of masked.
    #[arg(long)]
    reveal: bool,

    #[command(flatten)]
    deciding: Deciding,
}

const AFTER_HELP: &str = "\
Name the files of rules, models and lists that the run was given.

Exit codes:
  0  done   1  the alert does not hold in the run, or its rows cannot be read   2  the call is wrong

Examples:
  fundwatch explain --run out 0123456789abcdef0123456789abcdef
  fundwatch explain --run out 0123456789abcdef0123456789abcdef --pack alert.json
  fundwatch verify alert.json";

impl Explain {
    pub(super) fn run(self) -> ExitCode {
        let detector = match self.deciding.detector(ReasonSet::ALL) {
            Ok(detector) => detector,
            Err(message) => return wrong_call(&message),
        };
        let master_key = self.master_key.as_deref();
        let master_key = master_key.map(|file| master_key_file::read("--master-key", file));
        let master_key = match master_key.transpose() {
            Ok(master_key) => master_key,
            Err(message) => return wrong_call(&message),
        };
        let key = match self.signing_key.as_deref().map(signing_key).transpose() {
            Ok(key) => key,
            Err(message) => return wrong_call(&message),
        };
        let packed = Packer::open(&self.run, self.input.as_deref(), (detector, master_key))
            .and_then(|packer| {
                let found = packer.find(&[self.alert])?;
                let pack = packer.pack(&found[0])?;
                Ok((packer, found, pack))
            });
        let (packer, found, pack) = match packed {
            Ok(packed) => packed,
            Err(error @ PackError::OtherDetector(_)) => return wrong_call(&error.to_string()),
            Err(error) => return failed(&error),
        };
        let page = explain_page::Told {
            found: &found[0],
            pack: &pack,
            settings: packer.settings(),
            history: &self.run.join("history.ndjson"),
            language: self.language,
            is_revealed: self.reveal,
        };
        if let Err(error) = page.print()
            && error.kind() != std::io::ErrorKind::BrokenPipe
        {
            return failed(&error);
        }
        match &self.pack {
            None => ExitCode::SUCCESS,
            Some(file) => match write(file, &pack.to_bytes(), key.as_ref()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&NotWritten {
                    file: file.clone(),
                    error,
                }),
            },
        }
    }
}

/// A pack that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}; check that the directory can be written and has room", file.display())]
struct NotWritten {
    file: PathBuf,
    error: io::Error,
}

/// Writes a pack, and its signed form or none.
fn write(file: &Path, pack: &[u8], key: Option<&SigningKey>) -> io::Result<()> {
    let signed = signed_beside(file);
    // What was signed before is not this pack.
    match std::fs::remove_file(&signed) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_whole(file, |out| out.write_all(pack))?;
    match key {
        None => Ok(()),
        Some(key) => {
            let envelope = Envelope::sign(pack, key).to_bytes();
            write_whole(&signed, |out| out.write_all(&envelope))
        }
    }
}
