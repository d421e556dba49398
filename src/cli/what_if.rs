//! `fundwatch what-if`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Args;
use console::style;

use super::deciding::Deciding;
use super::replay::{MOST_WORKERS, as_of};
use super::replay_bar::Bar;
use super::replay_report::grouped;
use super::{diff_report, failed, master_key_file, on_interrupt, wrong_call};
use crate::audit::what_if::{self, BASE, Coverage, DIFFERING, SUPPOSED, Supposed};
use crate::detector::Detector;
use crate::language::Language;
use crate::persons::Slice;
use crate::record::Instant;
use crate::replay::{EpochLength, JournalInput, Options};
use crate::rule::ReasonSet;
use crate::service::Clock;

/// Tells what would be decided if something were otherwise: other thresholds, another model, data that is yet to come
/// or that never came. Nothing of the inputs is changed.
///
/// It replays what is and what is supposed, side by side, and tells what they decide differently. A pending load is
/// tried so before it is let in, and a load that was wrong before it is undone.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct WhatIf {
    /// The directory of streams.
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "journal",
        conflicts_with = "journal"
    )]
    input: Option<PathBuf>,

    /// The --data directory of a live service, which may run meanwhile.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["epoch", "base_rules", "base_model"])]
    journal: Option<PathBuf>,

    /// The file with the master key of the journal, where its keys are wrapped.
    #[arg(long, value_name = "FILE", requires = "journal")]
    master_key: Option<PathBuf>,

    /// Suppose that FILE comes, named after its stream as inputs are; may be repeated.
    #[arg(long, value_name = "FILE")]
    load: Vec<PathBuf>,

    /// When it comes to the journal; now, where nothing is said.
    #[arg(long, value_name = "TIME", value_parser = as_of, requires = "journal")]
    arrival: Option<Instant>,

    /// Suppose that this never came: a file of --input, or a load of --journal as `fundwatch loads` names it; may be
    /// repeated.
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,

    #[command(flatten)]
    deciding: Deciding,

    /// The thresholds that are in force now, where they are not the program's.
    #[arg(long, value_name = "FILE")]
    base_rules: Option<PathBuf>,

    /// The model that scores now, where it is not the program's.
    #[arg(long, value_name = "FILE")]
    base_model: Option<PathBuf>,

    /// Leave out what became known after TIME: an RFC 3339 time, or a date for the end of that day.
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<Instant>,

    /// How knowledge time is cut, as for a replay.
    #[arg(long, value_name = "LENGTH", default_value = "1d")]
    epoch: EpochLength,

    /// Whose alerts are told of: everybody's where memory allows, else those of a part of the persons (auto); everybody's
    /// (all); those of part I of N, counted from 0. Of a part, alerts that compare all persons with each other are left out.
    #[arg(long, value_name = "auto|all|I/N", default_value = "auto")]
    slice: Persons,

    /// Threads of the dataflow.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=MOST_WORKERS))]
    workers: u64,

    /// The directory for both runs and what differs; made when absent.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,

    /// How many of the alerts that differ are printed.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// Whose alerts are told of.
#[derive(Clone)]
enum Persons {
    Auto,
    Of(Slice),
}

impl FromStr for Persons {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            text => match text.parse() {
                Ok(slice) => Ok(Self::Of(slice)),
                Err(error) => Err(format!("{error}; or `auto`")),
            },
        }
    }
}

const AFTER_HELP: &str = "\
Outputs:
  base/             the run of what is
  supposed/         the run of what is supposed
  differing.ndjson  every alert that would be another, with what explains it
  what-if.json      what is supposed, counts and amounts by reason and province, and the decisions of people that
                    rest on alerts that would be others

Exit codes:
  0  done   1  a run failed   2  the call is wrong

Examples:
  fundwatch what-if --input data --rules stricter.toml --output out
  fundwatch what-if --journal /var/lib/fundwatch --load death_reports-2026-03.csv --output out
  fundwatch what-if --journal /var/lib/fundwatch --without 120.0 --output out";

