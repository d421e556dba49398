//! Sessions: when they end, and that each proof of who one is makes a new secret.

use std::fs;
use std::time::Duration;

use fundwatch::access::{AccountPolicy, REGISTER, Role, SignInError, UserState};
use fundwatch::language::Language;
use fundwatch::notice::Clock;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::people::{HOUR, MINUTE, OPTIONAL, PASSWORD, SECOND, accounts, begun, person, required};
use crate::support::{ManualClock, register, until};

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn a_session_ends_when_it_is_idle() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan
        .sign_in(&accounts, &clock)
        .expect("signed in")
        .cookie
        .reveal();
    for _ in 0..3 {
        clock.advance(30 * MINUTE - MILLI);
        assert!(accounts.session(&cookie).is_some(), "it is used");
    }
    // An open page that asks for what is new uses nothing.
    for _ in 0..29 {
        clock.advance(MINUTE);
        assert!(accounts.peek(&cookie).is_some());
    }
    clock.advance(MINUTE);
    assert!(accounts.peek(&cookie).is_none());
    assert!(accounts.session(&cookie).is_none());
    assert!(
        accounts.session(&cookie).is_none(),
        "asking does not bring it back"
    );
}

#[test]
fn a_session_ends_when_it_is_old() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan
        .sign_in(&accounts, &clock)
        .expect("signed in")
        .cookie
        .reveal();
    for _ in 0..12 * 4 - 1 {
        clock.advance(15 * MINUTE);
        assert!(accounts.session(&cookie).is_some());
    }
    clock.advance(15 * MINUTE - MILLI);
    assert!(accounts.session(&cookie).is_some());
    clock.advance(MILLI);
    assert!(accounts.session(&cookie).is_none());
}

#[test]
fn a_clock_that_is_put_back_does_not_make_sessions_longer() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan
        .sign_in(&accounts, &clock)
        .expect("signed in")
        .cookie
        .reveal();
    clock.set_back(MINUTE);
    assert!(accounts.session(&cookie).is_some(), "as clocks are set");
    clock.set_back(HOUR);
    assert!(accounts.session(&cookie).is_none());
}

#[test]
fn the_end_of_a_session_is_known_after_a_restart() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let lan = begun(
        &service,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let out = lan.sign_in(&service, &clock).expect("signed in");
    let cookie = lan
        .sign_in(&service, &clock)
        .expect("signed in")
        .cookie
        .reveal();
    service.sign_out(&out.session).expect("signed out");
    assert!(service.session(&out.cookie.reveal()).is_none());
    clock.advance(29 * MINUTE);
    assert!(service.session(&cookie).is_some());
    drop(service);
    let service = accounts(data.path(), required(), &clock);
    clock.advance(29 * MINUTE);
    // That it was used is in the register.
    assert!(service.session(&cookie).is_some());
    assert!(service.session(&out.cookie.reveal()).is_none());
    clock.advance(HOUR);
    drop(service);
    // What has ended is removed.
    let connection = Connection::open(data.path().join(REGISTER)).expect("a connection");
    let count = connection.query_row("SELECT count(*) FROM session", [], |row| row.get(0));
    assert_eq!(count, Ok(0));
}

#[test]
fn a_sign_in_makes_a_secret_of_its_own() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let one = lan.sign_in(&accounts, &clock).expect("signed in");
    let two = lan.sign_in(&accounts, &clock).expect("signed in");
    assert_ne!(*one.cookie.reveal(), *two.cookie.reveal());
    assert_ne!(*one.session.csrf_token(), *two.session.csrf_token());
    assert!(!one.session.is_csrf_token(&two.session.csrf_token()));
    accounts.sign_out(&two.session).expect("signed out");
    assert!(accounts.session(&one.cookie.reveal()).is_some(), "its own");
    accounts
        .sign_out_everywhere(&one.session)
        .expect("signed out");
    for session in [&one, &two, &lan.first] {
        assert!(accounts.session(&session.cookie.reveal()).is_none());
    }
}

#[test]
fn the_register_has_nothing_that_a_browser_has() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let lan = begun(
        &service,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan.first.cookie.reveal();
    let (_, code) = register(data.path())
        .add_user(&person("moi", Role::Reviewer), clock.now())
        .expect("made");
    drop(service);
    let bytes = fs::read(data.path().join(REGISTER)).expect("read");
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|some| some == part);
    assert!(holds(b"$argon2id$"), "what is looked at is the register");
    let code = code.reveal();
    for secret in [&*cookie, &*code, &code.replace('-', ""), PASSWORD] {
        assert!(!holds(secret.as_bytes()));
    }
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(cookie.as_bytes())
        .expect("base64");
    assert!(!holds(&raw));
}

#[test]
fn a_person_has_ten_sessions_at_most() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookies: Vec<_> = (0..11)
        .map(|_| {
            lan.sign_in(&accounts, &clock)
                .expect("signed in")
                .cookie
                .reveal()
        })
        .collect();
    let on: Vec<bool> = cookies
        .iter()
        .map(|cookie| accounts.session(cookie).is_some())
        .collect();
    assert_eq!(on.iter().filter(|is_on| **is_on).count(), 10);
    assert!(!on[0] && accounts.sessions_of(lan.id) == 10);
}

