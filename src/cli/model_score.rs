//! `fundwatch model score`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use console::style;

use super::phase_bar::Bar;
use super::{failed, on_interrupt, wrong_call};
use crate::tabular::{self, Missing, Outputs, Reading, Request, Summary, TableError};

/// Scores the rows of any table of numbers: how unlike the others each is.
///
/// The input is any CSV with a header, plain, .gz or .zst, all of whose cells are numbers but for columns
/// that --label and --ignore name. Without --model, a model is fitted on the rows, without labels, and
/// they are scored with it. The output has a line a row, in the order of the rows: `row` from 1, `score`,
/// and `rank`, 1 for the highest score. A score s says that about one in e^s of the rows fitted on is as
/// far from the others; higher is stranger. The same rows and seed give the same bytes.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Score {
    /// The table (CSV).
    #[arg(long, value_name = "FILE")]
    input: PathBuf,

    /// The scores to write (CSV).
    #[arg(long, value_name = "FILE")]
    output: PathBuf,

    /// A column of labels, 1 for outliers and 0 for others: it is not scored, only used to print AUROC
    /// and AP.
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,

    /// Leave a column out, such as an id. Repeatable.
    #[arg(long = "ignore", value_name = "COLUMN")]
    ignored: Vec<String>,

    /// What to do where a cell is missing: refuse the table, or take the median of the column.
    #[arg(long, value_name = "WAY", default_value = "error")]
    missing: Way,

    /// Also name the N columns that a score mostly comes from, with the share of each.
    #[arg(long, value_name = "N", default_value_t = 0)]
    explain: u16,

    /// Score with this model, which --save-model made from a table with the same columns, instead of
    /// fitting one.
    #[arg(long, value_name = "FILE", conflicts_with = "save_model")]
    model: Option<PathBuf>,

    /// Also write the fitted model (JSON). It holds values of some rows, scaled.
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,

    /// The seed of everything that is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Threads; the output is the same for any number. By default as many as the machine runs at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Way {
    Error,
    Median,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run failed   2  the call is wrong

Example:
  fundwatch model score --input payments.csv.gz --output scores.csv --ignore payment_id --explain 3
  fundwatch model score --input march.csv --output scores.csv --save-model model.json
  fundwatch model score --input april.csv --output scores.csv --model model.json";

impl Score {
    pub(super) fn run(self) -> ExitCode {
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        let threads = self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, |number| number.get().min(1024)),
            usize::from,
        );
        let request = Request {
            input: self.input,
            reading: Reading {
                label: self.label,
                ignored: self.ignored,
                missing: match self.missing {
                    Way::Error => Missing::Refused,
                    Way::Median => Missing::Median,
                },
            },
            model: self.model,
            seed: self.seed,
            explain: self.explain.into(),
            threads,
        };
        let outputs = Outputs {
            scores: self.output,
            model: self.save_model,
        };
        let bar = Bar::new();
        let done = tabular::run(&request, &outputs, &bar);
        bar.clear();
        match done.map(|summary| print(&summary, &outputs)) {
            // A reader that has seen enough, such as `head`, is no failure.
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            Ok(_) => ExitCode::SUCCESS,
            Err(TableError::WrongCall(message)) => wrong_call(&message),
            Err(error) => failed(&error),
        }
    }
}

fn print(summary: &Summary, outputs: &Outputs) -> io::Result<()> {
    if let Some(Err(error)) = &summary.ranking {
        eprintln!(
            "{} no AUROC and no AP: {error}",
            style("note:").yellow().bold().for_stderr()
        );
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} rows, {} columns; the model was fitted on {} rows",
        summary.rows, summary.columns, summary.fitted_on
    )?;
    writeln!(
        out,
        "read in {:.3} s, fitted in {:.3} s, scored in {:.3} s",
        summary.reading.as_secs_f64(),
        summary.fitting.as_secs_f64(),
        summary.scoring.as_secs_f64()
    )?;
    if let Some(Ok(ranking)) = &summary.ranking {
        writeln!(out, "{} rows are labelled", ranking.labelled)?;
        writeln!(out, "AUROC {:.6}", ranking.auroc)?;
        writeln!(out, "AP {:.6}", ranking.average_precision)?;
    }
    writeln!(out, "Written to {}", outputs.scores.display())
}
