//! Changes of users and reads of the log, on a real register and a real log.

use std::sync::Arc;

use super::{RegisteredDirectory, RegisteredPeople, WatchedLog};
use crate::access::{self, AccountPolicy, NewUser, ProvinceSet, Register, Role, TotpRule};
use crate::access_log::{AccessLog, Entry, Options, Query};
use crate::language::Language;
use crate::metric::{Metrics, Names};
use crate::notice::{Clock as _, SystemClock};
use crate::review::Viewer;
use crate::web::pages::{
    Accounts as _, Browser, Directory as _, DirectoryError, GivenCode, MemberChange, NewMember,
};
use crate::web::{AccessLogReader, LogQuery};

const PASSWORD: &str = "mưa phùn cổng chùa gạch đỏ";

struct Office {
    people: RegisteredPeople,
    directory: RegisteredDirectory,
    data: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let policy = AccountPolicy {
            totp: TotpRule::Optional,
            ..AccountPolicy::default()
        };
        let mut register = Register::open_or_create(data.path()).expect("a register");
        let people = [("khanh", Role::Admin), ("lan", Role::Reviewer)];
        let codes = people.map(|(name, role)| {
            let new = NewUser {
                name: name.to_owned(),
                display_name: format!("Mẫu {name}"),
                role,
                provinces: ProvinceSet::ALL,
                language: Language::Vietnamese,
            };
            let added = register.add_user(&new, SystemClock.now());
            (name, added.expect("made").1.reveal())
        });
        drop(register);
        let accounts = access::Accounts::open(data.path(), policy, SystemClock);
        let accounts = Arc::new(accounts.expect("accounts"));
        let metrics = Metrics::new(&Names::default()).expect("no names");
        let log = AccessLog::open(data.path(), Options::new(metrics));
        let log = Arc::new(log.expect("a log"));
        let people = RegisteredPeople {
            accounts: accounts.clone(),
            log: log.clone(),
        };
        for (name, code) in codes {
            let set_up = people.finish_setup(name, &code, PASSWORD, "", None);
            set_up.expect("set up");
        }
        let claims_days = None;
        Self {
            people,
            directory: RegisteredDirectory {
                accounts,
                log,
                claims_days,
                notes_days: None,
            },
            data,
        }
    }

    fn sign_in(&self, name: &str) -> GivenCode {
        let browser = Browser::default();
        let signed_in = self.people.sign_in(name, PASSWORD, None, &browser);
        signed_in.expect("signed in").cookie
    }

    fn id(&self, name: &str) -> u32 {
        let members = self.directory.members().expect("users");
        let mut own = members.iter().filter(|own| own.name == name);
        own.next().expect("there").id
    }

    /// What the log has of changes, the first first.
    fn changes(&self) -> Vec<Entry> {
        let asked = Query {
            action: Some("manage_user".to_owned()),
            limit: 100,
            ..Query::default()
        };
        let mut entries = self.directory.log.search(&asked).expect("found").entries;
        entries.reverse();
        entries
    }
}

fn texts(entries: &[Entry]) -> Vec<String> {
    let text = |entry: &Entry| {
        let object = entry.object.as_deref().unwrap_or("-");
        let fields = entry.fields.join("+");
        let (actor, role, stage) = (&entry.actor, &entry.role, &entry.stage);
        format!("{actor} as {role}: {object} {fields} {stage}")
    };
    entries.iter().map(text).collect()
}

#[test]
fn a_change_of_role_ends_the_sessions_and_is_in_the_log() {
    let office = Office::new();
    let (by, lan) = (office.sign_in("khanh"), office.sign_in("lan"));
    let id = office.id("lan");
    let known = &office.directory.members().expect("users")[1];
    assert_eq!((known.sessions, known.has_totp), (1, false));
    assert!(known.signed_in_at.is_some());
    let change = MemberChange::Role(Role::Supervisor);
    let changed = office.directory.change(&by, id, &change);
    assert_eq!(changed.expect("changed"), None);
    assert!(office.people.session(&lan).is_none());
    let member = &office.directory.members().expect("users")[1];
    assert_eq!((member.role, member.sessions), (Role::Supervisor, 0));
    assert_eq!(
        texts(&office.changes()),
        [
            "khanh as admin: lan role begun",
            "khanh as admin: lan role done"
        ]
    );
}

#[test]
fn nobody_changes_themselves_or_without_the_role_and_that_is_in_the_log_as_well() {
    let office = Office::new();
    let (by, lan) = (office.sign_in("khanh"), office.sign_in("lan"));
    let own = office.id("khanh");
    for change in [MemberChange::Role(Role::Supervisor), MemberChange::Disable] {
        let refused = office.directory.change(&by, own, &change);
        assert_eq!(refused.err(), Some(DirectoryError::OwnAccount));
    }
    let refused = office.directory.change(&lan, own, &MemberChange::Reset);
    assert_eq!(refused.err(), Some(DirectoryError::NotAllowed));
    let gone = office.directory.change(&by, 99, &MemberChange::Reset);
    assert_eq!(gone.err(), Some(DirectoryError::NoSuchUser));
    assert_eq!(
        office.directory.members().expect("users")[0].role,
        Role::Admin
    );
    assert_eq!(
        texts(&office.changes())[4..],
        [
            "lan as reviewer: khanh password+totp+setup_code begun",
            "lan as reviewer: khanh password+totp+setup_code ended early"
        ]
    );
}

