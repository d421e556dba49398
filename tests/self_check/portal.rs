//! A portal: it has a token, signs assertions with a key of its own, and asks for citizens.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::binary::fundwatch;
use crate::said;

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub language: String,
    pub cache: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Now, in seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("in range")
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)));
    config.build().new_agent()
}

fn reply(path: &str, mut response: ureq::http::Response<ureq::Body>) -> Reply {
    let header = |name: &str| {
        let value = response.headers().get(name);
        let value = value.and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let reply = Reply {
        status: response.status().as_u16(),
        language: header("content-language"),
        cache: header("cache-control"),
        body: response.body_mut().read_to_string().expect("a text"),
    };
    said::answered(path, reply.status, None, &reply.body);
    reply
}

/// Posts a document.
pub fn post(api: &str, path: &str, token: Option<&str>, body: &str, language: &str) -> Reply {
    let mut request = agent()
        .post(format!("http://{api}{path}"))
        .header("content-type", "application/json");
    if !language.is_empty() {
        request = request.header("accept-language", language);
    }
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    reply(path, request.send(body).expect("it answers"))
}

/// Gets something.
pub fn get(api: &str, path: &str, token: &str) -> Reply {
    let request = agent()
        .get(format!("http://{api}{path}"))
        .header("authorization", format!("Bearer {token}"));
    reply(path, request.call().expect("it answers"))
}

fn key() -> EcdsaKeyPair {
    let (random, signing) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = EcdsaKeyPair::generate_pkcs8(signing, &random).expect("a key");
    EcdsaKeyPair::from_pkcs8(signing, key.as_ref(), &random).expect("its own form")
}

fn pem(key: &EcdsaKeyPair) -> String {
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = STANDARD.encode([&HEAD, key.public_key().as_ref()].concat());
    format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
}

fn parts(head: &Value, claims: &Value) -> String {
    let head = URL_SAFE_NO_PAD.encode(head.to_string());
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn signed(key: &EcdsaKeyPair, head: &Value, claims: &Value) -> String {
    let parts = parts(head, claims);
    let signature = key.sign(&SystemRandom::new(), parts.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature.expect("signed").as_ref());
    format!("{parts}.{signature}")
}

/// A portal.
pub struct Portal {
    name: String,
    key: EcdsaKeyPair,
    pub token: String,
    api: String,
    made: AtomicU64,
}

impl Portal {
    /// A portal with a token; its public key is put beside the data.
    pub fn new(data: &Path, name: &str) -> Self {
        let mut command = fundwatch();
        command.args([
            "token", "create", "--role", "portal", "--name", name, "--data",
        ]);
        let output = command.arg(data).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        let token = String::from_utf8(output.stdout).expect("UTF-8");
        let key = key();
        if name == "vssid" {
            std::fs::write(data.join("portal.pem"), pem(&key)).expect("written");
        }
        Self {
            name: name.to_owned(),
            key,
            token: token.trim().to_owned(),
            api: String::new(),
            made: AtomicU64::new(0),
        }
    }

    /// Its section of the configuration.
    pub fn section(&self, key_file: &str) -> String {
        let name = &self.name;
        format!(
            "[[portals]]\nname = \"{name}\"\nissuer = \"https://{name}.example\"\naudience = \"fundwatch\"\n\
             key_file = \"{key_file}\"\n"
        )
    }

    /// The same, asking at an address.
    pub fn at(self, api: &str) -> Self {
        Self {
            api: api.to_owned(),
            ..self
        }
    }

    /// What is claimed of somebody, with an id of its own.
    pub fn claims(&self, subject: &str) -> Value {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        json!({"iss": format!("https://{}.example", self.name), "aud": "fundwatch", "iat": now() - 1,
            "exp": now() + 120, "jti": format!("assertion-{number}"), "sub": subject})
    }

    pub fn sign(&self, head: &Value, claims: &Value) -> String {
        signed(&self.key, head, claims)
    }

    /// An assertion about somebody.
    pub fn about(&self, subject: &str) -> String {
        self.sign(
            &json!({"alg": "ES256", "typ": "JWT"}),
            &self.claims(subject),
        )
    }

    pub fn by_another_key(&self, subject: &str) -> String {
        signed(&key(), &json!({"alg": "ES256"}), &self.claims(subject))
    }

    pub fn unsigned(&self, subject: &str, algorithm: &str) -> String {
        let parts = parts(&json!({"alg": algorithm}), &self.claims(subject));
        format!("{parts}.")
    }

    /// With the public key as a shared secret.
    pub fn by_public_key(&self, subject: &str) -> String {
        let parts = parts(&json!({"alg": "HS256"}), &self.claims(subject));
        let mut mac = Hmac::<Sha256>::new_from_slice(pem(&self.key).as_bytes()).expect("any key");
        mac.update(parts.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{parts}.{signature}")
    }

    pub fn ask(&self, path: &str, assertion: &str, language: &str) -> Reply {
        self.ask_with(path, assertion, json!({}), language)
    }

    /// Asks, with more than the assertion.
    pub fn ask_with(&self, path: &str, assertion: &str, more: Value, language: &str) -> Reply {
        let mut document = more;
        document["assertion"] = json!(assertion);
        post(
            &self.api,
            path,
            Some(&self.token),
            &document.to_string(),
            language,
        )
    }
}
