//! `fundwatch user`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::user_list::UserList;
use super::{failed, wrong_call};
use crate::access::{
    AccessError, NewUser, ProvinceSet, Register, Role, SETUP_CODE_LIFE, SetupCode, UserState,
    display_name, is_plain_name,
};
use crate::language::Language;
use crate::notice::{Clock, Moment, SystemClock};
use clap::{Args, Subcommand};

/// Makes, lists and changes the people who sign in.
///
/// A running service knows of a change within a second. Users are kept in access.db in the data directory: of a
/// password a hash, of a setup code a digest.
#[derive(Args)]
pub struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Add(Add),
    List(UserList),
    Disable(Disable),
    Enable(Enable),
    Reset(Reset),
    Role(NewRole),
}

/// Makes a user and prints the setup code.
///
/// Give the code to the person: with it, once and within a day, they set their password and their app of codes. It is
/// printed this once, alone on standard output; what is kept of it is a digest. The data directory is made when absent.
#[derive(Args)]
#[command(after_long_help = after_add())]
struct Add {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// What the person types to sign in: a-z, 0-9, ., - and _. It stands in logs.
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: String,

    /// What the person may do: one of the roles below.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Role,

    /// What pages call the person; without it, the name.
    #[arg(long, value_name = "TEXT", value_parser = shown)]
    display_name: Option<String>,

    /// Have the person work on this province, by its two digits; may be given several times. Without it, on all.
    #[arg(long = "province", value_name = "CODE", value_parser = province)]
    provinces: Vec<String>,

    /// The language of the pages: vi or en.
    #[arg(long, value_name = "LANGUAGE", default_value = "vi", value_parser = language)]
    language: Language,
}

fn after_add() -> String {
    let roles = Role::ALL.iter().filter(|role| !role.is_of_systems());
    let roles: String = roles
        .map(|role| format!("  {:<17}{}\n", role.as_str(), role.about()))
        .collect();
    format!("Roles:\n{roles}\n{AFTER_ADD}")
}

const AFTER_ADD: &str = "\
Exit codes:
  0  done   1  it could not be kept   2  the call is wrong, or there is a user of this name

Examples:
  fundwatch user add --data /var/lib/fundwatch --name lan.tran --role reviewer --province 79
  fundwatch user add --data DIR --name admin --role admin --display-name 'Trần Thị Mẫu' > code";

#[derive(Args)]
struct OfUser {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The user's name, as `user list` shows it.
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
}

/// Keeps a user from signing in: a running service signs the person out within a second.
///
/// Nothing is removed: the user stays in the list, and what the person did stays theirs.
#[derive(Args)]
#[command(after_long_help = AFTER_DISABLE)]
struct Disable {
    #[command(flatten)]
    of: OfUser,
}

const AFTER_DISABLE: &str = "\
Exit codes:
  0  disabled   1  that could not be kept   2  the call is wrong, or there is no such user

Example:
  fundwatch user disable --data /var/lib/fundwatch lan.tran";

/// Lets a user who was disabled sign in again, with the password and the app of before.
#[derive(Args)]
#[command(after_long_help = AFTER_ENABLE)]
struct Enable {
    #[command(flatten)]
    of: OfUser,
}

const AFTER_ENABLE: &str = "\
Exit codes:
  0  enabled   1  that could not be kept   2  the call is wrong, or there is no such user

Example:
  fundwatch user enable --data /var/lib/fundwatch lan.tran";

/// Puts a user back to the beginning and prints a new setup code.
///
/// For a lost telephone, a forgotten password or a setup code that has expired. The password and the app of codes are
/// removed, and a running service signs the person out within a second. A lock is lifted. One who is disabled stays so.
#[derive(Args)]
#[command(after_long_help = AFTER_RESET)]
struct Reset {
    #[command(flatten)]
    of: OfUser,
}

const AFTER_RESET: &str = "\
Exit codes:
  0  reset   1  that could not be kept   2  the call is wrong, or there is no such user

Example:
  fundwatch user reset --data /var/lib/fundwatch lan.tran";

/// Gives a user another role: a running service signs the person out within a second.
#[derive(Args)]
#[command(after_long_help = AFTER_ROLE)]
struct NewRole {
    #[command(flatten)]
    of: OfUser,

    /// What the person may do from now on; `user add --help` says what each role is.
    #[arg(value_name = "ROLE", value_parser = role)]
    role: Role,
}

