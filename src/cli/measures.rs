//! `fundwatch measures`.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{failed, measures_table, wrong_call};
use crate::measure::{Aspect, FacilityReport, ReadError, Report, exposition};
use crate::record::{Facility, Value};

/// The most facilities that may be named: each is a label of its own in the metrics.
const MOST_NAMED: usize = 100;

/// Tells whether the data of a replay are correct, sufficient, clean and live.
///
/// RUN is the output directory of a replay, whose `measures.ndjson` is read. Shares are of the rows that
/// hold at the end, counts of the rows that came; `streams/measures.md` defines each.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Measures {
    /// The output directory of a replay.
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// Tell of this facility in full; may be repeated. It is a label of metrics only where it is named.
    #[arg(long, value_name = "CODE")]
    facility: Vec<String>,

    /// How to tell it: a table, one JSON document, or Prometheus' text format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// What facilities are put in order by, the worst first.
    #[arg(long, value_name = "MEASURE", default_value = "in-time")]
    by: By,

    /// How many facilities the table lists.
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Prometheus,
}

/// What facilities are put in order by. A share counts as the highest that it may truly be with 95 %
/// certainty, so that a facility with few claims is not the worst by chance.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// Claims within seven working days.
    InTime,
    /// Expected cells that are filled.
    Complete,
    /// Rows accepted rather than rejected.
    Accepted,
    /// Claims without an alert of class data_quality or identity.
    Correct,
}

impl By {
    /// What of a facility it looks at.
    pub(super) fn aspect(self) -> Aspect {
        match self {
            By::InTime => Aspect::InTime,
            By::Complete => Aspect::Complete,
            By::Accepted => Aspect::Accepted,
            By::Correct => Aspect::Correct,
        }
    }
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the measures cannot be read   2  the call is wrong

Examples:
  fundwatch measures out
  fundwatch measures out --by complete --top 50
  fundwatch measures out --facility 79001 --facility 79002
  fundwatch measures out --format prometheus > fundwatch.prom";

impl Measures {
    pub(super) fn run(self) -> ExitCode {
        if !self.run.is_dir() {
            let run = self.run.display();
            return wrong_call(&format!(
                "{run} is not a directory; name the output directory of `fundwatch replay`"
            ));
        }
        if self.facility.len() > MOST_NAMED {
            return wrong_call(&format!("name at most {MOST_NAMED} facilities"));
        }
        let mut codes = self.facility.clone();
        codes.sort_unstable();
        codes.dedup();
        if codes.iter().any(|code| Facility::from_text(code).is_none()) {
            let expected = Facility::EXPECTED;
            return wrong_call(&format!("--facility: {expected}, such as 79001"));
        }
        let report = match read(&self.run) {
            Ok(report) => report,
            Err(message) => return failed(&Told(message)),
        };
        let mut named = Vec::new();
        for code in &codes {
            match report.facility(code) {
                Some(facility) => named.push(facility),
                None => {
                    return wrong_call(&format!(
                        "--facility {code}: it sent no claim; `--format json` lists those that did"
                    ));
                }
            }
        }
        match self.tell(&report, &named) {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            _ => ExitCode::SUCCESS,
        }
    }

    fn tell(&self, report: &Report, named: &[&FacilityReport]) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Text if named.is_empty() => {
                measures_table::all(&mut out, report, self.by, self.top)?;
            }
            Format::Text => {
                for facility in named {
                    measures_table::facility(&mut out, facility)?;
                }
            }
            Format::Json => {
                let named = named.iter().map(|facility| (*facility).clone()).collect();
                let told = if self.facility.is_empty() {
                    report.clone()
                } else {
                    Report {
                        facilities: named,
                        ..report.clone()
                    }
                };
                serde_json::to_writer_pretty(&mut out, &told)?;
                out.write_all(b"\n")?;
            }
            Format::Prometheus => out.write_all(exposition(report, named).as_bytes())?,
        }
        out.flush()
    }
}

/// What is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

fn read(run: &Path) -> Result<Report, String> {
    let path = run.join("measures.ndjson");
    let shown = path.display();
    let remedy = "replay again with this version of fundwatch";
    let file = File::open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            format!("{shown} does not exist; name the output directory of a replay, or {remedy}")
        }
        _ => format!("{shown}: {error}"),
    })?;
    Report::read(BufReader::new(file)).map_err(|error| match error {
        ReadError::Io(error) => format!("{shown}: {error}"),
        error => format!("{shown}: {error}; {remedy}"),
    })
}
