//! `fundwatch token`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{failed, wrong_call};
use crate::access::{
    AccessError, NewToken, NewUserToken, Register, Role, StreamSet, TokenId, TokenRecord,
    TokenState, is_plain_name, stream, stream_names,
};
use crate::notice::{Clock, Moment, Span, SystemClock};
use crate::record::Stream;

/// Makes, lists and revokes the tokens of the API.
///
/// A token says who asks: it is sent as `Authorization: Bearer TOKEN`. A running service knows of a new or a
/// revoked one within a second. Tokens are kept in access.db in the data directory, without their secrets.
#[derive(Args)]
pub struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Makes a token and prints it.
///
/// It is of a system, with a role, or acts as a user: with --user it may what that user may at the moment of each
/// call, in their provinces, and nothing once they are disabled. It is printed this once, alone on standard
/// output, and cannot be had again: what is kept of it is a digest. The data directory is made when absent.
#[derive(Args)]
#[command(after_long_help = after_create())]
struct Create {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// What it may do: one of the roles below. A role decides nothing that people have to.
    #[arg(long, value_name = "ROLE", value_parser = role, required_unless_present = "user", conflicts_with = "user")]
    role: Option<Role>,

    /// As which user it acts.
    #[arg(long, value_name = "NAME", value_parser = name)]
    user: Option<String>,

    /// Bind a feed to this stream; may be given several times. Without it, it may send all.
    #[arg(long = "stream", value_name = "NAME", value_parser = stream_name)]
    streams: Vec<Stream>,

    /// What it is called in lists and logs: a-z, 0-9, ., - and _; a system's name, not a person's.
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,

    /// Refuse it after so long, such as 90d; without it, it is good until it is revoked.
    #[arg(long, value_name = "TIME")]
    expires: Option<Span>,
}

fn after_create() -> String {
    let roles = Role::ALL.iter();
    let roles: String = roles
        .map(|role| format!("  {:<17}{}\n", role.as_str(), role.about()))
        .collect();
    format!("Roles:\n{roles}\n{AFTER_CREATE}")
}

const AFTER_CREATE: &str = "\
Exit codes:
  0  done   1  it could not be kept   2  the call is wrong

Examples:
  fundwatch token create --data /var/lib/fundwatch --role auditor --expires 90d
  fundwatch token create --data DIR --role feed --stream claims --name hospital-01 > token
  fundwatch token create --data DIR --user lan.tran --name case-system --expires 30d";

/// Lists the tokens, the oldest first.
#[derive(Args)]
#[command(after_long_help = AFTER_LIST)]
struct List {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// One JSON document, for programs.
    #[arg(long)]
    json: bool,
}

const AFTER_LIST: &str = "\
The day of the last use is noted by a running service, at most once an hour. A token that acts as a user is
disabled while they are.

Exit codes:
  0  done   1  they cannot be read   2  the call is wrong

Examples:
  fundwatch token list --data /var/lib/fundwatch
  fundwatch token list --data /var/lib/fundwatch --json | jq '.[] | select(.last_used == null)'";

/// Revokes a token: a running service refuses it within a second.
#[derive(Args)]
#[command(after_long_help = AFTER_REVOKE)]
struct Revoke {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// Its id, as `token list` shows it: the 12 characters after `fw_`.
    #[arg(value_name = "ID")]
    id: String,
}

const AFTER_REVOKE: &str = "\
One that is revoked already stays so, and stays in the list.

Exit codes:
  0  it is revoked   1  that could not be kept   2  the call is wrong, or there is no such token

Example:
  fundwatch token revoke --data /var/lib/fundwatch 9c41d07be2aa";

impl Token {
    pub(super) fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Create(create) => create.run(),
            Command::List(list) => list.run(),
            Command::Revoke(revoke) => revoke.run(),
        };
        done.unwrap_or_else(|error| told(&error))
    }
}

/// A failure, with the exit code that it deserves.
fn told(error: &AccessError) -> ExitCode {
    match error {
        AccessError::NoDirectory { .. }
        | AccessError::Absent { .. }
        | AccessError::NotARegister { .. }
        | AccessError::NoSuchToken { .. }
        | AccessError::NoSuchUser { .. } => wrong_call(&error.to_string()),
        _ => failed(error),
    }
}

