//! What the pages of users stand on: who there is, and changes by an administrator.
//!
//! Every method may block. Must hold: a change is made with the session of whoever asks, so that the register refuses what
//! they may not; it is in the access log when the method returns, also where it failed.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::access::Role;
use crate::language::Language;

/// A user, as an administrator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The number.
    pub id: u32,
    /// The name under which they sign in.
    pub name: String,
    /// As colleagues know them.
    pub display_name: String,
    /// Their role.
    pub role: Role,
    /// The provinces that they work on, in two digits; none is all.
    pub provinces: Vec<String>,
    /// Whether they may sign in.
    pub is_active: bool,
    /// Whether they have set a password.
    pub has_begun: bool,
    /// Whether they have an app of codes.
    pub has_totp: bool,
    /// Whether an identity provider brought them: it says what they may, and they have no password here.
    pub is_brought: bool,
    /// Until when their setup code is good, in milliseconds since 1970, where there is one that was not used.
    pub setup_until: Option<i64>,
    /// When they last signed in, where that is known.
    pub signed_in_at: Option<i64>,
    /// Sessions that have not ended.
    pub sessions: usize,
}

/// What a new user is to be.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The name under which they sign in.
    pub name: String,
    /// As colleagues know them.
    pub display_name: String,
    /// Their role.
    pub role: Role,
    /// The provinces that they work on, in two digits; none is all.
    pub provinces: Vec<String>,
    /// The language that pages speak to them.
    pub language: Language,
}

/// What is changed of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// Another role, which signs them out.
    Role(Role),
    /// Other provinces, in two digits; none is all.
    Provinces(Vec<String>),
    /// They may sign in again.
    Enable,
    /// They may not sign in, and are signed out.
    Disable,
    /// Back to the beginning: no password, no app of codes, signed out, a new setup code.
    Reset,
    /// Signed out everywhere.
    EndSessions,
}

/// A setup code, to be shown once.
pub type GivenCode = Zeroizing<String>;

/// Why a user is not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryError {
    /// The session has ended, or may not.
    NotAllowed,
    /// It is one's own account.
    OwnAccount,
    /// There is no such user.
    NoSuchUser,
    /// Somebody has the name.
    NameTaken,
    /// An identity provider says what they may.
    OfProvider,
    /// It cannot be a name, a display name, a role of people or a province.
    Unfit,
    /// It cannot be read or kept.
    Unavailable,
}

/// What is asked of people who sign in, and how long claims are decided on: as it is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountSettings {
    /// Whether everybody needs an app of codes.
    pub is_totp_required: bool,
    /// How long a session may be idle.
    pub idle: Duration,
    /// How long a session may be.
    pub absolute: Duration,
    /// How long a setup code is good.
    pub setup_code: Duration,
    /// For how many days claims are decided on; none is without an end.
    pub claims_days: Option<u32>,
    /// For how many days after its month what people typed is kept; without an end where there is none.
    pub notes_days: Option<u32>,
}

/// Users, for an administrator. `cookie` is that of the administrator's session.
pub trait Directory: Send + Sync + 'static {
    /// Every user, in the order in which they were made.
    ///
    /// # Errors
    /// When users cannot be read.
    fn members(&self) -> Result<Vec<Member>, DirectoryError>;
    /// Makes a user. Gives the number, and the code with which the person begins.
    ///
    /// # Errors
    /// Why not.
    fn add(&self, cookie: &str, new: &NewMember) -> Result<(u32, GivenCode), DirectoryError>;
    /// Changes a user. Gives the new setup code of a reset.
    ///
    /// # Errors
    /// Why not.
    fn change(
        &self,
        cookie: &str,
        id: u32,
        change: &MemberChange,
    ) -> Result<Option<GivenCode>, DirectoryError>;
    /// What is in force.
    fn settings(&self) -> AccountSettings;
}
