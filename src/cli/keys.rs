//! `fundwatch keys`.

mod list;
mod rewrap;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{failed, wrong_call};
use crate::journal::{Directory, KeyError, KeyState, Keys as MonthKeys, Month};
use crate::service::Clock;

/// Lists, destroys and rewraps the keys of the journal, one a month.
///
/// What arrived in a month is sealed under the month's key, in the journal, in snapshots and in every copy of them.
/// Who destroys the key erases the month. Run these as the service's user.
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
/// The service first seals anew, under the present month's key, the rows that are still in force, so that alerts
/// stay as they are. What was replaced, retired or rejected is gone. It begins at once, or when it is next started;
/// it says in its log when the key is destroyed. Destroy the key in the backups of `keys/` as well.
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

/// Notes that the key of a month is lost and has no backup, so that the service can start without.
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

/// The directory of keys of a service, which has to be there.
fn directory(data: &Path) -> Result<Arc<Directory>, Undone> {
    let keys = data.join("keys");
    if !keys.is_dir() {
        return Err(Undone::WrongCall(format!(
            "--data {}: there are no keys of a journal; name the directory that `fundwatch serve --data` names",
            data.display()
        )));
    }
    let opened = Directory::create(&keys).map_err(|error| {
        let why = format!(
            "{}: {error}; run this as the service's user",
            keys.display()
        );
        Undone::Failed(why.into())
    })?;
    Ok(Arc::new(opened))
}

fn now() -> i64 {
    Clock::system().now().nanos()
}

impl OfMonth {
    fn keys(&self) -> Result<MonthKeys, Undone> {
        Ok(MonthKeys::new(directory(&self.data)?, None))
    }

    /// The key's state; none where the month has no key.
    fn state(&self, keys: &MonthKeys) -> Result<Option<KeyState>, Undone> {
        Ok(keys.months()?.get(&self.month).copied())
    }

    fn unknown(&self) -> Undone {
        Undone::WrongCall(format!(
            "MONTH: there is no key of {}; `fundwatch keys list` shows the months",
            self.month
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
        println!(
            "Asked for. The service carries forward what is in force of {month}, and then destroys its key;\n\
             `fundwatch keys list` shows when it is done"
        );
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
            Some(KeyState::Kept | KeyState::ToDestroy { .. })
                if keys.is_wrapped(month)?.is_some() =>
            {
                return Err(Undone::WrongCall(format!(
                    "MONTH: the key of {month} is there, and not lost; `fundwatch keys destroy` erases a month"
                )));
            }
            _ => {}
        }
        if !yes {
            return Err(Undone::WrongCall(format!(
                "this gives up what arrived in {month} for ever; add --yes to do it"
            )));
        }
        keys.write_off(month, now())?;
        println!("The key of {month} is written off");
        Ok(())
    }
}
