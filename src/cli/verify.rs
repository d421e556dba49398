//! `fundwatch verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::deciding::Deciding;
use super::replay::MOST_WORKERS;
use super::replay_bar::Bar;
use super::verify_proof::{VerifyProof, log_key, time_of, witness_key};
use super::{failed, master_key_file, on_interrupt, wrong_call};
use crate::access_log::{self, Report, VerifyingKey, WitnessKey, Witnessed, WitnessedError};
use crate::audit::report;
use crate::audit::{
    Kind, PackFault, PublicKey, RunChecked, ServiceChecked, Signed, rerun, verify_access_log,
    verify_pack, verify_run, verify_service, verify_signed,
};
use crate::journal::MasterKey;
use crate::language::Language;
use crate::replay::{EpochLength, JournalInput, Options};
use crate::rule::ReasonSet;

/// Checks that what was written is still what was written.
///
/// FILE is the manifest of a run or its directory: then every input and every output must have the digest that is
/// stated. Or it is an evidence pack: then its alert must follow from its rows alone, and, with --input, no other row of
/// the inputs may name the same people but those it tells of. Or it is a report, which carries its own digests. Or it is
/// the data directory of a service, whose journal and access log are read whole, or its access log alone. Or it is a
/// proof that `fundwatch proof` made. Nothing is written; no service has to run.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Verify {
    /// What is to be checked.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The inputs of the run are in DIR, and not where the manifest says; of a pack, read them as well.
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,

    /// Require the signature of the key in FILE (Ed25519, PEM) on the manifest; of several, of one of them.
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,

    /// Accept checkpoints of the access log by this key as well, a line such as `NAME+ID+KEY` that was noted
    /// elsewhere; those in the service's `keys/access-log.pub` are accepted anyway. A proof needs it.
    #[arg(long, value_name = "KEY", value_parser = log_key)]
    log_key: Vec<VerifyingKey>,

    /// Require what the witness of this key saw, a line such as `NAME+ID+KEY`: of a service, that its access log goes on
    /// from there; of a proof, that its checkpoint is cosigned. Of several, each.
    #[arg(long, value_name = "KEY", value_parser = witness_key)]
    witness_key: Vec<WitnessKey>,

    /// A checkpoint that a witness cosigned, to hold the access log to; the file `cosigned` beside the log when left out.
    #[arg(long, value_name = "FILE", requires = "witness_key")]
    cosigned: Vec<PathBuf>,

    /// The line of the access log that a proof is of, where it is known from elsewhere.
    #[arg(long, value_name = "FILE")]
    entry_file: Option<PathBuf>,

    /// The checkpoint that was noted before, which a proof that the log only grew begins with.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// The file with the master key of the journal, where its keys are wrapped.
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,

    /// Replay the inputs once more as the manifest says, and hold what comes out to it. Name the files of rules,
    /// models and lists that the run was given.
    #[arg(long)]
    rerun: bool,

    /// Threads of the dataflow of the second replay.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "rerun",
          value_parser = clap::value_parser!(u64).range(1..=MOST_WORKERS))]
    workers: u64,

    #[command(flatten)]
    deciding: Deciding,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  everything is as it was written   1  something is not, which is named, or it cannot be read
  2  the call is wrong

Examples:
  fundwatch verify out/manifest.json
  fundwatch verify out --public-key auditors.pub --rerun
  fundwatch verify alert.json --input data
  fundwatch verify /var/lib/fundwatch
  fundwatch verify /var/lib/fundwatch --witness-key 'auditors.example/w1+ID+KEY'
  fundwatch verify entry.tlog-proof --log-key 'fundwatch/access-log/0123456789abcdef+ID+KEY'
  fundwatch verify grown.tlog-consistency --from noted.checkpoint --log-key 'NAME+ID+KEY'";

