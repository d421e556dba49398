//! Who signs in to the pages by a password: the register of access, with every sign-in in the access log, and every proof,
//! change of a password and end of a session by its user.

use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::access::{
    self, AccessError, Action, ChangePasswordError, SetupError, SignInError, UserState, is_allowed,
};
use crate::language::Language;
use crate::review::Viewer;
use crate::web::pages::{AccountError, Accounts, Browser, Colleague, Session, Setup, SignedIn};
use crate::web::{AccessAction, AccessEntry, Ledger, Stage};

/// People of the register.
pub(in crate::server) struct RegisteredPeople {
    pub(in crate::server) accounts: Arc<access::Accounts>,
    pub(in crate::server) log: Arc<dyn Ledger>,
}

impl RegisteredPeople {
    fn log(&self, session: &access::Session, action: AccessAction) -> Result<(), AccountError> {
        let role = session.role.as_str();
        let entry = AccessEntry::new(&session.name, role, action, Stage::done(1));
        self.log
            .record(&entry)
            .map_err(|_| AccountError::Unavailable)
    }

    /// Somebody who was refused. What was typed as a name may be a password, or the name of a person: it is not told.
    fn log_stranger(&self) -> Result<(), AccountError> {
        let action = AccessAction::SignInRefused;
        let entry = AccessEntry::new("-", "none", action, Stage::done(0));
        let kept = self.log.record(&entry);
        kept.map_err(|_| AccountError::Unavailable)
    }

    /// Why nothing is set up, once it is in the log.
    fn not_set_up(&self, error: SetupError) -> AccountError {
        match error {
            SetupError::Refused => self.log_stranger().err().unwrap_or(AccountError::Refused),
            error => setup_error(error),
        }
    }

    fn of(&self, cookie: &str) -> Result<Arc<access::Session>, AccountError> {
        self.accounts.session(cookie).ok_or(AccountError::Refused)
    }

    /// What the browser keeps, once it is in the log.
    fn begun(&self, signed_in: &access::SignedIn) -> Result<SignedIn, AccountError> {
        let session = &signed_in.session;
        if let Err(error) = self.log(session, AccessAction::SignIn) {
            // Nobody has its cookie.
            let _ = self.accounts.sign_out(session);
            return Err(error);
        }
        Ok(SignedIn {
            cookie: signed_in.cookie.reveal(),
            session: Arc::new(told(session)),
            device: signed_in.device.as_ref().map(access::SessionSecret::reveal),
        })
    }
}

fn told(session: &access::Session) -> Session {
    Session {
        name: session.name.clone(),
        display_name: session.display_name.clone(),
        role: session.role,
        provinces: codes(session.provinces),
        language: session.language,
        verified_at: session.verified_at.0,
        is_brought: session.is_brought,
        csrf_token: session.csrf_token(),
    }
}

impl Accounts for RegisteredPeople {
    fn sign_in(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        browser: &Browser,
    ) -> Result<SignedIn, AccountError> {
        let from = access::Browser {
            peer: browser.peer,
            device: browser.device.as_deref(),
        };
        match self.accounts.sign_in_from(name, password, code, from) {
            Ok(signed_in) => self.begun(&signed_in),
            Err(error) => {
                // What a lock or the bound of an address refuses is not: anybody could fill the log with it.
                if matches!(error, SignInError::Refused) {
                    self.log_stranger()?;
                }
                Err(sign_in_error(error))
            }
        }
    }

