//! There and back, and what does not come back from there.

use fundwatch::access::Role;
use fundwatch::notice::{Clock, SystemClock};

use super::browser::Browser;
use super::provider::{Provider, person};
use super::service::Service;
use crate::people::{PASSWORD, Telephone};

const NOT_BEGUN: &str =
    "This sign-in was used already, took too long, or was begun in another browser. Begin again.";

#[test]
fn a_person_of_the_provider_signs_in_and_out() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let mut browser = Browser::new(&service);
    let page = browser.get("/sign-in?to=%2Fmine");
    assert!(page.body.contains("Sign in with VSS ID"), "{}", page.body);
    assert!(page.body.contains("href=\"/sign-in/oidc?to=%2Fmine\""));
    let callback = browser.go_to_provider("/sign-in/oidc?to=%2Fmine");
    let asked = provider.with(|inner| inner.asked.clone());
    assert_eq!(asked["scope"], "openid profile");
    let redirect_uri = format!("{}/sign-in/oidc/callback", service.origin);
    assert_eq!(asked["redirect_uri"], redirect_uri);
    assert!(!asked.contains_key("prompt"));
    let back = browser.get(&callback);
    assert_eq!(back.status, 200, "{}", back.body);
    assert_eq!(back.header("refresh").as_deref(), Some("0;url=/mine"));
    assert_eq!(back.header("cache-control").as_deref(), Some("no-store"));
    assert!(!browser.cookies.contains_key("fundwatch-departure"));
    let account = browser.get("/account");
    assert_eq!(account.status, 200);
    for shown in ["lan.tran", "Trần Giám Lan", "01, 79"] {
        assert!(account.body.contains(shown), "{shown}");
    }
    assert!(!account.body.contains("name=\"old\""), "no password here");
    assert_eq!(browser.get("/queue").status, 200);
    assert_eq!(browser.get("/admin").status, 403);
    let user = service.user("lan.tran").expect("made");
    assert_eq!(user["issuer"], provider.issuer.as_str());
    assert_eq!(
        (&user["role"], &user["provinces"][1]),
        (&"reviewer".into(), &"79".into())
    );
    assert_eq!(user["has_totp"], false);
    // There is no password to be reset, nor a role that would last.
    assert_eq!(service.user_command(&["reset", "lan.tran"]), 2);
    assert_eq!(service.user_command(&["role", "lan.tran", "admin"]), 2);
    let csrf = account.field("csrf");
    let out = browser.post("/sign-out", &[("csrf", &csrf)]);
    let there = out.header("refresh").expect("on to the provider");
    assert!(there.starts_with(&format!(
        "0;url={}/end?client_id=fundwatch&",
        provider.issuer
    )));
    assert!(browser.session().is_none());
    assert_eq!(browser.get("/queue").status, 303);
    let entries = service.entries();
    for entry in [
        "lan.tran reviewer manage_user",
        "lan.tran reviewer sign_in",
        "lan.tran reviewer sign_out",
    ] {
        assert!(
            entries.iter().any(|own| own == entry),
            "{entry}: {entries:?}"
        );
    }
    // Nothing of the person, no code and no token in the log of the service.
    let log = service.log();
    for hidden in ["Giám", "code-1", "eyJ", "session-of-7a"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}

#[test]
fn what_comes_back_is_of_this_browser_once() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let is_refused = |browser: &mut Browser, callback: &str, what: &str| {
        let answer = browser.get(callback);
        assert_eq!(
            (answer.status, answer.refused()),
            (422, NOT_BEGUN),
            "{what}"
        );
        assert!(browser.session().is_none(), "{what}");
    };
    // A code that somebody else has brought from the provider.
    let (mut one, mut other) = (Browser::new(&service), Browser::new(&service));
    let of_one = one.go_to_provider("/sign-in/oidc");
    is_refused(
        &mut other.clone(),
        &of_one,
        "a browser that has begun nothing",
    );
    let of_other = other.go_to_provider("/sign-in/oidc");
    is_refused(&mut other.clone(), &of_one, "another browser");
    let state = of_one.split("state=").nth(1).expect("a state");
    let state = state.split('&').next().expect("a state");
    for wrong in ["", "x", &"A".repeat(43)] {
        is_refused(
            &mut one.clone(),
            &of_one.replace(state, wrong),
            "another state",
        );
    }
    let cookie = one.cookies["fundwatch-departure"].clone();
    let mut changed = one.clone();
    let begin = if cookie.starts_with('A') { "B" } else { "A" };
    let changed_cookie = format!("{begin}{}", &cookie[1..]);
    changed
        .cookies
        .insert("fundwatch-departure".to_owned(), changed_cookie);
    is_refused(&mut changed, &of_one, "a cookie that was changed");
    assert_eq!(
        provider.with(|inner| inner.redeemed),
        0,
        "nothing was asked for it"
    );
    // Replayed: with all that the browser had.
    let mut replay = one.clone();
    assert_eq!(one.get(&of_one).status, 200);
    let mut history = one.clone();
    history.cookies.remove("fundwatch");
    is_refused(&mut history, &of_one, "back by the history");
    let again = replay.get(&of_one);
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(replay.session().is_none());
    assert_eq!(other.get(&of_other).status, 200);
    // Another issuer, where the provider says that it always names itself.
    let mut mixed = Browser::new(&service);
    let callback = mixed.go_to_provider("/sign-in/oidc");
    let (rest, _) = callback.split_once("&iss=").expect("named");
    for wrong in [
        rest.to_owned(),
        format!("{rest}&iss=https%3A%2F%2Fevil.example"),
    ] {
        let answer = mixed.clone().get(&wrong);
        assert_eq!(answer.status, 422);
        assert!(
            answer.refused().contains("Begin again"),
            "{}",
            answer.refused()
        );
    }
    let declined = format!(
        "{}?error=access_denied&{}",
        service.origin,
        rest.split_once('?').expect("a query").1
    );
    let declined = declined.replacen('?', "/sign-in/oidc/callback?", 1);
    let iss = format!(
        "{declined}&iss={}",
        callback.split_once("&iss=").expect("named").1
    );
    let answer = mixed.get(&iss);
    assert_eq!(
        answer.refused(),
        "The identity provider has not signed you in."
    );
}

