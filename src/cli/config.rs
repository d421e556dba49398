//! `fundwatch config`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{failed, wrong_call};
use crate::config::{self, Call};

/// Checks and explains the configuration of `fundwatch serve`.
///
/// The service runs without a configuration, on defaults in its data directory. A file of it, in TOML, says
/// what is to be otherwise.
#[derive(Args)]
pub struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(Check),
    PrintDefault(PrintDefault),
}

/// Says everything that is wrong with a configuration, each with its line and what to do.
///
/// The files that it names have to be there and secrets to be readable, so run it where the service runs, as
/// its user. Nothing is changed, and no secret is shown.
#[derive(Args)]
#[command(after_long_help = AFTER_CHECK)]
struct Check {
    /// The configuration.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const AFTER_CHECK: &str = "\
Exit codes:
  0  the service can run on it   1  it could not be told   2  something is wrong with it

Examples:
  fundwatch config check fundwatch.toml
  fundwatch config check fundwatch.toml && systemctl reload fundwatch";

/// Prints a complete configuration with every default and what each key means.
#[derive(Args)]
#[command(after_long_help = AFTER_PRINT_DEFAULT)]
struct PrintDefault {}

const AFTER_PRINT_DEFAULT: &str = "\
Exit codes:
  0  done   1  it could not be printed   2  the call is wrong

Examples:
  fundwatch config print-default > fundwatch.toml
  fundwatch config print-default | less";

impl Config {
    pub(super) fn run(self) -> ExitCode {
        match self.command {
            Command::Check(check) => check.run(),
            Command::PrintDefault(_) => print(&config::default_file()),
        }
    }
}

impl Check {
    fn run(self) -> ExitCode {
        let variable = |name: &str| std::env::var(name).ok();
        match config::Config::load(Some(&self.file), &Call::default(), &variable) {
            Ok(_) => print(&format!("{}: right\n", self.file.display())),
            Err(error) => wrong_call(&error.to_string()),
        }
    }
}

fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
        _ => ExitCode::SUCCESS,
    }
}
