use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;
use crate::self_check::portal_key::PortalKey;

const NOW: i64 = 1_800_000_060;

/// Made once with openssl 3, with a key that was thrown away.
const RS256: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL3BvcnRhbC5leGFtcGxlIiwiYXVkIjoiZnVuZHdhdGNoIiwiaWF0IjoxODAwMDAwMDAwLCJleHAiOjE4MDAwMDAxMjAsImp0aSI6IjAxMjM0NTY3ODlhYmNkZWYiLCJzdWIiOiIwNzkwNTEwMDAwMDEifQ.aL8A1Zor7bHG6TDMTlmRvodgeiGYBHkK7lHkuI2CCoTX_RM7Q_LgsfrPH4nOhZasH8up7jDmqegXDWIv4uXKe8Gupi8ssVXG_hsGD5tV6gMW3cH02stREWhH8TXHlfAYaqc_gAc5T0QkZVIPrYR1zAyGHlwDh_c4CZXaMan_dtZC4OO1Zu92GnaomKS5K6cHVcqjZA2KY2lYTdvE8rog5lvicGojKBKYkQwbthHGqT9Yu_WeYl05jQiatfMHuqBrzVXAeXcz6p7BJACBHRdXLETzlFoNTScbIsPmFSenANl4_Bc8UBHeqfVPRS406bkmRc0vlMQpW9kWcWskgZfYdw";
const RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmo7aXG0GapuQF12GA2T1\n\
ixFBc/8KDX3VMqracNzc1YonTR+3medHLsUg+cHLQGMfs5VEGIeH1iL8YGRN4a8W\n\
+dbVUhUQO1bMnOKIh05rqa2xLa6jr4UuKQP6NGu28aiVlc7fluG1Gav9j9xnuc6O\n\
L8yzPoqB5d1HQkAiUEu36arjvkDBMCHwsOxQdBHds0hJqN52ghtw9SYNm48hriO+\n\
nkOWrNmUQHE2sLbFEosRttd275Elqr/BmG1PdrgnztXhTiYhwOwXYbaNiGBO4wxz\n\
86Rsc+IGiFebdi96HMsrCn8r59iJECjGBNFq/DKXOceWmvTpYJNQ+kgOpRVU7iCU\n\
TwIDAQAB\n\
-----END PUBLIC KEY-----\n\
";
const RSA_N: &str = "mo7aXG0GapuQF12GA2T1ixFBc_8KDX3VMqracNzc1YonTR-3medHLsUg-cHLQGMfs5VEGIeH1iL8YGRN4a8W-dbVUhUQO1bMnOKIh05rqa2xLa6jr4UuKQP6NGu28aiVlc7fluG1Gav9j9xnuc6OL8yzPoqB5d1HQkAiUEu36arjvkDBMCHwsOxQdBHds0hJqN52ghtw9SYNm48hriO-nkOWrNmUQHE2sLbFEosRttd275Elqr_BmG1PdrgnztXhTiYhwOwXYbaNiGBO4wxz86Rsc-IGiFebdi96HMsrCn8r59iJECjGBNFq_DKXOceWmvTpYJNQ-kgOpRVU7iCUTw";

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let (random, signing) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(signing, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(signing, key.as_ref(), &random);
        Self(key.expect("its own form"))
    }

    fn pem(&self) -> String {
        const HEAD: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let der = STANDARD.encode([&HEAD, self.0.public_key().as_ref()].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n")
    }

    fn jwk(&self, kid: &str) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..]);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
    }

    fn sign(&self, head: &Value, claims: &str) -> String {
        let signed = unsigned(head, claims);
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.expect("signed").as_ref());
        format!("{signed}.{signature}")
    }
}

fn unsigned(head: &Value, claims: &str) -> String {
    let head = URL_SAFE_NO_PAD.encode(head.to_string());
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims))
}

fn portal(keys: Vec<PortalKey>) -> Portal {
    Portal {
        name: "vssid".to_owned(),
        issuer: "https://portal.example".to_owned(),
        audience: "fundwatch".to_owned(),
        keys,
        longest_life: Duration::from_secs(300),
        requests_per_minute: 60,
    }
}

fn of(signer: &Signer) -> Portal {
    portal(PortalKey::read(signer.pem().as_bytes()).expect("a key"))
}

fn es256() -> Value {
    json!({"alg": "ES256", "typ": "JWT"})
}

fn claims() -> Value {
    json!({"iss": "https://portal.example", "aud": "fundwatch", "iat": NOW - 60, "exp": NOW + 60,
        "jti": "0123456789abcdef", "sub": "079051000001"})
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    claims.to_string()
}

