//! An identity provider in this process: it signs in whoever it is told to, and can be told to misbehave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

pub const CLIENT: &str = "fundwatch";
/// With signs that RFC 6749 has encoded.
pub const SECRET: &str = "s:ecret+of the client%";
const RSA: &str = include_str!("rsa.pem");

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    Es256,
    Rs256,
    /// `alg: none`, and no signature.
    Nothing,
    /// By HMAC, with the public key of ES256 as its key.
    Symmetric,
    /// By a key that the provider does not publish, under the name of one that it does.
    Stranger,
    /// By a key whose name the provider does not publish.
    UnknownName,
    /// By ES256, and named RS256.
    OtherName,
}

/// Changes the claims of the next tokens.
pub type Change = Box<dyn Fn(&mut Value) + Send>;

/// What the provider knows of somebody who comes with a code.
struct Grant {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

pub struct Inner {
    issuer: String,
    codes: HashMap<String, Grant>,
    next: u32,
    own: EcdsaKeyPair,
    strange: EcdsaKeyPair,
    rsa: RsaKeyPair,
    /// The claims of whoever signs in.
    pub person: Value,
    pub signing: Signing,
    pub change: Change,
    /// What browsers asked for last.
    pub asked: HashMap<String, String>,
    /// How often keys were read, and codes redeemed.
    pub keys_read: u32,
    pub redeemed: u32,
}

pub struct Provider {
    pub issuer: String,
    pub state: Arc<Mutex<Inner>>,
    _runtime: Runtime,
}

fn ecdsa() -> EcdsaKeyPair {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key")
}

pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_io()
            .build()
            .expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let PrivateKeyDer::Pkcs8(rsa) =
            PrivateKeyDer::from_pem_slice(RSA.as_bytes()).expect("a key")
        else {
            panic!("PKCS#8")
        };
        let state = Arc::new(Mutex::new(Inner {
            issuer: issuer.clone(),
            codes: HashMap::new(),
            next: 0,
            own: ecdsa(),
            strange: ecdsa(),
            rsa: RsaKeyPair::from_pkcs8(rsa.secret_pkcs8_der()).expect("a key"),
            person: person("7a", "lan.tran", &["fund-reviewers"]),
            signing: Signing::Es256,
            change: Box::new(|_| {}),
            asked: HashMap::new(),
            keys_read: 0,
            redeemed: 0,
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/keys", get(keys))
            .with_state(state.clone());
        runtime.spawn(async move { axum_serve(listener, router).await });
        Self {
            issuer,
            state,
            _runtime: runtime,
        }
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.state.lock().expect("no panic"))
    }

    /// Who signs in from now on.
    pub fn is_now(&self, person: Value) {
        self.with(|inner| inner.person = person);
    }

    /// A token that says that somebody has signed out.
    pub fn logout_token(&self, change: impl FnOnce(&mut Value)) -> String {
        self.with(|inner| {
            inner.next += 1;
            let mut claims = json!({
                "iss": inner.issuer, "aud": CLIENT, "iat": now(), "exp": now() + 120,
                "jti": format!("logout-{}", inner.next),
                "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            });
            change(&mut claims);
            inner.sign(&claims)
        })
    }
}

/// Serves a router as the program itself does: the crate's own server is not among its features.
async fn axum_serve(listener: tokio::net::TcpListener, router: Router) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let service = hyper_util::service::TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let io = hyper_util::rt::TokioIo::new(stream);
            let served = hyper::server::conn::http1::Builder::new().serve_connection(io, service);
            let _ = served.await;
        });
    }
}

/// The claims of somebody.
pub fn person(subject: &str, name: &str, groups: &[&str]) -> Value {
    json!({
        "sub": subject, "preferred_username": name, "name": "Trần Giám Lan", "groups": groups,
        "sid": format!("session-of-{subject}"), "auth_time": now() - 3_600,
    })
}

