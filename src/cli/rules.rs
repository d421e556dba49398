//! `fundwatch rules`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::demo::{language, print, width};
use super::{replay::reason, wrong_call};
use crate::handbook;
use crate::language::Language;
use crate::rule::{Reason, Rules as Thresholds};

/// Prints the rules: what each reason means, its thresholds, what to do about an alert and on what ground.
///
/// Without FILE the thresholds are the catalogue's. With it they are those of the file, and the changes
/// that it has for later are listed.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Rules {
    /// Only these reasons, as alerts name them; without one, all.
    #[arg(value_name = "REASON", value_parser = reason)]
    reasons: Vec<Reason>,

    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG, else English. JSON has both.
    #[arg(long, alias = "language", value_name = "vi|en", value_parser = language)]
    lang: Option<Language>,

    /// For a terminal, for documentation, or for programs.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Print the thresholds of FILE (TOML), as `replay --rules` takes them.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

/// How the rules are written.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For documentation.
    Markdown,
    /// For programs.
    Json,
}

const AFTER_HELP: &str = "\
A file of thresholds says what differs from the catalogue, and from when on:
  [overlapping_stay]
  overlap_minutes = 180

  [[activation]]
  at = \"2025-03-10T00:00:00+07:00\"
  note = \"who decided it, or why\"
  frequent_visits.visits = 40

Exit codes:
  0  done   1  nothing could be printed   2  the call or the file is wrong

Examples:
  fundwatch rules service_after_death
  fundwatch rules --lang vi | less
  fundwatch rules --rules thresholds.toml --format json";

impl Rules {
    pub(super) fn run(self) -> ExitCode {
        let rules = match self.rules.as_deref().map(Thresholds::read).transpose() {
            Ok(rules) => rules.unwrap_or_default(),
            Err(error) => return wrong_call(&format!("--rules {error}")),
        };
        let reasons = match self.reasons.as_slice() {
            [] => Reason::ALL,
            some => some,
        };
        let language = self.lang.unwrap_or_else(Language::of_environment);
        let page = match self.format {
            Format::Text => handbook::text(&rules, reasons, language, width()),
            Format::Markdown => handbook::markdown(&rules, reasons, language),
            Format::Json => handbook::json(&rules, reasons),
        };
        print(&page)
    }
}
