//! A provider: sign-ins begin here and end here.
//!
//! Methods that ask the provider wait for it, bounded; a listener calls them on a thread that may block.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::claims::{Claims, OLDEST, SKEW};
use super::discovery::{ClientProof, Discovery};
use super::error::OidcError;
use super::jws::Jws;
use super::key_cache::KeyCache;
use super::logout::{self, Logout, TokenName};
use super::pending::Pending;
use super::requests::Http;
use super::sealing::Sealing;
use super::settings::OidcSettings;
use super::used::Used;
use crate::access::account::ProvinceSet;
use crate::access::role::Role;
use crate::notice::Moment;

/// A sign-in that has begun.
pub struct Begun {
    /// Where the browser goes now.
    pub address: String,
    /// What it keeps until it comes back: letters, digits, `-` and `_`.
    pub kept: String,
}

/// What a browser brings back in its address.
#[derive(Clone, Copy, Default)]
pub struct Answer<'a> {
    /// The code, where somebody signed in.
    pub code: Option<&'a str>,
    /// Which sign-in it is.
    pub state: Option<&'a str>,
    /// By whom it is (RFC 9207).
    pub issuer: Option<&'a str>,
    /// That nobody signed in.
    pub has_error: bool,
}

/// Somebody whom the provider vouches for.
pub struct Vouched {
    /// The provider.
    pub issuer: String,
    /// What it calls the person: the same for ever.
    pub subject: String,
    /// What they might be called here, as the provider has it.
    pub name: Option<String>,
    /// What pages might call them, as the provider has it.
    pub display_name: Option<String>,
    /// Whether they read English, where the provider says so.
    pub reads_english: bool,
    /// What their groups may do; nothing where none of them is known.
    pub grant: Option<(Role, ProvinceSet)>,
    /// What the provider calls its session.
    pub session: Option<String>,
    /// When they last proved to the provider who they are, where it says so.
    pub proved_at: Option<Moment>,
    /// Where they want to go.
    pub to: String,
    /// The session whose user proves anew who they are, where it is that and no sign-in.
    pub again: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// A provider of identities.
pub struct OidcProvider {
    settings: OidcSettings,
    http: Http,
    cache: KeyCache,
    sealing: Sealing,
    used: Used,
}

impl OidcProvider {
    /// One that is known by these settings. It is asked when somebody signs in.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn new(settings: OidcSettings) -> Result<Self, OidcError> {
        Ok(Self {
            http: Http::new(settings.authorities.clone()),
            cache: KeyCache::new(&settings.issuer),
            sealing: Sealing::random()?,
            used: Used::default(),
            settings,
        })
    }

