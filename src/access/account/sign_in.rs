//! Signing in, and proving again who one is.
//!
//! ```text
//! name ─▶ locked? ─▶ Argon2id, of a dummy where there is no such user ─▶ one transaction: still not locked, the same
//!         (memory)                                                       password, a code that was not used ─▶ kept
//! ```
//! In: a name, a password, a code. Out: a session, or why there is none. Must hold: a name that nobody has, a wrong
//! password, a wrong code and one that is missing are answered and counted alike, by the same steps; what many try at a time counts as if they had come
//! one after the other.

use std::net::IpAddr;
use std::sync::Arc;

use rusqlite::Connection;

use super::accounts::Accounts;
use super::device::DeviceDigest;
use super::error::{ChangePasswordError, SignInError};
use super::hashing::NotHashed;
use super::password;
use super::policy::TotpRule;
use super::session::{Session, SessionSecret, SignedIn, random_bytes};
use super::session_rows::NewSession;
use super::setup_code::SetupCode;
use super::user::{UserId, UserState};
use super::user_rows::Kept;
use super::{device_rows, session_rows, user_rows};
use crate::access::error::AccessError;
use crate::notice::Moment;

/// From where somebody signs in.
#[derive(Clone, Copy, Default)]
pub struct Browser<'a> {
    /// The address, where failures are to be bounded by it.
    pub peer: Option<IpAddr>,
    /// What the browser is known by, as [`SignedIn::device`] gave it; anybody may have sent it.
    pub device: Option<&'a str>,
}

/// What somebody proves who they are with.
#[derive(Clone, Copy)]
enum Factors<'a> {
    /// All that is asked of them: the password, and a code if it is given.
    All(Option<&'a str>),
    /// The password, in a session that a code began.
    PasswordAlone,
}

/// What comes of an attempt.
enum Verdict {
    /// It is the person; by the code of which step.
    Right(Option<i64>),
    /// Not counted as a failure.
    Lacks(SignInError),
    Wrong,
}

/// Whose name was given.
enum Who {
    /// A user's, and in which of their browsers, if it is known.
    User(Arc<Kept>, Option<DeviceDigest>),
    /// Nobody's: where attempts at it are counted.
    Stranger(u16),
}

impl From<AccessError> for SignInError {
    fn from(_: AccessError) -> Self {
        Self::Unavailable
    }
}

impl From<NotHashed> for SignInError {
    fn from(error: NotHashed) -> Self {
        match error {
            NotHashed::Busy => Self::Busy,
            NotHashed::Random(_) => Self::Unavailable,
        }
    }
}

impl From<getrandom::Error> for SignInError {
    fn from(_: getrandom::Error) -> Self {
        Self::Unavailable
    }
}

impl Accounts {
    /// Begins a session in a browser that is not known; see [`Accounts::sign_in_from`].
    ///
    /// # Errors
    /// As there.
    pub fn sign_in(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        peer: Option<IpAddr>,
    ) -> Result<SignedIn, SignInError> {
        let device = None;
        self.sign_in_from(name, password, code, Browser { peer, device })
    }

    /// Begins a session. What fails elsewhere, for the name or the address, does not lock a browser that is known as one
    /// of the user's.
    ///
    /// # Errors
    /// When it is refused, locked, lacks something, or is not possible now.
    pub fn sign_in_from(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        browser: Browser<'_>,
    ) -> Result<SignedIn, SignInError> {
        let now = self.answering().ok_or(SignInError::Unavailable)?;
        if !self.shared.policy.has_passwords {
            return Err(SignInError::Refused);
        }
        let known = browser.device.and_then(DeviceDigest::of_text);
        let known = known.filter(|device| self.is_known(name, *device));
        let peer = browser.peer.filter(|_| known.is_none());
        let charged = self.peers.charge(peer, now);
        charged.map_err(|until| SignInError::Locked { until })?;
        let (cookie, csrf) = (SessionSecret::random()?, random_bytes()?);
        let (digest, new) = (cookie.digest(), SessionSecret::random()?);
        let new_device = DeviceDigest::of(&new);
        let factors = Factors::All(code);
        let proved = self.prove(
            name,
            password,
            factors,
            known,
            |connection, user, known, now| {
                if known.is_none() {
                    device_rows::begin(connection, new_device, user, now)?;
                }
                let session = NewSession {
                    digest,
                    user,
                    csrf: &csrf,
                    device: Some(known.unwrap_or(new_device)),
                    provider_session: None,
                    verified_at: now,
                };
                session_rows::begin(connection, &session, now)?;
                Ok(Some(known.is_none()))
            },
        );
        if !matches!(
            proved,
            Err(SignInError::Refused | SignInError::Locked { .. })
        ) {
            self.peers.refund(peer);
        }
        let is_new = proved?;
        Ok(SignedIn {
            device: is_new.then_some(new),
            ..self.signed_in(cookie)?
        })
    }

