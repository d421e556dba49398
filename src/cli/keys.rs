//! `fundwatch keys`.

mod list;
mod of;
mod rewrap;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::of::KeysOf;
use super::{failed, wrong_call};
use crate::journal::{KeyError, KeyState, Keys as MonthKeys, Month};
use crate::service::Clock;

/// Lists, destroys and rewraps the keys of the journal and of the review pages, one a month.
///
/// What arrived in a month is sealed under the month's key, in the journal, in snapshots and in every copy of them;
/// what people typed on the review pages, under a key of its own (--of review). Who destroys the key erases the
/// month. Run these as the service's user.
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Destroy(Destroy),
    Keep(Keep),
    WriteOff(WriteOff),
    Rewrap(rewrap::Rewrap),
}

/// Asks the service to erase a month: to destroy its key, for ever.
///
/// Of the journal, the service first seals anew, under the present month's key, the rows that are still in force, so
/// that alerts stay as they are. What was replaced, retired or rejected is gone. Of the review pages, it waits until
/// nothing that is to be decided rests on what was typed in the month. It begins at once, or when it is next started;
/// it says in its log and in the access log when the key is destroyed. Destroy the key in the backups of `keys/` as well.
#[derive(Args)]
#[command(after_long_help = AFTER_DESTROY)]
struct Destroy {
    #[command(flatten)]
    of: OfMonth,

    /// Really do it.
    #[arg(long)]
    yes: bool,
}

const AFTER_DESTROY: &str = "\
Settle rejected rows of the month first (/v1/rejects): their text is gone with it. A replay of the
journal no longer finds when the alerts of such a month were raised; the alert store keeps that.

Exit codes:
  0  asked for, or destroyed already   1  that could not be kept   2  the call is wrong

Example:
  fundwatch keys destroy --data /var/lib/fundwatch 2026-01 --yes";

/// Takes the request to destroy a month's key back, while it is not done.
///
/// Rows stay, but for claims that are retired: the last thing that the service does before it destroys the key is to
/// remove them.
#[derive(Args)]
#[command(after_long_help = AFTER_KEEP)]
struct Keep {
    #[command(flatten)]
    of: OfMonth,
}

const AFTER_KEEP: &str = "\
Exit codes:
  0  the key is kept   1  that could not be kept   2  the call is wrong, or the key is destroyed

Example:
  fundwatch keys keep --data /var/lib/fundwatch 2026-01";

/// Notes that the key of a month is lost or damaged and has no backup, so that the service can start without.
///
/// What it sealed counts as destroyed from then on, for good. Nothing is carried forward: rows of the month that
/// were in force have to be sent again. Look for a backup first.
#[derive(Args)]
#[command(after_long_help = AFTER_WRITE_OFF)]
struct WriteOff {
    #[command(flatten)]
    of: OfMonth,

    /// Really do it.
    #[arg(long)]
    yes: bool,
}

const AFTER_WRITE_OFF: &str = "\
Alerts that rested on rows of the month are not found again, so that the service asks for a new
store when it starts.

Exit codes:
  0  noted   1  that could not be kept   2  the call is wrong, or the key is not lost

Example:
  fundwatch keys write-off --data /var/lib/fundwatch 2026-01 --yes";

#[derive(Args)]
struct OfMonth {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// Whose keys.
    #[arg(long, value_name = "WHAT", default_value = "journal")]
    of: KeysOf,

    /// The month in UTC+7, such as 2026-01.
    #[arg(value_name = "MONTH")]
    month: Month,
}

/// Why nothing was done.
enum Undone {
    WrongCall(String),
    Failed(Box<dyn std::error::Error>),
}

impl From<KeyError> for Undone {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotPassed { .. } => Self::WrongCall(format!("MONTH: {error}")),
            error => Self::Failed(Box::new(error)),
        }
    }
}