impl Create {
    fn run(self) -> Result<ExitCode, AccessError> {
        if !self.streams.is_empty() && self.role != Some(Role::Feed) {
            return Ok(wrong_call(
                "--stream: only a feed is bound to streams; leave it out",
            ));
        }
        let now = SystemClock.now();
        let expires_at = self.expires.map(|Span(span)| now.plus(span));
        let mut register = Register::open_or_create(&self.data)?;
        let (token, whose) = match (self.role, self.user) {
            (Some(role), None) => {
                let new = NewToken {
                    name: self.name,
                    role,
                    streams: match self.streams.is_empty() {
                        true => StreamSet::ALL,
                        false => self.streams.into_iter().collect(),
                    },
                    expires_at,
                };
                (register.create(&new, now)?, role.to_string())
            }
            (None, Some(user)) => {
                let new = NewUserToken {
                    user,
                    name: self.name,
                    expires_at,
                };
                let whose = format!("acting as {}", new.user);
                (register.create_for_user(&new, now)?, whose)
            }
            // The parser sees to it.
            _ => return Ok(wrong_call("give one of --role and --user")),
        };
        let mut out = io::stdout().lock();
        let revealed = token.reveal();
        let written = writeln!(out, "{}", *revealed).and_then(|()| out.flush());
        if let Err(error) = written {
            // It exists, and nobody has it.
            let id = token.id();
            let why = format!("the token {id} could not be printed; revoke it ({error})");
            return Ok(failed(&io::Error::new(error.kind(), why)));
        }
        let until = match expires_at {
            Some(at) => format!("until {at}"),
            None => "until it is revoked".to_owned(),
        };
        let id = token.id();
        eprintln!("Token {id}, {whose}, good {until}; it is not shown again");
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    name: Option<&'a str>,
    role: &'a str,
    /// As whom it acts; nothing of a system.
    user: Option<&'a str>,
    /// Nothing for all.
    streams: Option<Vec<&'a str>>,
    state: &'a str,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used: Option<String>,
}

fn state(record: &TokenRecord, now: Moment) -> &'static str {
    match record.state(now) {
        TokenState::Active => "active",
        TokenState::Expired => "expired",
        TokenState::Revoked => "revoked",
        TokenState::UserDisabled => "disabled",
    }
}

impl List {
    fn run(self) -> Result<ExitCode, AccessError> {
        let tokens = Register::open(&self.data)?.list()?;
        let now = SystemClock.now();
        let out = io::stdout().lock();
        let written = match self.json {
            true => json(&tokens, now, out),
            false => text(&tokens, now, out),
        };
        Ok(match written {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            _ => ExitCode::SUCCESS,
        })
    }
}

fn json(tokens: &[TokenRecord], now: Moment, mut out: impl Write) -> io::Result<()> {
    let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
    let lines = tokens.iter().map(|token| Line {
        id: token.id.as_str(),
        name: token.name.as_deref(),
        role: token.role.as_str(),
        user: token.user.as_ref().map(|user| &*user.name),
        streams: match token.streams.is_all() {
            true => None,
            false => Some(token.streams.iter().map(Stream::name).collect()),
        },
        state: state(token, now),
        created_at: token.created_at.to_string(),
        expires_at: moment(token.expires_at),
        revoked_at: moment(token.revoked_at),
        last_used: token.last_used.map(|day| day.to_string()),
    });
    serde_json::to_writer_pretty(&mut out, &lines.collect::<Vec<_>>())?;
    out.write_all(b"\n")
}

fn text(tokens: &[TokenRecord], now: Moment, mut out: impl Write) -> io::Result<()> {
    let heading = format!(
        "{:<14}{:<10}{:<17}{:<12}{:<12}{:<12}{:<20}{:<20}Streams",
        "Token", "state", "role", "created", "expires", "last used", "name", "user"
    );
    writeln!(out, "{}", console::style(heading).bold())?;
    for token in tokens {
        let day = |moment: Moment| {
            let text = moment.to_string();
            text.split('T').next().unwrap_or_default().to_owned()
        };
        writeln!(
            out,
            "{:<14}{:<10}{:<17}{:<12}{:<12}{:<12}{:<20}{:<20}{}",
            token.id.as_str(),
            state(token, now),
            token.role.as_str(),
            day(token.created_at),
            token.expires_at.map_or_else(|| "never".to_owned(), day),
            token
                .last_used
                .map_or_else(|| "never".to_owned(), |day| day.to_string()),
            token.name.as_deref().unwrap_or("-"),
            token.user.as_ref().map_or("-", |user| &user.name),
            token.streams
        )?;
    }
    Ok(())
}

impl Revoke {
    fn run(self) -> Result<ExitCode, AccessError> {
        // Not echoed: somebody may have given the whole token.
        let Some(id) = TokenId::from_text(&self.id) else {
            return Ok(wrong_call(
                "ID: expected 12 hexadecimal digits; `fundwatch token list` shows the ids, and of a token they are \
                 the 12 characters after `fw_`",
            ));
        };
        let is_news = Register::open(&self.data)?.revoke(id, SystemClock.now())?;
        match is_news {
            true => println!("Revoked {id}"),
            false => println!("{id} was revoked already"),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| format!("expected one of {}", Role::names()))
}

fn stream_name(text: &str) -> Result<Stream, String> {
    stream(text).ok_or_else(|| format!("expected one of {}", stream_names()))
}

fn name(text: &str) -> Result<String, &'static str> {
    let expected = "expected 1 to 64 of a-z, 0-9, ., - and _";
    is_plain_name(text).then(|| text.to_owned()).ok_or(expected)
}
