//! The gate of a running service.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fundwatch::access::{
    Action, BearerToken, ClientCertificate, Credential, Fingerprint, Gate, Holder,
    LONGEST_OUT_OF_STEP, NewToken, REGISTER, Refused, Role, StreamSet,
};
use fundwatch::notice::Clock;
use fundwatch::record::Stream;
use rusqlite::Connection;

use crate::support::{DAY, ManualClock, feed, gate, register, until};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_token_is_its_principal() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let mut register = register(data.path());
    let bound = NewToken {
        streams: [Stream::Claims].into_iter().collect(),
        ..feed()
    };
    let nameless = NewToken {
        name: None,
        role: Role::Auditor,
        ..feed()
    };
    let bound = register.create(&bound, clock.now()).expect("made");
    let nameless = register.create(&nameless, clock.now()).expect("made");
    let gate = gate(data.path(), &clock);
    let principal = gate.authenticate(&bound.reveal()).expect("known");
    assert_eq!(principal.name(), "claims-feed");
    assert_eq!(principal.credential(), &Credential::Token(bound.id()));
    assert!(principal.may(Action::PushStream, Some(Stream::Claims)));
    assert!(!principal.may(Action::PushStream, Some(Stream::Cards)));
    assert_eq!(
        principal.to_string(),
        format!("token {} (claims-feed)", bound.id())
    );
    let principal = gate.authenticate(&nameless.reveal()).expect("known");
    assert_eq!(principal.name(), nameless.id().as_str());
    assert!(principal.may(Action::Export, None) && !principal.may(Action::RepairRejects, None));
}

#[test]
fn what_is_no_token_of_this_service_is_refused() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let token = register(data.path())
        .create(&feed(), clock.now())
        .expect("made");
    let gate = gate(data.path(), &clock);
    let stranger = BearerToken::random().expect("random bytes").reveal();
    assert_eq!(gate.authenticate(&stranger), Err(Refused::Unknown));
    // The id of one with the secret of another, and a checksum that is right.
    let body = format!("{}{}", &token.reveal()[..16], &stranger[16..59]);
    let forged = format!("{body}{:08x}", crc32fast::hash(body.as_bytes()));
    assert_eq!(gate.authenticate(&forged), Err(Refused::Unknown));
    for malformed in [
        "",
        "fw_",
        &forged[1..],
        &token.reveal()[..66],
        "Bearer x",
        "é",
    ] {
        assert_eq!(
            gate.authenticate(malformed),
            Err(Refused::Malformed),
            "{malformed}"
        );
    }
    gate.authenticate(&token.reveal()).expect("known");
}

#[test]
fn tokens_expire_at_their_moment() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let new = NewToken {
        expires_at: Some(clock.now().plus(DAY)),
        ..feed()
    };
    let token = register(data.path())
        .create(&new, clock.now())
        .expect("made");
    let gate = gate(data.path(), &clock);
    clock.advance(DAY - Duration::from_millis(1));
    gate.authenticate(&token.reveal()).expect("not yet");
    clock.advance(Duration::from_millis(1));
    assert_eq!(gate.authenticate(&token.reveal()), Err(Refused::Expired));
}

#[test]
fn new_and_revoked_tokens_count_within_a_second() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let gate = gate(data.path(), &clock);
    let mut register = register(data.path());
    for _ in 0..3 {
        let token = register.create(&feed(), clock.now()).expect("made");
        let text = token.reveal();
        until(SECOND, || gate.authenticate(&text).is_ok());
        assert!(register.revoke(token.id(), clock.now()).expect("revoked"));
        until(SECOND, || gate.authenticate(&text) == Err(Refused::Revoked));
        assert!(
            !register
                .revoke(token.id(), clock.now())
                .expect("still revoked")
        );
    }
}

#[test]
fn the_day_of_the_last_use_is_noted_and_kept() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let mut register = register(data.path());
    let used = register.create(&feed(), clock.now()).expect("made");
    let unused = register.create(&feed(), clock.now()).expect("made");
    let revoked = register.create(&feed(), clock.now()).expect("made");
    register.revoke(revoked.id(), clock.now()).expect("revoked");
    let days = || {
        let list = register.list().expect("a list");
        let day = |id| {
            let record = list.iter().find(|record| record.id == id).expect("listed");
            record.last_used.map(|day| day.to_string())
        };
        (day(used.id()), day(unused.id()), day(revoked.id()))
    };
    let gate_of_today = gate(data.path(), &clock);
    gate_of_today.authenticate(&used.reveal()).expect("known");
    assert!(gate_of_today.authenticate(&revoked.reveal()).is_err());
    // The first use since the start is noted soon,
    let today = (Some("2025-11-27".to_owned()), None, None);
    until(2 * SECOND, || days() == today);
    // a later one not within the hour,
    clock.advance(DAY);
    gate_of_today.authenticate(&used.reveal()).expect("known");
    std::thread::sleep(SECOND);
    assert_eq!(days(), today);
    // but at the end in any case.
    drop(gate_of_today);
    let tomorrow = (Some("2025-11-28".to_owned()), None, None);
    assert_eq!(days(), tomorrow);
    // A clock that went back, or a gate that used it before, does not take the day back.
    let earlier = ManualClock::new();
    let gate_of_yesterday = gate(data.path(), &earlier);
    gate_of_yesterday
        .authenticate(&used.reveal())
        .expect("known");
    drop(gate_of_yesterday);
    assert_eq!(days(), tomorrow);
}