impl Keys {
    pub(super) fn run(self) -> ExitCode {
        let done = match self.command {
            Command::List(list) => list.run(),
            Command::Destroy(destroy) => destroy.run(),
            Command::Keep(keep) => keep.run(),
            Command::WriteOff(write_off) => write_off.run(),
            Command::Rewrap(rewrap) => rewrap.run(),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(Undone::WrongCall(message)) => wrong_call(&message),
            Err(Undone::Failed(error)) => failed(&*error),
        }
    }
}

fn now() -> i64 {
    Clock::system().now().nanos()
}

impl OfMonth {
    fn keys(&self) -> Result<MonthKeys, Undone> {
        Ok(MonthKeys::new(self.of.directory(&self.data)?, None))
    }

    /// The key's state; none where the month has no key.
    fn state(&self, keys: &MonthKeys) -> Result<Option<KeyState>, Undone> {
        Ok(keys.months()?.get(&self.month).copied())
    }

    fn unknown(&self) -> Undone {
        Undone::WrongCall(format!(
            "MONTH: there is no key of {}; `fundwatch keys list --of {}` shows the months",
            self.month, self.of
        ))
    }
}

impl Destroy {
    fn run(self) -> Result<(), Undone> {
        let Self { of, yes } = self;
        let keys = of.keys()?;
        let month = of.month;
        match of.state(&keys)? {
            None => return Err(of.unknown()),
            Some(KeyState::Destroyed { .. }) => {
                println!("The key of {month} is destroyed already");
                return Ok(());
            }
            Some(KeyState::Kept | KeyState::ToDestroy { .. }) => {}
        }
        if !yes {
            return Err(Undone::WrongCall(format!(
                "this erases {month} for ever; add --yes to do it"
            )));
        }
        keys.request_destruction(month, now())?;
        match of.of {
            KeysOf::Journal => println!(
                "Asked for. The service carries forward what is in force of {month}, and then destroys its key;\n\
                 `fundwatch keys list` shows when it is done"
            ),
            KeysOf::Review => println!(
                "Asked for. The service destroys the key of {month} once nothing that is to be decided rests on it;\n\
                 `fundwatch keys list --of review` shows when it is done"
            ),
        }
        Ok(())
    }
}

impl Keep {
    fn run(self) -> Result<(), Undone> {
        let keys = self.of.keys()?;
        keys.withdraw_request(self.of.month)?;
        // Looked at afterwards: the service may have been faster.
        match self.of.state(&keys)? {
            None => Err(self.of.unknown()),
            Some(KeyState::Destroyed { .. }) => Err(Undone::WrongCall(format!(
                "MONTH: the key of {} is destroyed already",
                self.of.month
            ))),
            Some(KeyState::Kept | KeyState::ToDestroy { .. }) => {
                println!("The key of {} is kept", self.of.month);
                Ok(())
            }
        }
    }
}

/// Whether the file of a key is there, and whole.
fn is_readable(keys: &MonthKeys, month: Month) -> Result<bool, KeyError> {
    match keys.is_wrapped(month) {
        Err(KeyError::Damaged { .. }) => Ok(false),
        other => other.map(|is_wrapped| is_wrapped.is_some()),
    }
}

impl WriteOff {
    fn run(self) -> Result<(), Undone> {
        let Self { of, yes } = self;
        let keys = of.keys()?;
        let month = of.month;
        match of.state(&keys)? {
            Some(KeyState::Destroyed { .. }) => {
                println!("The key of {month} is written off or destroyed already");
                return Ok(());
            }
            Some(KeyState::Kept | KeyState::ToDestroy { .. }) if is_readable(&keys, month)? => {
                return Err(Undone::WrongCall(format!(
                    "MONTH: the key of {month} is there, and not lost; `fundwatch keys destroy` erases a month"
                )));
            }
            _ => {}
        }
        if !yes {
            return Err(Undone::WrongCall(format!(
                "this gives up what the key of {month} sealed for ever; add --yes to do it"
            )));
        }
        keys.write_off(month, now())?;
        println!("The key of {month} is written off");
        Ok(())
    }
}
