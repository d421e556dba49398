//! What a signed token of the provider says, and whether it says it to this service, now.
//!
//! In: claims whose signature is right, and what the sign-in began with. Out: who it is. Must hold: what is not meant for
//! this service, of this moment and of this sign-in says nothing (OpenID Connect Core 1.0, 3.1.3.7).

use serde_json::{Map, Value};

use super::error::OidcError;
use crate::notice::Moment;

/// How far the provider's clock and this one may be apart, in seconds.
pub(super) const SKEW: i64 = 60;
/// How old a token may be when it comes, in seconds: it was made for the code just now.
pub(super) const OLDEST: i64 = 600;
/// The most characters of what a provider calls a person (OpenID Connect Core 1.0, 2).
const LONGEST_SUBJECT: usize = 255;

/// The claims of a token.
pub(super) struct Claims(Map<String, Value>);

type Found<T> = Result<T, OidcError>;

fn unsound<T>(why: &'static str) -> Found<T> {
    Err(OidcError::Unsound(why))
}

impl Claims {
    pub fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a time, in seconds since 1970.
    pub fn seconds(&self, name: &str) -> Option<i64> {
        let number = self.0.get(name)?;
        let whole = number.as_i64();
        // Some have fractions.
        whole.or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64))
    }

    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// What holds for every token of the provider: by whom, for whom, and when.
    pub fn check(&self, issuer: &str, client_id: &str, now: Moment) -> Found<()> {
        if self.text("iss") != Some(issuer) {
            return unsound("its token is of another issuer");
        }
        let audience: Vec<&str> = match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(some)) => some.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !audience.contains(&client_id) {
            return unsound("its token is for another service");
        }
        let party = self.0.get("azp");
        let is_own = party.is_some_and(|party| party.as_str() == Some(client_id));
        if !is_own && (party.is_some() || audience.len() > 1) {
            return unsound("its token was given to another service");
        }
        let now = now.seconds();
        match self.seconds("exp") {
            Some(until) if now < until.saturating_add(SKEW) => {}
            _ => return unsound("its token has expired"),
        }
        match self.seconds("iat") {
            Some(at) if at <= now + SKEW && now - OLDEST - SKEW <= at => {}
            _ => return unsound("its token is not of now; are both clocks right?"),
        }
        if self.seconds("nbf").is_some_and(|from| from > now + SKEW) {
            return unsound("its token is not good yet");
        }
        Ok(())
    }

    /// What holds for the token of a sign-in beside that.
    pub fn check_nonce(&self, nonce: &str) -> Found<()> {
        match self.text("nonce") == Some(nonce) {
            true => Ok(()),
            false => unsound("its token is of another sign-in"),
        }
    }

    /// What the provider calls the person.
    pub fn subject(&self) -> Found<&str> {
        let subject = self.text("sub").unwrap_or_default();
        let is_one = (1..=LONGEST_SUBJECT).contains(&subject.len()) && subject.is_ascii();
        match is_one {
            true => Ok(subject),
            false => unsound("its token names nobody"),
        }
    }

    /// What the provider calls its session.
    pub fn session(&self) -> Option<&str> {
        self.text("sid")
            .filter(|sid| (1..=LONGEST_SUBJECT).contains(&sid.len()))
    }

    /// The texts of a claim by its name or, where there is none of this name, by its path with dots between: a list of
    /// texts, or one.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let at_path = || {
            let mut names = name.split('.');
            let first = self.0.get(names.next()?)?;
            names.try_fold(first, |value, name| value.get(name))
        };
        match self.0.get(name).or_else(at_path) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(some)) => {
                let texts = some.iter().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Moment = Moment(1_795_755_785_000);
    const SECONDS: i64 = 1_795_755_785;

    fn with(change: impl FnOnce(&mut Value)) -> Claims {
        let mut claims = json!({
            "iss": "https://id.example", "aud": "fundwatch", "sub": "7a", "nonce": "n",
            "iat": SECONDS, "exp": SECONDS + 300,
        });
        change(&mut claims);
        let Value::Object(claims) = claims else {
            unreachable!("an object")
        };
        Claims::new(claims)
    }

    fn is_taken(change: impl FnOnce(&mut Value)) -> bool {
        with(change)
            .check("https://id.example", "fundwatch", NOW)
            .is_ok()
    }

    #[test]
    fn a_token_is_of_the_issuer_for_this_service_and_of_now() {
        assert!(is_taken(|_| {}));
        assert!(is_taken(|own| own["aud"] = json!(["fundwatch"])));
        assert!(!is_taken(|own| own["iss"] = json!("https://id.example/")));
        for audience in [
            json!("other"),
            json!([]),
            json!(7),
            json!(null),
            json!(["a", "b"]),
        ] {
            assert!(!is_taken(|own| own["aud"] = audience));
        }
        // Of several, one has to be named.
        let several = json!(["other", "fundwatch"]);
        assert!(!is_taken(|own| own["aud"] = several.clone()));
        assert!(is_taken(|own| {
            own["aud"] = several.clone();
            own["azp"] = json!("fundwatch");
        }));
        assert!(!is_taken(|own| own["azp"] = json!("other")));
        assert!(!is_taken(|own| own["azp"] = json!(7)));
        for (name, seconds, taken) in [
            ("exp", SECONDS - SKEW + 1, true),
            ("exp", SECONDS - SKEW, false),
            ("iat", SECONDS + SKEW, true),
            ("iat", SECONDS + SKEW + 1, false),
            ("iat", SECONDS - OLDEST - SKEW, true),
            ("iat", SECONDS - OLDEST - SKEW - 1, false),
            ("nbf", SECONDS + SKEW, true),
            ("nbf", SECONDS + SKEW + 1, false),
        ] {
            assert_eq!(
                is_taken(|own| own[name] = json!(seconds)),
                taken,
                "{name} {seconds}"
            );
        }
        for name in ["exp", "iat", "aud", "iss"] {
            assert!(!is_taken(|own| own[name] = json!(null)), "{name}");
        }
        assert!(is_taken(|own| own["exp"] = json!(SECONDS as f64 + 0.5)));
        assert!(!is_taken(|own| own["exp"] = json!("2099-01-01")));
        assert!(!is_taken(|own| own["exp"] = json!(f64::MIN)));
    }

    #[test]
    fn a_token_is_of_its_sign_in_and_of_somebody() {
        let claims = with(|_| {});
        assert!(claims.check_nonce("n").is_ok() && claims.check_nonce("m").is_err());
        assert!(
            with(|own| own["nonce"] = json!(null))
                .check_nonce("")
                .is_err()
        );
        assert_eq!(claims.subject(), Ok("7a"));
        for subject in [json!(""), json!("é"), json!("x".repeat(256)), json!(7)] {
            assert!(with(|own| own["sub"] = subject).subject().is_err());
        }
    }

    #[test]
    fn groups_are_found_by_name_or_by_path() {
        let claims = with(|own| {
            own["groups"] = json!(["a", 7, "/fund/b"]);
            own["role"] = json!("c");
            own["https://fund.example/groups"] = json!(["d"]);
            own["realm_access"] = json!({"roles": ["e"]});
        });
        for (name, texts) in [
            ("groups", vec!["a", "/fund/b"]),
            ("role", vec!["c"]),
            ("https://fund.example/groups", vec!["d"]),
            ("realm_access.roles", vec!["e"]),
            ("realm_access", vec![]),
            ("realm_access.none.at.all", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(claims.texts(name), texts, "{name}");
        }
    }
}
