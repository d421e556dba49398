//! What an administrator does in the service, and may not.

use fundwatch::access::{
    AccessError, Accounts, ManageError, NewUser, ProvinceSet, Role, UserId, UserState,
};
use fundwatch::notice::Clock;

use crate::people::{Person, SECOND, accounts, begun, person, required};
use crate::support::{ManualClock, register, until};

struct Office {
    data: tempfile::TempDir,
    clock: ManualClock,
    accounts: Accounts,
    admin: Person,
    lan: Person,
}

fn office() -> Office {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let accounts = accounts(data.path(), required(), &clock);
    let admin = begun(
        &accounts,
        data.path(),
        &clock,
        &person("admin", Role::Admin),
    );
    let lan = begun(
        &accounts,
        data.path(),
        &clock,
        &person("lan", Role::Reviewer),
    );
    Office {
        data,
        clock,
        accounts,
        admin,
        lan,
    }
}

#[test]
fn an_administrator_makes_and_changes_users() {
    let office = office();
    let Office {
        accounts,
        admin,
        lan,
        ..
    } = &office;
    let by = &admin.first.session;
    let new = NewUser {
        provinces: ProvinceSet::from_codes(["79"]).expect("a province"),
        ..person("moi", Role::Reviewer)
    };
    let (id, code) = accounts.add_user(by, &new).expect("made");
    assert!(id > lan.id);
    // At once, since it is the same service.
    accounts
        .begin_setup("moi", &code.reveal(), None)
        .expect("begun");
    let users = accounts.users();
    let names: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["admin", "lan", "moi"]);
    assert!(users[2].provinces.contains(79) && !users[2].provinces.contains(1));
    let taken = accounts.add_user(by, &new).expect_err("taken").to_string();
    assert!(taken.contains("there is a user moi already"), "{taken}");
    let cookie = lan.first.cookie.reveal();
    let one = ProvinceSet::from_codes(["01"]).expect("a province");
    accounts.set_provinces(by, lan.id, one).expect("kept");
    assert_eq!(accounts.session(&cookie).expect("still on").provinces, one);
    assert!(
        accounts
            .set_role(by, lan.id, Role::Supervisor)
            .expect("kept")
    );
    assert!(accounts.session(&cookie).is_none());
    assert!(
        accounts
            .set_state(by, lan.id, UserState::Disabled)
            .expect("kept")
    );
    assert!(
        !accounts
            .set_state(by, lan.id, UserState::Disabled)
            .expect("kept")
    );
    accounts.reset_user(by, lan.id).expect("reset");
    assert!(!accounts.users()[1].has_totp);
}

#[test]
fn an_administrator_signs_others_out() {
    let office = office();
    let Office {
        accounts,
        admin,
        lan,
        ..
    } = &office;
    accounts
        .end_sessions(&admin.first.session, lan.id)
        .expect("ended");
    assert!(accounts.session(&lan.first.cookie.reveal()).is_none());
    assert!(accounts.session(&admin.first.cookie.reveal()).is_some());
}

#[test]
fn nobody_changes_their_own_account() {
    let office = office();
    let Office {
        accounts, admin, ..
    } = &office;
    let (by, own) = (&admin.first.session, admin.id);
    let refused = |error: Option<ManageError>| {
        assert!(matches!(error, Some(ManageError::OwnAccount)), "{error:?}");
    };
    refused(accounts.set_role(by, own, Role::Supervisor).err());
    refused(accounts.set_state(by, own, UserState::Disabled).err());
    refused(accounts.reset_user(by, own).err());
    refused(accounts.set_provinces(by, own, ProvinceSet::ALL).err());
    assert!(accounts.session(&admin.first.cookie.reveal()).is_some());
}

