//! A session: somebody who has signed in.
//!
//! In: 256 random bits that the browser has. Out: whose session it is, and what they may. Must hold: of the bits a
//! SHA-256 is kept; neither they nor the token of forms are shown by `Debug`.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::device::DeviceDigest;
use super::province_set::ProvinceSet;
use super::user::UserId;
use crate::access::permission::{Action, is_allowed};
use crate::access::role::Role;
use crate::hex::unhex;
use crate::language::Language;
use crate::notice::Moment;

const SECRET: usize = 32;
const CHARACTERS: usize = 43;
/// What the token of forms is of.
const CSRF_PURPOSE: &[u8] = b"fundwatch form";

/// What is kept of a session's secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SessionDigest(pub [u8; 32]);

impl SessionDigest {
    /// That of a [mark](Session::mark).
    pub fn of_mark(mark: &str) -> Option<Self> {
        unhex(mark).map(Self)
    }
}

/// The secret of a session, as the browser has it.
pub struct SessionSecret(Zeroizing<[u8; SECRET]>);

impl SessionSecret {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        random_bytes().map(Self)
    }

    /// The secret of a cookie, which anybody may have sent.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        if text.len() != CHARACTERS {
            return None;
        }
        // Some room more than the secret takes: the decoder asks for it.
        let mut decoded = Zeroizing::new([0; SECRET + 4]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, decoded.as_mut_slice());
        let mut secret = Zeroizing::new([0; SECRET]);
        secret.copy_from_slice(&decoded[..SECRET]);
        (length == Ok(SECRET)).then_some(Self(secret))
    }

    pub(super) fn digest(&self) -> SessionDigest {
        SessionDigest(Sha256::digest(self.0.as_slice()).into())
    }

    /// What the cookie holds: 43 letters, digits, `-` and `_`. Whoever has it is signed in.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(***)")
    }
}

pub(super) fn random_bytes() -> Result<Zeroizing<[u8; SECRET]>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0; SECRET]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// A session as it is when it is asked for. What is changed later is in the one that is asked for then.
pub struct Session {
    pub(super) digest: SessionDigest,
    pub(super) csrf: Zeroizing<[u8; SECRET]>,
    /// The browser, if it was known when they signed in, or is since.
    pub(super) device: Option<DeviceDigest>,
    /// Whether an identity provider brought the user, who has no password here then.
    pub is_brought: bool,
    /// Whose it is.
    pub user_id: UserId,
    /// What the person types to sign in.
    pub name: String,
    /// What pages call the person.
    pub display_name: String,
    /// The role.
    pub role: Role,
    /// The provinces that the person works on.
    pub provinces: ProvinceSet,
    /// The language of the pages.
    pub language: Language,
    /// When the person signed in.
    pub created_at: Moment,
    /// When the person last proved who they are.
    pub verified_at: Moment,
}

impl Session {
    /// Whether the person may do this.
    pub fn may(&self, action: Action) -> bool {
        is_allowed(self.role, action)
    }

    /// The token that forms of this session carry: an HMAC of a secret of the session, 43 characters.
    pub fn csrf_token(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.csrf_bytes().as_slice()))
    }

    /// Whether a form carries the token of this session, in a time that does not tell where it differs.
    pub fn is_csrf_token(&self, token: &str) -> bool {
        self.csrf_token().as_bytes().ct_eq(token.as_bytes()).into()
    }

    fn csrf_bytes(&self) -> Zeroizing<[u8; 32]> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.csrf.as_slice()) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(CSRF_PURPOSE);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user_id)
            .field("role", &self.role)
            .field("provinces", &self.provinces)
            .field("created_at", &self.created_at)
            .field("verified_at", &self.verified_at)
            .finish_non_exhaustive()
    }
}

/// What somebody has who has just proved who they are.
#[derive(Debug)]
pub struct SignedIn {
    /// What the browser is given.
    pub cookie: SessionSecret,
    /// Their session.
    pub session: Arc<Session>,
    /// What the browser is known by from now on, where it was not known; it signs nobody in.
    pub device: Option<SessionSecret>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn session() -> Session {
        let secret = SessionSecret::random().expect("random bytes");
        Session {
            digest: secret.digest(),
            csrf: random_bytes().expect("random bytes"),
            device: None,
            is_brought: false,
            user_id: UserId(1),
            name: "lan.tran".to_owned(),
            display_name: "Trần Thị Mẫu".to_owned(),
            role: Role::Reviewer,
            provinces: ProvinceSet::ALL,
            language: Language::Vietnamese,
            created_at: Moment(0),
            verified_at: Moment(0),
        }
    }

    #[test]
    fn a_cookie_is_read_as_it_was_written() {
        let secret = SessionSecret::random().expect("random bytes");
        let text = secret.reveal();
        assert_eq!(text.len(), CHARACTERS);
        let read = SessionSecret::from_text(&text).expect("a secret");
        assert!(read.digest() == secret.digest());
        let other = SessionSecret::random().expect("random bytes");
        assert!(other.digest() != secret.digest());
        for wrong in ["", &text[1..], &format!("{}A", *text), &"!".repeat(43)] {
            assert!(SessionSecret::from_text(wrong).is_none());
        }
    }

    #[test]
    fn the_token_of_forms_is_the_sessions_own() {
        let (one, other) = (session(), session());
        let token = one.csrf_token();
        assert!(one.is_csrf_token(&token));
        assert!(!other.is_csrf_token(&token));
        assert!(!one.is_csrf_token("") && !one.is_csrf_token(&token[1..]));
        assert_ne!(*token, URL_SAFE_NO_PAD.encode(one.csrf.as_slice()));
    }

    #[test]
    fn what_is_allowed_is_what_the_matrix_says() {
        let session = session();
        for action in Action::ALL.iter().copied() {
            assert_eq!(session.may(action), is_allowed(Role::Reviewer, action));
        }
    }

    #[test]
    fn debug_shows_no_secret_and_no_name() {
        let session = session();
        let secret = SessionSecret::random().expect("random bytes");
        let text = secret.reveal();
        let signed_in = SignedIn {
            cookie: secret,
            session: Arc::new(session),
            device: None,
        };
        let shown = format!("{signed_in:?}");
        for hidden in [
            &text[..8],
            &signed_in.session.csrf_token()[..8],
            "Mẫu",
            "lan.tran",
            "digest",
            "csrf",
        ] {
            assert!(!shown.contains(hidden), "{hidden}");
        }
        assert!(shown.contains("***") && shown.contains("Reviewer"));
    }

    proptest! {
        #[test]
        fn no_cookie_makes_reading_panic(text in ".{0,50}") {
            let _ = SessionSecret::from_text(&text);
        }
    }
}