#[test]
fn what_a_portal_signs_is_believed() {
    let signer = Signer::new();
    let text = signer.sign(&es256(), &claims().to_string());
    let assertion = Assertion::verify(&text, &of(&signer), NOW).expect("believed");
    assert_eq!(assertion.subject.to_string(), "079051000001");
    assert_eq!(assertion.id, "0123456789abcdef");
    assert_eq!(assertion.expires, NOW + 60);
    let shown = format!("Assertion {{ expires: {}, .. }}", NOW + 60);
    assert_eq!(format!("{assertion:?}"), shown);
    let one = with("aud", json!(["fundwatch"]));
    let one = signer.sign(&json!({"alg": "ES256"}), &one);
    assert!(Assertion::verify(&one, &of(&signer), NOW).is_ok());
    // Whatever it brings along to be believed by is not looked at.
    let brings =
        json!({"alg": "ES256", "jwk": Signer::new().jwk("x"), "jku": "https://evil.example"});
    let brings = signer.sign(&brings, &claims().to_string());
    assert!(Assertion::verify(&brings, &of(&signer), NOW).is_ok());
}

#[test]
fn what_another_tool_signed_with_rsa_is_believed() {
    let jwk = json!({"kty": "RSA", "n": RSA_N, "e": "AQAB"}).to_string();
    for file in [RSA_PEM.to_owned(), jwk] {
        let keys = PortalKey::read(file.as_bytes()).expect("a key");
        let assertion = Assertion::verify(RS256, &portal(keys.clone()), NOW).expect("believed");
        assert_eq!(assertion.subject.to_string(), "079051000001");
        let mut other = RS256.to_owned();
        let last = if other.ends_with('w') { 'g' } else { 'w' };
        other.replace_range(
            RS256.len() - 3..RS256.len() - 2,
            if last == 'g' { "A" } else { "B" },
        );
        let refused = Assertion::verify(&other, &portal(keys), NOW);
        assert_eq!(refused.err(), Some(Untrusted::Signature));
    }
}

#[test]
fn what_is_not_signed_by_the_portal_is_not_believed() {
    let (signer, other) = (Signer::new(), Signer::new());
    let portal = of(&signer);
    let refused = |text: &str| Assertion::verify(text, &portal, NOW).err();
    let by_other = other.sign(&es256(), &claims().to_string());
    assert_eq!(refused(&by_other), Some(Untrusted::Signature));
    // Every bit counts.
    let text = signer.sign(&es256(), &claims().to_string());
    let (signed, signature) = text.rsplit_once('.').expect("three parts");
    for place in 0..64 {
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        bytes[place] ^= 1;
        let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(refused(&forged), Some(Untrusted::Signature), "{place}");
    }
    let another = unsigned(&es256(), &with("sub", json!("079051000002")));
    let moved = format!("{another}.{signature}");
    assert_eq!(refused(&moved), Some(Untrusted::Signature));
    assert_eq!(refused(&format!("{another}.")), Some(Untrusted::Signature));
}

#[test]
fn no_algorithm_but_the_keys_is_believed() {
    let signer = Signer::new();
    let portal_of_ec = of(&signer);
    let keys = PortalKey::read(RSA_PEM.as_bytes()).expect("a key");
    let portal_of_rsa = portal(keys);
    for alg in [
        "none", "None", "HS256", "HS512", "ES384", "PS256", "EdDSA", "",
    ] {
        let unsigned = unsigned(&json!({"alg": alg}), &claims().to_string());
        for portal in [&portal_of_ec, &portal_of_rsa] {
            // The public key as a shared secret, as an attacker has it.
            for secret in [RSA_PEM.to_owned(), signer.pem()] {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
                mac.update(unsigned.as_bytes());
                let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
                for text in [format!("{unsigned}.{signature}"), format!("{unsigned}.")] {
                    let refused = Assertion::verify(&text, portal, NOW).err();
                    assert_eq!(refused, Some(Untrusted::Algorithm), "{alg}");
                }
            }
        }
    }
    // A right signature under the name of the other algorithm.
    let wrong = signer.sign(&json!({"alg": "RS256"}), &claims().to_string());
    let refused = |portal: &Portal| Assertion::verify(&wrong, portal, NOW).err();
    assert_eq!(refused(&portal_of_ec), Some(Untrusted::Algorithm));
    assert_eq!(refused(&portal_of_rsa), Some(Untrusted::Signature));
}

