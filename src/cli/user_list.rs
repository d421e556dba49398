//! `fundwatch user list`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::failed;
use crate::access::{AccessError, Register, UserRecord, UserState};
use crate::notice::{Clock, Moment, SystemClock};

/// Lists the users, the oldest first.
#[derive(Args)]
#[command(after_long_help = AFTER_LIST)]
pub(super) struct UserList {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// One JSON document, for programs.
    #[arg(long)]
    json: bool,
}

const AFTER_LIST: &str = "\
A user whose setup code was not used yet is shown as new, and as expired once the code is no longer
good. One whom the identity provider brought has neither a password nor an app of codes here; the
JSON names the provider.

Exit codes:
  0  done   1  they cannot be read   2  the call is wrong

Examples:
  fundwatch user list --data /var/lib/fundwatch
  fundwatch user list --data /var/lib/fundwatch --json | jq '.[] | select(.has_totp | not)'";

impl UserList {
    pub(super) fn run(self) -> Result<ExitCode, AccessError> {
        let users = Register::open(&self.data)?.users()?;
        let now = SystemClock.now();
        let out = io::stdout().lock();
        let written = match self.json {
            true => json(&users, now, out),
            false => text(&users, now, out),
        };
        Ok(match written {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            _ => ExitCode::SUCCESS,
        })
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: u32,
    name: &'a str,
    display_name: &'a str,
    role: &'a str,
    /// Nothing for all.
    provinces: Option<Vec<String>>,
    language: &'a str,
    state: &'a str,
    has_totp: bool,
    /// The identity provider that brought the user; nothing of one who has a password here.
    issuer: Option<&'a str>,
    setup_until: Option<String>,
    locked_until: Option<String>,
    created_at: String,
    changed_at: String,
}

/// What a user is, in a word.
fn state(user: &UserRecord, now: Moment) -> &'static str {
    match (user.state, user.setup_until) {
        (UserState::Disabled, _) => "disabled",
        (UserState::Active, Some(until)) if now < until => "new",
        (UserState::Active, Some(_)) => "expired",
        (UserState::Active, None) if user.locked_until.is_some_and(|until| now < until) => "locked",
        (UserState::Active, None) => "active",
    }
}

fn json(users: &[UserRecord], now: Moment, mut out: impl Write) -> io::Result<()> {
    let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
    let lines = users.iter().map(|user| Line {
        id: user.id.0,
        name: &user.name,
        display_name: &user.display_name,
        role: user.role.as_str(),
        provinces: match user.provinces.is_all() {
            true => None,
            false => {
                let codes = user.provinces.codes();
                Some(codes.map(|code| format!("{code:02}")).collect())
            }
        },
        language: user.language.code(),
        state: state(user, now),
        has_totp: user.has_totp,
        issuer: user.issuer.as_deref(),
        setup_until: moment(user.setup_until),
        locked_until: moment(user.locked_until.filter(|until| now < *until)),
        created_at: user.created_at.to_string(),
        changed_at: user.changed_at.to_string(),
    });
    serde_json::to_writer_pretty(&mut out, &lines.collect::<Vec<_>>())?;
    out.write_all(b"\n")
}

fn text(users: &[UserRecord], now: Moment, mut out: impl Write) -> io::Result<()> {
    let heading = format!(
        "{:<5}{:<20}{:<9}{:<17}{:<12}{:<7}{:<10}{:<10}{:<20}Display name",
        "User", "name", "state", "role", "created", "codes", "from", "language", "provinces"
    );
    writeln!(out, "{}", console::style(heading).bold())?;
    for user in users {
        let created = user.created_at.to_string();
        writeln!(
            out,
            "{:<5}{:<20}{:<9}{:<17}{:<12}{:<7}{:<10}{:<10}{:<20}{}",
            user.id.0,
            user.name,
            state(user, now),
            user.role.as_str(),
            created.split('T').next().unwrap_or_default(),
            if user.has_totp { "yes" } else { "no" },
            user.issuer.as_ref().map_or("here", |_| "provider"),
            user.language.code(),
            user.provinces.to_string(),
            user.display_name
        )?;
    }
    Ok(())
}
