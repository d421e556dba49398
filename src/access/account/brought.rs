//! Users whom an identity provider brings.
//!
//! In: somebody whom the provider vouches for. Out: a session of the user who is this person, made or brought up to date:
//! role and provinces are what the groups say at each sign-in. Must hold: a person is one user, whatever they are called;
//! nobody becomes a user who was there, by the name; who is in no group that is known, or is disabled here, has no
//! session when this returns.

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::accounts::Accounts;
use super::admin;
use super::error::{BringError, SignInError};
use super::province_set::ProvinceSet;
use super::session::{Session, SessionDigest, SessionSecret, SignedIn, random_bytes};
use super::session_rows::NewSession;
use super::user::{NewUser, UserId, UserState, display_name};
use super::{identity_rows, session_rows, user_rows};
use crate::access::error::AccessError;
use crate::access::oidc::{Logout, Vouched};
use crate::access::role::Role;
use crate::access::token_record::is_plain_name;
use crate::hex::hex;
use crate::language::Language;
use crate::notice::Moment;

/// The most characters that are taken of what a provider calls somebody, with room for a number behind.
const LONGEST: usize = 56;
/// How many of one name there can be.
const NAMESAKES: u32 = 1_000;
/// As many digits may be the number of a card or of a citizen, which is no name.
const DIGITS: usize = 9;

/// Somebody whom the provider brought.
#[derive(Debug)]
pub struct Brought {
    /// Their session.
    pub signed_in: SignedIn,
    /// Whether the user was made just now.
    pub is_new: bool,
    /// What of them the provider changed.
    pub changed: Vec<&'static str>,
}

impl From<SignInError> for BringError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Ended => Self::Ended,
            _ => Self::Unavailable,
        }
    }
}

impl From<AccessError> for BringError {
    fn from(_: AccessError) -> Self {
        Self::Unavailable
    }
}

impl From<getrandom::Error> for BringError {
    fn from(_: getrandom::Error) -> Self {
        Self::Unavailable
    }
}

/// A user who is up to date.
struct UpToDate {
    id: UserId,
    is_new: bool,
    changed: Vec<&'static str>,
}

impl Accounts {
    /// Begins a session of the user who is this person. A user who is not there is made.
    ///
    /// # Errors
    /// When no group of theirs is known, they are disabled, or it cannot be kept.
    pub fn bring(&self, person: &Vouched) -> Result<Brought, BringError> {
        let now = self.answering().ok_or(BringError::Unavailable)?;
        let (cookie, csrf) = (SessionSecret::random()?, random_bytes()?);
        let digest = cookie.digest();
        let UpToDate {
            id: _,
            is_new,
            changed,
        } = self.change(|connection| {
            let user = match up_to_date(connection, person, now)? {
                Ok(user) => user,
                Err(error) => return Ok(Err(error)),
            };
            let new = NewSession {
                digest,
                user: user.id,
                csrf: &csrf,
                device: None,
                provider_session: person.session.as_deref(),
                // Where the provider does not say, it may be long ago.
                verified_at: person.proved_at.unwrap_or(Moment(0)).min(now),
            };
            session_rows::begin(connection, &new, now)?;
            Ok(Ok(user))
        })??;
        Ok(Brought {
            signed_in: self.signed_in(cookie)?,
            is_new,
            changed,
        })
    }

    /// Takes the provider's word that whoever has a session, by its [mark](Session::mark), has proved anew who they are.
    /// The session gets a new secret, and the old one is nobody's; the token of its forms stays.
    ///
    /// # Errors
    /// When it is the session of somebody else, or has ended, and as [`Accounts::bring`].
    pub fn prove_vouched(&self, person: &Vouched, mark: &str) -> Result<SignedIn, BringError> {
        let now = self.answering().ok_or(BringError::Unavailable)?;
        let old = SessionDigest::of_mark(mark).ok_or(BringError::Ended)?;
        let cookie = SessionSecret::random()?;
        let new = cookie.digest();
        self.change(|connection| {
            let found = identity_rows::user_of(connection, &person.issuer, &person.subject)?;
            let is_theirs = match found {
                Some(user) => session_rows::exists(connection, old, user)?,
                None => false,
            };
            if !is_theirs {
                let is_there = session_rows::is_there(connection, old)?;
                return Ok(Err(match is_there {
                    true => BringError::OtherPerson,
                    false => BringError::Ended,
                }));
            }
            // What changed of them is taken over when they sign in anew, which is logged with it.
            if let Some(user) = found
                && differs(connection, person, user)?
            {
                session_rows::end_of_user(connection, user, None)?;
                return Ok(Err(BringError::Ended));
            }
            let user = match up_to_date(connection, person, now)? {
                Ok(user) => user,
                Err(error) => return Ok(Err(error)),
            };
            let session = person.session.as_deref();
            let renewed = session_rows::renew(connection, old, (new, session), user.id, now)?;
            Ok(renewed.then_some(()).ok_or(BringError::Ended))
        })??;
        Ok(self.signed_in(cookie)?)
    }

    /// Ends what a provider says is over. Gives the names and roles of those whose sessions ended.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn end_vouched(&self, logout: &Logout) -> Result<Vec<(String, Role)>, AccessError> {
        self.change(|connection| {
            let (subject, session) = (logout.subject.as_deref(), logout.session.as_deref());
            let users = identity_rows::end_sessions(connection, &logout.issuer, subject, session)?;
            let mut ended = Vec::new();
            for user in users {
                if let Some(Ok(user)) = user_rows::one(connection, user)? {
                    ended.push((user.record.name, user.record.role));
                }
            }
            Ok(ended)
        })
    }
}

