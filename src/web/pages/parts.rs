//! What the pages stand on: the desk, and the boundaries to cases, to accounts and to sources.
//!
//! Every method may block unless it says otherwise; pages call them on threads that may, a bounded number at a time.
//! Must hold: nothing that crosses here in a direction to the pages identifies a person of the registers, but what
//! [`Cases::revealed`](crate::web::Cases::revealed) gives.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::dials::Dials;
use super::directory::Directory;
use super::fault::Fault;
use super::measures::DataMeasures;
use super::rejected::Rejects;
use super::vouching::Voucher;
use crate::access::{Action, Role, is_allowed};
use crate::language::Language;
use crate::record::Stream;
use crate::review::{Desk, Now, Viewer};
use crate::web::cases::Cases;
use crate::web::metrics::Metrics;
use crate::web::watched::AccessLogReader;

/// What the pages are made of.
#[derive(Clone)]
pub struct PagesParts {
    /// What people do about alerts.
    pub desk: Arc<Desk>,
    /// What is behind an alert.
    pub cases: Arc<dyn Cases>,
    /// Who signs in.
    pub accounts: Arc<dyn Accounts>,
    /// How far sources are read.
    pub feeds: Arc<dyn Feeds>,
    /// Rows that were not accepted.
    pub rejects: Arc<dyn Rejects>,
    /// What other thresholds would come to.
    pub dials: Arc<dyn Dials>,
    /// The data measures.
    pub measures: Arc<dyn DataMeasures>,
    /// Who saw and changed what.
    pub access_log: Arc<dyn AccessLogReader>,
    /// Users, for administrators.
    pub directory: Arc<dyn Directory>,
    /// Tells the time, as the desk's does.
    pub now: Now,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
    /// The identity provider that people sign in by, if there is one.
    pub provider: Option<Arc<dyn Voucher>>,
    /// Whether people also sign in by passwords that are kept here.
    pub has_passwords: bool,
    /// The address that browsers reach the pages by, where it is known: a scheme, a host, and a port that is not the
    /// scheme's own.
    pub public_origin: Option<String>,
    /// Whether browsers reach the pages over TLS of this listener.
    pub has_tls: bool,
    /// Whether the listener is on loopback: without TLS, and a public origin that has it, the cookie is then not `Secure`.
    pub is_loopback: bool,
}

/// Somebody who can have alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// The name under which they sign in.
    pub name: String,
    /// As colleagues know them.
    pub display_name: String,
}

/// A source and how far it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its name.
    pub name: String,
    /// Whether rows are sent to it over HTTP.
    pub is_http: bool,
    /// Whether it is stopped.
    pub is_paused: bool,
    /// Rows that wait.
    pub waiting_rows: u64,
    /// For how long the one of them has waited that came first.
    pub waits: Option<Duration>,
    /// Files, partitions or tables that it is read from.
    pub positions: u64,
}

/// A stream and when it was heard of last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamFeed {
    /// Which.
    pub stream: Stream,
    /// When its last row came that was accepted, in milliseconds since 1970.
    pub last_at: Option<i64>,
    /// For how long it may be silent; none where nothing is expected of it.
    pub expected: Option<Duration>,
    /// Whether a source that delivers it is stopped.
    pub is_paused: bool,
}

/// Sources.
pub trait Feeds: Send + Sync + 'static {
    /// Every source, and how long a row takes from its arrival to its effect.
    ///
    /// # Errors
    /// Why it cannot be told, for a log.
    fn feeds(&self) -> Result<(Vec<Feed>, Duration), &'static str>;

    /// Every stream. Does not block: it is asked for every page.
    fn streams(&self) -> Vec<StreamFeed>;
}

/// Somebody who has signed in.
#[derive(Clone)]
pub struct Session {
    /// The name under which they sign in.
    pub name: String,
    /// As colleagues know them.
    pub display_name: String,
    /// Their role.
    pub role: Role,
    /// The provinces that they work on, in two digits; none is all.
    pub provinces: Vec<String>,
    /// The language they read.
    pub language: Language,
    /// When they last proved who they are, in milliseconds since 1970.
    pub verified_at: i64,
    /// Whether an identity provider brought them, who have no password here then.
    pub is_brought: bool,
    /// The token of their forms: secret, and their session's own.
    pub csrf_token: Zeroizing<String>,
}

impl Session {
    /// Who looks and acts.
    pub fn viewer(&self) -> Viewer {
        Viewer {
            name: self.name.clone(),
            role: self.role,
            provinces: self.provinces.clone(),
        }
    }