const AFTER_ROLE: &str = "\
Exit codes:
  0  it has the role   1  that could not be kept   2  the call is wrong, or there is no such user

Example:
  fundwatch user role --data /var/lib/fundwatch lan.tran supervisor";

impl User {
    pub(super) fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Add(add) => add.run(),
            Command::List(list) => list.run(),
            Command::Disable(disable) => set_state(&disable.of, UserState::Disabled),
            Command::Enable(enable) => set_state(&enable.of, UserState::Active),
            Command::Reset(reset) => reset.run(),
            Command::Role(role) => role.run(),
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
        | AccessError::NameTaken { .. }
        | AccessError::OfProvider { .. }
        | AccessError::NoSuchUser { .. } => wrong_call(&error.to_string()),
        _ => failed(error),
    }
}

impl Add {
    fn run(self) -> Result<ExitCode, AccessError> {
        let codes = self.provinces.iter().map(String::as_str);
        let new = NewUser {
            display_name: self.display_name.unwrap_or_else(|| self.name.clone()),
            name: self.name,
            role: self.role,
            provinces: ProvinceSet::from_codes(codes).unwrap_or(ProvinceSet::ALL),
            language: self.language,
        };
        let now = SystemClock.now();
        let (_, code) = Register::open_or_create(&self.data)?.add_user(&new, now)?;
        let about = format!("User {}, {}", new.name, new.role);
        Ok(print(&code, &new.name, &about, now))
    }
}

/// Prints a setup code, alone on standard output.
fn print(code: &SetupCode, name: &str, about: &str, now: Moment) -> ExitCode {
    let mut out = io::stdout().lock();
    let revealed = code.reveal();
    let written = writeln!(out, "{}", *revealed).and_then(|()| out.flush());
    if let Err(error) = written {
        // It exists, and nobody has it.
        let why =
            format!("the setup code of {name} could not be printed; reset the user ({error})");
        return failed(&io::Error::new(error.kind(), why));
    }
    let until = now.plus(SETUP_CODE_LIFE);
    eprintln!("{about}; the setup code is good until {until}, once, and is not shown again");
    ExitCode::SUCCESS
}

impl Reset {
    fn run(self) -> Result<ExitCode, AccessError> {
        let now = SystemClock.now();
        let OfUser { data, name } = self.of;
        let code = Register::open(&data)?.reset_user(&name, now)?;
        Ok(print(&code, &name, &format!("Reset {name}"), now))
    }
}

fn set_state(of: &OfUser, state: UserState) -> Result<ExitCode, AccessError> {
    let now = SystemClock.now();
    let is_news = Register::open(&of.data)?.set_user_state(&of.name, state, now)?;
    let done = match state {
        UserState::Active => "enabled",
        UserState::Disabled => "disabled",
    };
    match is_news {
        true => println!("{} is {done}", of.name),
        false => println!("{} was {done} already", of.name),
    }
    Ok(ExitCode::SUCCESS)
}

impl NewRole {
    fn run(self) -> Result<ExitCode, AccessError> {
        let OfUser { data, name } = self.of;
        let now = SystemClock.now();
        let is_news = Register::open(&data)?.set_user_role(&name, self.role, now)?;
        match is_news {
            true => println!("{name} has the role {}", self.role),
            false => println!("{name} had the role {} already", self.role),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn name(text: &str) -> Result<String, &'static str> {
    let expected = "expected 1 to 64 of a-z, 0-9, ., - and _";
    is_plain_name(text).then(|| text.to_owned()).ok_or(expected)
}

fn role(text: &str) -> Result<Role, String> {
    let roles = Role::ALL.iter().filter(|role| !role.is_of_systems());
    let names: Vec<&str> = roles.map(|role| role.as_str()).collect();
    let role = Role::from_name(text).filter(|role| !role.is_of_systems());
    role.ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn shown(text: &str) -> Result<String, &'static str> {
    display_name(text).ok_or("expected 1 to 80 characters, in one line")
}

fn province(text: &str) -> Result<String, &'static str> {
    let code = ProvinceSet::code(text);
    let expected = "expected the two digits of a province, as on cards, such as 01 or 79";
    code.map(|_| text.to_owned()).ok_or(expected)
}

fn language(text: &str) -> Result<Language, &'static str> {
    Language::from_code(text).ok_or("expected vi or en")
}
