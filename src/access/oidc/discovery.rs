//! What a provider says of itself (OpenID Connect Discovery 1.0).
//!
//! In: the document at its well-known address. Out: where to send browsers and questions. Must hold: it speaks of the
//! issuer that was asked, and names no address that is not gone to.

use serde::Deserialize;

use super::endpoint::is_endpoint;

/// The document, as far as it matters.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// How this service proves itself to the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientProof {
    /// In a header.
    Basic,
    /// In the form.
    Post,
}

/// Where to send browsers and questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Discovery {
    pub authorization: String,
    pub token: String,
    pub keys: String,
    /// Where a browser ends its session at the provider, if it can.
    pub end_session: Option<String>,
    pub proof: ClientProof,
    /// Whether every answer says by whom it is (RFC 9207).
    pub names_issuer: bool,
}

/// Where the document of an issuer is.
pub(super) fn address(issuer: &str) -> String {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{issuer}/.well-known/openid-configuration")
}

impl Discovery {
    /// Reads the document that an issuer is described by.
    pub fn read(bytes: &[u8], issuer: &str) -> Result<Self, &'static str> {
        let document: Document = serde_json::from_slice(bytes)
            .map_err(|_| "its description is not one of OpenID Connect")?;
        if document.issuer != issuer {
            return Err(
                "its description is of another issuer; set oidc.issuer to what it says, letter by letter",
            );
        }
        let goes_to = |text: &str| is_endpoint(text, issuer);
        let addresses = [
            &document.authorization_endpoint,
            &document.token_endpoint,
            &document.jwks_uri,
        ];
        if !addresses.into_iter().all(|text| goes_to(text)) {
            return Err("its description names an address without TLS");
        }
        let methods = document.token_endpoint_auth_methods_supported;
        let has = |name: &str| methods.iter().flatten().any(|method| method == name);
        let proof = match methods.is_none() || has("client_secret_basic") {
            true => ClientProof::Basic,
            false => ClientProof::Post,
        };
        Ok(Self {
            authorization: document.authorization_endpoint,
            token: document.token_endpoint,
            keys: document.jwks_uri,
            end_session: document.end_session_endpoint.filter(|text| goes_to(text)),
            proof,
            names_issuer: document.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://id.example/realms/fund";

    fn read(change: impl FnOnce(&mut Value)) -> Result<Discovery, &'static str> {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
        });
        change(&mut document);
        Discovery::read(document.to_string().as_bytes(), ISSUER)
    }

    #[test]
    fn a_description_is_of_its_issuer_and_leads_over_tls() {
        let plain = read(|_| {}).expect("a description");
        assert_eq!((plain.end_session, plain.proof), (None, ClientProof::Basic));
        assert!(read(|own| own["issuer"] = json!("https://id.example/realms/fund/")).is_err());
        assert!(read(|own| own["jwks_uri"] = json!("http://id.example/keys")).is_err());
        assert!(read(|own| own["token_endpoint"] = json!("/token")).is_err());
        assert!(read(|own| *own = json!([])).is_err());
        let only_post = json!(["client_secret_post", "private_key_jwt"]);
        let post = read(|own| own["token_endpoint_auth_methods_supported"] = only_post);
        assert_eq!(post.expect("a description").proof, ClientProof::Post);
        let end = read(|own| own["end_session_endpoint"] = json!("javascript:alert(1)"));
        assert_eq!(end.expect("a description").end_session, None);
    }

    #[test]
    fn the_document_of_an_issuer_is_behind_it() {
        let well_known = "https://id.example/realms/fund/.well-known/openid-configuration";
        assert_eq!(address(ISSUER), well_known);
        assert_eq!(address(&format!("{ISSUER}/")), well_known);
    }
}
