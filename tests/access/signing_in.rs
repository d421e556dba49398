//! Signing in: what is refused, what is locked, and that nobody learns which users there are.

use std::net::IpAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use fundwatch::access::{
    AccountPolicy, Accounts, Browser, REGISTER, Role, SetupError, SignInError, TotpRule,
};
use fundwatch::notice::Clock;
use rusqlite::Connection;

use crate::people::{
    HOUR, MINUTE, OPTIONAL, PASSWORD, Person, SECOND, accounts, begun, person, required,
};
use crate::support::{ManualClock, register, until};

fn one_reviewer(data: &Path, clock: &ManualClock) -> (Accounts, Person) {
    let accounts = accounts(data, required(), clock);
    let lan = begun(&accounts, data, clock, &person("lan", Role::Reviewer));
    (accounts, lan)
}

fn refused<T>(result: Result<T, SignInError>) {
    assert_eq!(result.err(), Some(SignInError::Refused));
}

#[test]
fn a_person_signs_in_with_a_password_and_a_code() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    let signed_in = lan.sign_in(&accounts, &clock).expect("signed in");
    let session = accounts.session(&signed_in.cookie.reveal()).expect("on");
    assert_eq!(session.user_id, lan.id);
    assert_eq!(
        (session.name.as_str(), session.role),
        ("lan", Role::Reviewer)
    );
    assert_eq!(session.display_name, "Mẫu lan");
    assert_eq!(session.verified_at, clock.now());
    // As a telephone's keyboard writes it.
    clock.advance(MINUTE);
    let code = lan.telephone.code(clock.now());
    let typed = accounts.sign_in(" Lan ", PASSWORD, Some(&code), None);
    typed.expect("signed in");
}

#[test]
fn every_failure_is_told_alike() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    let new = person("moi", Role::Reviewer);
    register(data.path())
        .add_user(&new, clock.now())
        .expect("made");
    let off = begun(
        &accounts,
        data.path(),
        &clock,
        &person("nghi", Role::Reviewer),
    );
    accounts.sign_out(&off.first.session).expect("signed out");
    let state = fundwatch::access::UserState::Disabled;
    let mut held = register(data.path());
    held.set_user_state("nghi", state, clock.now())
        .expect("kept");
    until(SECOND, || {
        accounts.users().iter().any(|user| user.state == state)
    });
    clock.advance(MINUTE);
    let code = lan.telephone.code(clock.now());
    let of_off = off.telephone.code(clock.now());
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let long = "x".repeat(5_000);
    for (name, password, code) in [
        ("nobody", PASSWORD, Some(code.as_str())),
        ("nobody", PASSWORD, None),
        ("lan", "another password", Some(code.as_str())),
        ("lan", "another password", None),
        ("lan", PASSWORD, Some(wrong)),
        ("lan", &long, Some(code.as_str())),
        ("moi", PASSWORD, Some(code.as_str())),
        ("moi", "", None),
        ("nghi", PASSWORD, Some(of_off.as_str())),
        ("nghi", PASSWORD, None),
        ("", "", None),
        ("' OR 1=1 --", PASSWORD, None),
    ] {
        let result = accounts.sign_in(name, password, code, None);
        refused(result);
    }
    // None of it has used the code, and four failures lock nobody.
    accounts
        .sign_in("lan", PASSWORD, Some(&code), None)
        .expect("signed in");
}

/// The times are compared with much room: what has to be seen is whether a hash is computed at all.
#[test]
fn a_name_that_nobody_has_takes_as_long() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, _) = one_reviewer(data.path(), &clock);
    let shortest = |name: &str| {
        let times = (0..4).map(|_| {
            let begun = Instant::now();
            refused(accounts.sign_in(name, "another password", None, None));
            begun.elapsed()
        });
        times.min().expect("some")
    };
    let (user, stranger) = (shortest("lan"), shortest("nobody"));
    assert!(
        stranger * 3 > user && user * 3 > stranger,
        "{user:?} {stranger:?}"
    );
}