    fn begin_setup(
        &self,
        name: &str,
        setup_code: &str,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<Setup, AccountError> {
        let setup = self.accounts.begin_setup(name, setup_code, peer);
        let setup = setup.map_err(|error| self.not_set_up(error))?;
        let known = [setup.name.as_str(), &setup.display_name];
        access::check_password(password, &known).map_err(|_| AccountError::BadPassword)?;
        Ok(Setup {
            picture: setup.totp_svg(),
            secret: setup.is_totp_required.then(|| setup.totp.reveal()),
        })
    }

    fn finish_setup(
        &self,
        name: &str,
        setup_code: &str,
        password: &str,
        code: &str,
        peer: Option<IpAddr>,
    ) -> Result<Zeroizing<String>, AccountError> {
        let code = Some(code).filter(|code| !code.is_empty());
        let done = self
            .accounts
            .finish_setup(name, setup_code, password, code, peer);
        let signed_in = done.map_err(|error| self.not_set_up(error))?;
        self.log(&signed_in.session, AccessAction::ChangePassword)?;
        // They sign in with what they have set: so they know that they can.
        let ended = self.accounts.sign_out(&signed_in.session);
        ended.map_err(|error| unkept(&error))?;
        let device = signed_in.device.as_ref().map(access::SessionSecret::reveal);
        Ok(device.unwrap_or_default())
    }

    fn session(&self, cookie: &str) -> Option<Arc<Session>> {
        let session = self.accounts.session(cookie)?;
        Some(Arc::new(told(&session)))
    }

    fn peek(&self, cookie: &str) -> Option<Arc<Session>> {
        let session = self.accounts.peek(cookie)?;
        Some(Arc::new(told(&session)))
    }

    fn sign_out(&self, cookie: &str) -> Result<(), AccountError> {
        let session = self.of(cookie)?;
        let ended = self.accounts.sign_out(&session);
        ended.map_err(|error| unkept(&error))?;
        self.log(&session, AccessAction::SignOut)
    }

    fn verify_again(
        &self,
        cookie: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<Zeroizing<String>, AccountError> {
        let session = self.of(cookie)?;
        match self.accounts.verify_again(&session, password, code) {
            Ok(proved) => {
                if let Err(error) = self.log(&proved.session, AccessAction::ProveAgain) {
                    // Nobody has its cookie.
                    let _ = self.accounts.sign_out(&proved.session);
                    return Err(error);
                }
                Ok(proved.cookie.reveal())
            }
            Err(error) => {
                if matches!(error, SignInError::Refused | SignInError::Locked { .. }) {
                    self.log(&session, AccessAction::SignInRefused)?;
                }
                Err(sign_in_error(error))
            }
        }
    }

    fn change_password(
        &self,
        cookie: &str,
        old: &str,
        new: &str,
        _peer: Option<IpAddr>,
    ) -> Result<(), AccountError> {
        let session = self.of(cookie)?;
        let changed = self.accounts.change_password(&session, old, new);
        match changed {
            Ok(()) => {}
            Err(ChangePasswordError::Password(_)) => return Err(AccountError::BadPassword),
            Err(ChangePasswordError::Old(error)) => {
                if matches!(error, SignInError::Refused | SignInError::Locked { .. }) {
                    self.log(&session, AccessAction::SignInRefused)?;
                }
                return Err(sign_in_error(error));
            }
        }
        self.log(&session, AccessAction::ChangePassword)
    }

    fn set_language(&self, cookie: &str, language: Language) -> Result<(), AccountError> {
        let session = self.of(cookie)?;
        let kept = self.accounts.set_language(&session, language);
        kept.map_err(|error| unkept(&error))
    }

    fn colleagues(&self, who: &Viewer) -> Result<Vec<Colleague>, AccountError> {
        let mut colleagues: Vec<Colleague> = self
            .accounts
            .users()
            .into_iter()
            .filter(|user| user.state == UserState::Active)
            .filter(|user| is_allowed(user.role, Action::ReviewAlerts))
            .filter(|user| {
                let own = codes(user.provinces);
                // Who sees all, or something of what they see.
                let shares = |code: &String| who.provinces.contains(code);
                own.is_empty() || who.provinces.is_empty() || own.iter().any(shares)
            })
            .map(|user| Colleague {
                name: user.name,
                display_name: user.display_name,
            })
            .collect();
        colleagues.sort_by(|a, b| (&a.display_name, &a.name).cmp(&(&b.display_name, &b.name)));
        Ok(colleagues)
    }

    fn least_password(&self) -> usize {
        access::SHORTEST_PASSWORD
    }
}

/// Provinces, in two digits each; none is all.
pub(in crate::server) fn codes(provinces: access::ProvinceSet) -> Vec<String> {
    provinces.codes().map(|code| format!("{code:02}")).collect()
}

pub(super) fn unkept(error: &AccessError) -> AccountError {
    tracing::error!(%error, "the register of access cannot be written");
    AccountError::Unavailable
}

fn sign_in_error(error: SignInError) -> AccountError {
    match error {
        SignInError::Locked { until } => AccountError::Locked(until.0),
        SignInError::NeedsSetup => AccountError::NeedsSetup,
        SignInError::Busy => AccountError::Busy,
        SignInError::Unavailable => AccountError::Unavailable,
        SignInError::Refused | SignInError::Ended => AccountError::Refused,
    }
}

fn setup_error(error: SetupError) -> AccountError {
    match error {
        SetupError::Locked { until } => AccountError::Locked(until.0),
        SetupError::Password(_) => AccountError::BadPassword,
        SetupError::NeedsCode => AccountError::NeedsCode,
        SetupError::WrongCode => AccountError::WrongCode,
        SetupError::Busy => AccountError::Busy,
        SetupError::Unavailable => AccountError::Unavailable,
        SetupError::Refused => AccountError::Refused,
    }
}