    /// Whether a browser is known as one of the user of this name.
    fn is_known(&self, name: &str, device: DeviceDigest) -> bool {
        let state = self.shared.state();
        let user = state.user(&typed_name(name));
        user.is_some_and(|user| state.device(device, user.record.id).is_some())
    }

    /// Proves again, for something that asks for it, that whoever has this session is its user. The session gets a new
    /// secret, and the old one is nobody's; the token of its forms stays, and so does its end.
    ///
    /// # Errors
    /// As [`Accounts::sign_in`], and when the session has ended.
    pub fn verify_again(
        &self,
        session: &Session,
        password: &str,
        code: Option<&str>,
    ) -> Result<SignedIn, SignInError> {
        self.still_on(session)?;
        let cookie = SessionSecret::random()?;
        let (old, new) = (session.digest, cookie.digest());
        let factors = Factors::All(code);
        let device = session.device;
        self.prove(
            &session.name,
            password,
            factors,
            device,
            |connection, user, _, now| {
                let renewed = session_rows::renew(connection, old, (new, None), user, now)?;
                Ok(renewed.then_some(()))
            },
        )?;
        self.signed_in(cookie)
    }

    /// Gives whoever has this session another password, and ends their other sessions.
    ///
    /// # Errors
    /// When the new password cannot be one, the old one is wrong, or it is not possible now.
    pub fn change_password(
        &self,
        session: &Session,
        old: &str,
        new: &str,
    ) -> Result<(), ChangePasswordError> {
        self.still_on(session).map_err(ChangePasswordError::Old)?;
        let new = password::check(new, &[&session.name, &session.display_name]);
        let new = new.map_err(ChangePasswordError::Password)?;
        let hash = self.hashing.hash(&new);
        let hash = hash.map_err(|error| ChangePasswordError::Old(error.into()))?;
        let digest = session.digest;
        let factors = Factors::PasswordAlone;
        let device = session.device;
        let changed = self.prove(
            &session.name,
            old,
            factors,
            device,
            |connection, user, _, now| {
                if !session_rows::exists(connection, digest, user)? {
                    return Ok(None);
                }
                user_rows::set_password(connection, user, &hash, now)?;
                session_rows::end_of_user(connection, user, Some(digest))?;
                Ok(Some(()))
            },
        );
        changed.map_err(ChangePasswordError::Old)
    }

    /// Whether a session has not ended.
    fn still_on(&self, session: &Session) -> Result<(), SignInError> {
        let now = self.answering().ok_or(SignInError::Unavailable)?;
        let shared = &self.shared;
        let known = shared.state();
        let known = known.session(session.digest, &shared.policy, now);
        known.map(|_| ()).ok_or(SignInError::Ended)
    }

    /// The session that was just kept.
    pub(super) fn signed_in(&self, cookie: SessionSecret) -> Result<SignedIn, SignInError> {
        let (shared, digest) = (&self.shared, cookie.digest());
        let state = shared.state();
        let session = state.session(digest, &shared.policy, shared.now());
        // Another process may have ended it meanwhile.
        let session = session.ok_or(SignInError::Ended)?.clone();
        let device = None;
        Ok(SignedIn {
            cookie,
            session,
            device,
        })
    }