#[test]
fn who_may_not_changes_nothing() {
    let office = office();
    let Office {
        accounts,
        admin,
        lan,
        clock,
        ..
    } = &office;
    let not_allowed = |error: Option<ManageError>| {
        assert!(matches!(error, Some(ManageError::NotAllowed)), "{error:?}");
    };
    let by = &lan.first.session;
    not_allowed(accounts.add_user(by, &person("moi", Role::Admin)).err());
    not_allowed(accounts.set_role(by, admin.id, Role::Reviewer).err());
    not_allowed(accounts.set_state(by, admin.id, UserState::Disabled).err());
    not_allowed(accounts.reset_user(by, admin.id).err());
    not_allowed(accounts.end_sessions(by, admin.id).err());
    // Nor an administrator whose session has ended.
    let other = admin.sign_in(accounts, clock).expect("signed in");
    accounts.sign_out(&other.session).expect("signed out");
    not_allowed(accounts.set_role(&other.session, lan.id, Role::Admin).err());
    assert_eq!(accounts.users().len(), 2);
    assert_eq!(accounts.users()[1].role, Role::Reviewer);
}

/// What memory says may be a moment old: the register decides.
#[test]
fn who_has_just_lost_the_role_changes_nothing() {
    let office = office();
    let Office {
        accounts,
        admin,
        lan,
        clock,
        data,
    } = &office;
    let mut other = register(data.path());
    let role = other.set_user_role("admin", Role::Auditor, clock.now());
    assert!(role.expect("kept"));
    let refused = accounts.set_role(&admin.first.session, lan.id, Role::Admin);
    assert!(matches!(refused, Err(ManageError::NotAllowed)));
}

#[test]
fn what_no_user_can_be_is_refused() {
    let office = office();
    let Office {
        accounts,
        admin,
        lan,
        clock,
        data,
    } = &office;
    let by = &admin.first.session;
    let nobody = accounts.reset_user(by, UserId(99)).err();
    assert!(matches!(nobody, Some(ManageError::NoSuchUser)));
    let feed = accounts.set_role(by, lan.id, Role::Feed).err();
    let is_refused = |error: Option<ManageError>| matches!(error, Some(ManageError::Access(_)));
    assert!(is_refused(feed));
    for wrong in [
        person("feed", Role::Feed),
        person("Ms X", Role::Reviewer),
        NewUser {
            display_name: "a\nb".to_owned(),
            ..person("moi", Role::Reviewer)
        },
    ] {
        assert!(is_refused(accounts.add_user(by, &wrong).err()), "{wrong:?}");
        assert!(register(data.path()).add_user(&wrong, clock.now()).is_err());
    }
    let absent = register(data.path())
        .reset_user("absent", clock.now())
        .err();
    assert!(matches!(absent, Some(AccessError::NoSuchUser { .. })));
    assert_eq!(accounts.users().len(), 2);
}

/// A user is not removed, and a number is not given again even if a row is.
#[test]
fn numbers_are_given_once() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let mut held = register(data.path());
    let mut add = |name| held.add_user(&person(name, Role::Auditor), clock.now());
    let (first, second) = (add("one").expect("made").0, add("two").expect("made").0);
    let path = data.path().join(fundwatch::access::REGISTER);
    let connection = rusqlite::Connection::open(path).expect("a connection");
    let removed = connection.execute("DELETE FROM user WHERE id = ?", [second.0]);
    assert_eq!(removed, Ok(1));
    let third = add("three").expect("made").0;
    assert!(first < second && second < third);
}

/// A user of a role that this version does not know is nobody; the others go on.
#[test]
fn a_user_of_another_version_is_nobody() {
    let office = office();
    let Office {
        accounts,
        lan,
        data,
        ..
    } = &office;
    let path = data.path().join(fundwatch::access::REGISTER);
    let connection = rusqlite::Connection::open(path).expect("a connection");
    let update = "UPDATE user SET role = 'emperor' WHERE name = 'lan'";
    assert_eq!(connection.execute(update, []), Ok(1));
    until(SECOND, || {
        accounts.session(&lan.first.cookie.reveal()).is_none()
    });
    assert_eq!(accounts.users().len(), 1);
    let told = register(data.path()).users().expect_err("told").to_string();
    assert!(told.contains("the user 2 has an unknown role"), "{told}");
}
