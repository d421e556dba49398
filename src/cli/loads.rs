//! `fundwatch loads`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{failed, master_key_file, replay::as_of, wrong_call};
use crate::audit::{Load, loads};
use crate::record::Instant;
use crate::replay::ReplayError;

/// Lists what each source of a live service handed over at once, oldest first.
///
/// The name of a load is what `fundwatch what-if --without` and `POST /v1/loads/undo` take.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Loads {
    /// The --data directory of the service, which may run.
    #[arg(long, value_name = "DIR")]
    journal: PathBuf,

    /// The file with the master key of the journal, where its keys are wrapped.
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,

    /// Leave out what came before TIME: an RFC 3339 time, or a date for the end of that day.
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    from: Option<Instant>,

    /// Only loads of this source.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,

    /// How they are listed.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: an object a line.
    Ndjson,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the journal cannot be read   2  the call is wrong

Examples:
  fundwatch loads --journal /var/lib/fundwatch --from 2026-03-01
  fundwatch loads --journal data --source inbox --format ndjson";

/// The journal cannot be read, or the list not be written.
enum Failed {
    Journal(ReplayError),
    Written(io::Error),
}

impl From<ReplayError> for Failed {
    fn from(error: ReplayError) -> Self {
        Self::Journal(error)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Written(error)
    }
}

impl Loads {
    pub(super) fn run(self) -> ExitCode {
        if !self.journal.is_dir() {
            let shown = self.journal.display();
            return wrong_call(&format!(
                "--journal {shown} is not a directory; name the directory that a service has as its --data"
            ));
        }
        let master_key = self.master_key.as_deref();
        let master_key = master_key.map(|file| master_key_file::read("--master-key", file));
        let master_key = match master_key.transpose() {
            Ok(master_key) => master_key,
            Err(message) => return wrong_call(&message),
        };
        let mut out = io::stdout().lock();
        let mut heading = (self.format == Format::Text).then_some(HEADING);
        let listed = loads(&self.journal, master_key, self.from, |load| {
            let is_asked = |source: &String| *source == load.source;
            if !self.source.as_ref().is_none_or(is_asked) {
                return Ok::<(), Failed>(());
            }
            if let Some(heading) = heading.take() {
                writeln!(out, "{heading}")?;
            }
            match self.format {
                Format::Text => writeln!(out, "{}", line(load))?,
                Format::Ndjson => {
                    serde_json::to_writer(&mut out, load).map_err(io::Error::from)?;
                    writeln!(out)?;
                }
            }
            Ok(())
        });
        match listed {
            Err(Failed::Journal(error)) => failed(&error),
            // A reader that has seen enough, such as `head`, is no failure.
            Err(Failed::Written(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                failed(&error)
            }
            _ => ExitCode::SUCCESS,
        }
    }
}

const HEADING: &str =
    "load          arrived                        source and origin                         rows";

fn line(load: &Load) -> String {
    if load.is_erased {
        return format!("{:<14}{:<36}erased", load.load, load.at);
    }
    let mut from = load.source.clone();
    if !load.origin.is_empty() {
        from = format!("{from}: {}", load.origin);
    }
    if let Some(principal) = &load.principal {
        from = format!("{from}, by {principal}");
    }
    let mut rows: Vec<String> = (load.accepted.iter())
        .map(|(stream, rows)| format!("{rows} {stream}"))
        .collect();
    if load.rejected > 0 {
        rows.push(format!("{} rejected", load.rejected));
    }
    if !load.undoes.is_empty() {
        rows.push(format!("undoes {}", load.undoes.join(" ")));
    }
    if load.is_undone {
        rows.push("undone".to_owned());
    }
    let (name, at) = (&load.load, &load.at);
    format!("{name:<14}{at:<36}{from:<42}{}", rows.join(", "))
}