#[test]
fn each_claim_has_to_be_right() {
    let signer = Signer::new();
    let portal = of(&signer);
    let refused = |claims: &str| {
        let text = signer.sign(&es256(), claims);
        Assertion::verify(&text, &portal, NOW).err()
    };
    use Untrusted as U;
    assert_eq!(refused(&claims().to_string()), None);
    for (name, value, expected) in [
        ("iss", json!("https://other.example"), U::Issuer),
        ("iss", json!("https://portal.example/"), U::Issuer),
        ("aud", json!("elsewhere"), U::Audience),
        ("aud", json!([]), U::Audience),
        ("aud", json!(["elsewhere", "fundwatch"]), U::Audience),
        ("exp", json!(NOW), U::Expired),
        ("exp", json!(NOW - 59), U::Expired),
        ("exp", json!(NOW - 60), U::Claims),
        ("exp", json!(NOW + 241), U::TooLong),
        ("exp", json!(i64::MAX), U::TooLong),
        ("exp", json!("soon"), U::Claims),
        ("iat", json!(NOW + 31), U::TooEarly),
        ("iat", json!(-1), U::Claims),
        ("nbf", json!(NOW + 31), U::TooEarly),
        ("jti", json!("short"), U::Claims),
        ("jti", json!("a b c d e f g h"), U::Claims),
        ("jti", json!("x".repeat(129)), U::Claims),
        ("jti", json!(7), U::Claims),
        ("sub", json!("07905100000"), U::Subject),
        ("sub", json!("0790510000011"), U::Subject),
        ("sub", json!("O79051000001"), U::Subject),
        ("sub", json!(79_051_000_001_u64), U::Subject),
        ("sub", json!(null), U::Subject),
    ] {
        let expected = Some(expected);
        assert_eq!(
            refused(&with(name, value.clone())),
            expected,
            "{name} {value}"
        );
    }
    for name in ["iss", "aud", "iat", "exp", "jti", "sub"] {
        let mut claims = claims();
        claims.as_object_mut().expect("an object").remove(name);
        assert_eq!(refused(&claims.to_string()), Some(U::Claims), "{name}");
        // Of two, which one counts would be anybody's guess.
        let twice = with("sub", json!("079051000001"));
        let twice = twice.replacen('{', &format!("{{\"{name}\":\"079051000002\","), 1);
        assert_eq!(refused(&twice), Some(U::Claims), "{name}");
    }
    assert_eq!(
        refused(&with("exp", json!(NOW + 240))),
        None,
        "as long as it may"
    );
    assert_eq!(
        refused(&with("iat", json!(NOW + 30))),
        None,
        "clocks differ"
    );
}

#[test]
fn what_is_no_jwt_is_not_believed() {
    let signer = Signer::new();
    let portal = of(&signer);
    let refused = |text: &str| Assertion::verify(text, &portal, NOW).err();
    let text = signer.sign(&es256(), &claims().to_string());
    let long = format!("{}.{}", "a".repeat(LONGEST_ASSERTION), text);
    let padded = format!("{text}==");
    for bad in [
        "",
        ".",
        "..",
        "a.b",
        "079051000001",
        &long,
        &padded,
        &text[1..],
    ] {
        assert_eq!(refused(bad), Some(Untrusted::Malformed), "{bad}");
    }
    for head in [
        json!({"alg": "ES256", "crit": ["exp"]}),
        json!({"alg": "ES256", "b64": false}),
        json!({"alg": "ES256", "typ": "at+jwt"}),
        json!({"typ": "JWT"}),
    ] {
        let text = signer.sign(&head, &claims().to_string());
        assert_eq!(refused(&text), Some(Untrusted::Malformed), "{head}");
    }
}

#[test]
fn a_key_is_found_by_its_name_and_keys_can_be_changed() {
    let (old, new) = (Signer::new(), Signer::new());
    let set = json!({"keys": [old.jwk("old"), new.jwk("new")]}).to_string();
    let portal = portal(PortalKey::read(set.as_bytes()).expect("keys"));
    for (signer, kid, is_right) in [
        (&old, "old", true),
        (&new, "new", true),
        (&old, "new", false),
    ] {
        let head = json!({"alg": "ES256", "kid": kid});
        let text = signer.sign(&head, &claims().to_string());
        let believed = Assertion::verify(&text, &portal, NOW);
        assert_eq!(believed.is_ok(), is_right, "{kid}");
    }
    let without = new.sign(&es256(), &claims().to_string());
    assert!(Assertion::verify(&without, &portal, NOW).is_ok());
}

#[test]
fn keys_that_cannot_be_used_are_refused() {
    let signer = Signer::new();
    let mut secret = signer.jwk("a");
    secret["d"] = json!("AA");
    let short = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    let mut other_use = signer.jwk("a");
    other_use["use"] = json!("enc");
    let mut other_alg = signer.jwk("a");
    other_alg["alg"] = json!("HS256");
    let many = json!({"keys": vec![signer.jwk("a"); 9]});
    let shared = json!({"kty": "oct", "k": "AAAA"});
    let private = "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n";
    for (file, says) in [
        (String::new(), "no public key"),
        ("nothing".to_owned(), "no public key"),
        (json!({"keys": []}).to_string(), "no public key"),
        (private.to_owned(), "secret key"),
        (secret.to_string(), "secret key"),
        (shared.to_string(), "secret key"),
        (short.to_string(), "neither"),
        (other_use.to_string(), "neither"),
        (other_alg.to_string(), "neither"),
        (many.to_string(), "more than 8"),
    ] {
        let error = PortalKey::read(file.as_bytes()).expect_err("refused");
        assert!(error.to_string().contains(says), "{error}");
    }
    let both = format!("{}{RSA_PEM}", signer.pem());
    assert_eq!(PortalKey::read(both.as_bytes()).expect("two").len(), 2);
}