    /// Its address, which its tokens name.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins a sign-in of a browser that wants to go to `to` then. With `again`, the person proves anew who they are,
    /// for that session.
    ///
    /// # Errors
    /// When the provider cannot be used.
    pub fn begin(&self, to: &str, again: Option<String>, now: Moment) -> Result<Begun, OidcError> {
        let discovery = self.cache.discovery(&self.http)?;
        let is_anew = again.is_some();
        let pending = Pending::begin(to, again, now)?;
        let scopes = ["openid".to_owned()].into_iter();
        let scopes: Vec<String> = scopes.chain(self.settings.scopes.iter().cloned()).collect();
        let redirect_uri = self.settings.redirect_uri();
        let challenge = pending.challenge();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", &pending.state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if is_anew {
            query
                .append_pair("prompt", "login")
                .append_pair("max_age", "0");
        }
        let plain = Zeroizing::new(serde_json::to_vec(&pending).expect("texts are JSON"));
        Ok(Begun {
            address: with_query(&discovery.authorization, &query.finish()),
            kept: self.sealing.seal(&plain)?,
        })
    }

    /// Ends a sign-in with what the browser kept and what it brings back.
    ///
    /// # Errors
    /// When the browser has begun no such sign-in, when the provider cannot be used, or is not to be believed.
    pub fn finish(
        &self,
        kept: &str,
        answer: &Answer<'_>,
        now: impl Fn() -> Moment,
    ) -> Result<Vouched, OidcError> {
        let plain = self.sealing.open(kept).ok_or(OidcError::NotBegun)?;
        let pending: Pending = serde_json::from_slice(&plain).map_err(|_| OidcError::NotBegun)?;
        let state = answer.state.unwrap_or_default().as_bytes();
        let is_this: bool = state.ct_eq(pending.state.as_bytes()).into();
        if !is_this || !pending.is_good(now()) {
            return Err(OidcError::NotBegun);
        }
        let discovery = self.cache.discovery(&self.http)?;
        let is_named = answer.issuer.map(|issuer| issuer == self.settings.issuer);
        if is_named == Some(false) || (discovery.names_issuer && is_named.is_none()) {
            // Anybody can send it, as often as they like.
            return Err(OidcError::NotBegun);
        }
        let code = match answer.code {
            Some(code) if !answer.has_error && !code.is_empty() => code,
            _ => return Err(OidcError::Declined),
        };
        let token = self.redeem(&discovery, code, &pending)?;
        let jws = Jws::read(&token).map_err(OidcError::Unsound)?;
        self.cache.verify(&self.http, &jws)?;
        let claims = Claims::new(jws.claims);
        let now = now();
        claims.check(&self.settings.issuer, &self.settings.client_id, now)?;
        claims.check_nonce(&pending.nonce)?;
        let proved_at = claims
            .seconds("auth_time")
            .filter(|at| *at <= now.seconds() + SKEW);
        if pending.again.is_some() {
            // What the person proved before this was asked for is no proof for it.
            let begun = Moment(pending.at).seconds();
            proved_at
                .filter(|at| *at >= begun - SKEW)
                .ok_or(OidcError::NotAnew)?;
        }
        let vouched = self.vouched(&claims, proved_at, &pending)?;
        // Once all of it is right, so that strangers fill nothing.
        match self.used.take(&pending.state, pending.until(), now) {
            true => Ok(vouched),
            false => Err(OidcError::NotBegun),
        }
    }

    fn vouched(
        &self,
        claims: &Claims,
        proved_at: Option<i64>,
        pending: &Pending,
    ) -> Result<Vouched, OidcError> {
        let groups = claims.texts(&self.settings.groups_claim);
        let grant = self.settings.of_groups(&groups);
        let text = |name: &str| claims.text(name).map(str::to_owned);
        Ok(Vouched {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject()?.to_owned(),
            name: text(&self.settings.name_claim),
            display_name: text("name"),
            reads_english: claims
                .text("locale")
                .is_some_and(|code| code.starts_with("en")),
            grant: grant.map(|grant| (grant.role, grant.provinces)),
            session: claims.session().map(str::to_owned),
            proved_at: proved_at.map(|seconds| Moment(seconds.saturating_mul(1_000))),
            to: pending.to.clone(),
            again: pending.again.clone(),
        })
    }

    /// The ID token that a code stands for.
    fn redeem(
        &self,
        discovery: &Discovery,
        code: &str,
        pending: &Pending,
    ) -> Result<Zeroizing<String>, OidcError> {
        let settings = &self.settings;
        let redirect_uri = settings.redirect_uri();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("code_verifier", &pending.verifier);
        let authorization = match (&settings.client_secret, discovery.proof) {
            (Some(secret), ClientProof::Basic) => Some(basic(&settings.client_id, secret)),
            (secret, _) => {
                form.append_pair("client_id", &settings.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
                None
            }
        };
        let form = Zeroizing::new(form.finish());
        let authorization = authorization.as_ref().map(|text| text.as_str());
        let (status, body) = self.http.post(&discovery.token, &form, authorization)?;
        match status {
            200 => {}
            400 => return Err(OidcError::NotRedeemed),
            401 | 403 => {
                let why = "it does not take oidc.client_id with the client secret".to_owned();
                return Err(OidcError::Away(why));
            }
            status => return Err(OidcError::Away(format!("it answers with status {status}"))),
        }
        let tokens: Result<Tokens, _> = serde_json::from_slice(&body);
        let tokens = tokens.map_err(|_| OidcError::Unsound("it gave no ID token"))?;
        Ok(Zeroizing::new(tokens.id_token))
    }

    /// Where a browser that has signed out here signs out at the provider too, if it is known and can.
    pub fn sign_out_address(&self) -> Option<String> {
        let end = self.cache.known_discovery()?.end_session?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("client_id", &self.settings.client_id)
            .append_pair(
                "post_logout_redirect_uri",
                &format!("{}/sign-in", self.settings.origin),
            );
        Some(with_query(&end, &query.finish()))
    }

    /// Reads the provider's word that somebody has signed out there.
    ///
    /// # Errors
    /// When the token is not to be believed, or its signature cannot be checked now.
    pub fn logout(&self, token: &str, now: Moment) -> Result<Logout, OidcError> {
        let jws = Jws::read(token).map_err(OidcError::Unsound)?;
        self.cache.verify(&self.http, &jws)?;
        let kind = jws.kind.clone();
        let claims = Claims::new(jws.claims);
        claims.check(&self.settings.issuer, &self.settings.client_id, now)?;
        let (logout, TokenName(name)) =
            logout::read(&claims, kind.as_deref(), &self.settings.issuer)?;
        // Later it is too old to be taken.
        let until = now.plus(Duration::from_secs((OLDEST + 2 * SKEW).unsigned_abs()));
        match self.used.take(&logout_name(&name), until, now) {
            true => Ok(logout),
            false => Err(OidcError::Unsound("its logout token was used before")),
        }
    }

    /// What a logout token said could not be done: the provider may send it again.
    pub fn not_logged_out(&self, token: &str) {
        let Ok(jws) = Jws::read(token) else {
            return;
        };
        let kind = jws.kind.clone();
        let claims = Claims::new(jws.claims);
        if let Ok((_, TokenName(name))) =
            logout::read(&claims, kind.as_deref(), &self.settings.issuer)
        {
            self.used.forget(&logout_name(&name));
        }
    }
}

/// What a logout token is remembered by.
fn logout_name(token: &str) -> String {
    format!("logout {token}")
}

/// An address with a query more.
fn with_query(address: &str, query: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{query}")
}

/// The header of a client that proves itself (RFC 6749, 2.3.1).
fn basic(client_id: &str, secret: &str) -> Zeroizing<String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encoded(client_id), encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_proves_itself_as_rfc_6749_has_it() {
        assert_eq!(
            *basic("a b", "c:d"),
            format!("Basic {}", STANDARD.encode("a+b:c%3Ad"))
        );
        assert_eq!(with_query("https://a/b?c=d", "e=f"), "https://a/b?c=d&e=f");
        assert_eq!(with_query("https://a/b", "e=f"), "https://a/b?e=f");
    }
}
