//! Tokens that act as users: what they may is what the user may at the moment of the call.

use std::path::Path;
use std::time::Duration;

use fundwatch::access::{
    Action, BearerToken, Gate, NewUser, NewUserToken, ProvinceSet, Refused, Role, TokenState,
    UserState,
};
use fundwatch::language::Language;
use fundwatch::notice::Clock;
use fundwatch::record::Stream;

use crate::binary::fundwatch;
use crate::support::{ManualClock, gate, register, until};

const SOON: Duration = Duration::from_secs(5);

fn user(data: &Path, clock: &ManualClock, name: &str, role: Role, provinces: &[&str]) {
    let new = NewUser {
        name: name.to_owned(),
        display_name: "Trần Thị Mẫu".to_owned(),
        role,
        provinces: ProvinceSet::from_codes(provinces.iter().copied()).expect("provinces"),
        language: Language::Vietnamese,
    };
    let added = register(data).add_user(&new, clock.now());
    added.expect("added");
}

fn token(data: &Path, clock: &ManualClock, user: &str) -> BearerToken {
    let new = NewUserToken {
        user: user.to_owned(),
        name: Some("case-system".to_owned()),
        expires_at: None,
    };
    let made = register(data).create_for_user(&new, clock.now());
    made.expect("made")
}

fn is_refused(gate: &Gate, token: &BearerToken, why: Refused) -> bool {
    gate.authenticate(&token.reveal()).err() == Some(why)
}

#[test]
fn a_token_of_a_user_is_the_user_as_they_are_now() {
    let data = tempfile::tempdir().expect("a directory");
    let (data, clock) = (data.path(), ManualClock::new());
    user(data, &clock, "lan", Role::Reviewer, &["79", "01"]);
    let token = token(data, &clock, "lan");
    let gate = gate(data, &clock);
    let asked = || gate.authenticate(&token.reveal()).expect("known");
    let lan = asked();
    assert_eq!((lan.name(), lan.role()), ("lan", Role::Reviewer));
    assert_eq!(lan.person(), ProvinceSet::from_codes(["01", "79"]));
    assert!(lan.may(Action::ReviewAlerts, None) && !lan.may(Action::ApproveVerdicts, None));
    assert!(!lan.may(Action::PushStream, Some(Stream::Claims)));
    // Another role, given by another process.
    let changed = register(data).set_user_role("lan", Role::Supervisor, clock.now());
    assert!(changed.expect("kept"));
    until(SOON, || asked().role() == Role::Supervisor);
    assert!(asked().may(Action::ApproveVerdicts, None));
    // What they were stays what it was for a request that is under way.
    assert_eq!(lan.role(), Role::Reviewer);
}

#[test]
fn the_token_of_a_disabled_user_is_refused_until_they_are_enabled() {
    let data = tempfile::tempdir().expect("a directory");
    let (data, clock) = (data.path(), ManualClock::new());
    user(data, &clock, "lan", Role::Reviewer, &[]);
    let token = token(data, &clock, "lan");
    let gate = gate(data, &clock);
    let is_known = || gate.authenticate(&token.reveal()).is_ok();
    assert!(is_known());
    let set = |state| {
        let set = register(data).set_user_state("lan", state, clock.now());
        assert!(set.expect("kept"));
    };
    set(UserState::Disabled);
    until(SOON, || is_refused(&gate, &token, Refused::UserDisabled));
    let listed = register(data).list().expect("a list");
    assert_eq!(listed[0].state(clock.now()), TokenState::UserDisabled);
    set(UserState::Active);
    until(SOON, is_known);
    let revoked = register(data).revoke(token.id(), clock.now());
    assert!(revoked.expect("kept"));
    until(SOON, || is_refused(&gate, &token, Refused::Revoked));
}

#[test]
fn a_token_of_a_role_is_no_person() {
    let data = tempfile::tempdir().expect("a directory");
    let (data, clock) = (data.path(), ManualClock::new());
    let new = fundwatch::access::NewToken {
        role: Role::Supervisor,
        ..crate::support::feed()
    };
    let token = register(data).create(&new, clock.now()).expect("made");
    let gate = gate(data, &clock);
    let principal = gate.authenticate(&token.reveal()).expect("known");
    assert_eq!(
        (principal.role(), principal.person()),
        (Role::Supervisor, None)
    );
}

/// What a version that knows no such tokens would have to make of one: it is of no role that it knows.
#[test]
fn a_row_that_is_half_of_a_user_is_nobodys() {
    let data = tempfile::tempdir().expect("a directory");
    let (data, clock) = (data.path(), ManualClock::new());
    user(data, &clock, "lan", Role::Reviewer, &[]);
    let (first, second) = (token(data, &clock, "lan"), token(data, &clock, "lan"));
    let path = data.join(fundwatch::access::REGISTER);
    let connection = rusqlite::Connection::open(path).expect("a connection");
    let change = |text: &str, id: &str| {
        let changed = connection.execute(text, [id]);
        assert_eq!(changed, Ok(1));
    };
    change(
        "UPDATE token SET user = NULL WHERE id = ?",
        first.id().as_str(),
    );
    change(
        "UPDATE token SET role = 'admin' WHERE id = ?",
        second.id().as_str(),
    );
    let gate = gate(data, &clock);
    assert!(is_refused(&gate, &first, Refused::Unknown));
    assert!(is_refused(&gate, &second, Refused::Unknown));
}

#[test]
fn the_command_line_makes_and_lists_them() {
    let data = tempfile::tempdir().expect("a directory");
    let (data, clock) = (data.path(), ManualClock::new());
    user(data, &clock, "lan", Role::Reviewer, &["79"]);
    let run = |arguments: &[&str]| {
        let mut command = fundwatch();
        command.arg("token").args(arguments).arg("--data").arg(data);
        let output = command.output().expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (code, out, err) = run(&["create", "--user", "lan", "--expires", "30d"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("acting as lan"), "{err}");
    let id = BearerToken::from_text(out.trim_end())
        .expect("a token")
        .id();
    let (_, out, _) = run(&["list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(list[0]["id"], id.as_str());
    assert_eq!(
        (&list[0]["user"], &list[0]["role"]),
        (&"lan".into(), &"reviewer".into())
    );
    let (_, out, _) = run(&["list"]);
    let line = out.lines().find(|line| line.starts_with(id.as_str()));
    let cells: Vec<&str> = line.expect("a line").split_whitespace().collect();
    assert_eq!(cells[1..3], ["active", "reviewer"]);
    assert_eq!(cells[6..], ["-", "lan", "all"]);
    for (wrong, told) in [
        (vec!["create"], "--role"),
        (
            vec!["create", "--user", "lan", "--role", "reviewer"],
            "cannot be used with",
        ),
        (
            vec!["create", "--user", "nobody"],
            "no user has the name nobody",
        ),
        (vec!["create", "--user", "Ms X"], "a-z"),
        (
            vec!["create", "--user", "lan", "--stream", "claims"],
            "only a feed",
        ),
    ] {
        let (code, out, err) = run(&wrong);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{wrong:?}");
        assert!(err.contains(told), "{err}");
    }
}
