//! Who signs in to the pages by an identity provider: its word, the register of access, and the access log.
//!
//! Must hold: nobody has a session before the sign-in is in the log, with what the provider changed of the user; who is
//! refused is in it as well, unless anybody could fill it so.

use std::sync::Arc;

use crate::access::{
    self, BringError, OidcAnswer, OidcError, OidcProvider, Session, Vouched as Person,
};
use crate::notice::{Clock as _, SystemClock};
use crate::web::pages::{Arrival, Departure, VouchError, Vouched, Voucher};
use crate::web::{AccessAction, AccessEntry, Ledger, Stage};

/// Why an entry is in the log.
const PURPOSE: &str = "identity_provider";

/// People whom a provider vouches for.
pub(in crate::server) struct VouchedPeople {
    pub(in crate::server) provider: OidcProvider,
    /// What people call it.
    pub(in crate::server) name: String,
    pub(in crate::server) accounts: Arc<access::Accounts>,
    pub(in crate::server) log: Arc<dyn Ledger>,
}

impl VouchedPeople {
    fn keep(&self, entry: &AccessEntry<'_>) -> Result<(), VouchError> {
        let kept = self.log.record(&entry.purpose(PURPOSE));
        kept.map_err(|_| VouchError::Unavailable)
    }

    fn log(&self, session: &Session, action: AccessAction) -> Result<(), VouchError> {
        let role = session.role.as_str();
        self.keep(&AccessEntry::new(
            &session.name,
            role,
            action,
            Stage::done(1),
        ))
    }

    /// Somebody who is refused: a user, or nobody who is known here.
    fn log_refused(&self, known: Option<(&str, &'static str)>) -> Result<(), VouchError> {
        let (name, role) = known.unwrap_or(("-", "none"));
        let action = AccessAction::SignInRefused;
        self.keep(&AccessEntry::new(name, role, action, Stage::done(0)))
    }

    /// Signs somebody in whom the provider vouches for, and keeps that.
    fn bring(&self, person: &Person) -> Result<access::SignedIn, VouchError> {
        let brought = self.accounts.bring(person);
        let brought = brought.map_err(|error| self.not_brought(error))?;
        let session = brought.signed_in.session.clone();
        let kept = || {
            if !brought.changed.is_empty() {
                let (name, role) = (session.name.as_str(), session.role.as_str());
                let entry = AccessEntry::new(name, role, AccessAction::ManageUser, Stage::done(1));
                self.keep(&entry.object(name).fields(&brought.changed))?;
            }
            self.log(&session, AccessAction::SignIn)
        };
        if let Err(error) = kept() {
            // Nobody has its cookie.
            let _ = self.accounts.sign_out(&session);
            return Err(error);
        }
        Ok(brought.signed_in)
    }

    /// Takes a proof of somebody who has a session, and keeps that.
    fn prove(&self, person: &Person, mark: &str) -> Result<access::SignedIn, VouchError> {
        let proved = self.accounts.prove_vouched(person, mark);
        let proved = proved.map_err(|error| self.not_brought(error))?;
        if let Err(error) = self.log(&proved.session, AccessAction::ProveAgain) {
            // Nobody has its cookie.
            let _ = self.accounts.sign_out(&proved.session);
            return Err(error);
        }
        Ok(proved)
    }

    /// Why somebody is not signed in, once it is in the log.
    fn not_brought(&self, error: BringError) -> VouchError {
        let (known, why) = match &error {
            BringError::NoGroup { known } => (known.as_ref(), VouchError::NoGroup),
            BringError::Disabled { known } => (Some(known), VouchError::Disabled),
            BringError::OtherPerson => (None, VouchError::OtherPerson),
            BringError::Ended => return VouchError::Ended,
            _ => return VouchError::Unavailable,
        };
        let known = known.map(|(name, role)| (name.as_str(), role.as_str()));
        self.log_refused(known).err().unwrap_or(why)
    }

    /// Why the provider's word is not taken, once it is in the logs. What anybody can send as often as they like is not.
    fn not_taken(&self, error: &OidcError) -> VouchError {
        let why = match error {
            OidcError::NotBegun => return VouchError::NotBegun,
            OidcError::NotRedeemed => VouchError::NotBegun,
            OidcError::Random => VouchError::Unavailable,
            OidcError::Away(_) => VouchError::Away,
            OidcError::Declined => VouchError::Declined,
            OidcError::NotAnew => VouchError::NotAnew,
            _ => VouchError::Unsound,
        };
        if why != VouchError::Declined {
            tracing::warn!(%error, "nobody is signed in by the identity provider");
        }
        match why {
            // Only of what the provider has signed, or given for a code of its own.
            VouchError::NotAnew | VouchError::Unsound => {
                self.log_refused(None).err().unwrap_or(why)
            }
            why => why,
        }
    }
}

impl Voucher for VouchedPeople {
    fn name(&self) -> &str {
        &self.name
    }

    fn depart(&self, to: &str, again: Option<&str>) -> Result<Departure, VouchError> {
        let mark = match again {
            Some(cookie) => {
                let session = self.accounts.session(cookie);
                Some(session.ok_or(VouchError::Ended)?.mark())
            }
            None => None,
        };
        let begun = self.provider.begin(to, mark, SystemClock.now());
        let begun = begun.map_err(|error| self.not_taken(&error))?;
        Ok(Departure {
            address: begun.address,
            kept: begun.kept,
        })
    }

    fn arrive(&self, arrival: &Arrival) -> Result<Vouched, VouchError> {
        let answer = OidcAnswer {
            code: arrival.code.as_ref().map(|code| code.as_str()),
            state: arrival.state.as_deref(),
            issuer: arrival.issuer.as_deref(),
            has_error: arrival.has_error,
        };
        let person = self
            .provider
            .finish(&arrival.kept, &answer, || SystemClock.now());
        let person = person.map_err(|error| self.not_taken(&error))?;
        let signed_in = match &person.again {
            None => self.bring(&person)?,
            Some(mark) => self.prove(&person, mark)?,
        };
        Ok(Vouched {
            cookie: signed_in.cookie.reveal(),
            language: signed_in.session.language,
            is_again: person.again.is_some(),
            to: person.to,
        })
    }

    fn sign_out_address(&self) -> Option<String> {
        self.provider.sign_out_address()
    }

    fn end_sessions(&self, logout_token: &str) -> Result<(), VouchError> {
        let logout = self.provider.logout(logout_token, SystemClock.now());
        let logout = logout.map_err(|error| {
            tracing::warn!(%error, "a sign-out at the identity provider is not taken");
            match error {
                OidcError::Away(_) => VouchError::Away,
                _ => VouchError::Unsound,
            }
        })?;
        let ended = self.accounts.end_vouched(&logout);
        let ended = ended.map_err(|error| {
            super::people::unkept(&error);
            self.provider.not_logged_out(logout_token);
            VouchError::Unavailable
        })?;
        for (name, role) in &ended {
            let action = AccessAction::SignOut;
            self.keep(&AccessEntry::new(
                name,
                role.as_str(),
                action,
                Stage::done(1),
            ))?;
        }
        Ok(())
    }
}
