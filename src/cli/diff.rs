//! `fundwatch diff`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::diff_report;
use super::replay::reason;
use super::{failed, wrong_call};
use crate::audit::{Differing, diff};
use crate::rule::{Reason, ReasonSet};

/// Tells what two runs decided differently, and why.
///
/// RUN_A is the baseline. A run is the output directory of a replay, or a directory with the exports of a service
/// (alerts.ndjson, and history.ndjson where it is there), so that what a service decided can be held against
/// `fundwatch replay --journal`. Alerts are compared by their id: class, severity, grade, cause, amount, score,
/// priority and the rows that they rest on; not since when they are known, nor in which file and row.
///
/// Where both runs are of the same inputs and one is as of an earlier time, what is told is what hindsight makes of it.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Diff {
    /// The baseline.
    #[arg(value_name = "RUN_A")]
    a: PathBuf,

    /// The run that is held against it.
    #[arg(value_name = "RUN_B")]
    b: PathBuf,

    /// Write every alert that differs to FILE, one JSON object a line, by alert_id.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How the summary is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Compare only alerts of these reasons, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = reason)]
    reasons: Vec<Reason>,

    /// Show the first N alerts that differ, by alert_id.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,

    /// End with exit code 1 when an alert differs.
    #[arg(long)]
    exit_code: bool,
}

/// How a summary is told.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

const AFTER_HELP: &str = "\
States are those of SARIF: new (in B alone), absent (in A alone), updated, unchanged.

Exit codes:
  0  compared   1  a run cannot be read, or with --exit-code, an alert differs   2  the call is wrong

Examples:
  fundwatch diff before after
  fundwatch replay --input data --output then --as-of 2025-06-30
  fundwatch replay --input data --output now
  fundwatch diff then now --output hindsight.ndjson";

impl Diff {
    pub(super) fn run(self) -> ExitCode {
        for run in [&self.a, &self.b] {
            if !run.is_dir() {
                let shown = run.display();
                return wrong_call(&format!(
                    "{shown} is not a directory; name the output directory of a replay"
                ));
            }
        }
        let wanted: Option<ReasonSet> =
            (!self.reasons.is_empty()).then(|| self.reasons.iter().copied().collect());
        let mut out = match self.output.as_ref().map(File::create).transpose() {
            Ok(out) => out.map(BufWriter::new),
            Err(error) => {
                let file = self.output.unwrap_or_default();
                return wrong_call(&format!("--output {}: {error}", file.display()));
            }
        };
        let mut shown = Vec::new();
        let compared = diff(
            &self.a,
            &self.b,
            wanted.as_ref(),
            |differing: &Differing| {
                if shown.len() < self.limit {
                    shown.push(differing.clone());
                }
                match &mut out {
                    None => Ok(()),
                    Some(out) => {
                        serde_json::to_writer(&mut *out, differing)?;
                        out.write_all(b"\n")
                    }
                }
            },
        );
        let compared = match compared {
            Ok(compared) => compared,
            Err(error) => return failed(&error),
        };
        let flushed = out.as_mut().map_or(Ok(()), Write::flush);
        let printed = flushed.and_then(|()| match self.format {
            Format::Text => diff_report::print(&compared, &shown),
            Format::Json => diff_report::print_json(&compared),
        });
        match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            _ if self.exit_code && compared.sums.all.differing() > 0 => ExitCode::from(1),
            _ => ExitCode::SUCCESS,
        }
    }
}
