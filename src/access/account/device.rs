//! A browser in which a user has signed in with their password: what OWASP calls a device cookie.
//!
//! In: 256 random bits that the browser has. Out: whose it is. Must hold: they sign nobody in; attempts in such a browser
//! are counted by themselves, so that whoever fails elsewhere, as often as they like, does not lock its user out of it.

use super::session::SessionSecret;

/// What is kept of a browser's secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DeviceDigest(pub [u8; 32]);

impl DeviceDigest {
    /// That of a cookie, which anybody may have sent.
    pub fn of_text(text: &str) -> Option<Self> {
        SessionSecret::from_text(text).map(|secret| Self::of(&secret))
    }

    pub fn of(secret: &SessionSecret) -> Self {
        Self(secret.digest().0)
    }
}