#[test]
fn names_are_locked_whether_somebody_has_them_or_not() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    for name in ["lan", "nobody"] {
        let attempt = || accounts.sign_in(name, "another password", None, None);
        for _ in 0..5 {
            refused(attempt());
        }
        let mut length = MINUTE;
        for _ in 0..8 {
            let until = clock.now().plus(length);
            let locked = Some(SignInError::Locked { until });
            assert_eq!(attempt().err(), locked, "{name} {length:?}");
            clock.advance(length - Duration::from_millis(1));
            assert_eq!(attempt().err(), locked);
            clock.advance(Duration::from_millis(1));
            refused(attempt());
            length = (length * 2).min(HOUR);
        }
    }
    // Also for whoever has the password.
    refused(accounts.sign_in("lan", "another password", None, None));
    let locked = lan.sign_in(&accounts, &clock);
    assert!(matches!(locked, Err(SignInError::Locked { .. })));
    clock.advance(HOUR);
    lan.sign_in(&accounts, &clock).expect("signed in");
    for _ in 0..4 {
        refused(accounts.sign_in("lan", "another password", None, None));
    }
    lan.sign_in(&accounts, &clock).expect("counted anew");
}

#[test]
fn a_lock_outlives_the_service_for_both() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (service, _) = one_reviewer(data.path(), &clock);
    for name in ["lan", "nobody"] {
        for _ in 0..5 {
            refused(service.sign_in(name, "another password", None, None));
        }
    }
    drop(service);
    let service = accounts(data.path(), required(), &clock);
    for name in ["lan", "nobody"] {
        let locked = service.sign_in(name, PASSWORD, None, None);
        assert!(matches!(locked, Err(SignInError::Locked { .. })), "{name}");
    }
    // Of a name that nobody has, nothing is kept that it could be told from.
    drop(service);
    let bytes = std::fs::read(data.path().join(REGISTER)).expect("read");
    assert!(!bytes.windows(6).any(|six| six == b"nobody"));
}

/// Guesses that come at a time are not all looked at.
#[test]
fn guessing_at_a_time_is_no_way_around_the_lock() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, _) = one_reviewer(data.path(), &clock);
    let refusals = thread::scope(|scope| {
        let guesses: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| accounts.sign_in("lan", "another password", None, None)))
            .collect();
        let ends = guesses
            .into_iter()
            .map(|guess| guess.join().expect("no panic"));
        ends.filter(|end| matches!(end, Err(SignInError::Refused)))
            .count()
    });
    assert_eq!(refusals, 5);
}

#[test]
fn a_code_is_good_once() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    clock.advance(MINUTE);
    let code = lan.telephone.code(clock.now());
    let attempt = || accounts.sign_in("lan", PASSWORD, Some(&code), None);
    attempt().expect("signed in");
    refused(attempt());
    clock.advance(Duration::from_secs(30));
    refused(attempt());
    // Nor is that of the step before, which was never used.
    clock.advance(MINUTE);
    let before = lan.telephone.code(clock.now());
    clock.advance(Duration::from_secs(30));
    lan.sign_in(&accounts, &clock).expect("signed in");
    refused(accounts.sign_in("lan", PASSWORD, Some(&before), None));
}

/// Two threads of a service, and two services at one register.
#[test]
fn a_code_is_good_once_also_at_a_time() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (one, lan) = one_reviewer(data.path(), &clock);
    let two = accounts(data.path(), required(), &clock);
    for services in [[&one, &one], [&one, &two]] {
        clock.advance(MINUTE);
        let code = lan.telephone.code(clock.now());
        let signed_in = thread::scope(|scope| {
            let attempts = services.map(|service| {
                let code = &code;
                scope.spawn(move || service.sign_in("lan", PASSWORD, Some(code), None))
            });
            attempts.map(|attempt| attempt.join().expect("no panic").is_ok())
        });
        assert!(signed_in[0] != signed_in[1], "{signed_in:?}");
    }
}

/// Or else passwords could be guessed without a code, and without end.
#[test]
fn a_right_password_without_a_code_is_told_and_counted_as_a_wrong_one() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    let peer: IpAddr = "192.0.2.7".parse().expect("an address");
    for code in [None, Some(""), Some(" "), None, None] {
        refused(accounts.sign_in("lan", PASSWORD, code, Some(peer)));
    }
    let locked = lan.sign_in(&accounts, &clock);
    assert!(matches!(locked, Err(SignInError::Locked { .. })));
}

/// A browser of the person, by what it is known by.
fn from<'a>(device: &'a str, peer: Option<IpAddr>) -> Browser<'a> {
    Browser {
        peer,
        device: Some(device),
    }
}

