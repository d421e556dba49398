//! A sign-in that a browser has begun and the provider has not ended.
//!
//! Must hold: each has its own state, nonce and verifier, of 256 random bits; it is good for ten minutes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::notice::Moment;

/// How long a person may take at the provider.
pub(super) const LIFE: Duration = Duration::from_secs(600);

/// A sign-in that is under way, as the browser keeps it, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    /// What comes back with the browser.
    pub state: String,
    /// What comes back in the token.
    pub nonce: String,
    /// What the code is good with (RFC 7636).
    pub verifier: String,
    /// When it began, as [`Moment`].
    pub at: i64,
    /// Where the person wants to go.
    pub to: String,
    /// The session whose user proves anew who they are, where it is that and no sign-in.
    pub again: Option<String>,
}

fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl Pending {
    pub fn begin(to: &str, again: Option<String>, now: Moment) -> Result<Self, getrandom::Error> {
        Ok(Self {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            at: now.0,
            to: to.to_owned(),
            again,
        })
    }

    /// What the provider is told of the verifier (S256).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }

    /// Whether it is still good.
    pub fn is_good(&self, now: Moment) -> bool {
        let at = Moment(self.at);
        at <= now && now.since(at) < LIFE
    }

    /// Until when it is good.
    pub fn until(&self) -> Moment {
        Moment(self.at).plus(LIFE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        let mut pending = Pending::begin("/", None, Moment(0)).expect("random");
        pending.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let expected = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(pending.challenge(), expected);
    }

    #[test]
    fn a_sign_in_is_good_for_ten_minutes() {
        let begun = Moment(1 << 40);
        let pending = Pending::begin("/", None, begun).expect("random");
        assert!(pending.is_good(begun) && pending.is_good(begun.plus(LIFE / 2)));
        assert!(!pending.is_good(begun.plus(LIFE)));
        assert!(
            !pending.is_good(Moment(begun.0 - 1)),
            "a clock that was put back"
        );
        let other = Pending::begin("/", None, begun).expect("random");
        assert_ne!(pending.state, other.state);
        assert!(pending.state != pending.nonce && pending.nonce != pending.verifier);
    }
}
