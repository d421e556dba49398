//! `fundwatch report`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{failed, wrong_call};
use crate::audit::report::{self, Options};
use crate::language::Language;

/// Writes the audit report on a run: one page for screens and paper.
///
/// The page needs nothing beside it and runs no script; print it to PDF with any browser. The same run gives the same
/// bytes. It carries digests of its sections and of itself, which `fundwatch verify` checks.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Report {
    /// The output directory of a replay.
    #[arg(long, value_name = "RUN")]
    run: PathBuf,

    /// The page that is written.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,

    /// The language of the page.
    #[arg(long, value_name = "LANGUAGE", default_value = "vi")]
    lang: Lang,

    /// Tell of the sample in DIR, which `fundwatch sample` drew from the run; with estimates once its worksheet is filled.
    #[arg(long, value_name = "DIR")]
    sample: Option<PathBuf>,

    /// Tell what `fundwatch diff` wrote to FILE.
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    Vi,
    En,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run, the sample or the difference cannot be read   2  the call is wrong

Examples:
  fundwatch report --run out --output report.html
  fundwatch report --run out --output report-en.html --lang en --sample sample";

impl Report {
    pub(super) fn run(self) -> ExitCode {
        if !self.run.is_dir() {
            let run = self.run.display();
            return wrong_call(&format!(
                "--run {run} is not a directory; name the output directory of `fundwatch replay`"
            ));
        }
        let options = Options {
            run: self.run,
            sample: self.sample,
            diff: self.diff,
            language: match self.lang {
                Lang::Vi => Language::Vietnamese,
                Lang::En => Language::English,
            },
        };
        let page = match report::report(&options) {
            Ok(page) => page,
            Err(error) => return failed(&error),
        };
        let written = write(&self.output, page.as_bytes());
        let told = written.map_err(|error| Told(format!("{}: {error}", self.output.display())));
        let told = told.and_then(|()| {
            let seal = report::verify(page.as_bytes());
            seal.map_err(|error| Told(error.to_string()))
        });
        match told {
            Ok(seal) => {
                // A closed pipe is no failure: the page is written.
                let _ = writeln!(
                    io::stdout(),
                    "{}  sha256 {}",
                    self.output.display(),
                    seal.sha256
                );
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        }
    }
}

/// What is wrong, and where.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

/// Puts a whole file in its place.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