impl Verify {
    pub(super) fn run(self) -> ExitCode {
        let keys: Result<Vec<PublicKey>, _> = self
            .public_key
            .iter()
            .map(|file| PublicKey::read(file))
            .collect();
        let keys = match keys {
            Ok(keys) => keys,
            Err(error) => return wrong_call(&format!("--public-key {error}")),
        };
        let master_key = self.master_key.as_deref();
        let master_key = master_key.map(|file| master_key_file::read("--master-key", file));
        let master_key = match master_key.transpose() {
            Ok(master_key) => master_key,
            Err(message) => return wrong_call(&message),
        };
        match Kind::of(&self.file) {
            Err(error) => wrong_call(&error.to_string()),
            Ok(Kind::Run(manifest) | Kind::Envelope(manifest)) => {
                self.run_of(&manifest, &keys, master_key)
            }
            Ok(Kind::Pack(pack)) => self.pack(&pack, &keys, master_key),
            Ok(Kind::Report(file)) => verify_report(&file),
            Ok(Kind::Inclusion(file)) => self.proof().inclusion(&file, self.entry_file.as_deref()),
            Ok(Kind::Consistency(file)) => self.proof().consistency(&file, self.from.as_deref()),
            Ok(Kind::AccessLog(data)) => self.access_log(&data),
            Ok(Kind::Service(data)) => self.service(&data, master_key),
        }
    }

    fn proof(&self) -> VerifyProof<'_> {
        VerifyProof {
            log: &self.log_key,
            witnesses: &self.witness_key,
        }
    }

    /// What witnesses saw of the log of a data directory.
    fn seen(&self, data: &Path) -> Result<Vec<Witnessed>, WitnessedError> {
        if self.witness_key.is_empty() {
            return Ok(Vec::new());
        }
        let files = match &self.cosigned[..] {
            [] => vec![beside(data)],
            given => given.to_vec(),
        };
        access_log::witnessed(&files, &self.witness_key)
    }

    fn service(&self, data: &Path, master_key: Option<MasterKey>) -> ExitCode {
        let seen = match self.seen(data) {
            Ok(seen) => seen,
            Err(error) => return failed(&error),
        };
        match verify_service(data, master_key, &self.log_key, &seen) {
            Err(fault) => failed(&fault),
            Ok(checked) => {
                tell_journal(&checked);
                tell_log(checked.access_log.as_ref(), &seen, data);
                ExitCode::SUCCESS
            }
        }
    }

    fn run_of(
        self,
        manifest: &Path,
        keys: &[PublicKey],
        master_key: Option<MasterKey>,
    ) -> ExitCode {
        let checked = match verify_run(manifest, self.input.as_deref(), keys) {
            Ok(checked) => checked,
            Err(fault) => return failed(&fault),
        };
        tell(&checked);
        if !self.rerun {
            return ExitCode::SUCCESS;
        }
        let stated = &checked.manifest.predicate;
        let reasons = stated.settings.reasons.iter().copied().collect();
        let detector = match self.deciding.detector(reasons) {
            Ok(detector) => detector,
            Err(message) => return wrong_call(&message),
        };
        let options = Options {
            detector,
            journal: checked.manifest.is_of_journal().then_some(JournalInput {
                master_key,
                ..JournalInput::default()
            }),
            epoch: EpochLength::All,
            workers: usize::try_from(self.workers).unwrap_or(1),
            ..Options::new(&checked.input, "")
        };
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        let mut bar = Bar::new(Language::English);
        let again = rerun(&checked.manifest, options, &mut bar);
        bar.clear();
        match again {
            Err(error) => failed(&error),
            Ok(again) => {
                println!("replayed again: the same outputs");
                if !again.differing.is_empty() {
                    println!(
                        "another than in the run, without effect: {}",
                        again.differing.join(", ")
                    );
                }
                ExitCode::SUCCESS
            }
        }
    }

    fn pack(self, file: &Path, keys: &[PublicKey], master_key: Option<MasterKey>) -> ExitCode {
        let detector = match self.deciding.detector(ReasonSet::ALL) {
            Ok(detector) => detector,
            Err(message) => return wrong_call(&message),
        };
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => return failed(&Damaged(format!("{}: {error}", file.display()))),
        };
        let signed = match verify_signed(file, &bytes, keys) {
            Ok(signed) => signed,
            Err(fault) => return failed(&fault),
        };
        let inputs = self.input.as_deref().map(|input| (input, master_key));
        match verify_pack(&bytes, &detector, inputs) {
            Err(fault @ PackFault::OtherDetector(_)) => {
                wrong_call(&format!("{}: {fault}", file.display()))
            }
            Err(fault) => failed(&Damaged(format!("{}: {fault}", file.display()))),
            Ok(checked) => {
                println!(
                    "alert {} ({}) follows from the {} rows of the pack alone; of {} it would be another without",
                    checked.alert.alert_id,
                    checked.alert.reason.as_str(),
                    checked.rows,
                    checked.rows - checked.not_needed
                );
                match checked.slice {
                    Some(rows) => println!(
                        "inputs: the {rows} rows that name the same people are those that the pack tells of"
                    ),
                    None => println!(
                        "inputs: not read; whether other rows name the same people is told by --input DIR"
                    ),
                }
                tell_signed(&signed);
                ExitCode::SUCCESS
            }
        }
    }

    fn access_log(&self, data: &Path) -> ExitCode {
        let seen = match self.seen(data) {
            Ok(seen) => seen,
            Err(error) => return failed(&error),
        };
        match verify_access_log(data, &self.log_key, &seen) {
            Err(fault) => failed(&fault),
            Ok(report) => {
                tell_log(report.as_ref(), &seen, data);
                ExitCode::SUCCESS
            }
        }
    }
}