#[test]
fn a_setup_code_is_good_and_is_not_in_the_log() {
    let office = Office::new();
    let by = office.sign_in("khanh");
    let new = NewMember {
        // Of the form of a number of a person.
        name: "nv123456789".to_owned(),
        display_name: "Mẫu mới".to_owned(),
        role: Role::Reviewer,
        provinces: vec!["79".to_owned()],
        language: Language::Vietnamese,
    };
    let (id, first) = office.directory.add(&by, &new).expect("made");
    let again = office.directory.add(&by, &new).err();
    assert_eq!(again, Some(DirectoryError::NameTaken));
    let second = office.directory.change(&by, id, &MemberChange::Reset);
    let second = second.expect("reset").expect("a code");
    let begin = |code: &str| {
        let begun = office.people.begin_setup(&new.name, code, PASSWORD, None);
        begun.is_ok()
    };
    assert!(!begin(&first), "a reset gives another");
    assert!(begin(&second));
    let folder = office.data.path().join("access-log");
    let files = std::fs::read_dir(folder).expect("a folder");
    let months = files.map(|file| file.expect("a file").path());
    let months = months.filter(|path| path.extension().is_some_and(|end| end == "ndjson"));
    let text: String = { months }
        .map(|path| std::fs::read_to_string(path).expect("read"))
        .collect();
    assert!(text.contains("\"object\":\"user:nv123456789\""), "{text}");
    for code in [&first, &second] {
        let plain = code.replace('-', "");
        assert!(!text.contains(&code[..9]) && !text.contains(&plain[..8]));
    }
}

#[test]
fn what_cannot_be_logged_is_not_changed() {
    let office = Office::new();
    let (by, lan) = (office.sign_in("khanh"), office.sign_in("lan"));
    let id = office.id("lan");
    office.directory.log.close();
    let refused = office.directory.change(&by, id, &MemberChange::Disable);
    assert_eq!(refused.err(), Some(DirectoryError::Unavailable));
    assert!(office.people.session(&lan).is_some());
    let log = WatchedLog(office.directory.log.clone());
    assert!(log.read(&officer(), &LogQuery::default()).is_err());
}

#[test]
fn a_proof_gives_another_cookie_and_a_wrong_one_is_in_the_log() {
    let office = Office::new();
    let by = office.sign_in("khanh");
    let before = office.people.session(&by).expect("on");
    let wrong = office.people.verify_again(&by, "sai mật khẩu rồi", None);
    assert!(wrong.is_err());
    let cookie = office.people.verify_again(&by, PASSWORD, None);
    let cookie = cookie.expect("proved");
    assert!(office.people.session(&by).is_none());
    let after = office.people.session(&cookie).expect("on");
    assert_eq!(after.csrf_token, before.csrf_token);
    assert!(after.verified_at >= before.verified_at);
    let asked = Query {
        action: Some("sign_in_refused".to_owned()),
        limit: 10,
        ..Query::default()
    };
    let refused = office.directory.log.search(&asked).expect("found").entries;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].actor, "khanh");
}

fn officer() -> Viewer {
    Viewer {
        name: "hoa".to_owned(),
        role: Role::PrivacyOfficer,
        provinces: Vec::new(),
    }
}

#[test]
fn reading_the_log_is_in_it() {
    let office = Office::new();
    let _ = office.sign_in("lan");
    let log = WatchedLog(office.directory.log.clone());
    let query = LogQuery {
        actor: Some("lan".to_owned()),
        limit: 50,
        ..LogQuery::default()
    };
    let page = log.read(&officer(), &query).expect("read");
    let actions: Vec<&str> = { page.entries.iter() }
        .map(|entry| entry.action.as_str())
        .collect();
    assert_eq!(actions, ["sign_in", "change_password"]);
    assert!(
        page.entries
            .iter()
            .all(|entry| entry.is_done && entry.at > 0)
    );
    let today = SystemClock.now();
    let day = crate::record::Instant::from_millis(today.0).expect("a time");
    log.sample(&officer(), day.day()).expect("a sample");
    let own = LogQuery {
        actor: Some("hoa".to_owned()),
        from: Some(day.day()),
        to: Some(day.day()),
        limit: 50,
        ..LogQuery::default()
    };
    let own = log.read(&officer(), &own).expect("read").entries;
    let objects: Vec<Option<&str>> = own.iter().map(|entry| entry.object.as_deref()).collect();
    let (year, month, of_month) = day.day().civil();
    let sample = format!("sample:{year:04}-{month:02}-{of_month:02}");
    assert_eq!(objects, [Some(sample.as_str()), Some("actor:lan")]);
    assert!(own.iter().all(|entry| entry.action == "read_access_log"));
}
