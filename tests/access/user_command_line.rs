//! `fundwatch user`, as an administrator would run it.

use std::path::Path;

use fundwatch::access::{Accounts, REGISTER, SignInError};
use fundwatch::notice::SystemClock;

use crate::binary::fundwatch;
use crate::people::{OPTIONAL, PASSWORD, SECOND};
use crate::said;
use crate::support::until;

fn run(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = fundwatch();
    command.arg("user").args(arguments).arg("--data").arg(data);
    let output = command.output().expect("the binary runs");
    said::told(&output);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Runs what prints a setup code.
fn code(data: &Path, arguments: &[&str]) -> String {
    let (code, out, err) = run(data, arguments);
    assert_eq!(code, Some(0), "{err}");
    let printed = out.trim_end();
    assert_eq!(
        (printed.len(), out.len()),
        (24, 25),
        "a code and nothing else"
    );
    assert!(
        err.contains("not shown again") && !err.contains(printed),
        "{err}"
    );
    printed.to_owned()
}

#[test]
fn users_are_made_listed_and_changed() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let add = |name: &str, more: &[&str]| {
        let arguments = ["add", "--name", name, "--role", "reviewer"];
        code(data, &[&arguments, more].concat())
    };
    let lan = add(
        "lan",
        &[
            "--display-name",
            "Trần Thị Mẫu",
            "--province",
            "79",
            "--province",
            "01",
            "--language",
            "en",
        ],
    );
    let moi = add("moi", &[]);
    assert_ne!(lan, moi);
    let service = Accounts::open(data, OPTIONAL, SystemClock).expect("accounts");
    let done = service.finish_setup("lan", &lan, PASSWORD, None, None);
    let cookie = done.expect("set up").cookie.reveal();

    let (status, out, _) = run(data, &["list"]);
    assert_eq!(status, Some(0));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3);
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(words[..4], ["1", "lan", "active", "reviewer"]);
    assert_eq!(
        words[5..],
        ["no", "here", "en", "01,79", "Trần", "Thị", "Mẫu"]
    );
    let words: Vec<&str> = lines[2].split_whitespace().collect();
    assert_eq!(words[..4], ["2", "moi", "new", "reviewer"]);
    assert_eq!(words[5..], ["no", "here", "vi", "all", "moi"]);
    assert!(!out.contains("argon2") && !out.contains(&moi[..9]));

    // A service that runs sees each within a second.
    let done = |arguments: &[&str], told: &str| {
        let (status, out, err) = run(data, arguments);
        assert_eq!((status, out.trim_end(), err.as_str()), (Some(0), told, ""));
    };
    done(
        &["role", "lan", "supervisor"],
        "lan has the role supervisor",
    );
    until(SECOND, || service.session(&cookie).is_none());
    done(
        &["role", "lan", "supervisor"],
        "lan had the role supervisor already",
    );
    let cookie = service
        .sign_in("lan", PASSWORD, None, None)
        .expect("signed in");
    let cookie = cookie.cookie.reveal();
    done(&["disable", "lan"], "lan is disabled");
    until(SECOND, || service.session(&cookie).is_none());
    done(&["disable", "lan"], "lan was disabled already");
    let refused = service.sign_in("lan", PASSWORD, None, None);
    assert_eq!(refused.err(), Some(SignInError::Refused));
    done(&["enable", "lan"], "lan is enabled");
    let new = code(data, &["reset", "lan"]);
    until(SECOND, || !service.users()[0].has_password);
    let begun = service.begin_setup("lan", &new, None);
    begun.expect("the new code is good");
    assert!(service.begin_setup("lan", &lan, None).is_err());

    let (_, out, _) = run(data, &["list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(list[0]["provinces"], serde_json::json!(["01", "79"]));
    assert_eq!(list[0]["role"], "supervisor");
    assert_eq!(list[0]["state"], "new");
    assert!(list[0]["setup_until"].is_string());
    assert_eq!(list[1]["provinces"], serde_json::Value::Null);
    let text = list.to_string();
    assert!(!text.contains("argon2") && !text.contains("totp\":\""));
}

#[test]
fn processes_that_make_users_at_a_time_lose_nothing() {
    let data = tempfile::tempdir().expect("a directory");
    let directory = data.path().join("new");
    let codes: Vec<(String, String)> = std::thread::scope(|scope| {
        let workers = (0..4).map(|worker| {
            let directory = &directory;
            scope.spawn(move || {
                let made = (0..6).map(|number| {
                    let name = format!("p{worker}.{number}");
                    let made = code(directory, &["add", "--name", &name, "--role", "auditor"]);
                    (name, made)
                });
                made.collect::<Vec<_>>()
            })
        });
        let workers: Vec<_> = workers.collect();
        let made = workers.into_iter().map(|one| one.join().expect("no panic"));
        made.flatten().collect()
    });
    let service = Accounts::open(&directory, OPTIONAL, SystemClock).expect("accounts");
    assert_eq!(service.users().len(), 24);
    for (name, code) in codes {
        service
            .begin_setup(&name, &code, None)
            .expect("its own code");
    }
}

#[test]
fn wrong_calls_say_what_to_do() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let refused = |data: &Path, arguments: &[&str]| {
        let (code, out, err) = run(data, arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?} {err}");
        err
    };
    let told = refused(data, &["list"]);
    assert!(told.contains("so does `fundwatch user add`"), "{told}");
    let add = ["add", "--name", "lan", "--role", "reviewer"];
    code(data, &add);
    let told = refused(data, &add);
    assert!(told.contains("there is a user lan already"), "{told}");
    let told = refused(data, &["add", "--name", "x", "--role", "feed"]);
    assert!(
        told.contains("auditor, operator") && !told.contains("of feed"),
        "{told}"
    );
    assert!(refused(data, &["add", "--name", "Ms X", "--role", "auditor"]).contains("a-z"));
    for (option, value, expected) in [
        ("--province", "1", "two digits"),
        ("--province", "03", "two digits"),
        ("--language", "fr", "vi or en"),
        ("--display-name", "", "1 to 80"),
    ] {
        let call = ["add", "--name", "x", "--role", "auditor", option, value];
        let told = refused(data, &call);
        assert!(told.contains(expected), "{told}");
    }
    for call in [
        &["disable", "absent"][..],
        &["enable", "absent"],
        &["reset", "absent"],
        &["role", "absent", "auditor"],
    ] {
        let told = refused(data, call);
        assert!(told.contains("no user has the name absent"), "{told}");
    }
    let absent = data.join("absent");
    assert!(refused(&absent, &["list"]).contains("is not a directory"));
    assert!(refused(&absent.join("data"), &add).contains("is not a directory"));
    let later = rusqlite::Connection::open(data.join(REGISTER)).expect("a connection");
    later.pragma_update(None, "user_version", 9).expect("set");
    let (status, _, told) = run(data, &["list"]);
    assert_eq!(status, Some(1));
    assert!(
        told.contains("has format 9, which a later version"),
        "{told}"
    );
}

#[test]
fn the_help_is_what_users_read() {
    for arguments in [
        vec!["user", "--help"],
        vec!["user", "add", "--help"],
        vec!["user", "list", "--help"],
        vec!["user", "disable", "--help"],
        vec!["user", "enable", "--help"],
        vec!["user", "reset", "--help"],
        vec!["user", "role", "--help"],
    ] {
        let output = fundwatch().args(&arguments).output();
        let output = output.expect("the binary runs");
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        insta::assert_snapshot!(arguments.join(" ").replace("--", ""), help);
    }
}