/// Holds a report to the digests that it carries.
fn verify_report(file: &Path) -> ExitCode {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return failed(&Damaged(format!("{}: {error}", file.display()))),
    };
    match report::verify(&bytes) {
        Err(error) => failed(&Damaged(format!("{}: {error}", file.display()))),
        Ok(seal) => {
            println!(
                "report: {} sections are as they were written; it is on the run whose manifest has SHA-256 {}",
                seal.sections.len(),
                seal.manifest_sha256
            );
            println!("its digests find accidents, and not who computes them anew");
            ExitCode::SUCCESS
        }
    }
}

/// What is wrong, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Damaged(String);

/// Tells what was checked of a journal.
fn tell_journal(checked: &ServiceChecked) {
    let verified = &checked.journal;
    println!(
        "journal: {} epochs in {} segments follow from one another; the chain ends with {}",
        verified.upper, verified.segments, verified.chain
    );
    if verified.erased > 0 {
        println!(
            "of {} epochs the key is destroyed: they were checked sealed",
            verified.erased
        );
    }
    if let Some(unfinished) = &verified.unfinished {
        println!(
            "behind the last epoch are {} bytes of one that was never acknowledged",
            unfinished.bytes
        );
    }
    match checked.anchored {
        Some((epoch, times)) => println!(
            "the access log has its chain {times} times, the last time at epoch {epoch}: up to there nothing was written \
             anew or cut off"
        ),
        None => println!("the access log has its chain nowhere yet: epochs can be cut off unseen"),
    }
}

/// Where whoever runs a service puts what a witness saw.
fn beside(data: &Path) -> PathBuf {
    data.join(access_log::FOLDER).join(access_log::BESIDE)
}

/// Tells what was checked of an access log.
fn tell_log(report: Option<&Report>, seen: &[Witnessed], data: &Path) {
    let Some(report) = report else {
        println!("access log: none");
        return;
    };
    println!(
        "access log: {} lines in {} files follow from one another; {} checkpoints are right, the last of which signs {} \
         lines",
        report.lines, report.files, report.checkpoints, report.signed
    );
    match seen.last() {
        Some(last) => println!(
            "the first {} lines are those that {} saw at {}: they were not written anew since, whoever has the log's key",
            report.witnessed,
            last.witnesses(),
            time_of(last.seen_at())
        ),
        None if beside(data).exists() => println!(
            "not checked: what a witness is said to have seen, in {}; name its key with --witness-key",
            beside(data).display()
        ),
        None => {
            println!("keep the last checkpoint elsewhere: lines behind it can be cut off unseen")
        }
    }
}

/// Tells what was checked of a run.
fn tell(checked: &RunChecked) {
    let stated = &checked.manifest.predicate;
    println!(
        "run: {} outputs in {} are as they were written",
        checked.manifest.written().count(),
        checked.directory.display()
    );
    println!(
        "inputs: {} files in {} are those that were read",
        stated.inputs.files.len(),
        checked.input.display()
    );
    for name in &checked.unread {
        println!("  {name} came later: the run did not read it");
    }
    tell_signed(&checked.signed);
    let code = &stated.code;
    let revision = code.git_revision.as_deref().unwrap_or("unknown");
    let dirty = if code.git_dirty == Some(true) {
        ", with files changed"
    } else {
        ""
    };
    println!(
        "program: {}, revision {revision}{dirty}; rules {}",
        code.version, stated.rules_version
    );
}

fn tell_signed(signed: &Signed) {
    match signed {
        Signed::Not => {
            println!(
                "signature: none; digests alone find accidents, and not who computes them anew"
            );
        }
        Signed::Unchecked(ids) => {
            println!(
                "signature: by key {}, not checked; name the key with --public-key",
                ids.join(", ")
            );
        }
        Signed::By(ids) => println!("signature: right, by key {}", ids.join(", ")),
    }
}
