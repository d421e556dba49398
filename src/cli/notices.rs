//! `fundwatch notices`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{failed, notices_list, on_interrupt, wrong_call};
use crate::notice::delivery::{Courier, Until, deliver};
use crate::notice::outbox::{DeliveryState, Filter, ListedState, Outbox, OutboxError, SinkLine};
use crate::notice::{Clock, Findings, Sink, Span, SystemClock, read_sinks};

/// Tells the databases what was found wrong in them.
///
/// A replay writes what its alerts say is wrong in which database to notices.ndjson. `reconcile` brings an
/// outbox in line with it, `deliver` sends the notices to webhooks and directories, `list` shows what waits
/// and why. A notice is a proposal for people to decide on.
#[derive(Args)]
pub struct Notices {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Reconcile(Reconcile),
    Deliver(Deliver),
    List(List),
}

/// Brings an outbox in line with what a replay found.
///
/// One notice is about one field of one record of one database. A finding that is new gets a notice, one
/// that changed a new version that supersedes the earlier, and one that is gone a cancellation. The same
/// run again changes nothing. Reasons that the run did not compute say nothing of their notices, which
/// are kept.
#[derive(Args)]
#[command(after_long_help = AFTER_RECONCILE)]
struct Reconcile {
    /// The output directory of a replay.
    #[arg(long, value_name = "RUN")]
    run: PathBuf,

    /// The outbox; made when absent. It holds personal data, and its owner alone can read it.
    #[arg(long, value_name = "FILE")]
    outbox: PathBuf,

    /// Take a run of an earlier time than the outbox was last reconciled with.
    #[arg(long)]
    allow_earlier: bool,
}

const AFTER_RECONCILE: &str = "\
Exit codes:
  0  done   1  the run cannot be reconciled   2  the call is wrong

Example:
  fundwatch replay --input data --output run
  fundwatch notices reconcile --run run --outbox notices.db";

/// Delivers notices, each at least once.
///
/// What is due is sent, and what a sink did not take is left for the next time; with --until-empty, this
/// goes on until nothing is pending. A notice has one idempotency key however often it is sent, and of
/// one field of a record no earlier version is sent after a later. Whoever is killed meanwhile loses
/// nothing.
#[derive(Args)]
#[command(after_long_help = AFTER_DELIVER)]
struct Deliver {
    /// The outbox that `reconcile` makes.
    #[arg(long, value_name = "FILE")]
    outbox: PathBuf,

    /// The file of sinks, in TOML.
    #[arg(long, value_name = "FILE")]
    sinks: PathBuf,

    /// Go on until nothing is pending.
    #[arg(long)]
    until_empty: bool,

    /// With --until-empty: leave what is still pending after so long, such as 10m or 2h.
    #[arg(long, value_name = "TIME", requires = "until_empty")]
    give_up_after: Option<Span>,

    /// Send again what sinks refused for good.
    #[arg(long)]
    retry_failed: bool,
}

const AFTER_DELIVER: &str = "\
The file of sinks has a table a sink:
  [[sink]]
  name = \"population-hub\"           # a-z, 0-9, - and _; keep it, deliveries are known by it
  database = \"population\"           # or insurance, enterprise, health, social_welfare
  kind = \"webhook\"
  url = \"https://hub.example/notices\"
  secret_file = \"population.secret\" # or secret_env; a line whsec_ and base64 each
  [[sink]]
  name = \"health-files\"
  database = \"health\"
  kind = \"directory\"
  path = \"outgoing/health\"
and, where the usual values do not do:
  ca_file            the authorities that certify a webhook, in PEM form; without it, Mozilla's
  allow_http = true  allow http to other machines
  timeout            how long a request may take (10s)
  concurrency        how many notices a sink takes at a time (4)
  first_retry, longest_retry         ceilings of the wait before another attempt (1s, 5m)
  failures_to_pause                  failures in a row after which a sink is paused (5)
  first_pause, longest_pause         and for how long, until one attempt is made (2s, 1m)
  refusals_to_fail                   refusals after which a notice has failed (5)

