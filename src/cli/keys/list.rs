//! `fundwatch keys list`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::Undone;
use super::of::KeysOf;
use crate::journal::{KeyError, KeyState, Keys, Month};
use crate::record::Instant;

/// Lists the months of the journal or of the review pages, and whether the key of each is there.
#[derive(Args)]
#[command(after_long_help = AFTER_LIST)]
pub(super) struct List {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// Whose keys.
    #[arg(long, value_name = "WHAT", default_value = "journal")]
    of: KeysOf,

    /// One JSON document, for programs.
    #[arg(long)]
    json: bool,
}

const AFTER_LIST: &str = "\
States:
  kept        the key is there, bare or wrapped by a master key
  to_destroy  asked for with `keys destroy`, and not done yet
  destroyed   the key is destroyed or written off: the month is erased
  damaged     its file is not what was written: restore it from the backup of the keys

Exit codes:
  0  done   1  they cannot be read   2  the call is wrong

Example:
  fundwatch keys list --data /var/lib/fundwatch --json | jq '.[] | select(.state == \"to_destroy\")'";

#[derive(Serialize)]
struct Line {
    month: String,
    state: &'static str,
    /// Of a key that is there.
    is_wrapped: Option<bool>,
    /// When it was asked for, or done.
    since: Option<String>,
}

fn line(keys: &Keys, (month, state): (Month, KeyState)) -> Result<Line, Undone> {
    let (is_wrapped, is_damaged) = match keys.is_wrapped(month) {
        Ok(is_wrapped) => (is_wrapped, false),
        Err(KeyError::Damaged { .. }) => (None, true),
        Err(error) => return Err(error.into()),
    };
    let (state, since) = match state {
        KeyState::Destroyed { at } => ("destroyed", Some(at)),
        _ if is_damaged => ("damaged", None),
        KeyState::Kept => ("kept", None),
        KeyState::ToDestroy { at } => ("to_destroy", Some(at)),
    };
    Ok(Line {
        month: month.to_string(),
        state,
        is_wrapped,
        since: since.map(|at| Instant::from_nanos(at).to_string()),
    })
}

impl List {
    pub(super) fn run(self) -> Result<(), Undone> {
        let keys = Keys::new(self.of.directory(&self.data)?, None);
        let months = keys.months()?.into_iter();
        let lines: Vec<Line> = months
            .map(|month| line(&keys, month))
            .collect::<Result<_, _>>()?;
        let mut out = io::stdout().lock();
        let written = match self.json {
            true => serde_json::to_writer_pretty(&mut out, &lines)
                .map_err(io::Error::from)
                .and_then(|()| out.write_all(b"\n")),
            false => text(&lines, out),
        };
        match written {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Undone::Failed(Box::new(error)))
            }
            _ => Ok(()),
        }
    }
}

fn text(lines: &[Line], mut out: impl Write) -> io::Result<()> {
    let heading = format!("{:<9}{:<12}{:<9}Since", "Month", "state", "key");
    writeln!(out, "{}", console::style(heading).bold())?;
    for line in lines {
        let key = match line.is_wrapped {
            Some(true) => "wrapped",
            Some(false) => "bare",
            None => "-",
        };
        let since = line.since.as_deref().unwrap_or("-");
        writeln!(out, "{:<9}{:<12}{key:<9}{since}", line.month, line.state)?;
    }
    Ok(())
}