#[test]
fn a_register_that_is_gone_refuses_everybody_and_one_that_is_back_does_not() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let token = register(data.path())
        .create(&feed(), clock.now())
        .expect("made");
    let text = token.reveal();
    let gate = gate(data.path(), &clock);
    let file = data.path().join(REGISTER);
    let copy = data.path().join("copy");
    // As a backup takes it: whole, in one file.
    Connection::open(&file)
        .expect("opened")
        .execute("VACUUM INTO ?", [copy.to_str().expect("UTF-8")])
        .expect("copied");
    for name in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(data.path().join(format!("{REGISTER}{name}")));
    }
    until(SECOND, || gate.trouble().is_some());
    gate.authenticate(&text)
        .expect("a short trouble harms nobody");
    let longest = LONGEST_OUT_OF_STEP + 2 * SECOND;
    let taken = until(longest, || {
        gate.authenticate(&text) == Err(Refused::Unavailable)
    });
    assert!(taken > LONGEST_OUT_OF_STEP - 2 * SECOND, "{taken:?}");
    fs::rename(&copy, &file).expect("restored");
    until(SECOND, || gate.authenticate(&text).is_ok());
    until(SECOND, || gate.trouble().is_none());
    // It watches the file that is there now.
    register(data.path())
        .revoke(token.id(), clock.now())
        .expect("revoked");
    until(SECOND, || gate.authenticate(&text) == Err(Refused::Revoked));
}

#[test]
fn a_token_that_this_version_does_not_know_is_nobodys_and_harms_no_other() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let mut register = register(data.path());
    let strange = register.create(&feed(), clock.now()).expect("made");
    let usual = register.create(&feed(), clock.now()).expect("made");
    Connection::open(data.path().join(REGISTER))
        .expect("opened")
        .execute(
            "UPDATE token SET role = 'wizard' WHERE id = ?",
            [strange.id().as_str()],
        )
        .expect("changed");
    let gate = gate(data.path(), &clock);
    assert_eq!(gate.authenticate(&strange.reveal()), Err(Refused::Unknown));
    gate.authenticate(&usual.reveal()).expect("known");
    let told = register.list().expect_err("told").to_string();
    assert!(
        told.contains(strange.id().as_str()) && told.contains("unknown role"),
        "{told}"
    );
}

#[test]
fn certificates_are_those_of_the_configuration() {
    let data = tempfile::tempdir().expect("a directory");
    let der = b"any certificate".as_slice();
    let certificate = ClientCertificate {
        holder: Holder::Fingerprint(Fingerprint::of(der)),
        name: "hospital-01".to_owned(),
        role: Role::Feed,
        streams: StreamSet::ALL,
    };
    let gate = Gate::open(data.path(), &[certificate], ManualClock::new()).expect("a gate");
    let principal = gate.authenticate_certificate(der).expect("known");
    assert_eq!(principal.name(), "hospital-01");
    assert_eq!(principal.credential(), &Credential::Certificate);
    assert_eq!(
        gate.authenticate_certificate(b"other"),
        Err(Refused::Unknown)
    );
    gate.set_certificates(&[]);
    assert_eq!(gate.authenticate_certificate(der), Err(Refused::Unknown));
}

#[test]
fn its_owner_alone_can_read_the_register_and_no_secret_is_in_it() {
    let data = tempfile::tempdir().expect("a directory");
    let directory = data.path().join("new");
    let clock = ManualClock::new();
    let mut register = register(&directory);
    let token = register.create(&feed(), clock.now()).expect("made");
    let text = token.reveal();
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&directory).expect("read") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).expect("read");
        for part in [&text[16..59], &text[..], &text[16..32]] {
            let holds = bytes
                .windows(part.len())
                .any(|window| window == part.as_bytes());
            assert!(!holds, "a secret is in {}", path.display());
        }
        files += 1;
    }
    assert!(files >= 2, "the write-ahead log is looked at as well");
}

#[test]
fn many_threads_ask_while_tokens_come_and_go() {
    let data = tempfile::tempdir().expect("a directory");
    let clock = ManualClock::new();
    let mut register = register(data.path());
    let token = register.create(&feed(), clock.now()).expect("made");
    let text = token.reveal();
    let gate = gate(data.path(), &clock);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_done.load(Ordering::Relaxed) {
                    assert!(gate.authenticate(&text).is_ok());
                }
            });
        }
        for _ in 0..50 {
            let other = register.create(&feed(), clock.now()).expect("made");
            register.revoke(other.id(), clock.now()).expect("revoked");
            std::thread::sleep(Duration::from_millis(20));
        }
        is_done.store(true, Ordering::Relaxed);
    });
    assert_eq!(gate.trouble(), None);
}
