//! `fundwatch token`, as a user would run it.

use std::fs;
use std::path::Path;

use fundwatch::access::{BearerToken, REGISTER};

use crate::binary::fundwatch;
use crate::said;

fn run(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = fundwatch();
    let output = command
        .arg("token")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary runs");
    said::told(&output);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn create(data: &Path, arguments: &[&str]) -> BearerToken {
    let (code, out, err) = run(data, &[&["create"], arguments].concat());
    assert_eq!(code, Some(0), "{err}");
    let token = BearerToken::from_text(out.trim_end()).expect("a token and nothing else");
    assert!(err.contains(token.id().as_str()) && !err.contains(out.trim_end()));
    token
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let feed = create(
        data,
        &[
            "--role",
            "feed",
            "--stream",
            "claims",
            "--stream",
            "cards",
            "--name",
            "hospital-01",
        ],
    );
    let auditor = create(data, &["--role", "auditor", "--expires", "90d"]);
    let (code, _, err) = run(data, &["revoke", auditor.id().as_str()]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let (code, out, _) = run(data, &["list"]);
    assert_eq!(code, Some(0));
    let line = |id: &str| -> Vec<&str> {
        let line = out
            .lines()
            .find(|line| line.starts_with(id))
            .expect("a line");
        line.split_whitespace().collect()
    };
    let of_feed = line(feed.id().as_str());
    assert_eq!(of_feed[1..3], ["active", "feed"]);
    assert_eq!(
        of_feed[4..],
        ["never", "never", "hospital-01", "-", "cards,claims"]
    );
    let of_auditor = line(auditor.id().as_str());
    assert_eq!(of_auditor[1..3], ["revoked", "auditor"]);
    assert_eq!(of_auditor[5..], ["never", "-", "-", "all"]);
    assert!(!out.contains("fw_"), "no token is listed");

    let (_, out, _) = run(data, &["list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(list[0]["id"], feed.id().as_str());
    assert_eq!(list[0]["streams"], serde_json::json!(["cards", "claims"]));
    assert_eq!(list[0]["state"], "active");
    assert_eq!(list[1]["streams"], serde_json::Value::Null);
    assert!(list[1]["revoked_at"].is_string() && list[1]["expires_at"].is_string());
    let (code, out, _) = run(data, &["revoke", auditor.id().as_str()]);
    assert_eq!((code, out.contains("already")), (Some(0), true));
}

#[test]
fn wrong_calls_say_what_to_do_and_never_echo_a_token() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let refused = |data: &Path, arguments: &[&str]| {
        let (code, out, err) = run(data, arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?} {err}");
        err
    };
    let told = refused(data, &["list"]);
    assert!(told.contains("`fundwatch token create` makes it"), "{told}");
    let token = create(data, &["--role", "operator"]);
    let told = refused(data, &["create", "--role", "auditor", "--stream", "claims"]);
    assert!(told.contains("only a feed is bound to streams"), "{told}");
    let told = refused(data, &["create", "--role", "root"]);
    assert!(told.contains("feed, auditor, operator"), "{told}");
    let told = refused(data, &["create", "--role", "feed", "--stream", "claim"]);
    assert!(told.contains("citizens, death_reports"), "{told}");
    assert!(refused(data, &["create", "--role", "feed", "--expires", "90"]).contains("90"));
    assert!(refused(data, &["create", "--role", "feed", "--name", "Ms X"]).contains("a-z"));
    let text = token.reveal();
    let told = refused(data, &["revoke", &text]);
    assert!(
        told.contains("12 characters after `fw_`") && !told.contains(&text[16..]),
        "{told}"
    );
    let told = refused(data, &["revoke", "00000000000a"]);
    assert!(told.contains("no token has the id 00000000000a"), "{told}");
    let absent = data.join("absent");
    assert!(refused(&absent, &["list"]).contains("is not a directory"));
    let deeper = absent.join("data");
    assert!(refused(&deeper, &["create", "--role", "feed"]).contains("is not a directory"));
    assert!(!absent.exists());
    let other = data.join("other");
    fs::create_dir(&other).expect("made");
    fs::write(
        other.join(REGISTER),
        "no database, but long enough to be taken for one".repeat(20),
    )
    .expect("written");
    assert!(refused(&other, &["list"]).contains("is not a register of tokens"));
    let made = fs::read(other.join(REGISTER)).expect("read");
    assert!(made.starts_with(b"no database"), "it is left as it was");
}

#[test]
fn the_help_is_what_users_read() {
    for arguments in [
        vec!["token", "--help"],
        vec!["token", "create", "--help"],
        vec!["token", "list", "--help"],
        vec!["token", "revoke", "--help"],
    ] {
        let output = fundwatch()
            .args(&arguments)
            .output()
            .expect("the binary runs");
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        insta::assert_snapshot!(arguments.join(" ").replace("--", ""), help);
    }
}
