//! The beginning of a user, by a setup code.

use std::thread;
use std::time::Duration;

use fundwatch::access::{PasswordFault, Role, SETUP_CODE_LIFE, SetupError, SignInError, UserState};
use fundwatch::notice::Clock;

use crate::people::{
    HOUR, OPTIONAL, OTHER_PASSWORD, PASSWORD, SECOND, Telephone, accounts, begun, person, required,
};
use crate::support::{ManualClock, register, until};

#[test]
fn a_person_begins_with_a_setup_code_once() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let new = person("lan", Role::Reviewer);
    let (id, code) = register(data.path())
        .add_user(&new, clock.now())
        .expect("made");
    until(SECOND, || service.users().len() == 1);
    let code = code.reveal();
    // At the place of the password, it says what to do.
    let sign_in = service.sign_in("lan", &code, None, None);
    assert_eq!(sign_in.err(), Some(SignInError::NeedsSetup));
    let setup = service.begin_setup("lan", &code, None).expect("begun");
    assert!(setup.is_totp_required);
    assert_eq!(setup.display_name, "Mẫu lan");
    let secret = setup.totp.reveal();
    assert!(setup.totp_uri().contains(&*secret) && setup.totp_svg().starts_with("<svg"));
    assert!(!format!("{setup:?}").contains(&*secret));
    // A page that is loaded again shows the same.
    let again = service
        .begin_setup(" LAN", &code.to_lowercase(), None)
        .expect("begun");
    assert_eq!(*again.totp.reveal(), *secret);
    let telephone = Telephone::of(&secret);
    let shown = telephone.code(clock.now());
    let wrong = if shown == "000000" {
        "000001"
    } else {
        "000000"
    };
    let finish =
        |password, code_shown| service.finish_setup("lan", &code, password, code_shown, None);
    let lacks = finish(PASSWORD, None).err();
    assert_eq!(lacks, Some(SetupError::NeedsCode));
    assert_eq!(
        finish(PASSWORD, Some(" ")).err(),
        Some(SetupError::NeedsCode)
    );
    assert_eq!(
        finish(PASSWORD, Some(wrong)).err(),
        Some(SetupError::WrongCode)
    );
    let weak = finish("lan lan lan lan", Some(&shown)).err();
    assert_eq!(weak, Some(SetupError::Password(PasswordFault::Weak)));
    let done = finish(PASSWORD, Some(&shown)).expect("set up");
    assert_eq!(done.session.user_id, id);
    assert!(service.session(&done.cookie.reveal()).is_some());
    // Both codes are used.
    assert_eq!(
        finish(PASSWORD, Some(&shown)).err(),
        Some(SetupError::Refused)
    );
    let begin = service.begin_setup("lan", &code, None);
    assert_eq!(begin.err(), Some(SetupError::Refused));
    let used = service.sign_in("lan", PASSWORD, Some(&shown), None);
    assert_eq!(used.err(), Some(SignInError::Refused));
    let user = &service.users()[0];
    assert!(user.has_password && user.has_totp && user.setup_until.is_none());
}

#[test]
fn a_setup_code_is_good_for_a_day_and_one_name() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let mut held = register(data.path());
    let add = |held: &mut fundwatch::access::Register, name| {
        let made = held.add_user(&person(name, Role::Reviewer), clock.now());
        made.expect("made").1.reveal()
    };
    let (lan, moi) = (add(&mut held, "lan"), add(&mut held, "moi"));
    until(SECOND, || service.users().len() == 2);
    let begin = |name, code: &str| service.begin_setup(name, code, None).err();
    for (name, code) in [
        ("lan", moi.as_str()),
        ("nobody", &lan),
        ("lan", ""),
        ("lan", "0000"),
    ] {
        assert_eq!(begin(name, code), Some(SetupError::Refused));
    }
    clock.advance(SETUP_CODE_LIFE - Duration::from_millis(1));
    assert_eq!(begin("lan", &lan), None);
    clock.advance(Duration::from_millis(1));
    assert_eq!(begin("lan", &lan), Some(SetupError::Refused));
    // Nor is it good again when the clock is put back far behind the time when it was made.
    clock.set_back(SETUP_CODE_LIFE + HOUR);
    assert_eq!(begin("lan", &lan), Some(SetupError::Refused));
}

#[test]
fn a_setup_code_is_used_once_also_at_a_time() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let one = accounts(data.path(), OPTIONAL, &clock);
    let two = accounts(data.path(), OPTIONAL, &clock);
    let new = person("lan", Role::Reviewer);
    let (_, code) = register(data.path())
        .add_user(&new, clock.now())
        .expect("made");
    let code = code.reveal();
    until(SECOND, || {
        !one.users().is_empty() && !two.users().is_empty()
    });
    let done = thread::scope(|scope| {
        let attempts = [(&one, PASSWORD), (&two, OTHER_PASSWORD)].map(|(service, password)| {
            let code = &code;
            scope.spawn(move || service.finish_setup("lan", code, password, None, None))
        });
        attempts.map(|attempt| attempt.join().expect("no panic").is_ok())
    });
    assert!(done[0] != done[1], "{done:?}");
    let password = if done[0] { PASSWORD } else { OTHER_PASSWORD };
    until(SECOND, || one.users()[0].has_password);
    one.sign_in("lan", password, None, None)
        .expect("whose setup it was");
}

#[test]
fn who_is_disabled_does_not_begin() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let mut held = register(data.path());
    let new = person("lan", Role::Reviewer);
    let (_, code) = held.add_user(&new, clock.now()).expect("made");
    held.set_user_state("lan", UserState::Disabled, clock.now())
        .expect("kept");
    until(SECOND, || {
        service
            .users()
            .iter()
            .any(|user| user.state == UserState::Disabled)
    });
    let begin = service.begin_setup("lan", &code.reveal(), None);
    assert_eq!(begin.err(), Some(SetupError::Refused));
}

#[test]
fn who_is_reset_begins_anew() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), required(), &clock);
    let lan = begun(
        &service,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    for _ in 0..5 {
        let wrong = service.sign_in("lan", OTHER_PASSWORD, None, None);
        assert_eq!(wrong.err(), Some(SignInError::Refused));
    }
    let code = register(data.path())
        .reset_user("lan", clock.now())
        .expect("reset");
    let code = code.reveal();
    until(SECOND, || !service.users()[0].has_password);
    assert!(service.session(&lan.first.cookie.reveal()).is_none());
    // The lock is gone, and so are the password and the telephone.
    let old = lan.sign_in(&service, &clock);
    assert_eq!(old.err(), Some(SignInError::Refused));
    let setup = service.begin_setup("lan", &code, None).expect("begun");
    let telephone = Telephone::of(&setup.totp.reveal());
    assert_ne!(telephone.code(clock.now()), lan.telephone.code(clock.now()));
    let shown = telephone.code(clock.now());
    let done = service.finish_setup("lan", &code, OTHER_PASSWORD, Some(&shown), None);
    assert_eq!(done.expect("set up").session.user_id, lan.id);
}

#[test]
fn a_code_without_an_app_that_was_shown_is_wrong() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let service = accounts(data.path(), OPTIONAL, &clock);
    let new = person("lan", Role::Reviewer);
    let (_, code) = register(data.path())
        .add_user(&new, clock.now())
        .expect("made");
    until(SECOND, || service.users().len() == 1);
    let done = service.finish_setup("lan", &code.reveal(), PASSWORD, Some("123456"), None);
    assert_eq!(done.err(), Some(SetupError::WrongCode));
}
