//! `fundwatch synth`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant as Clock};

use clap::Args;
use console::{Term, style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{failed, on_interrupt, replay_report::grouped, wrong_call};
use crate::synth::{self, BaseRate, Format, Options, Progress, Summary};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Makes a synthetic country: the ten streams, and the truth of what is to be found in them.
///
/// Nobody in it is real. Misuse, register errors and honest life are labelled in `truth.csv`.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Synth {
    /// The directory for the streams; made when absent.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,

    /// People, from 1,000 to 100 million.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    citizens: u32,

    /// Days from 1 January 2025, at most 3,650.
    #[arg(long, value_name = "D", default_value_t = 365)]
    days: u32,

    /// The same seed gives the same bytes.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,

    /// How streams are written: parquet, csv or ndjson.
    #[arg(long, value_name = "FORMAT", default_value = "parquet")]
    format: Format,

    /// Claims after a recorded death in a million claims; the real share is 5 to 6. A small country
    /// has more, so that each story is told.
    #[arg(long, value_name = "R", default_value_t = 500)]
    flagged_per_million: u32,

    /// Replace a country that is in the directory.
    #[arg(long)]
    overwrite: bool,
}

const AFTER_HELP: &str = "\
Outputs:
  STREAM.FORMAT   a file for each of the ten streams, in order of recorded_at
  truth.csv       reason, subject, kind and label (misuse, error, noise) of everything that a replay
                  raises, and of what it must not raise; of participants who do not authenticate,
                  cause and corrections

Exit codes:
  0  done   1  the run failed   2  the call is wrong

Examples:
  fundwatch synth --output country
  fundwatch synth --output nation --citizens 95000000 --flagged-per-million 6
  fundwatch synth --output country --format csv --seed 7 --overwrite";

impl Synth {
    pub(super) fn run(self) -> ExitCode {
        let options = Options {
            citizens: self.citizens,
            days: self.days,
            seed: self.seed,
            format: self.format,
            flagged_per_million: self.flagged_per_million,
            ..Options::new(self.output)
        };
        if let Err(error) = on_interrupt("interrupted; the output directory is as it was") {
            return failed(&error);
        }
        let mut bar = Bar::new();
        let make = if self.overwrite {
            synth::regenerate
        } else {
            synth::generate
        };
        let outcome = make(&options, &mut bar);
        bar.clear();
        match outcome {
            Ok(summary) => match print(&mut io::stdout().lock(), &summary, &options) {
                // A reader that has seen enough, such as `head`, is no failure.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
                _ => ExitCode::SUCCESS,
            },
            Err(error) if error.is_wrong_call() => wrong_call(&error.to_string()),
            Err(error) => failed(&error),
        }
    }
}

fn print(out: &mut impl Write, summary: &Summary, options: &Options) -> io::Result<()> {
    writeln!(out, "{}", style("Rows").bold())?;
    for (stream, rows) in &summary.rows {
        writeln!(out, "  {stream:<30}{:>14}", grouped(*rows))?;
    }
    writeln!(out, "  {:<30}{:>14}", "all", grouped(summary.all_rows()))?;
    writeln!(out)?;
    let heading = format!(
        "{:<32}{:<8}{:>12}{:>12}{:>12}",
        "Labels", "", "stands", "withdrawn", "no alert"
    );
    writeln!(out, "{}", style(heading).bold())?;
    for (kind, count) in &summary.labels {
        let numbers = [count.stands, count.withdrawn, count.none].map(grouped);
        let [stands, withdrawn, none] = numbers;
        let label = count.label.as_str();
        writeln!(
            out,
            "  {kind:<30}{label:<8}{stands:>12}{withdrawn:>12}{none:>12}"
        )?;
    }
    writeln!(out)?;
    let rate = &summary.base_rate;
    writeln!(
        out,
        "{} claims after a recorded death of {}: {:.0} in a million, where {:.1} are real: raised {:.0} times",
        grouped(rate.flagged),
        grouped(rate.visits),
        rate.per_million(),
        BaseRate::REAL_PER_MILLION,
        rate.raised_by()
    )?;
    writeln!(
        out,
        "  of these {} are misuse and {} register or input errors ({} in a million were asked for)",
        grouped(rate.misuse),
        grouped(rate.errors),
        grouped(rate.asked_per_million.into())
    )?;
    writeln!(
        out,
        "{:.1} s, {} rows/s",
        summary.elapsed.as_secs_f64(),
        grouped(summary.rows_per_second() as u64)
    )?;
    writeln!(out, "Written to {}", options.output.display())
}

/// Tells progress on standard error: a bar on a terminal, a line now and then elsewhere.
struct Bar {
    bar: Option<ProgressBar>,
    last_line: Clock,
}

impl Bar {
    fn new() -> Self {
        let bar = Term::stderr().is_term().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let template = "{prefix:>9} {wide_bar} {percent:>3}%  {msg}";
            let style = ProgressStyle::with_template(template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self {
            bar,
            last_line: Clock::now(),
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn rows(&mut self, written: u64, day: u32, days: u32) {
        let phase = if day == 0 { "registers" } else { "days" };
        if let Some(bar) = &self.bar {
            bar.set_prefix(phase);
            bar.set_length(days.into());
            bar.set_position(day.into());
            bar.set_message(format!("{} rows", grouped(written)));
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Clock::now();
            eprintln!("{phase}: day {day} of {days}, {} rows", grouped(written));
        }
    }
}
