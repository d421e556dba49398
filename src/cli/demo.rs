//! `fundwatch demo`.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use console::Term;

use super::{IS_SERVICE, failed, on_interrupt, replay::MOST_WORKERS, replay_bar::Bar, wrong_call};
use crate::demo::live::{self, LiveError, Served, Serving};
use crate::demo::{self, DemoError, Options, Place, PlaceError};
use crate::language::{Language, Messages, fill};
use crate::notice::Span;
use crate::record::Day;
use crate::server::ServerError;

/// The width of a page where no terminal and no `COLUMNS` tells one.
const USUAL_WIDTH: usize = 80;

/// Makes a small synthetic country, replays it and explains the ten worst alerts; then serves the review pages.
///
/// Nobody in it exists. What was made wrong on purpose, by fraud or by error, is in `truth.csv`, and
/// told with each alert. The pages are those of `fundwatch serve`, on loopback, with an account for each role; the
/// country begins sixty days before its end, and a new day comes every so often. It serves until it is interrupted.
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

    /// Where the pages are served.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Where metrics and probes are served.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9464")]
    ops_listen: SocketAddr,

    /// How long a day of the country is, while it is served.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = day)]
    day: Duration,

    /// End after the report, without serving.
    #[arg(long)]
    report_only: bool,
}

const AFTER_HELP: &str = "\
Written to DIR:
  country/  the streams, and truth.csv: what was made wrong on purpose, and why
  run/      what `fundwatch replay` writes
  data/     what the service keeps, while it serves

Exit codes:
  0  done   1  the run failed   2  the call is wrong

Examples:
  fundwatch demo
  fundwatch demo --language vi --citizens 5000 --seed 7
  fundwatch demo --listen 127.0.0.1:9000 --day 10s
  fundwatch demo --report-only";

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
        let serving = Serving {
            listen: self.listen,
            ops_listen: self.ops_listen,
            day: self.day,
            language,
        };
        if let Err(error) = on_interrupt("interrupted; the next demo replaces what this one wrote")
        {
            return failed(&error);
        }
        let mut bar = Bar::new(language);
        let outcome = demo::run(&options, &place, &mut bar);
        bar.clear();
        match outcome {
            Ok(report) => {
                let page = demo::page(&report, &program(), language, width());
                match print(&page) {
                    done if self.report_only || done != ExitCode::SUCCESS => done,
                    _ => serve(&place, &serving),
                }
            }
            Err(DemoError::Synth(error)) if error.is_wrong_call() => wrong_call(&error.to_string()),
            Err(error) => failed(&error),
        }
    }
}

/// Serves the pages until it is interrupted.
fn serve(place: &Place, serving: &Serving) -> ExitCode {
    IS_SERVICE.store(true, Ordering::Release);
    let language = serving.language;
    let told = Days(language.messages(), language);
    match live::serve(place, serving, told, |served| tell(served, language)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(LiveError::Server(ServerError::Configured(message))) => wrong_call(&message),
        Err(error) => failed(&error),
    }
}

/// Says where the pages are, and who can sign in.
fn tell(served: &Served, language: Language) {
    let messages = language.messages();
    let filled =
        |template: &str, value: String| fill(template, |_| Some(value.clone())).unwrap_or_default();
    let mut text = format!(
        "\n{}\n  http://{}/\n\n{}\n",
        messages.live_pages, served.pages, messages.live_accounts
    );
    for account in &served.accounts {
        text.push_str(&format!(
            "  {:<12} {}\n",
            account.name, account.display_name
        ));
    }
    text.push_str(&filled(messages.live_password, served.password.clone()));
    text.push_str("\n\n");
    text.push_str(messages.live_until);
    text.push('\n');
    // Nobody has to read it.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Tells how the country goes on.
struct Days(&'static Messages, Language);

impl live::Told for Days {
    fn begun(&mut self, day: Day) {
        self.tell(self.0.live_begun, day);
    }

    fn passed(&mut self, day: Day) {
        self.tell(self.0.live_passed, day);
    }

    fn ended(&mut self) {
        let _ = writeln!(io::stderr().lock(), "{}", self.0.live_ended);
    }
}

impl Days {
    fn tell(&self, template: &str, day: Day) {
        let day = self.1.day(day);
        let text = fill(template, |_| Some(day.clone())).unwrap_or_default();
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

fn day(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse()?;
    match span.0 {
        day if day >= Duration::from_secs(1) => Ok(day),
        _ => Err("a day is at least one second".to_owned()),
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