/// Whoever knows a name can lock it, and not the browsers in which its user has signed in.
#[test]
fn a_browser_that_is_known_is_locked_by_its_own_failures_alone() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    let first = lan.sign_in(&accounts, &clock).expect("signed in");
    let known = first.device.as_ref().expect("a new browser").reveal();
    let peer: IpAddr = "192.0.2.7".parse().expect("an address");
    let sign_in = |password: &str, device: &str| {
        clock.advance(Duration::from_secs(30));
        let code = lan.telephone.code(clock.now());
        accounts.sign_in_from("lan", password, Some(&code), from(device, Some(peer)))
    };
    let lock = || {
        for _ in 0..5 {
            let _ = accounts.sign_in("lan", "another password", None, None);
        }
        let locked = accounts.sign_in("lan", PASSWORD, None, None);
        assert!(matches!(locked, Err(SignInError::Locked { .. })));
    };
    lock();
    let again = sign_in(PASSWORD, &known).expect("not locked");
    assert!(again.device.is_none(), "it is known already");
    // Signing in there does not open the name to whoever guesses.
    let still = accounts.sign_in("lan", PASSWORD, None, None);
    assert!(matches!(still, Err(SignInError::Locked { .. })));
    // What proves again and changes the password there is not locked either.
    clock.advance(Duration::from_secs(30));
    let code = lan.telephone.code(clock.now());
    let proved = accounts.verify_again(&again.session, PASSWORD, Some(&code));
    proved.expect("proved");
    // An address from which many fail keeps nobody out of a browser that is known.
    for number in 0..100 {
        let name = format!("nobody-{number}");
        let _ = accounts.begin_setup(&name, "AAAA", Some(peer));
    }
    sign_in(PASSWORD, &known).expect("not locked");
    // But it is no way to guess without end.
    for _ in 0..5 {
        refused(sign_in("another password", &known));
    }
    let locked = sign_in(PASSWORD, &known);
    assert!(matches!(locked, Err(SignInError::Locked { .. })));
    // What is none, or another user's, is no known browser.
    let other = begun(
        &accounts,
        data.path(),
        &clock,
        &person("binh", Role::Reviewer),
    );
    let others = other.first.device.as_ref().expect("a new browser").reveal();
    lock();
    for device in ["", "x", &others, &"A".repeat(43)] {
        let locked = sign_in(PASSWORD, device);
        assert!(
            matches!(locked, Err(SignInError::Locked { .. })),
            "{device}"
        );
    }
}

#[test]
fn known_browsers_outlive_the_service_and_are_forgotten_by_a_reset() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (service, lan) = one_reviewer(data.path(), &clock);
    let device = lan.first.device.as_ref().expect("a new browser").reveal();
    drop(service);
    let service = accounts(data.path(), required(), &clock);
    let lock = || {
        for _ in 0..5 {
            let _ = service.sign_in("lan", "another password", None, None);
        }
    };
    lock();
    clock.advance(Duration::from_secs(30));
    let code = lan.telephone.code(clock.now());
    let signed_in = service.sign_in_from("lan", PASSWORD, Some(&code), from(&device, None));
    signed_in.expect("not locked");
    let mut held = register(data.path());
    held.reset_user("lan", clock.now()).expect("reset");
    until(SECOND, || service.users()[0].setup_until.is_some());
    lock();
    let locked = service.sign_in_from("lan", PASSWORD, Some(&code), from(&device, None));
    assert!(matches!(locked, Err(SignInError::Locked { .. })));
}

#[test]
fn where_nobody_has_a_password_nobody_signs_in_by_one() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (service, lan) = one_reviewer(data.path(), &clock);
    let cookie = lan.first.cookie.reveal();
    assert!(service.session(&cookie).is_some());
    drop(service);
    let without = AccountPolicy {
        has_passwords: false,
        ..required()
    };
    let service = accounts(data.path(), without, &clock);
    assert!(service.session(&cookie).is_none(), "nor goes on");
    refused(lan.sign_in(&service, &clock));
    let begun = service.begin_setup("lan", "AAAA", None);
    assert_eq!(begun.err(), Some(fundwatch::access::SetupError::Refused));
}

