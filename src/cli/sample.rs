//! `fundwatch sample`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::{failed, on_interrupt, sample_table, wrong_call};
use crate::audit::sample::{self, Asked, By, Options};

/// More than anybody looks through.
const MOST: u64 = 100_000;
/// How many are drawn of each frame where nothing is said.
const USUAL: u64 = 60;

/// Draws a sample of a run's alerts, and of its claims without an alert, for auditors to look through.
///
/// The same run and seed draw the same units on every machine. Choose the seed after the run is made.
#[derive(Args)]
#[command(
    after_long_help = AFTER_HELP,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Sample {
    #[command(subcommand)]
    command: Option<Command>,

    /// The output directory of a replay.
    #[arg(long, value_name = "RUN", required = true)]
    run: Option<PathBuf>,

    /// Where the inputs of the run are now, where they are not where they were.
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,

    /// The text that decides what is drawn.
    #[arg(long, value_name = "TEXT", required = true)]
    seed: Option<String>,

    /// The directory for the worksheet; made when absent.
    #[arg(long, value_name = "DIR", required = true)]
    output: Option<PathBuf>,

    /// How many alerts; 0 for none.
    #[arg(long, value_name = "N", default_value_t = USUAL, value_parser = clap::value_parser!(u64).range(..=MOST))]
    alerts: u64,

    /// How many claims that no alert is about; 0 for none.
    #[arg(long, value_name = "N", default_value_t = USUAL, value_parser = clap::value_parser!(u64).range(..=MOST))]
    non_alerts: u64,

    /// Spares of each stratum, which stand in for units that cannot be audited.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=MOST))]
    spares: u64,

    /// By what alerts and claims are cut before: `reason` (of alerts), `province`, `amount`, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "reason", value_parser = cut)]
    strata: Vec<By>,
}

#[derive(Subcommand)]
enum Command {
    Estimate(Estimate),
}

/// Tells what a filled worksheet says of all alerts and claims, with intervals of 90 %.
#[derive(Args)]
struct Estimate {
    /// The worksheet, with its `sample.json` beside it.
    #[arg(long, value_name = "FILE")]
    sample: PathBuf,

    /// How to tell it: a table, or one JSON document.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

const AFTER_HELP: &str = "\
Outputs:
  sample.csv   the worksheet: what was drawn, and empty columns for criteria, condition, cause, effect,
               conclusion (error, correct or not_auditable) and error_amount (dong)
  sample.json  the seed, the method, and of each stratum its size, amount, digest and the numbers drawn

Exit codes:
  0  done   1  it could not be drawn, or nothing be estimated   2  the call is wrong

Examples:
  fundwatch sample --run out --seed 'lot 7 of 2026-01-15' --output sample
  fundwatch sample --run out --seed 815 --output sample --alerts 200 --strata reason,amount
  fundwatch sample estimate --sample sample/sample.csv";

fn cut(text: &str) -> Result<By, String> {
    By::from_word(text.trim()).ok_or_else(|| "expected reason, province or amount".to_owned())
}

impl Sample {
    pub(super) fn run(self) -> ExitCode {
        if let Some(Command::Estimate(estimate)) = self.command {
            return estimate.run();
        }
        let (Some(run), Some(seed), Some(output)) = (self.run, self.seed, self.output) else {
            return wrong_call("name --run, --seed and --output");
        };
        if seed.trim().is_empty() {
            return wrong_call("--seed is empty; name a text that others can repeat");
        }
        if self.alerts == 0 && self.non_alerts == 0 {
            return wrong_call("nothing is to be drawn; ask for --alerts or --non-alerts");
        }
        let mut strata = self.strata;
        strata.sort_unstable();
        strata.dedup();
        let options = Options {
            run,
            input: self.input,
            seed,
            asked: Asked {
                alerts: self.alerts,
                non_alerts: self.non_alerts,
                spares: self.spares,
                strata,
            },
            output,
        };
        if let Err(error) = on_interrupt("interrupted; the output directory is as it was") {
            return failed(&error);
        }
        match sample::draw(&options) {
            Ok(document) => told(sample_table::drawn(
                &mut io::stdout().lock(),
                &document,
                &options.output,
            )),
            Err(error) => failed(&error),
        }
    }
}

impl Estimate {
    fn run(self) -> ExitCode {
        let (document, estimates) = match sample::estimate(&self.sample) {
            Ok(found) => found,
            Err(error) => return failed(&error),
        };
        let mut out = io::stdout().lock();
        told(match self.format {
            Format::Text => sample_table::estimated(&mut out, &document, &estimates),
            Format::Json => serde_json::to_writer_pretty(&mut out, &estimates)
                .map_err(io::Error::from)
                .and_then(|()| out.write_all(b"\n")),
        })
    }
}

fn told(outcome: io::Result<()>) -> ExitCode {
    match outcome {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
        _ => ExitCode::SUCCESS,
    }
}