    /// Whether they may do this.
    pub fn may(&self, action: Action) -> bool {
        is_allowed(self.role, action)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A session that has just begun.
pub struct SignedIn {
    /// What the browser keeps.
    pub cookie: Zeroizing<String>,
    /// Whose it is.
    pub session: Arc<Session>,
    /// What the browser is known by from now on, where it was not known: it keeps it for long, and it signs nobody in.
    pub device: Option<Zeroizing<String>>,
}

/// From where somebody signs in.
#[derive(Clone, Default)]
pub struct Browser {
    /// The address.
    pub peer: Option<IpAddr>,
    /// What it is known by, as [`SignedIn::device`] gave it; anybody may have sent it.
    pub device: Option<String>,
}

/// Why an account is not what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountError {
    /// Name, password or code is wrong: which, is not told.
    Refused,
    /// Too many attempts have failed; the next is looked at from this time on, in milliseconds since 1970.
    Locked(i64),
    /// The code of the app is missing, of a setup.
    NeedsCode,
    /// The code of the app is wrong, of a setup.
    WrongCode,
    /// What was given as a password is the code of a setup.
    NeedsSetup,
    /// The new password cannot be one.
    BadPassword,
    /// Too many sign in at this moment.
    Busy,
    /// Accounts cannot be read or written.
    Unavailable,
}

/// A setup that has begun.
pub struct Setup {
    /// The key of the app of codes, in letters; none where no code is asked for.
    pub secret: Option<Zeroizing<String>>,
    /// The same as a picture: an SVG element; of no use where there is no secret.
    pub picture: Zeroizing<String>,
}

/// Who signs in. All but [`Accounts::session`] and [`Accounts::peek`] may block.
pub trait Accounts: Send + Sync + 'static {
    /// Signs somebody in.
    ///
    /// # Errors
    /// Why not.
    fn sign_in(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        browser: &Browser,
    ) -> Result<SignedIn, AccountError>;
    /// The first step of a first use: whether name, setup code and password can be taken, and the key of the app. The
    /// same key is given until the setup is finished.
    ///
    /// # Errors
    /// Why not.
    fn begin_setup(
        &self,
        name: &str,
        setup_code: &str,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<Setup, AccountError>;
    /// The last step. Gives what the browser is known by from now on, as [`SignedIn::device`] does.
    ///
    /// # Errors
    /// Why not.
    fn finish_setup(
        &self,
        name: &str,
        setup_code: &str,
        password: &str,
        code: &str,
        peer: Option<IpAddr>,
    ) -> Result<Zeroizing<String>, AccountError>;
    /// The session of a cookie, which is used by this, and so not idle. Does not block.
    fn session(&self, cookie: &str) -> Option<Arc<Session>>;
    /// The same, but not used by it: asked for by a page that is open, and not by a person, as far as that can be told
    /// apart. Does not block.
    fn peek(&self, cookie: &str) -> Option<Arc<Session>>;
    /// Ends the session of a cookie.
    ///
    /// # Errors
    /// When it cannot be kept: the session may still be good.
    fn sign_out(&self, cookie: &str) -> Result<(), AccountError>;
    /// Proves again that whoever has a session is its user. Gives the cookie that the browser keeps from now on: the one
    /// before is nobody's.
    ///
    /// # Errors
    /// Why not.
    fn verify_again(
        &self,
        cookie: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<Zeroizing<String>, AccountError>;
    /// Changes the password of a session's user.
    ///
    /// # Errors
    /// Why not.
    fn change_password(
        &self,
        cookie: &str,
        old: &str,
        new: &str,
        peer: Option<IpAddr>,
    ) -> Result<(), AccountError>;
    /// Changes the language of a session's user.
    ///
    /// # Errors
    /// Why not.
    fn set_language(&self, cookie: &str, language: Language) -> Result<(), AccountError>;
    /// Whom alerts can be assigned to, by display name: who works on alerts, of the provinces of who asks.
    ///
    /// # Errors
    /// When accounts cannot be read.
    fn colleagues(&self, who: &Viewer) -> Result<Vec<Colleague>, AccountError>;
    /// The fewest characters of a password.
    fn least_password(&self) -> usize;
}

/// Whom somebody may assign alerts to.
pub(super) fn colleagues(parts: &PagesParts, who: &Viewer) -> Result<Vec<Colleague>, Fault> {
    let found = parts.accounts.colleagues(who);
    found.map_err(|_| Fault::Unavailable(None))
}
