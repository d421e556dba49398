//! `fundwatch demo`.

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use console::Term;

use super::{failed, on_interrupt, replay::MOST_WORKERS, replay_bar::Bar, wrong_call};
use crate::demo::{self, DemoError, Options, Place, PlaceError};
use crate::language::Language;

/// The width of a page where no terminal and no `COLUMNS` tells one.
const USUAL_WIDTH: usize = 80;

/// Makes a small synthetic country, replays it and explains the ten worst alerts.
///
/// Nobody in it exists. What was made wrong on purpose, by fraud or by error, is in `truth.csv`, and
/// told with each alert.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Demo {
    /// Citizens of the country.
    #[arg(long, value_name = "N", default_value_t = 20_000,
          value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    citizens: u32,

    /// Days from 1 January 2025.
    #[arg(long, value_name = "D", default_value_t = 365,
          value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,

    /// Equal seeds give equal countries.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// The directory for the country and the outputs; new, empty, or an earlier demo's, which is
    /// replaced.
    #[arg(long, value_name = "DIR", default_value = "fundwatch-demo")]
    output: PathBuf,

    /// The language to tell it in; without it, that of LC_ALL, LC_MESSAGES or LANG, else English.
    #[arg(long, value_name = "vi|en", value_parser = language)]
    language: Option<Language>,

    /// Threads of the dataflow.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=MOST_WORKERS))]
    workers: u64,
}

const AFTER_HELP: &str = "\
Written to DIR:
  country/  the streams, and truth.csv: what was made wrong on purpose, and why
  run/      what `fundwatch replay` writes

Exit codes:
  0  done   1  the run failed   2  the call is wrong

Examples:
  fundwatch demo
  fundwatch demo --language vi --citizens 5000 --seed 7";

impl Demo {
    pub(super) fn run(self) -> ExitCode {
        let language = self.language.unwrap_or_else(Language::of_environment);
        let place = match Place::new(self.output) {
            Ok(place) => place,
            Err(error @ (PlaceError::Foreign(_) | PlaceError::NoDirectory(_))) => {
                return wrong_call(&error.to_string());
            }
            Err(error) => return failed(&error),
        };
        let options = Options {
            citizens: self.citizens,
            days: self.days,
            seed: self.seed,
            workers: usize::try_from(self.workers).unwrap_or(1),
        };
        if let Err(error) = on_interrupt("interrupted; the next demo replaces what this one wrote")
        {
            return failed(&error);
        }
        let mut bar = Bar::new(language);
        let outcome = demo::run(&options, &place, &mut bar);
        bar.clear();
        match outcome {
            Ok(report) => print(&demo::page(&report, &program(), language, width())),
            Err(DemoError::Synth(error)) if error.is_wrong_call() => wrong_call(&error.to_string()),
            Err(error) => failed(&error),
        }
    }
}

/// Prints a page on standard output.
pub(super) fn print(page: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(page.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => failed(&error),
        _ => ExitCode::SUCCESS,
    }
}

/// How the user called this program, so that the command told can be called the same way.
fn program() -> String {
    let program = std::env::args_os().next();
    program.map_or_else(
        || "fundwatch".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The width of the terminal, of `COLUMNS`, or the usual one.
pub(super) fn width() -> usize {
    let terminal = Term::stdout().size_checked();
    let of_terminal = terminal.map(|(_, columns)| usize::from(columns));
    let of_environment = || std::env::var("COLUMNS").ok()?.parse().ok();
    of_terminal.or_else(of_environment).unwrap_or(USUAL_WIDTH)
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    Language::from_code(text).ok_or_else(|| "expected `vi` or `en`".to_owned())
}
