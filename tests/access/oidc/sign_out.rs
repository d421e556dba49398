//! Who signs out at the provider is signed out here.

use serde_json::json;

use super::browser::Browser;
use super::provider::{Provider, Signing, person};
use super::service::Service;

fn tell(service: &Service, token: &str) -> u16 {
    // The provider has no cookie, and sends no header of a browser.
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build();
    let agent: ureq::Agent = config.into();
    let answer = agent
        .post(format!("{}/sign-in/oidc/logout", service.origin))
        .send_form([("logout_token", token)]);
    answer.expect("an answer").status().as_u16()
}

#[test]
fn the_word_of_the_provider_ends_the_sessions_of_whom_it_names() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let mut lan = Browser::new(&service);
    assert_eq!(lan.sign_in().status, 200);
    provider.with(|inner| inner.person["sid"] = json!("another"));
    let mut lan_elsewhere = Browser::new(&service);
    assert_eq!(lan_elsewhere.sign_in().status, 200);
    provider.is_now(person("7b", "binh.le", &["fund-reviewers"]));
    let mut binh = Browser::new(&service);
    assert_eq!(binh.sign_in().status, 200);
    let mut standing = |expected: [u16; 3]| {
        let all = [&mut lan, &mut lan_elsewhere, &mut binh];
        assert_eq!(all.map(|browser| browser.get("/queue").status), expected);
    };
    standing([200; 3]);
    let whole = provider.logout_token(|claims| claims["sub"] = json!("7a"));
    let of = |change: &dyn Fn(&mut serde_json::Value)| {
        tell(
            &service,
            &provider.logout_token(|claims| {
                claims["sub"] = json!("7a");
                change(claims);
            }),
        )
    };
    // What is no logout token of the provider for this service, of now, ends nothing.
    assert_eq!(of(&|claims| claims["nonce"] = json!("n")), 400);
    assert_eq!(of(&|claims| claims["events"] = json!({})), 400);
    assert_eq!(of(&|claims| claims["aud"] = json!("another")), 400);
    assert_eq!(
        of(&|claims| claims["iss"] = json!("https://evil.example")),
        400
    );
    assert_eq!(of(&|claims| claims["iat"] = json!(1_700_000_000)), 400);
    assert_eq!(of(&|claims| claims["exp"] = json!(1_700_000_000)), 400);
    for signing in [Signing::Nothing, Signing::Symmetric, Signing::Stranger] {
        provider.with(|inner| inner.signing = signing);
        assert_eq!(of(&|_| {}), 400, "{signing:?}");
    }
    provider.with(|inner| inner.signing = Signing::Es256);
    assert_eq!(tell(&service, "no token"), 400);
    standing([200; 3]);
    // One session, by its name at the provider.
    assert_eq!(of(&|claims| claims["sid"] = json!("session-of-7a")), 200);
    standing([303, 200, 200]);
    assert_eq!(tell(&service, &whole), 200);
    standing([303, 303, 200]);
    // Once: what was said before does not end what began since.
    provider.is_now(person("7a", "lan.tran", &["fund-reviewers"]));
    assert_eq!(lan.sign_in().status, 200);
    assert_eq!(tell(&service, &whole), 400);
    assert_eq!(lan.get("/queue").status, 200);
    // Of somebody who was never here.
    let stranger = provider.logout_token(|claims| claims["sub"] = json!("99"));
    assert_eq!(tell(&service, &stranger), 200);
    let ended = service.entries();
    let ended = ended
        .iter()
        .filter(|own| *own == "lan.tran reviewer sign_out");
    assert_eq!(ended.count(), 2);
}
