//! Why somebody is not signed in, set up, or changed. None of these holds a name, a password or a code.

use super::password::PasswordFault;
use crate::access::error::AccessError;
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
    /// The password is right, and the code is missing.
    #[error("a code is asked for as well")]
    NeedsCode,
    /// What was given as the password is the setup code: the person has to begin.
    #[error("this is the setup code; set a password with it first")]
    NeedsSetup,
    /// The password is right, but a code is asked of everybody, and this user has no app of codes.
    #[error(
        "codes are asked of everybody, and this user has none; ask an administrator for a new setup code"
    )]
    NeedsTotp,
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
    /// It could not be kept, or what is asked for cannot be.
    #[error(transparent)]
    Access(#[from] AccessError),
}
