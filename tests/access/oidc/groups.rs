//! Groups of the provider are roles here, at each sign-in.

use std::time::Duration;

use fundwatch::access::Role;
use serde_json::json;

use super::browser::Browser;
use super::provider::{Provider, person};
use super::service::Service;

#[test]
fn who_is_in_no_group_is_refused_and_told_so() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    provider.is_now(person(
        "7a",
        "lan.tran",
        &["somebody", "fund-reviewers-too"],
    ));
    let mut browser = Browser::new(&service);
    let answer = browser.sign_in();
    assert_eq!(answer.status, 403);
    assert!(
        answer
            .refused()
            .starts_with("You are in no group that may use this system.")
    );
    assert!(browser.session().is_none() && service.user("lan.tran").is_none());
    let refused = "- none sign_in_refused";
    assert!(service.entries().iter().any(|own| own == refused));
    // A claim of another form says nothing.
    provider.with(|inner| inner.person["groups"] = json!({"fund-admins": true}));
    assert_eq!(Browser::new(&service).sign_in().status, 403);
}

#[test]
fn role_and_provinces_are_those_of_the_groups_at_each_sign_in() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let mut first = Browser::new(&service);
    assert_eq!(first.sign_in().status, 200);
    // The first of the configuration counts, whatever the order of the token.
    provider.is_now(person("7a", "tran.lan", &["fund-auditors", "fund-admins"]));
    let mut second = Browser::new(&service);
    assert_eq!(second.sign_in().status, 200);
    let user = service.user("lan.tran").expect("the same user");
    assert_eq!(
        (&user["role"], &user["provinces"]),
        (&"admin".into(), &json!(null))
    );
    assert!(service.user("tran.lan").is_none());
    assert_eq!(second.get("/admin").status, 200);
    assert_eq!(
        first.get("/queue").status,
        303,
        "the other session had another role"
    );
    // An administrator cannot give them what the provider does not.
    let mine = second.get("/admin/users/1");
    assert!(mine.body.contains("Nhà cung cấp danh tính"));
    // In no group any more: no session is left.
    provider.is_now(person("7a", "lan.tran", &[]));
    assert_eq!(Browser::new(&service).sign_in().status, 403);
    assert_eq!(second.get("/admin").status, 303);
    let refused = "lan.tran admin sign_in_refused";
    assert!(service.entries().iter().any(|own| own == refused));
}

#[test]
fn a_name_that_somebody_has_makes_nobody_them() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    service.add("lan.tran", Role::Admin);
    let mut one = Browser::new(&service);
    assert_eq!(one.sign_in().status, 200);
    assert!(one.get("/account").body.contains("lan.tran-2"));
    assert_eq!(one.get("/admin").status, 403);
    provider.is_now(person("7b", "lan.tran", &["fund-auditors"]));
    let mut other = Browser::new(&service);
    assert_eq!(other.sign_in().status, 200);
    assert!(other.get("/account").body.contains("lan.tran-3"));
    // What may be the number of a person is not taken as a name.
    provider.is_now(person("7c", "001204012345", &["fund-auditors"]));
    let mut third = Browser::new(&service);
    assert_eq!(third.sign_in().status, 200);
    assert!(!third.get("/account").body.contains("001204012345"));
}

#[test]
fn who_is_disabled_here_does_not_sign_in() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let mut browser = Browser::new(&service);
    assert_eq!(browser.sign_in().status, 200);
    assert_eq!(service.user_command(&["disable", "lan.tran"]), 0);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(browser.get("/queue").status, 303);
    let answer = browser.sign_in();
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.refused(),
        "Your account in this system is disabled. Ask an administrator."
    );
    assert_eq!(service.user_command(&["enable", "lan.tran"]), 0);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(browser.sign_in().status, 200);
}
