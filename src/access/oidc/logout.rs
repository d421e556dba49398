//! The provider's word that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).
//!
//! In: a logout token. Out: whose sessions end. Must hold: what says somebody is no logout token, and the other way
//! around; each ends something once.

use serde_json::Value;

use super::claims::Claims;
use super::error::OidcError;

/// What the token has to say.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// What kind of token it is, where it says so.
const KIND: &str = "logout+jwt";

/// Whose sessions end.
#[derive(Clone, PartialEq, Eq)]
pub struct Logout {
    /// The provider.
    pub issuer: String,
    /// The person, as the provider calls them.
    pub subject: Option<String>,
    /// The session, as the provider calls it; without it, all of the person.
    pub session: Option<String>,
}

/// What names a token.
pub(super) struct TokenName(pub String);

/// Reads a token whose signature, issuer, audience and times are right.
pub(super) fn read(
    claims: &Claims,
    kind: Option<&str>,
    issuer: &str,
) -> Result<(Logout, TokenName), OidcError> {
    let unsound = |why| Err(OidcError::Unsound(why));
    if kind.is_some_and(|kind| !["jwt", KIND].contains(&kind)) {
        return unsound("its token is no logout token");
    }
    let event = claims.value("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) || claims.value("nonce").is_some() {
        return unsound("its token is no logout token");
    }
    let Some(name) = claims.text("jti").filter(|name| !name.is_empty()) else {
        return unsound("its logout token has no name");
    };
    let subject = match claims.value("sub") {
        Some(_) => Some(claims.subject()?.to_owned()),
        None => None,
    };
    let session = claims.session().map(str::to_owned);
    if subject.is_none() && session.is_none() {
        return unsound("its logout token names nobody");
    }
    let logout = Logout {
        issuer: issuer.to_owned(),
        subject,
        session,
    };
    Ok((logout, TokenName(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_taken(kind: Option<&str>, change: impl FnOnce(&mut Value)) -> bool {
        let mut claims = json!({"sub": "7a", "jti": "1", "events": {EVENT: {}}});
        change(&mut claims);
        let Value::Object(claims) = claims else {
            unreachable!("an object")
        };
        read(&Claims::new(claims), kind, "https://id.example").is_ok()
    }

    #[test]
    fn a_token_that_says_somebody_is_no_logout_token() {
        for kind in [None, Some("jwt"), Some(KIND)] {
            assert!(is_taken(kind, |_| {}), "{kind:?}");
        }
        assert!(!is_taken(Some("at+jwt"), |_| {}));
        assert!(is_taken(None, |own| {
            own["sid"] = json!("s");
            own.as_object_mut().expect("an object").remove("sub");
        }));
        assert!(!is_taken(None, |own| own["nonce"] = json!("n")));
        assert!(!is_taken(None, |own| own["events"] = json!({})));
        assert!(!is_taken(None, |own| own["events"] = json!([EVENT])));
        assert!(!is_taken(None, |own| own["jti"] = json!("")));
        assert!(!is_taken(None, |own| {
            own.as_object_mut().expect("an object").remove("sub");
        }));
        assert!(!is_taken(None, |own| own["sub"] = json!(7)));
    }
}
