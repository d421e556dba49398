//! Who asks for something grave proves again at the provider who they are.

use fundwatch::access::Role;
use serde_json::json;

use super::browser::Browser;
use super::provider::{Provider, now, person};
use super::service::Service;

#[test]
fn something_grave_takes_a_new_sign_in_at_the_provider() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    service.add("binh.le", Role::Reviewer);
    provider.is_now(person("7a", "lan.tran", &["fund-admins"]));
    let mut browser = Browser::new(&service);
    assert_eq!(browser.sign_in().status, 200);
    let csrf = browser.get("/admin/users/1").field("csrf");
    let form = [
        ("csrf", csrf.as_str()),
        ("change", "role"),
        ("role", "auditor"),
    ];
    let change = |browser: &mut Browser, more: &[(&'static str, &'static str)]| {
        let mut fields = form.to_vec();
        fields.extend_from_slice(more);
        browser.post("/admin/users/1", &fields)
    };
    // The provider has signed them in an hour ago: that is no proof.
    let asked = change(&mut browser, &[]);
    assert_eq!(asked.status, 200);
    assert!(
        asked.body.contains("href=\"/sign-in/oidc?again=1\""),
        "{}",
        asked.body
    );
    assert!(!asked.body.contains("own_password") && asked.field("role") == "auditor");
    let too_soon = change(&mut browser, &[("own_proof", "elsewhere")]);
    assert_eq!(
        (too_soon.status, too_soon.refused()),
        (422, "Bạn chưa đăng nhập lại. Chưa có gì thay đổi.")
    );
    // A provider that does not ask anew is not taken.
    let callback = browser.go_to_provider("/sign-in/oidc?again=1");
    let sent = provider.with(|inner| inner.asked.clone());
    assert_eq!(
        (sent["prompt"].as_str(), sent["max_age"].as_str()),
        ("login", "0")
    );
    let stale = browser.get(&callback);
    assert_eq!(stale.status, 422);
    assert!(
        stale
            .refused()
            .starts_with("Nhà cung cấp danh tính đã không yêu cầu ")
    );
    provider.with(|inner| inner.person["auth_time"] = json!(null));
    let callback = browser.go_to_provider("/sign-in/oidc?again=1");
    assert_eq!(
        browser.get(&callback).status,
        422,
        "nor one that does not say"
    );
    // Nor is somebody else's.
    let mut other = person("7b", "hoa.ngo", &["fund-admins"]);
    other["auth_time"] = json!(now());
    provider.is_now(other);
    let callback = browser.go_to_provider("/sign-in/oidc?again=1");
    let someone = browser.get(&callback);
    assert_eq!(someone.status, 403);
    assert!(
        someone
            .refused()
            .starts_with("Người vừa đăng nhập ở nhà cung")
    );
    assert!(service.user("hoa.ngo").is_none());
    assert_eq!(change(&mut browser, &[]).status, 200, "not proved yet");
    let mut anew = person("7a", "lan.tran", &["fund-admins"]);
    anew["auth_time"] = json!(now());
    provider.is_now(anew);
    let before = browser.session().cloned();
    let callback = browser.go_to_provider("/sign-in/oidc?again=1");
    let proved = browser.get(&callback);
    assert_eq!(proved.status, 200);
    assert!(
        proved.header("refresh").is_none()
            && proved.body.contains("Đã xác nhận danh tính. Hãy đón")
    );
    assert_ne!(browser.session().cloned(), before, "another secret");
    let done = change(&mut browser, &[("own_proof", "elsewhere")]);
    assert_eq!(
        done.location(),
        "/admin/users/1?done=role",
        "the form still goes"
    );
    assert_eq!(service.user("binh.le").expect("there")["role"], "auditor");
    let entries = service.entries();
    assert!(
        entries
            .iter()
            .any(|own| own == "lan.tran admin prove_again"),
        "{entries:?}"
    );
}

/// What the provider says of whom it brought is not changed here.
#[test]
fn an_administrator_does_not_change_what_the_provider_says() {
    let provider = Provider::start();
    let service = Service::start(&provider.issuer);
    let mut lan = Browser::new(&service);
    assert_eq!(lan.sign_in().status, 200);
    let mut khanh = person("7b", "khanh.bui", &["fund-admins"]);
    khanh["auth_time"] = json!(now());
    provider.is_now(khanh);
    let mut browser = Browser::new(&service);
    assert_eq!(browser.sign_in().status, 200);
    let page = browser.get("/admin/users/1");
    assert!(
        page.body
            .contains("Người dùng này đăng nhập bằng nhà cung cấp danh tính; vai tr")
    );
    for button in ["value=\"role\"", "value=\"provinces\"", "value=\"reset\""] {
        assert!(!page.body.contains(button), "{button}");
    }
    let csrf = page.field("csrf");
    let mut change = |what: &str| {
        let fields = [("csrf", csrf.as_str()), ("change", what), ("role", "admin")];
        browser.post("/admin/users/1", &fields)
    };
    for what in ["role", "provinces", "reset"] {
        let refused = change(what);
        assert_eq!(refused.status, 422, "{what}");
        assert!(
            refused.refused().contains("nhà cung cấp danh tính"),
            "{what}"
        );
    }
    assert_eq!(lan.get("/queue").status, 200);
    assert_eq!(change("disable").location(), "/admin/users/1?done=disable");
    assert_eq!(lan.get("/queue").status, 303);
}