impl Inner {
    fn sign(&self, claims: &Value) -> String {
        let random = SystemRandom::new();
        let (algorithm, name) = match self.signing {
            Signing::Es256 | Signing::Stranger => ("ES256", "ec"),
            Signing::Rs256 => ("RS256", "rsa"),
            Signing::Nothing => ("none", "ec"),
            Signing::Symmetric => ("HS256", "ec"),
            Signing::UnknownName => ("ES256", "newer"),
            Signing::OtherName => ("RS256", "ec"),
        };
        let header = json!({"alg": algorithm, "kid": name, "typ": "JWT"}).to_string();
        let signed = format!(
            "{}.{}",
            text(header.as_bytes()),
            text(claims.to_string().as_bytes())
        );
        let bytes = signed.as_bytes();
        let by = |pair: &EcdsaKeyPair| {
            let signature = pair.sign(&random, bytes).expect("signed");
            signature.as_ref().to_vec()
        };
        let signature = match self.signing {
            Signing::Es256 | Signing::OtherName => by(&self.own),
            Signing::Stranger | Signing::UnknownName => by(&self.strange),
            Signing::Nothing => Vec::new(),
            Signing::Symmetric => {
                let key = self.own.public_key().as_ref();
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
                mac.update(bytes);
                mac.finalize().into_bytes().to_vec()
            }
            Signing::Rs256 => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                let key = &self.rsa;
                key.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature)
                    .expect("signed");
                signature
            }
        };
        format!("{signed}.{}", text(&signature))
    }
}

type Shared = State<Arc<Mutex<Inner>>>;

fn answer(value: &Value) -> Response {
    ([("content-type", "application/json")], value.to_string()).into_response()
}

async fn describe(State(state): Shared) -> Response {
    let issuer = state.lock().expect("no panic").issuer.clone();
    answer(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(state): Shared) -> Response {
    let mut inner = state.lock().expect("no panic");
    inner.keys_read += 1;
    let point = inner.own.public_key().as_ref();
    let RsaPublicKeyComponents { n, e } =
        RsaPublicKeyComponents::<Vec<u8>>::from(inner.rsa.public());
    answer(&json!({"keys": [
        {"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "x": text(&point[1..33]), "y": text(&point[33..])},
        {"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": text(&n), "e": text(&e)},
        {"kty": "oct", "kid": "ec", "k": "AAAA"},
    ]}))
}

/// Signs the person in at once, and sends the browser back.
async fn authorize(State(state): Shared, Query(asked): Query<HashMap<String, String>>) -> Response {
    let mut inner = state.lock().expect("no panic");
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], CLIENT);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
    inner.next += 1;
    let code = format!("code-{}", inner.next);
    let grant = Grant {
        nonce: asked["nonce"].clone(),
        challenge: asked["code_challenge"].clone(),
        redirect_uri: asked["redirect_uri"].clone(),
    };
    inner.codes.insert(code.clone(), grant);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("code", &code)
        .append_pair("state", &asked["state"])
        .append_pair("iss", &inner.issuer);
    let address = format!("{}?{}", asked["redirect_uri"], query.finish());
    inner.asked = asked;
    (StatusCode::FOUND, [("location", address)]).into_response()
}

/// Redeems a code: once, and for whoever has the verifier and the secret.
async fn token(State(state): Shared, headers: HeaderMap, body: String) -> Response {
    let mut inner = state.lock().expect("no panic");
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(CLIENT), encoded(SECRET));
    let basic = format!("Basic {}", STANDARD.encode(pair));
    if headers
        .get("authorization")
        .is_none_or(|own| *own != *basic)
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let refused = || (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#).into_response();
    let Some(grant) = inner.codes.remove(&form["code"]) else {
        return refused();
    };
    let challenge = text(&Sha256::digest(form["code_verifier"].as_bytes()));
    let is_right = form["grant_type"] == "authorization_code"
        && challenge == grant.challenge
        && form["redirect_uri"] == grant.redirect_uri;
    if !is_right {
        return refused();
    }
    inner.redeemed += 1;
    let mut claims = inner.person.clone();
    for (name, value) in [
        ("iss", json!(inner.issuer)),
        ("aud", json!(CLIENT)),
        ("iat", json!(now())),
        ("exp", json!(now() + 300)),
        ("nonce", json!(grant.nonce)),
    ] {
        claims[name] = value;
    }
    (inner.change)(&mut claims);
    let id_token = inner.sign(&claims);
    answer(&json!({"access_token": "of no use", "token_type": "Bearer", "id_token": id_token}))
}