A webhook is a POST of JSON with webhook-id (the idempotency key), webhook-timestamp and
webhook-signature as in Standard Webhooks 1.0.0; while a secret is replaced, the file has both and
both sign. 2xx is taken; 408, 425, 429, 5xx and a broken connection are tried again, 429 and 503 not
before their Retry-After; any other answer is a refusal. A receiver should drop keys that it has
seen, and versions below the one it has.

Exit codes:
  0  every notice of these sinks is delivered   1  some are left, or the delivery failed
  2  the call or the file of sinks is wrong

Examples:
  fundwatch notices deliver --outbox notices.db --sinks sinks.toml
  fundwatch notices deliver --outbox notices.db --sinks sinks.toml --until-empty --give-up-after 1h";

/// Shows what waits in an outbox, for which sink, and why.
#[derive(Args)]
#[command(after_long_help = AFTER_LIST)]
struct List {
    /// The outbox that `reconcile` makes.
    #[arg(long, value_name = "FILE")]
    outbox: PathBuf,

    /// List the notices in this state: pending, stuck, failed, delivered, superseded, unneeded or
    /// no_sink.
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<ListedState>,

    /// Of this sink only.
    #[arg(long, value_name = "NAME")]
    sink: Option<String>,

    /// At most so many notices, the oldest first.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,

    /// A notice is stuck that failed, or is pending for so long.
    #[arg(long, value_name = "TIME", default_value = "1h")]
    stuck_after: Span,

    /// One JSON document, for programs.
    #[arg(long)]
    json: bool,

    /// Show keys of records and values in full.
    #[arg(long)]
    reveal: bool,
}

const AFTER_LIST: &str = "\
States:
  pending     to be sent, or sent again
  stuck       failed, or pending for longer than --stuck-after
  failed      refused for good; `deliver --retry-failed` sends it again
  delivered   taken by the sink
  superseded  a later version took its place before it was taken
  unneeded    a cancellation of what was never sent
  no_sink     proposed, but its database has no sink

Exit codes:
  0  done   1  the outbox cannot be read   2  the call is wrong

Examples:
  fundwatch notices list --outbox notices.db
  fundwatch notices list --outbox notices.db --state stuck --json";

impl Notices {
    pub(super) fn run(self) -> ExitCode {
        match self.command {
            Command::Reconcile(reconcile) => reconcile.run(),
            Command::Deliver(deliver) => deliver.run(),
            Command::List(list) => list.run(),
        }
    }
}

/// A failure, with the exit code that it deserves.
fn told(error: &OutboxError) -> ExitCode {
    match error {
        OutboxError::Absent { .. }
        | OutboxError::NotAnOutbox { .. }
        | OutboxError::OtherDatabase { .. } => wrong_call(&error.to_string()),
        _ => failed(error),
    }
}

impl Reconcile {
    fn run(self) -> ExitCode {
        if !self.run.is_dir() {
            let run = self.run.display();
            return wrong_call(&format!(
                "--run {run} is not a directory; name the output directory of a replay"
            ));
        }
        if !directory_of(&self.outbox).is_dir() {
            let outbox = self.outbox.display();
            return wrong_call(&format!(
                "--outbox {outbox}: its directory does not exist; make it first"
            ));
        }
        let findings = match Findings::of_run(&self.run) {
            Ok(findings) => findings,
            Err(error) => return failed(&error),
        };
        match self.reconcile(findings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => told(&error),
        }
    }

    fn reconcile(&self, findings: Findings) -> Result<(), OutboxError> {
        let frontier = findings.frontier;
        let mut outbox = Outbox::open_or_create(&self.outbox)?;
        let done = outbox.reconcile(findings, SystemClock.now(), self.allow_earlier)?;
        println!(
            "Notices: {} opened, {} superseded, {} cancelled, {} as they were",
            done.opened, done.superseded, done.cancelled, done.kept
        );
        println!("Known to {frontier}");
        Ok(())
    }
}

