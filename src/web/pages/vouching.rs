//! What the pages of an identity provider stand on.
//!
//! Every method may block unless it says otherwise; pages call them on threads of their own, so that a provider that does
//! not answer keeps nobody else waiting. Must hold: who comes back is in the access log before they have a session.

use zeroize::Zeroizing;

use crate::language::Language;

/// A browser on its way to the provider.
pub struct Departure {
    /// Where it goes.
    pub address: String,
    /// What it keeps until it comes back: letters, digits, `-` and `_`.
    pub kept: String,
}

/// What a browser brings back.
#[derive(Clone, Default)]
pub struct Arrival {
    /// What it kept.
    pub kept: String,
    /// The code, where somebody signed in.
    pub code: Option<Zeroizing<String>>,
    /// Which sign-in it says that it is.
    pub state: Option<String>,
    /// By which provider it says that it is.
    pub issuer: Option<String>,
    /// Whether the provider says that nobody signed in.
    pub has_error: bool,
}

/// Somebody whom the provider has signed in.
pub struct Vouched {
    /// The cookie of their session: a new one, whatever the browser had.
    pub cookie: Zeroizing<String>,
    /// The language they read.
    pub language: Language,
    /// Where they want to go.
    pub to: String,
    /// Whether they have proved again who they are, in a session that they had.
    pub is_again: bool,
}

/// Why nobody is signed in by the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VouchError {
    /// It does not answer, or not as a provider does.
    Away,
    /// The browser has begun no such sign-in, or it took too long, or it was used.
    NotBegun,
    /// The provider signed nobody in.
    Declined,
    /// What it says cannot be verified.
    Unsound,
    /// It did not ask the person anew.
    NotAnew,
    /// The person is in no group that has a role here.
    NoGroup,
    /// They may not sign in here.
    Disabled,
    /// Somebody else has proved who they are than the one whose session it is.
    OtherPerson,
    /// The session that was to be proved has ended.
    Ended,
    /// Accounts cannot be read or written.
    Unavailable,
}

/// An identity provider.
pub trait Voucher: Send + Sync + 'static {
    /// What people call it. Does not block.
    fn name(&self) -> &str;
    /// Sends a browser on its way, which wants to go to `to` then. With the cookie of a session, its user is to prove again
    /// who they are.
    ///
    /// # Errors
    /// Why not.
    fn depart(&self, to: &str, again: Option<&str>) -> Result<Departure, VouchError>;
    /// Signs in whoever comes back.
    ///
    /// # Errors
    /// Why not.
    fn arrive(&self, arrival: &Arrival) -> Result<Vouched, VouchError>;
    /// Where somebody who has signed out here signs out at the provider as well, if they can. Does not block.
    fn sign_out_address(&self) -> Option<String>;
    /// Ends the sessions of whoever has signed out at the provider, by its signed word.
    ///
    /// # Errors
    /// When it is not to be believed, or cannot be done.
    fn end_sessions(&self, logout_token: &str) -> Result<(), VouchError>;
}
