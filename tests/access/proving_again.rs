//! Who proves again who they are, and who takes another password.

use fundwatch::access::{ChangePasswordError, PasswordFault, Role, SignInError};
use fundwatch::notice::Clock;

use crate::people::{MINUTE, OTHER_PASSWORD, PASSWORD, accounts, begun, person, required};
use crate::support::ManualClock;

#[test]
fn who_proves_again_gets_another_secret_and_keeps_the_session() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let before = lan.sign_in(&accounts, &clock).expect("signed in");
    clock.advance(MINUTE);
    let code = lan.telephone.code(clock.now());
    let wrong = accounts.verify_again(&before.session, OTHER_PASSWORD, Some(&code));
    assert_eq!(wrong.err(), Some(SignInError::Refused));
    let lacks = accounts.verify_again(&before.session, PASSWORD, None);
    assert_eq!(
        lacks.err(),
        Some(SignInError::Refused),
        "told as a wrong one"
    );
    let after = accounts
        .verify_again(&before.session, PASSWORD, Some(&code))
        .expect("proved");
    assert!(accounts.session(&before.cookie.reveal()).is_none());
    let session = accounts.session(&after.cookie.reveal()).expect("on");
    assert_eq!(session.verified_at, clock.now());
    assert_eq!(session.created_at, before.session.created_at);
    assert!(
        session.is_csrf_token(&before.session.csrf_token()),
        "open forms go on"
    );
    // A session that has ended proves nothing, and a code that was used neither.
    let ended = accounts.verify_again(&before.session, PASSWORD, Some(&code));
    assert_eq!(ended.err(), Some(SignInError::Ended));
    let used = accounts.verify_again(&after.session, PASSWORD, Some(&code));
    assert_eq!(used.err(), Some(SignInError::Refused));
}

#[test]
fn proving_again_is_locked_like_signing_in() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let session = &lan.first.session;
    for _ in 0..5 {
        let wrong = accounts.verify_again(session, OTHER_PASSWORD, None);
        assert_eq!(wrong.err(), Some(SignInError::Refused));
    }
    let until = clock.now().plus(MINUTE);
    let locked = Some(SignInError::Locked { until });
    let again = accounts.verify_again(session, PASSWORD, None);
    assert_eq!(again.err(), locked);
    // It is that browser which is locked: from another, the person signs in.
    lan.sign_in(&accounts, &clock).expect("signed in");
}

#[test]
fn another_password_ends_the_other_sessions() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    let own = lan.sign_in(&accounts, &clock).expect("signed in");
    let change = |old, new| accounts.change_password(&own.session, old, new);
    let weak = change(PASSWORD, "lan.lan.lan.lan");
    assert_eq!(
        weak,
        Err(ChangePasswordError::Password(PasswordFault::Weak))
    );
    let short = change(PASSWORD, "gạch đỏ");
    assert_eq!(
        short,
        Err(ChangePasswordError::Password(PasswordFault::TooShort))
    );
    let wrong = change(OTHER_PASSWORD, OTHER_PASSWORD);
    assert_eq!(wrong, Err(ChangePasswordError::Old(SignInError::Refused)));
    assert!(
        accounts.session(&lan.first.cookie.reveal()).is_some(),
        "nothing yet"
    );
    change(PASSWORD, OTHER_PASSWORD).expect("changed");
    assert!(accounts.session(&own.cookie.reveal()).is_some());
    assert!(accounts.session(&lan.first.cookie.reveal()).is_none());
    let old = lan.sign_in(&accounts, &clock);
    assert_eq!(old.err(), Some(SignInError::Refused));
    clock.advance(MINUTE);
    let code = lan.telephone.code(clock.now());
    let new = accounts.sign_in("lan", OTHER_PASSWORD, Some(&code), None);
    new.expect("signed in");
    let ended = accounts.change_password(&lan.first.session, OTHER_PASSWORD, PASSWORD);
    assert_eq!(ended, Err(ChangePasswordError::Old(SignInError::Ended)));
}
