//! `fundwatch replay`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::deciding::Deciding;
use super::processes::{self, Processes};
use super::{failed, master_key_file, on_interrupt, replay_bar::Bar, replay_report, wrong_call};
use crate::audit::{Code, SigningKey};
use crate::language::Language;
use crate::record::{Day, Instant, Value};
use crate::replay::{self, EpochLength, JournalInput, Options};
use crate::rule::{Reason, ReasonSet};

/// More threads than this are a typing error.
pub(super) const MOST_WORKERS: u64 = 1024;

/// Replays register extracts and claim logs, and writes the alerts that hold and their history.
///
/// DIR holds files named after their stream - citizens, death_reports, participants, cards, claims,
/// check_ins, enterprises, employments, beneficiaries, health_profiles - such as `citizens.csv`,
/// `claims-2025-03.ndjson.zst` or `cards.parquet`, and XML claims under `claims-xml/`.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Replay {
    /// The directory of streams.
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "journal",
        conflicts_with = "journal"
    )]
    input: Option<PathBuf>,

    /// Replay the journal of the live service whose --data directory this is, epoch by epoch as it was
    /// sealed; the service may run meanwhile.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["epoch", "reasons", "rules", "model", "strict"])]
    journal: Option<PathBuf>,

    /// The file with the master key of the journal, where its keys are wrapped: 32 bytes in base64 or
    /// hexadecimal.
    #[arg(long, value_name = "FILE", requires = "journal")]
    master_key: Option<PathBuf>,

    /// The directory for the outputs; made when absent, its earlier outputs replaced at the end.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,

    /// Leave out what became known after TIME: an RFC 3339 time, or a date for the end of that day.
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<Instant>,

    /// How knowledge time is cut: hours (`1h`), days (`1d`), or `all` for one epoch.
    #[arg(long, value_name = "LENGTH", default_value = "1d")]
    epoch: EpochLength,

    /// Threads of the dataflow; more divide its memory traffic, and help on free cores only.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=MOST_WORKERS))]
    workers: u64,

    #[command(flatten)]
    processes: Processes,

    /// Compute only these reasons, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = reason)]
    reasons: Vec<Reason>,

    #[command(flatten)]
    deciding: Deciding,

    /// Sign the manifest with the key in FILE (Ed25519, PEM) and write `manifest.dsse.json` beside it; see
    /// `fundwatch verify`.
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,

    /// Stop at the first bad row, with exit code 1.
    #[arg(long)]
    strict: bool,
}

const AFTER_HELP: &str = "\
Outputs:
  alerts.ndjson    the alerts that hold at the end, by alert_id
  history.ndjson   every raise, change and withdrawal, epoch by epoch, each with its cause
  rejects.ndjson   rows that were not accepted, with file, row, code and reason
  measures.ndjson  whether the data are correct, sufficient, clean and live, by stream and facility
  notices.ndjson   what the alerts say is wrong in which database, for `fundwatch notices`
  numbers.ndjson   the number that each alert's threshold was compared with, for `fundwatch diff`
  summary.json     counts, amounts and times
  manifest.json    what was replayed, by which program, rules and models, and what it came to; with
                   digests, for `fundwatch verify`

Exit codes:
  0  done   1  the run failed   2  the call is wrong

Examples:
  fundwatch replay --input streams/sample --output out
  fundwatch replay --input data --output out --as-of 2025-06-30
  fundwatch replay --input data --output out --reasons service_after_death,stale_card
  fundwatch replay --input data --output out --processes 2 --process 0 --hosts hosts.txt";

impl Replay {
    pub(super) fn run(self) -> ExitCode {
        let hosts = match self.processes.hosts() {
            Ok(hosts) => hosts,
            Err(message) => return wrong_call(&message),
        };
        if let Some(hosts) = hosts.as_ref().filter(|hosts| hosts.process() > 0) {
            return processes::work(hosts);
        }
        let (option, input) = match (&self.input, &self.journal) {
            (_, Some(journal)) => ("--journal", journal.clone()),
            (Some(input), None) => ("--input", input.clone()),
            (None, None) => return wrong_call("name --input or --journal"),
        };
        if !input.is_dir() {
            let (shown, holds) = (
                input.display(),
                match option {
                    "--input" => "that holds the streams",
                    _ => "that a service has as its --data",
                },
            );
            return wrong_call(&format!(
                "{option} {shown} is not a directory; name the directory {holds}"
            ));
        }
        let master_key = match self
            .master_key
            .as_deref()
            .map(|file| master_key_file::read("--master-key", file))
            .transpose()
        {
            Ok(master_key) => master_key,
            Err(message) => return wrong_call(&message),
        };
        let reasons = if self.reasons.is_empty() {
            ReasonSet::ALL
        } else {
            self.reasons.into_iter().collect()
        };
        let detector = match self.deciding.detector(reasons) {
            Ok(detector) => detector,
            Err(message) => return wrong_call(&message),
        };
        let signing_key = match self.signing_key.as_deref().map(signing_key).transpose() {
            Ok(key) => key,
            Err(message) => return wrong_call(&message),
        };
        let options = Options {
            detector,
            input,
            journal: self.journal.map(|_| JournalInput {
                master_key,
                ..JournalInput::default()
            }),
            output: self.output,
            as_of: self.as_of,
            epoch: self.epoch,
            persons: None,
            workers: usize::try_from(self.workers).unwrap_or(1),
            processes: hosts,
            strict: self.strict,
            sample: None,
            is_audited: true,
            signing_key: signing_key.map(std::sync::Arc::new),
        };
        if let Err(error) = on_interrupt("interrupted; the output directory is as it was") {
            return failed(&error);
        }
        let mut bar = Bar::new(Language::English);
        let outcome = replay::run(&options, &mut bar);
        bar.clear();
        match outcome {
            Ok(summary) => match replay_report::print(&summary, &options) {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => failed(&error),
                _ => ExitCode::SUCCESS,
            },
            Err(error) => failed(&error),
        }
    }
}

pub(super) fn as_of(text: &str) -> Result<Instant, String> {
    let instant = match Day::from_text(text) {
        Some(day) => Instant::end_of(day),
        None => Instant::from_text(text),
    };
    instant.ok_or_else(|| {
        "expected a date such as 2025-06-30 or a time such as 2025-06-30T12:00:00+07:00".to_owned()
    })
}

pub(super) fn reason(text: &str) -> Result<Reason, String> {
    Reason::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        format!(
            "not a reason of this version; the reasons are {}",
            names.join(", ")
        )
    })
}

/// The key that signs, where this program may.
pub(super) fn signing_key(path: &std::path::Path) -> Result<SigningKey, String> {
    if !Code::running().may_sign() {
        return Err(
            "--signing-key: this program was built from files that differ from its revision, so that nobody could \
             build it again; sign with one that was built from a revision"
                .to_owned(),
        );
    }
    SigningKey::read(path).map_err(|error| format!("--signing-key {error}"))
}