impl Session {
    /// What names this session to [`Accounts::prove_vouched`], and lets nobody in.
    pub fn mark(&self) -> String {
        hex(&self.digest.0)
    }
}

/// Whether a user has another role or other provinces than the provider says now.
fn differs(connection: &Connection, person: &Vouched, user: UserId) -> rusqlite::Result<bool> {
    let (Some(grant), Some(Ok(user))) = (person.grant, user_rows::one(connection, user)?) else {
        return Ok(false);
    };
    Ok((user.record.role, user.record.provinces) != grant)
}

fn up_to_date(
    connection: &Connection,
    person: &Vouched,
    now: Moment,
) -> rusqlite::Result<Result<UpToDate, BringError>> {
    let found = identity_rows::user_of(connection, &person.issuer, &person.subject)?;
    let known = match found {
        Some(id) => match user_rows::one(connection, id)? {
            Some(Ok(user)) => Some(user),
            // A later version made it what it is.
            _ => return Ok(Err(BringError::Unavailable)),
        },
        None => None,
    };
    let Some((role, provinces)) = person.grant else {
        if let Some(user) = &known {
            session_rows::end_of_user(connection, user.record.id, None)?;
        }
        let known = known.map(|user| (user.record.name, user.record.role));
        return Ok(Err(BringError::NoGroup { known }));
    };
    if role.is_of_systems() {
        // The configuration gives it to nobody.
        return Ok(Err(BringError::NoGroup { known: None }));
    }
    let Some(user) = known else {
        return made(connection, person, role, provinces, now);
    };
    let record = user.record;
    if record.state != UserState::Active {
        let known = (record.name, record.role);
        return Ok(Err(BringError::Disabled { known }));
    }
    let mut changed = Vec::new();
    if admin::set_role(connection, record.id, role, now)? {
        changed.push("role");
    }
    if record.provinces != provinces {
        user_rows::set_provinces(connection, record.id, provinces, now)?;
        changed.push("provinces");
    }
    let shown = person.display_name.as_deref().and_then(display_name);
    if let Some(shown) = shown.filter(|shown| *shown != record.display_name) {
        user_rows::set_display_name(connection, record.id, &shown, now)?;
        changed.push("display_name");
    }
    Ok(Ok(UpToDate {
        id: record.id,
        is_new: false,
        changed,
    }))
}

fn made(
    connection: &Connection,
    person: &Vouched,
    role: Role,
    provinces: ProvinceSet,
    now: Moment,
) -> rusqlite::Result<Result<UpToDate, BringError>> {
    let wanted = name(person);
    let shown = person.display_name.as_deref().and_then(display_name);
    for number in 1..NAMESAKES {
        let name = match number {
            1 => wanted.clone(),
            number => format!("{wanted}-{number}"),
        };
        let new = NewUser {
            display_name: shown.clone().unwrap_or_else(|| name.clone()),
            name,
            role,
            provinces,
            language: match person.reads_english {
                true => Language::English,
                false => Language::Vietnamese,
            },
        };
        if let Some(id) = user_rows::insert(connection, &new, None, now)? {
            identity_rows::insert(connection, &person.issuer, &person.subject, id, now)?;
            return Ok(Ok(UpToDate {
                id,
                is_new: true,
                changed: vec!["name", "role", "provinces"],
            }));
        }
    }
    Ok(Err(BringError::Unavailable))
}

/// What a person is called here: as the provider has it, if that can be a name; else by a digest of what it calls them.
fn name(person: &Vouched) -> String {
    let given = person.name.as_deref().unwrap_or_default();
    // Some call people by their addresses.
    let given = given.split('@').next().unwrap_or_default().trim();
    let given: String = given.to_lowercase().chars().take(LONGEST).collect();
    let digits = given.bytes().filter(u8::is_ascii_digit).count();
    if is_plain_name(&given) && digits < DIGITS {
        return given;
    }
    let digest = Sha256::digest(format!("{}\n{}", person.issuer, person.subject));
    format!("u-{}", hex(&digest[..5]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(given: Option<&str>) -> String {
        name(&Vouched {
            issuer: "https://id.example".to_owned(),
            subject: "7a".to_owned(),
            name: given.map(str::to_owned),
            display_name: None,
            reads_english: false,
            grant: None,
            session: None,
            proved_at: None,
            to: String::new(),
            again: None,
        })
    }

    #[test]
    fn people_are_called_as_the_provider_has_it_where_that_can_be_a_name() {
        assert_eq!(named(Some("lan.tran")), "lan.tran");
        assert_eq!(named(Some(" Lan.Tran@fund.example")), "lan.tran");
        let other = named(None);
        assert!(is_plain_name(&other) && other.starts_with("u-"), "{other}");
        // What may be the number of a person is no name.
        for given in [
            "",
            "Trần Lan",
            "001204012345",
            "dn4791234567890",
            "a b",
            "@x",
        ] {
            assert_eq!(named(Some(given)), other, "{given}");
        }
        assert!(is_plain_name(&format!(
            "{}-999",
            named(Some(&"x".repeat(300)))
        )));
    }
}