#[test]
fn another_language_is_that_of_the_open_sessions() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let (session, cookie) = (&lan.first.session, lan.first.cookie.reveal());
    assert_eq!(session.language, Language::Vietnamese);
    accounts
        .set_language(session, Language::English)
        .expect("kept");
    let now = accounts.session(&cookie).expect("on");
    assert_eq!(now.language, Language::English);
    accounts.sign_out(&now).expect("signed out");
    accounts
        .set_language(session, Language::Vietnamese)
        .expect("asked");
    assert_eq!(accounts.users()[0].language, Language::English);
}

#[test]
fn what_another_process_does_counts_within_a_second() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let mut other = register(data.path());
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan
        .sign_in(&accounts, &clock)
        .expect("signed in")
        .cookie
        .reveal();
    assert!(
        other
            .set_user_state("lan", UserState::Disabled, clock.now())
            .expect("kept")
    );
    until(SECOND, || accounts.session(&cookie).is_none());
    assert!(
        other
            .set_user_state("lan", UserState::Active, clock.now())
            .expect("kept")
    );
    until(SECOND, || accounts.users()[0].state == UserState::Active);
    assert!(accounts.session(&cookie).is_none(), "it does not come back");
    let cookie = lan
        .sign_in(&accounts, &clock)
        .expect("signed in")
        .cookie
        .reveal();
    assert!(
        other
            .set_user_role("lan", Role::Supervisor, clock.now())
            .expect("kept")
    );
    until(SECOND, || accounts.session(&cookie).is_none());
    let signed_in = lan.sign_in(&accounts, &clock).expect("signed in");
    assert_eq!(signed_in.session.role, Role::Supervisor);
    let same = other.set_user_role("lan", Role::Supervisor, clock.now());
    assert!(!same.expect("kept"));
    let cookie = signed_in.cookie.reveal();
    other.reset_user("lan", clock.now()).expect("kept");
    until(SECOND, || accounts.session(&cookie).is_none());
}

#[test]
fn a_register_that_takes_the_place_of_another_counts_within_a_second() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let lan = begun(
        &service,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan.first.cookie.reveal();
    let empty = tempfile::tempdir().expect("a directory");
    drop(register(empty.path()));
    // What is beside a database belongs to it.
    for name in ["-wal", "-shm"] {
        let _ = fs::remove_file(data.path().join(format!("{REGISTER}{name}")));
    }
    fs::rename(empty.path().join(REGISTER), data.path().join(REGISTER)).expect("moved");
    until(SECOND, || service.session(&cookie).is_none());
    assert!(service.users().is_empty());
}

#[test]
fn while_the_register_cannot_be_read_nobody_is_signed_in() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), OPTIONAL, &clock);
    let lan = begun(
        &service,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let cookie = lan.first.cookie.reveal();
    let (place, away) = (data.path().join(REGISTER), data.path().join("away.db"));
    fs::rename(&place, &away).expect("moved");
    until(Duration::from_secs(7), || {
        service.session(&cookie).is_none()
    });
    let refused = service.sign_in("lan", PASSWORD, None, None);
    assert_eq!(refused.err(), Some(SignInError::Unavailable));
    assert!(service.trouble().is_some());
    fs::rename(&away, &place).expect("moved back");
    until(SECOND, || service.session(&cookie).is_some());
    assert_eq!(service.trouble(), None);
}

#[test]
fn what_is_no_cookie_is_nobodys() {
    let data = tempfile::tempdir().expect("a directory");
    let service = accounts(data.path(), AccountPolicy::default(), &ManualClock::new());
    for cookie in ["", "x", &"A".repeat(43), &"A".repeat(5_000), "é"] {
        assert!(service.session(cookie).is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// However a session is used, and the clock steps: it is on exactly as long as it was neither idle nor old, and the
    /// clock not put back behind it.
    #[test]
    fn a_session_is_on_as_long_as_the_policy_says(steps in prop::collection::vec((-400_i64..2_500, any::<bool>()), 1..60)) {
        let data = tempfile::tempdir().expect("a directory");
        let clock = ManualClock::new();
        let service = accounts(data.path(), OPTIONAL, &clock);
        let lan = begun(&service, data.path(), &clock, &person("lan", Role::Reviewer));
        let cookie = lan.first.cookie.reveal();
        let created = lan.first.session.created_at.0;
        let mut seen = created;
        for (seconds, is_used) in steps {
            clock.step(seconds * 1000);
            if !is_used {
                continue;
            }
            let now = clock.now().0;
            let is_on = now - seen < 1_800_000 && now - created < 43_200_000 && now >= seen - 300_000
                && now >= created - 300_000;
            prop_assert_eq!(service.session(&cookie).is_some(), is_on);
            if is_on {
                seen = seen.max(now);
            }
        }
    }
}
