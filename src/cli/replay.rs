//! `fundwatch replay`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{
    failed, link_model_file, master_key_file, model_file, on_interrupt, replay_bar::Bar,
    replay_report, wrong_call,
};
use crate::detector::Detector;
use crate::language::Language;
use crate::link::PersonLinkage;
use crate::record::{Day, Instant, Value};
use crate::replay::{self, EpochLength, JournalInput, Options};
use crate::rule::{ExclusiveBenefits, Reason, ReasonSet, Rules};

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

    /// Compute only these reasons, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = reason)]
    reasons: Vec<Reason>,

    /// Take thresholds from FILE (TOML) instead of the catalogue's, for the whole replay or from a time on;
    /// `fundwatch rules` prints them. From a time on it can also activate another model.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,

    /// Score claims with the model in FILE instead of the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Score claims with the model in FILE as well, and tell in summary.json how it differs; it changes
    /// nothing else.
    #[arg(long, value_name = "FILE")]
    shadow_model: Option<PathBuf>,

    /// Take the pairs of benefits that exclude each other from FILE, a CSV with the columns `scheme`,
    /// `excludes` (a scheme, or `employment`) and `source`, instead of those that come with the program.
    #[arg(long, value_name = "FILE")]
    exclusive_benefits: Option<PathBuf>,

    /// Link participants with the model in FILE, made by `fundwatch link --save-model` from the columns
    /// full_name, birth_date, sex and province, instead of the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    link_model: Option<PathBuf>,

    /// The least probability that two linked participants are one person.
    #[arg(long, value_name = "P", default_value_t = PersonLinkage::PROBABILITY)]
    link_probability: f64,

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
  manifest.json    digests of inputs, outputs, code, rules and model

Exit codes:
  0  done   1  the run failed   2  the call is wrong

Examples:
  fundwatch replay --input streams/sample --output out
  fundwatch replay --input data --output out --as-of 2025-06-30
  fundwatch replay --input data --output out --reasons service_after_death,stale_card";

impl Replay {
    pub(super) fn run(self) -> ExitCode {
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
        let linkage = link_model_file::load(self.link_model.as_deref(), self.link_probability);
        let linkage = match linkage {
            Ok(linkage) => linkage,
            Err(message) => return wrong_call(&message),
        };
        let exclusive_benefits = match self.exclusive_benefits.as_deref() {
            None => ExclusiveBenefits::builtin().clone(),
            Some(path) => match ExclusiveBenefits::read(path) {
                Ok(list) => list,
                Err(error) => return wrong_call(&error.to_string()),
            },
        };
        let rules = match self.rules.as_deref().map(Rules::read).transpose() {
            Ok(rules) => std::sync::Arc::new(rules.unwrap_or_default()),
            Err(error) => return wrong_call(&format!("--rules {error}")),
        };
        let models = match model_file::registry(self.model.as_deref(), &rules) {
            Ok(models) => models,
            Err(message) => return wrong_call(&message),
        };
        let shadow_model = match self.shadow_model.as_deref().map(model_file::shadow) {
            None => None,
            Some(Ok(model)) => Some(model),
            Some(Err(message)) => return wrong_call(&message),
        };
        let options = Options {
            detector: Detector {
                reasons,
                rules,
                models,
                shadow_model,
                exclusive_benefits: exclusive_benefits.into(),
                linkage,
                // A journal says itself for how long its claims are decided on; files are decided on whole.
                retention: None,
            },
            input,
            journal: self.journal.map(|_| JournalInput { master_key }),
            output: self.output,
            as_of: self.as_of,
            epoch: self.epoch,
            workers: usize::try_from(self.workers).unwrap_or(1),
            strict: self.strict,
            sample: None,
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