    /// Proves who somebody is, and does `keep` in the same transaction. Where that gives nothing, the session that it
    /// was for has ended. `keep` is told the browser, if it is known: failures in one are counted by themselves.
    fn prove<T>(
        &self,
        name: &str,
        password: &str,
        factors: Factors<'_>,
        device: Option<DeviceDigest>,
        keep: impl FnOnce(
            &Connection,
            UserId,
            Option<DeviceDigest>,
            Moment,
        ) -> rusqlite::Result<Option<T>>,
    ) -> Result<T, SignInError> {
        let now = self.answering().ok_or(SignInError::Unavailable)?;
        let name = typed_name(name);
        let state = self.shared.state();
        let (who, attempts) = match state.user(&name) {
            Some(user) => {
                let of_device = |device: &DeviceDigest| state.device(*device, user.record.id);
                let device = device.filter(|device| of_device(device).is_some());
                let attempts = device.as_ref().and_then(of_device);
                let who = Who::User(user.clone(), device);
                (who, attempts.unwrap_or(user.attempts))
            }
            None => {
                let (bucket, attempts) = state.stranger(&name);
                (Who::Stranger(bucket), attempts)
            }
        };
        if let Some(until) = attempts.locked(now) {
            return Err(SignInError::Locked { until });
        }
        let hash = match &who {
            Who::User(user, _) => user.password.as_ref().map(|hash| hash.as_str()),
            Who::Stranger(_) => None,
        };
        // What is longer than any password is nobody's, and takes as long.
        let typed = password::normal(password);
        let (typed, hash) = match &typed {
            Some(typed) => (typed.as_str(), hash),
            None => ("", None),
        };
        let is_right = self.hashing.verify(typed, hash)?;
        let setup_code = SetupCode::from_text(password);
        // A form sends an empty field.
        let factors = match factors {
            Factors::All(code) => Factors::All(code.filter(|code| !code.trim().is_empty())),
            alone => alone,
        };
        let now = self.shared.now();
        self.change(|connection| match &who {
            Who::Stranger(bucket) => {
                let attempts = user_rows::stranger(connection, *bucket)?;
                if let Some(until) = attempts.locked(now) {
                    return Ok(Err(SignInError::Locked { until }));
                }
                user_rows::set_stranger(connection, *bucket, &attempts.after_failure(now))?;
                Ok(Err(SignInError::Refused))
            }
            Who::User(known, device) => {
                let id = known.record.id;
                let Some(Ok(user)) = user_rows::one(connection, id)? else {
                    return Ok(Err(SignInError::Refused));
                };
                // It may have been forgotten meanwhile.
                let device = match device {
                    Some(device) => device_rows::one(connection, *device, id)?
                        .map(|attempts| (*device, attempts)),
                    None => None,
                };
                let attempts = device.map_or(user.attempts, |(_, attempts)| attempts);
                if let Some(until) = attempts.locked(now) {
                    return Ok(Err(SignInError::Locked { until }));
                }
                // One who was given another password meanwhile has to show that.
                let is_right = is_right && user.password == known.password;
                let totp = self.shared.policy.totp;
                match verdict(&user, is_right, setup_code.as_ref(), factors, totp, now) {
                    Verdict::Wrong => {
                        let attempts = attempts.after_failure(now);
                        match device {
                            Some((device, _)) => {
                                device_rows::set_attempts(connection, device, &attempts)?;
                            }
                            None => user_rows::set_attempts(connection, id, &attempts)?,
                        }
                        Ok(Err(SignInError::Refused))
                    }
                    Verdict::Lacks(error) => Ok(Err(error)),
                    Verdict::Right(step) => {
                        match device {
                            Some((device, _)) => {
                                device_rows::set_proved(connection, device, now)?;
                                user_rows::set_step(connection, id, step)?;
                            }
                            None => user_rows::set_proved(connection, id, step)?,
                        }
                        let kept = keep(connection, id, device.map(|(device, _)| device), now)?;
                        Ok(kept.ok_or(SignInError::Ended))
                    }
                }
            }
        })?
    }
}

/// Telephones begin names with a capital, and end them with a space.
fn typed_name(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

/// What comes of an attempt, once it is known whether the password is right. A right password without the code that is
/// asked of the user is a wrong attempt like any other: or else passwords could be guessed without any.
fn verdict(
    user: &Kept,
    is_right: bool,
    setup_code: Option<&SetupCode>,
    factors: Factors<'_>,
    totp: TotpRule,
    now: Moment,
) -> Verdict {
    if setup_code.is_some_and(|code| user.is_setup_code(code, now)) {
        return Verdict::Lacks(SignInError::NeedsSetup);
    }
    let step = match (factors, &user.totp) {
        (Factors::All(Some(code)), Some(secret)) => secret.step_of(code, now, user.totp_step),
        _ => None,
    };
    if !is_right || user.record.state != UserState::Active {
        return Verdict::Wrong;
    }
    match (factors, &user.totp) {
        (Factors::PasswordAlone, _) => Verdict::Right(None),
        (Factors::All(_), Some(_)) => match step {
            Some(step) => Verdict::Right(Some(step)),
            None => Verdict::Wrong,
        },
        (Factors::All(_), None) => match totp {
            TotpRule::Required => Verdict::Wrong,
            TotpRule::Optional => Verdict::Right(None),
        },
    }
}
