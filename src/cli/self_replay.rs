//! `fundwatch self-replay`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;

use super::{failed, phase_bar::Bar, wrong_call};
use crate::config::{Call, Config};
use crate::persons::Slice;
use crate::self_replay::{self, Outcome, Outcomes, Until};
use crate::server::{ServerError, self_replay_task};
use crate::service::Clock;

/// Computes the journal of a service once more, cold, and compares it with the alerts that the service stored.
///
/// Every decision of the last day that has ended, and every alert as it stood at its end, has to be the same to the byte.
/// The service does the same every night; it may run meanwhile, or not. A replay of all persons takes about as much
/// memory as the service. What was found is kept in the data directory, where it is not of an earlier day than what is kept.
/// Run it as the service's user.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct SelfReplay {
    /// The directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The configuration of the service.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Compare as of the end of a day (UTC+7), or of an epoch, with the decisions of its day; yesterday when left out.
    #[arg(long, value_name = "EPOCH|DAY")]
    until: Option<Until>,

    /// Only the persons of part I of N, counted from 0; alerts that compare all persons with each other are left out.
    #[arg(long, value_name = "I/N", default_value = "all")]
    slice: Slice,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  nothing differs   1  something differs, which is named, or could not be compared   2  the call or the
  configuration is wrong

Examples:
  fundwatch self-replay --data /var/lib/fundwatch --config /etc/fundwatch/fundwatch.toml
  fundwatch self-replay --data /var/lib/fundwatch --until 2026-03-31 --slice 0/8";

impl SelfReplay {
    pub(super) fn run(self) -> ExitCode {
        if !self.data.is_dir() {
            return wrong_call(&format!(
                "--data {}: it is no directory; name the one that `fundwatch serve --data` names",
                self.data.display()
            ));
        }
        let variable = |name: &str| std::env::var(name).ok();
        let config = match Config::load(self.config.as_deref(), &Call::default(), &variable) {
            Ok(config) => config,
            Err(error) => return wrong_call(&error.to_string()),
        };
        let whose = (self.until.unwrap_or(Until::Yesterday), self.slice);
        let task = match self_replay_task(&config, &self.data, whose, Clock::system()) {
            Ok(task) => task,
            Err(ServerError::Configured(message)) => return wrong_call(&message),
            Err(error) => return failed(&error),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = stop.clone();
        if let Err(error) = ctrlc::set_handler(move || stopping.store(true, Ordering::Release)) {
            return failed(&error);
        }
        let bar = Bar::new();
        let outcome = self_replay::run(&task, &stop, &bar);
        bar.clear();
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return failed(&error),
        };
        // The outcome counts, whoever reads what is said of it.
        let _ = print(&outcome);
        match Outcomes::keep(&self.data, outcome.clone()) {
            Err(error) => return failed(&error),
            Ok(true) => {}
            Ok(false) => println!("not kept: what is kept is of a later day or epoch"),
        }
        match outcome.mismatched_decisions {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        }
    }
}

fn print(outcome: &Outcome) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match outcome.until_epoch {
        0 => writeln!(out, "no epoch was closed up to the end of {}", outcome.day)?,
        until => writeln!(
            out,
            "replayed up to epoch {until}, in {:.1} s; the day is {}, from epoch {} on",
            outcome.seconds, outcome.day, outcome.from_epoch
        )?,
    }
    writeln!(
        out,
        "persons: {} ({:.1} %)",
        outcome.persons,
        outcome.covered_ratio * 100.0
    )?;
    writeln!(
        out,
        "compared: {} decisions of the day, {} alerts as they stood at its end; {} changed since",
        outcome.decisions, outcome.alerts, outcome.alerts_changed_since
    )?;
    for left_out in &outcome.not_covered {
        writeln!(out, "not compared: {}: {}", left_out.what, left_out.why)?;
    }
    writeln!(
        out,
        "decisions that differ: {}",
        outcome.mismatched_decisions
    )?;
    for one in &outcome.differing {
        let differences: Vec<&str> = one.differences.iter().map(|what| what.as_str()).collect();
        let differences = differences.join(", ");
        writeln!(out, "  {}  {}  {differences}", one.alert_id, one.reason)?;
    }
    let more = outcome.mismatched_decisions - outcome.differing.len() as u64;
    match more {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}
