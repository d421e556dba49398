//! `fundwatch diff`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{diff_report, failed, on_interrupt, replay::reason, wrong_call};
use crate::audit::diff::{DiffError, DiffOptions, DiffSummary, diff};
use crate::rule::{Reason, ReasonSet};
use crate::staging::Staging;

/// What two runs decided differently, alert by alert, and why.
///
/// A run is the output directory of `fundwatch replay`, or one with a service's exports: `alerts.ndjson`, and
/// `history.ndjson` where there is one. With the same input and another `--as-of` it tells what hindsight changed.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Diff {
    /// The run that is compared with.
    #[arg(value_name = "RUN_A")]
    a: PathBuf,

    /// The run that is compared.
    #[arg(value_name = "RUN_B")]
    b: PathBuf,

    /// Write every alert that differs to FILE, an object a line.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// How the summary is printed.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Compare alerts of this reason only; may be repeated.
    #[arg(long = "reason", value_name = "R", value_parser = reason)]
    reasons: Vec<Reason>,

    /// How many of the alerts that differ are printed.
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,

    /// End with 1 where an alert differs.
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: one document.
    Json,
}

const AFTER_HELP: &str = "\
States:
  new        only RUN_B has the alert       unchanged  both have it, and it says the same of substance
  absent     only RUN_A has it              updated    both have it, and it says something else

Exit codes:
  0  done   1  the run failed, or with --exit-code an alert differs   2  the call is wrong

Examples:
  fundwatch diff out out-with-other-rules
  fundwatch diff out-of-june out-as-known-now --output hindsight.ndjson
  fundwatch diff exports replayed-journal --exit-code";

impl Diff {
    pub(super) fn run(self) -> ExitCode {
        for run in [&self.a, &self.b] {
            if !run.is_dir() {
                let shown = run.display();
                return wrong_call(&format!(
                    "{shown} is not a directory; name the output directory of a replay, or one with a service's \
                     exports"
                ));
            }
        }
        if let Some(output) = &self.output
            && (output.file_name().is_none() || output.is_dir())
        {
            let shown = output.display();
            return wrong_call(&format!("--output {shown} is not a file; name one"));
        }
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        let summary = match self.compare() {
            Ok(summary) => summary,
            Err(error) => return failed(&error),
        };
        let printed = match self.format {
            Format::Text => diff_report::print(&summary, (&self.a, &self.b)),
            Format::Json => print_json(&summary),
        };
        match printed {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return failed(&error),
            _ => {}
        }
        match self.exit_code && summary.differing() > 0 {
            true => ExitCode::from(1),
            false => ExitCode::SUCCESS,
        }
    }

    fn compare(&self) -> Result<DiffSummary, DiffError> {
        let scratch = std::env::temp_dir();
        let options = DiffOptions {
            a: &self.a,
            b: &self.b,
            reasons: match self.reasons.is_empty() {
                true => ReasonSet::ALL,
                false => self.reasons.iter().copied().collect(),
            },
            first: self.limit,
            scratch: &scratch,
        };
        let Some(output) = &self.output else {
            return diff(&options, |_| Ok(()));
        };
        let failed = |error| DiffError::Output {
            path: output.clone(),
            error,
        };
        let (staging, name) = staged(output).map_err(failed)?;
        let mut out: BufWriter<File> = staging.file(&name).map_err(failed)?;
        let summary = diff(&options, |alert| {
            let written = serde_json::to_writer(&mut out, alert).map_err(io::Error::from);
            written.and_then(|()| out.write_all(b"\n")).map_err(failed)
        })?;
        out.flush().map_err(failed)?;
        drop(out);
        staging.publish(&[&name], &[]).map_err(failed)?;
        Ok(summary)
    }
}

/// A staging directory for a file, and the file's name.
fn staged(file: &Path) -> io::Result<(Staging, String)> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    Ok((Staging::create(parent.unwrap_or(Path::new(".")))?, name))
}

fn print_json(summary: &DiffSummary) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, summary)?;
    out.write_all(b"\n")
}
