//! Tokens that are not to be believed sign nobody in.

use serde_json::{Value, json};

use super::browser::Browser;
use super::provider::{Change, Provider, Signing, now};
use super::service::Service;

fn claim(name: &'static str, value: Value) -> Change {
    Box::new(move |claims| claims[name] = value.clone())
}

#[test]
fn what_is_not_to_be_believed_signs_nobody_in() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let attempt = |what: &str| {
        let mut browser = Browser::new(&service);
        let answer = browser.sign_in();
        assert_eq!(answer.status, 422, "{what}");
        assert_eq!(
            answer.refused(),
            "The answer of the identity provider could not be verified. Tell whoever runs the service.",
            "{what}"
        );
        assert!(browser.session().is_none(), "{what}");
    };
    let changes: Vec<(&str, Change)> = vec![
        ("wrong nonce", claim("nonce", json!("of another sign-in"))),
        ("no nonce", claim("nonce", json!(null))),
        ("expired", claim("exp", json!(now() - 120))),
        ("no end", claim("exp", json!(null))),
        ("of the future", claim("iat", json!(now() + 600))),
        ("long ago", claim("iat", json!(now() - 3_600))),
        ("wrong audience", claim("aud", json!("another"))),
        (
            "audience of several",
            claim("aud", json!(["fundwatch", "another"])),
        ),
        ("wrong party", claim("azp", json!("another"))),
        ("wrong issuer", claim("iss", json!("https://evil.example"))),
        ("nobody", claim("sub", json!(""))),
    ];
    for (what, change) in changes {
        provider.with(|inner| inner.change = change);
        attempt(what);
    }
    provider.with(|inner| inner.change = Box::new(|_| {}));
    for signing in [
        Signing::Nothing,
        Signing::Symmetric,
        Signing::Stranger,
        Signing::UnknownName,
        Signing::OtherName,
    ] {
        provider.with(|inner| inner.signing = signing);
        attempt(&format!("{signing:?}"));
    }
    // However many keys are named that are not known, the provider is not flooded with questions.
    provider.with(|inner| inner.signing = Signing::UnknownName);
    for _ in 0..5 {
        attempt("unknown key");
    }
    assert!(
        provider.with(|inner| inner.keys_read) <= 2,
        "at most twice a minute"
    );
    let entries = service.entries();
    let refusals = entries
        .iter()
        .filter(|own| *own == "- none sign_in_refused");
    assert_eq!(refusals.count(), 21);
    assert!(!entries.iter().any(|own| own.ends_with(" sign_in")));
    for signing in [Signing::Es256, Signing::Rs256] {
        provider.with(|inner| inner.signing = signing);
        let mut browser = Browser::new(&service);
        assert_eq!(browser.sign_in().status, 200, "{signing:?}");
        assert_eq!(browser.get("/queue").status, 200);
    }
}