#[test]
fn a_sign_in_makes_a_new_session() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let mut attacker = Browser::new(&service);
    provider.is_now(person("66", "ke.xau", &["fund-auditors"]));
    assert_eq!(attacker.sign_in().status, 200);
    let planted = attacker.session().expect("signed in").clone();
    provider.is_now(person("7a", "lan.tran", &["fund-reviewers"]));
    let mut victim = Browser::new(&service);
    victim
        .cookies
        .insert("fundwatch".to_owned(), planted.clone());
    assert_eq!(victim.sign_in().status, 200);
    assert_ne!(victim.session(), Some(&planted));
    assert!(victim.get("/account").body.contains("lan.tran"));
    assert!(
        attacker.get("/account").body.contains("ke.xau"),
        "it is nobody else's now"
    );
    let mut none = Browser::new(&service);
    none.cookies.insert("fundwatch".to_owned(), "A".repeat(43));
    assert_eq!(none.sign_in().status, 200);
    assert_ne!(none.session(), Some(&"A".repeat(43)));
}

#[test]
fn where_the_provider_is_away_people_of_here_still_sign_in() {
    let service = Service::start("http://127.0.0.1:9/realms/fund");
    let mut browser = Browser::new(&service);
    assert!(browser.get("/sign-in").body.contains("Sign in with VSS ID"));
    let away = browser.get("/sign-in/oidc");
    assert_eq!(away.status, 503);
    assert_eq!(
        away.refused(),
        "The identity provider cannot be reached at the moment. Try again in a while."
    );
    assert!(away.body.contains("name=\"password\"") && away.header("retry-after").is_some());
    assert!(service.log().contains("the connection failed"));
    let code = service.add("khan.cap", Role::Admin);
    std::thread::sleep(std::time::Duration::from_secs(1));
    let csrf = browser.get("/setup").field("csrf");
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "khan.cap"),
        ("setup_code", &code),
        ("password", PASSWORD),
        ("repeat", PASSWORD),
    ];
    let page = browser.post("/setup", &fields);
    let (_, secret) = page.body.split_once("class=\"secret\"").expect("a secret");
    let secret = secret.split_once('>').expect("a tag").1;
    let secret: String = secret
        .split('<')
        .next()
        .expect("a secret")
        .split(' ')
        .collect();
    let telephone = Telephone::of(secret.trim());
    let fields = [
        ("csrf", page.field("csrf")),
        ("name", "khan.cap".to_owned()),
        ("setup_code", code),
        ("password", PASSWORD.to_owned()),
        ("code", telephone.code(SystemClock.now())),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, &**text)).collect();
    assert_eq!(
        browser.post("/setup", &fields).location(),
        "/sign-in?setup=done"
    );
    // The next step of the code, which is taken early.
    let code = telephone.code(SystemClock.now().plus(std::time::Duration::from_secs(30)));
    let csrf = browser.get("/sign-in").field("csrf");
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "khan.cap"),
        ("password", PASSWORD),
        ("code", &code),
    ];
    let signed_in = browser.post("/sign-in", &fields);
    assert_eq!(signed_in.status, 303, "{}", signed_in.refused());
    assert_eq!(browser.get("/admin").status, 200);
}

#[test]
fn where_people_of_here_do_not_sign_in_there_is_no_form_for_it() {
    let provider = Provider::start();
    let service = Service::start_with(&provider.issuer, "local_accounts = false");
    let mut browser = Browser::new(&service);
    let page = browser.get("/sign-in");
    assert!(page.body.contains("Sign in with VSS ID") && !page.body.contains("name=\"password\""));
    assert_eq!(browser.get("/setup").status, 404);
    assert_eq!(browser.sign_in().status, 200);
    assert_eq!(browser.get("/queue").status, 200);
}