impl WhatIf {
    pub(super) fn run(self) -> ExitCode {
        let (rules, model) = self.deciding.named();
        if self.load.is_empty() && self.without.is_empty() && !rules && !model {
            return wrong_call("nothing is supposed; name --load, --without, --rules or --model");
        }
        let (option, input) = match (&self.input, &self.journal) {
            (_, Some(journal)) => ("--journal", journal.clone()),
            (Some(input), None) => ("--input", input.clone()),
            (None, None) => return wrong_call("name --input or --journal"),
        };
        if !input.is_dir() {
            return wrong_call(&format!(
                "{option} {} is not a directory; name one",
                input.display()
            ));
        }
        let master_key = self.master_key.as_deref();
        let master_key = master_key.map(|file| master_key_file::read("--master-key", file));
        let master_key = match master_key.transpose() {
            Ok(master_key) => master_key,
            Err(message) => return wrong_call(&message),
        };
        let (base, detector) = match self.detectors() {
            Ok(detectors) => detectors,
            Err(message) => return wrong_call(&message),
        };
        let options = Options {
            detector: base,
            journal: self.journal.as_ref().map(|_| JournalInput {
                master_key,
                ..JournalInput::default()
            }),
            as_of: self.as_of,
            epoch: self.epoch,
            workers: usize::try_from(self.workers).unwrap_or(1),
            ..Options::new(input, &self.output)
        };
        let now = Clock::system().now();
        let arrival = self.arrival.unwrap_or(now);
        let coverage = match self.slice {
            Persons::Auto => Coverage::WhatFits(now.day()),
            Persons::Of(slice) => Coverage::Of(slice),
        };
        let supposed = Supposed {
            detector,
            rules,
            model,
            arrival: (self.journal.is_some() && !self.load.is_empty()).then_some(arrival),
            loads: self.load.clone(),
            without: self.without.clone(),
        };
        if let Err(error) = on_interrupt("interrupted; what differs was not written") {
            return failed(&error);
        }
        let mut bar = Bar::new(Language::English);
        let found = what_if::what_if(&options, (&supposed, coverage), (self.limit, &mut bar));
        bar.clear();
        match found.map(|found| self.print(&found)) {
            Err(error) => failed(&error),
            // A reader that has seen enough, such as `head`, is no failure.
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            Ok(_) => ExitCode::SUCCESS,
        }
    }

    /// What decides, and what is supposed to.
    fn detectors(&self) -> Result<(Detector, Detector), String> {
        let of = (self.base_rules.clone(), self.base_model.clone());
        let base = self.deciding.with(of.0.clone(), of.1.clone());
        let supposed = self.deciding.or(of.0, of.1);
        Ok((
            base.detector(ReasonSet::ALL)?,
            supposed.detector(ReasonSet::ALL)?,
        ))
    }

    fn print(&self, found: &what_if::WhatIf) -> io::Result<()> {
        let runs = [BASE, SUPPOSED].map(|name| self.output.join(name));
        if !found.persons.is_all() {
            let mut out = io::stdout().lock();
            let share = found.covered_ratio * 100.0;
            writeln!(
                out,
                "Of part {} of the persons alone, {share:.1} % of the participants",
                found.persons
            )?;
            for left_out in &found.not_covered {
                writeln!(out, "Not covered: {}: {}", left_out.what, left_out.why)?;
            }
            writeln!(out)?;
        }
        diff_report::print(&found.diff, (&runs[0], &runs[1]))?;
        let mut out = io::stdout().lock();
        let decisions = found.decisions.len() as u64;
        if decisions > 0 {
            let heading = format!(
                "{} decisions rest on alerts that would be others",
                grouped(decisions)
            );
            writeln!(out, "\n{}", style(heading).bold())?;
            for decision in found.decisions.iter().take(self.limit) {
                writeln!(out, "  {}  {}", decision.alert_id, decision.verdict)?;
            }
        }
        writeln!(
            out,
            "\nEvery alert that differs is in {}",
            self.output.join(DIFFERING).display()
        )
    }
}
