//! Why somebody is not signed in, set up, or changed. None of these holds a password or a code, and none shows a name.

use std::fmt;

use super::password::PasswordFault;
use crate::access::error::AccessError;
use crate::access::role::Role;
use crate::notice::Moment;

/// Why somebody is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The name, the password or the code is wrong, or the user may not sign in: which, is not told.
    #[error("the name, the password or the code is wrong")]
    Refused,
    /// Too many attempts have failed, at this name, whether there is one or not, or from this address.
    #[error("too many attempts have failed; wait until {until}")]
    Locked {
        /// From when on the next is looked at.
        until: Moment,
    },
    /// What was given as the password is the setup code: the person has to begin.
    #[error("this is the setup code; set a password with it first")]
    NeedsSetup,
    /// The session that was to be proved again has ended.
    #[error("the session has ended; sign in again")]
    Ended,
    /// Too many sign in at this moment.
    #[error("too many sign in at this moment; try again")]
    Busy,
    /// The register cannot be read or written: not the fault of whoever asks.
    #[error("signing in is not possible now; whoever runs the service finds the reason in its log")]
    Unavailable,
}

/// Why somebody whom an identity provider vouches for is not signed in.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BringError {
    /// They are in no group that the configuration gives a role.
    #[error("no group of the person has a role here")]
    NoGroup {
        /// The name and the role of the user that they are, if they are one.
        known: Option<(String, Role)>,
    },
    /// They may not sign in here.
    #[error("the user is disabled")]
    Disabled {
        /// Their name and their role.
        known: (String, Role),
    },
    /// The session that was to be proved again is not theirs.
    #[error("the person who signed in is not the one whose session it is")]
    OtherPerson,
    /// The session that was to be proved again has ended.
    #[error("the session has ended; sign in again")]
    Ended,
    /// The register cannot be read or written.
    #[error("signing in is not possible now; whoever runs the service finds the reason in its log")]
    Unavailable,
}

/// Without names.
impl fmt::Debug for BringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why somebody is not set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The name or the setup code is wrong, used or no longer good: which, is not told.
    #[error("the name or the setup code is wrong, or the code has been used or has expired")]
    Refused,
    /// Too many attempts have failed from this address.
    #[error("too many attempts have failed; wait until {until}")]
    Locked {
        /// From when on the next is looked at.
        until: Moment,
    },
    /// The new password cannot be one.
    #[error("{0}")]
    Password(PasswordFault),
    /// A code of the app is missing.
    #[error("the code that the app shows is asked for as well")]
    NeedsCode,
    /// It is not the code that the app shows now.
    #[error("this is not the code that the app shows now; is the clock of the telephone right?")]
    WrongCode,
    /// Too many sign in at this moment.
    #[error("too many sign in at this moment; try again")]
    Busy,
    /// The register cannot be read or written.
    #[error("setting up is not possible now; whoever runs the service finds the reason in its log")]
    Unavailable,
}

/// Why a password is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangePasswordError {
    /// The new password cannot be one.
    #[error("{0}")]
    Password(PasswordFault),
    /// The old one is wrong, or could not be looked at.
    #[error("{0}")]
    Old(SignInError),
}

/// Why an administrator does not change a user.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManageError {
    /// The session has ended, or its user may not change users.
    #[error("changing users is not allowed")]
    NotAllowed,
    /// Nobody changes their own role, nor resets or disables themselves.
    #[error("this is your own account; ask another administrator")]
    OwnAccount,
    /// There is no such user.
    #[error("there is no such user")]
    NoSuchUser,
    /// An identity provider brought the user, and says what they may.
    #[error("the identity provider says what this user may; change their groups there")]
    OfProvider,
    /// It could not be kept, or what is asked for cannot be.
    #[error(transparent)]
    Access(#[from] AccessError),
}
