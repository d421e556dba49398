//! The beginning of a user: from a setup code to a password and an app of codes.
//!
//! In: the name and the setup code that an administrator gave, a password, a code of the app. Out: a session. Must hold:
//! a setup code is good once, and until it expires; whoever has none learns nothing about users.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::accounts::Accounts;
use super::device::DeviceDigest;
use super::error::{SetupError, SignInError};
use super::hashing::NotHashed;
use super::password;
use super::policy::TotpRule;
use super::qr::qr_svg;
use super::session::{SessionSecret, SignedIn, random_bytes};
use super::session_rows::NewSession;
use super::setup_code::SetupCode;
use super::totp::TotpSecret;
use super::user_rows::Kept;
use super::{device_rows, session_rows, user_rows};
use crate::access::error::AccessError;
use crate::language::Language;
use crate::notice::Moment;

/// What a person is shown who begins.
pub struct Setup {
    /// What the person types to sign in.
    pub name: String,
    /// What pages call the person.
    pub display_name: String,
    /// The language of the pages.
    pub language: Language,
    /// What the app of codes is given. It is the same, however often the person begins with one setup code.
    pub totp: TotpSecret,
    /// Whether a code has to be confirmed.
    pub is_totp_required: bool,
}

impl Setup {
    /// What the QR code says, with the secret in it.
    pub fn totp_uri(&self) -> Zeroizing<String> {
        self.totp.uri(&self.name)
    }

    /// The QR code, as an SVG element.
    pub fn totp_svg(&self) -> Zeroizing<String> {
        qr_svg(&self.totp_uri())
            .expect("names have at most 64 characters, and a QR code takes thousands")
    }
}

/// Without the secret and what the person is called.
impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("language", &self.language)
            .field("is_totp_required", &self.is_totp_required)
            .finish_non_exhaustive()
    }
}

impl From<AccessError> for SetupError {
    fn from(_: AccessError) -> Self {
        Self::Unavailable
    }
}

impl From<getrandom::Error> for SetupError {
    fn from(_: getrandom::Error) -> Self {
        Self::Unavailable
    }
}

impl From<NotHashed> for SetupError {
    fn from(error: NotHashed) -> Self {
        match error {
            NotHashed::Busy => Self::Busy,
            NotHashed::Random(_) => Self::Unavailable,
        }
    }
}

impl Accounts {
    /// What a person is shown who begins.
    ///
    /// # Errors
    /// When the name or the code is wrong, or it is not possible now.
    pub fn begin_setup(
        &self,
        name: &str,
        setup_code: &str,
        peer: Option<IpAddr>,
    ) -> Result<Setup, SetupError> {
        let (user, code, now) = self.user_of_code(name, setup_code, peer)?;
        let (id, fresh) = (user.record.id, TotpSecret::random()?);
        let totp = self.change(|connection| {
            let Some(Ok(user)) = user_rows::one(connection, id)? else {
                return Ok(None);
            };
            let Some(setup) = user
                .setup
                .as_ref()
                .filter(|_| user.is_setup_code(&code, now))
            else {
                return Ok(None);
            };
            if let Some(shown) = &setup.totp {
                return Ok(Some(shown.clone()));
            }
            user_rows::set_setup_totp(connection, id, &fresh)?;
            Ok(Some(fresh))
        })?;
        Ok(Setup {
            name: user.record.name.clone(),
            display_name: user.record.display_name.clone(),
            language: user.record.language,
            totp: totp.ok_or(SetupError::Refused)?,
            is_totp_required: self.shared.policy.totp == TotpRule::Required,
        })
    }

    /// Gives a person who begins a password and, with the code that the app shows, the app of codes. The setup code is
    /// used then, and the person is signed in.
    ///
    /// # Errors
    /// When the name or the setup code is wrong, the password cannot be one, the code is missing or wrong, or it is not
    /// possible now.
    pub fn finish_setup(
        &self,
        name: &str,
        setup_code: &str,
        new_password: &str,
        code: Option<&str>,
        peer: Option<IpAddr>,
    ) -> Result<SignedIn, SetupError> {
        let (user, setup_code, _) = self.user_of_code(name, setup_code, peer)?;
        let known = [user.record.name.as_str(), &user.record.display_name];
        let new_password = password::check(new_password, &known).map_err(SetupError::Password)?;
        // A form sends an empty field.
        let code = code.filter(|code| !code.trim().is_empty());
        if code.is_none() && self.shared.policy.totp == TotpRule::Required {
            return Err(SetupError::NeedsCode);
        }
        let hash = self.hashing.hash(&new_password)?;
        let (cookie, csrf) = (SessionSecret::random()?, random_bytes()?);
        let browser = SessionSecret::random()?;
        let device = DeviceDigest::of(&browser);
        let (id, digest, now) = (user.record.id, cookie.digest(), self.shared.now());
        self.change(|connection| {
            let Some(Ok(user)) = user_rows::one(connection, id)? else {
                return Ok(Err(SetupError::Refused));
            };
            let Some(setup) = user
                .setup
                .as_ref()
                .filter(|_| user.is_setup_code(&setup_code, now))
            else {
                return Ok(Err(SetupError::Refused));
            };
            let totp = match (code, &setup.totp) {
                (None, _) => None,
                (Some(code), Some(secret)) => match secret.step_of(code, now, None) {
                    Some(step) => Some((secret, step)),
                    None => return Ok(Err(SetupError::WrongCode)),
                },
                // Whoever was shown no secret has no app that shows its codes.
                (Some(_), None) => return Ok(Err(SetupError::WrongCode)),
            };
            user_rows::finish_setup(connection, id, &hash, totp, now)?;
            session_rows::end_of_user(connection, id, None)?;
            device_rows::begin(connection, device, id, now)?;
            let new = NewSession {
                digest,
                user: id,
                csrf: &csrf,
                device: Some(device),
                provider_session: None,
                verified_at: now,
            };
            session_rows::begin(connection, &new, now).map(Ok)
        })??;
        let signed_in = self.signed_in(cookie).map(|signed_in| SignedIn {
            device: Some(browser),
            ..signed_in
        });
        signed_in.map_err(|error| match error {
            // Disabled or reset at this moment.
            SignInError::Ended => SetupError::Refused,
            _ => SetupError::Unavailable,
        })
    }

    /// The user whose setup code this is.
    fn user_of_code(
        &self,
        name: &str,
        code: &str,
        peer: Option<IpAddr>,
    ) -> Result<(Arc<Kept>, SetupCode, Moment), SetupError> {
        let now = self.answering().ok_or(SetupError::Unavailable)?;
        if !self.shared.policy.has_passwords {
            return Err(SetupError::Refused);
        }
        let charged = self.peers.charge(peer, now);
        charged.map_err(|until| SetupError::Locked { until })?;
        let name = name.trim().to_ascii_lowercase();
        let code = SetupCode::from_text(code).ok_or(SetupError::Refused)?;
        let state = self.shared.state();
        let user = state
            .user(&name)
            .filter(|user| user.is_setup_code(&code, now));
        let user = user.ok_or(SetupError::Refused)?.clone();
        self.peers.refund(peer);
        Ok((user, code, now))
    }
}