impl Deliver {
    fn run(self) -> ExitCode {
        let sinks = match read_sinks(&self.sinks, &|name| std::env::var(name).ok()) {
            Ok(sinks) => sinks,
            Err(error) => return wrong_call(&error.to_string()),
        };
        if let Err(error) = on_interrupt("interrupted; what is left is sent the next time") {
            return failed(&error);
        }
        match self.deliver(&sinks) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(error) => told(&error),
        }
    }

    /// Delivers, and tells what came of it. Gives whether nothing is left.
    fn deliver(&self, sinks: &[Sink]) -> Result<bool, OutboxError> {
        let clock = SystemClock;
        let mut outbox = Outbox::open(&self.outbox)?;
        let _lock = outbox.lock()?;
        if self.retry_failed {
            for sink in sinks {
                outbox.retry_failed(&sink.lane.name, clock.now())?;
            }
        }
        let until = match (self.until_empty, self.give_up_after) {
            (false, _) => Until::NothingDue,
            (true, after) => Until::Empty(after.map(|Span(after)| clock.now().plus(after))),
        };
        let lanes = sinks.iter().map(|sink| sink.lane.clone()).collect();
        let transports: Vec<_> = sinks.iter().map(|sink| &sink.transport as _).collect();
        let mut courier = Courier::new(&mut outbox, lanes, clock.now())?;
        let outcome = deliver(&mut courier, &transports, &clock, until);
        let tallies: Vec<_> = courier
            .tallies()
            .map(|(lane, tally)| (lane.name.clone(), tally))
            .collect();
        outcome?;
        let listing = outbox.list(&Filter {
            state: None,
            sink: None,
            limit: 0,
            stuck_before: clock.now(),
        })?;
        let mut is_empty = true;
        for (name, tally) in tallies {
            let line = listing.sinks.iter().find(|line| line.name == name);
            let count = |state| line.map_or(0, |line: &SinkLine| line.count(state));
            let (pending, failed) = (count(DeliveryState::Pending), count(DeliveryState::Failed));
            is_empty &= pending == 0 && failed == 0;
            println!(
                "{name}: {} delivered, {} attempts in vain; {pending} pending, {failed} failed",
                tally.delivered, tally.in_vain
            );
            if let Some((error, at)) = line.and_then(|line| line.last_error.as_ref())
                && pending + failed > 0
            {
                println!("  last error at {at}: {error}");
            }
        }
        for (database, count) in listing.without_sink {
            eprintln!("warning: {count} notices of database {database} have no sink");
        }
        Ok(is_empty)
    }
}

impl List {
    fn run(self) -> ExitCode {
        let filter = Filter {
            state: self.state,
            sink: self.sink.clone(),
            limit: self.limit,
            stuck_before: {
                let now = SystemClock.now();
                let span = i64::try_from(self.stuck_after.0.as_millis()).unwrap_or(i64::MAX);
                crate::notice::Moment(now.0.saturating_sub(span))
            },
        };
        let listed = Outbox::open(&self.outbox)
            .and_then(|mut outbox| Ok((outbox.list(&filter)?, outbox.frontier()?)));
        let (listing, frontier) = match listed {
            Ok(listed) => listed,
            Err(error) => return told(&error),
        };
        let shown = notices_list::Shown {
            listing: &listing,
            frontier,
            state: self.state,
            reveal: self.reveal,
        };
        let out = std::io::stdout().lock();
        let written = match self.json {
            true => shown.json(out),
            false => shown.text(out),
        };
        match written {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => failed(&error),
            _ => ExitCode::SUCCESS,
        }
    }
}

fn state(text: &str) -> Result<ListedState, String> {
    let found = ListedState::all().find(|state| state.as_str() == text);
    found.ok_or_else(|| {
        let names: Vec<&str> = ListedState::all().map(ListedState::as_str).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn directory_of(file: &Path) -> &Path {
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