#[test]
fn where_codes_are_optional_who_has_an_app_is_still_asked() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), OPTIONAL, &clock);
    let with = begun(
        &service,
        data.path(),
        &clock,
        &person("with", Role::Reviewer),
    );
    let mut held = register(data.path());
    let (_, code) = held
        .add_user(&person("without", Role::Auditor), clock.now())
        .expect("made");
    until(SECOND, || service.users().len() == 2);
    let code = code.reveal();
    let done = service.finish_setup("without", &code, PASSWORD, None, None);
    done.expect("set up");
    service
        .sign_in("without", PASSWORD, None, None)
        .expect("signed in");
    // A code that nobody asked for does not matter.
    let more = service.sign_in("without", PASSWORD, Some("123456"), None);
    more.expect("signed in");
    refused(service.sign_in("with", PASSWORD, None, None));
    with.sign_in(&service, &clock).expect("signed in");
    drop(service);
    // Where they come to be required, whoever has none is refused, and nobody learns by it whose password is right.
    assert_eq!(required().totp, TotpRule::Required);
    let service = accounts(data.path(), required(), &clock);
    refused(service.sign_in("without", PASSWORD, None, None));
    refused(service.sign_in("without", "another password", None, None));
}

#[test]
fn an_address_that_fails_too_often_is_locked_for_every_name() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    let peer: IpAddr = "192.0.2.7".parse().expect("an address");
    let other: IpAddr = "192.0.2.8".parse().expect("an address");
    // No code of setup: nothing slow is computed.
    for _ in 0..100 {
        let refused = accounts.begin_setup("nobody", "AAAA", Some(peer));
        assert_eq!(refused.err(), Some(fundwatch::access::SetupError::Refused));
    }
    clock.advance(MINUTE);
    let code = lan.telephone.code(clock.now());
    let locked = accounts.sign_in("lan", PASSWORD, Some(&code), Some(peer));
    assert!(matches!(locked, Err(SignInError::Locked { .. })));
    for _ in 0..3 {
        clock.advance(MINUTE);
        let code = lan.telephone.code(clock.now());
        let done = accounts.sign_in("lan", PASSWORD, Some(&code), Some(other));
        done.expect("from elsewhere");
    }
    clock.advance(10 * MINUTE);
    let code = lan.telephone.code(clock.now());
    let done = accounts.sign_in("lan", PASSWORD, Some(&code), Some(peer));
    done.expect("the window is over");
}

#[test]
fn a_register_that_takes_nothing_lets_nobody_in() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let (accounts, lan) = one_reviewer(data.path(), &clock);
    let mut other = Connection::open(data.path().join(REGISTER)).expect("a connection");
    let held = other
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .expect("held");
    let result = lan.sign_in(&accounts, &clock);
    assert_eq!(result.err(), Some(SignInError::Unavailable));
    assert!(accounts.trouble().expect("told").contains(REGISTER));
    // Who is signed in already goes on.
    assert!(accounts.session(&lan.first.cookie.reveal()).is_some());
    held.rollback().expect("let go");
    lan.sign_in(&accounts, &clock).expect("signed in");
    assert_eq!(accounts.trouble(), None);
}

/// Tries again while many sign in, as people do who are told so.
fn until_not<T, E: PartialEq>(busy: E, act: impl Fn() -> Result<T, E>) -> Result<T, E> {
    let begun = Instant::now();
    loop {
        match act() {
            Err(error) if error == busy && begun.elapsed() < 120 * SECOND => {
                thread::sleep(Duration::from_millis(50));
            }
            done => return done,
        }
    }
}

#[test]
fn fifty_people_sign_in_at_a_time() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), OPTIONAL, &clock);
    let codes: Vec<_> = (0..50)
        .map(|number| {
            let new = person(&format!("p{number}"), Role::Reviewer);
            let made = register(data.path()).add_user(&new, clock.now());
            (new.name, made.expect("made").1.reveal())
        })
        .collect();
    until(SECOND, || service.users().len() == 50);
    let cookies: Vec<_> = thread::scope(|scope| {
        let people = codes.iter().map(|(name, code)| {
            let service = &service;
            scope.spawn(move || {
                let set_up = || service.finish_setup(name, code, PASSWORD, None, None);
                until_not(SetupError::Busy, set_up).expect("set up");
                let sign_in = || service.sign_in(name, PASSWORD, None, None);
                let signed_in = until_not(SignInError::Busy, sign_in).expect("signed in");
                (name, signed_in.cookie.reveal())
            })
        });
        let people: Vec<_> = people.collect();
        people
            .into_iter()
            .map(|one| one.join().expect("no panic"))
            .collect()
    });
    for (name, cookie) in cookies {
        assert_eq!(service.session(&cookie).expect("on").name, *name);
    }
}
