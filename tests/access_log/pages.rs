//! Pages of a running service: an administrator changes somebody, an auditor reads it in the log, and nothing that is
//! secret is in the log, in the service's own, or in an address.

use std::fs;

use fundwatch::access::{NewUser, ProvinceSet, Register, Role};
use fundwatch::language::Language;
use fundwatch::notice::{Clock, SystemClock};

use crate::people::PASSWORD;
use crate::running::{Data, Running};
use crate::support::{entries, folder};
use crate::visitor::{Answer, Visitor};

const CONFIG: &str = "[accounts]\ntotp = \"optional\"\n";

/// Makes somebody as the command line does; gives the setup code.
fn made(data: &Data, name: &str, role: Role) -> String {
    let mut register = Register::open_or_create(&data.path()).expect("a register");
    let new = NewUser {
        name: name.to_owned(),
        display_name: format!("Mẫu {name}"),
        role,
        provinces: ProvinceSet::ALL,
        language: Language::English,
    };
    let (_, code) = register.add_user(&new, SystemClock.now()).expect("made");
    code.reveal().to_string()
}

/// Somebody who begins with a setup code, and signs in.
fn begun(address: &str, name: &str, code: &str) -> Visitor {
    let mut visitor = Visitor::new(address);
    let csrf = visitor.get("/setup").field("csrf");
    let form = [
        ("csrf", csrf.as_str()),
        ("name", name),
        ("setup_code", code),
        ("password", PASSWORD),
        ("repeat", PASSWORD),
    ];
    let answer = visitor.post("/setup", &form);
    assert_eq!(answer.status, 303, "{}", answer.body);
    Visitor::signed_in(address, name)
}

fn post(visitor: &mut Visitor, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = visitor.get("/admin").field("csrf");
    let mut form = vec![("csrf", csrf.as_str())];
    form.extend_from_slice(fields);
    visitor.post(path, &form)
}

#[test]
fn an_administrator_changes_somebody_and_an_auditor_reads_it() {
    let data = Data::new();
    let codes = [
        ("khanh", Role::Admin),
        ("giang", Role::Auditor),
        ("lan", Role::Reviewer),
    ];
    let codes = codes.map(|(name, role)| made(&data, name, role));
    let service = Running::start(&data, CONFIG).ready();
    let address = format!("http://{}", service.api);
    let mut admin = begun(&address, "khanh", &codes[0]);
    let mut auditor = begun(&address, "giang", &codes[1]);
    let mut lan = begun(&address, "lan", &codes[2]);
    assert_eq!(lan.get("/mine").status, 200);

    let change = [("change", "role"), ("role", "supervisor")];
    let done = post(&mut admin, "/admin/users/3", &change);
    assert_eq!(
        (done.status, done.location()),
        (303, "/admin/users/3?done=role")
    );
    assert_eq!(lan.get("/mine").status, 303, "the session has ended");
    let own = post(&mut admin, "/admin/users/1", &change);
    assert_eq!(own.status, 422);
    let new = [
        ("name", "moi"),
        ("display_name", "Mẫu mới"),
        ("role", "reviewer"),
        ("language", "en"),
    ];
    let given = post(&mut admin, "/admin/users", &new);
    assert_eq!(given.status, 200, "{}", given.body);
    let (_, code) = given
        .body
        .split_once("<code class=\"secret\">")
        .expect("a code");
    let code = code.split_once('<').expect("an end").0.to_owned();
    begun(&address, "moi", &code);
    let page = admin.get("/admin").body;
    for text in [
        "4 users",
        "30 min",
        "asked of whoever has an app",
        "without an end",
    ] {
        assert!(page.contains(text), "{text}");
    }

    let page = auditor.get("/access-log?action=manage_user");
    assert_eq!(page.status, 200, "{}", page.body);
    for text in [
        "made or changed a user",
        "<code>lan</code>",
        "<code>moi</code>",
        "begun or not",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert_eq!(auditor.get("/access-log/sample").status, 200);
    assert_eq!(auditor.get("/admin").status, 403);
    assert_eq!(admin.get("/access-log").status, 403);
    drop(service);

    let found = entries(&folder(&data.path()));
    let of = |action: &str| found.iter().filter(|entry| entry.action == action).count();
    assert_eq!((of("manage_user"), of("read_access_log")), (4, 2));
    let mut texts = fs::read_to_string(data.path().join("serve.log")).expect("read");
    texts.extend(found.iter().map(|entry| format!("{entry:?}\n")));
    let code = code.as_str();
    for secret in codes.iter().map(String::as_str).chain([code, PASSWORD]) {
        assert!(!texts.contains(secret));
    }
}
