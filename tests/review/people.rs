//! People who sign in, made up: passwords in memory, and codes that are always 123456.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fundwatch::access::Role;
use fundwatch::language::Language;
use fundwatch::review::Viewer;
use fundwatch::web::pages::{
    AccountError, AccountSettings, Accounts, Browser, Colleague, Directory, DirectoryError,
    GivenCode, Member, MemberChange, NewMember, Session, Setup, SignedIn,
};
use zeroize::Zeroizing;

use super::made::now;

pub const PASSWORD: &str = "mot cau that dai";
pub const SETUP_CODE: &str = "ABCDE-12345";
pub const CODE: &str = "123456";
/// What a new user begins with.
pub const GIVEN: &str = "K7QM-4TPX-2WVN-6RJD-3HCB";

/// Name, display name, role. Nobody in the data of any test has a name with this middle word: who asks is told who he is.
pub const PEOPLE: [(&str, &str, Role); 9] = [
    ("an", "Trần Giám An", Role::Reviewer),
    ("binh", "Lê Giám Bình", Role::Reviewer),
    ("chi", "Phạm Giám Chi", Role::Supervisor),
    ("dung", "Vũ Giám Dũng", Role::Operator),
    ("giang", "Đỗ Giám Giang", Role::Auditor),
    ("hoa", "Ngô Giám Hoa", Role::PrivacyOfficer),
    ("khanh", "Bùi Giám Khánh", Role::Admin),
    ("lan", "Hồ Giám Lan", Role::Feed),
    // Of another province than every alert.
    ("tam", "Lý Giám Tâm", Role::Reviewer),
];

pub struct People {
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    next: AtomicU64,
    /// How often a session was used, and so not idle.
    pub uses: AtomicU64,
    passwords: Mutex<HashMap<String, String>>,
    members: Mutex<Vec<Member>>,
    /// What was changed of whom, as the access log has it.
    pub changes: Mutex<Vec<(String, String)>>,
}

fn member(id: u32, name: &str, display_name: &str, role: Role) -> Member {
    Member {
        id,
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        role,
        provinces: Vec::new(),
        is_active: true,
        has_begun: true,
        has_totp: true,
        is_brought: false,
        setup_until: None,
        signed_in_at: Some(now() - 3_600_000),
        sessions: 1,
    }
}

impl People {
    pub fn new() -> Arc<Self> {
        let passwords = PEOPLE.map(|(name, _, _)| (name.to_owned(), PASSWORD.to_owned()));
        Arc::new(Self {
            sessions: Mutex::default(),
            next: AtomicU64::new(1),
            uses: AtomicU64::new(0),
            passwords: Mutex::new(passwords.into()),
            members: Mutex::new(
                (1..)
                    .zip(PEOPLE)
                    .map(|(id, (name, display_name, role))| member(id, name, display_name, role))
                    .collect(),
            ),
            changes: Mutex::default(),
        })
    }

    /// The number of somebody.
    pub fn id(&self, name: &str) -> u32 {
        self.member(name).id
    }

    pub fn member(&self, name: &str) -> Member {
        let members = self.members.lock().unwrap();
        let mut own = members.iter().filter(|own| own.name == name);
        own.next().unwrap().clone()
    }

    /// As if everybody had proved who they are a while ago.
    pub fn age_all(&self, millis: i64) {
        for session in self.sessions.lock().unwrap().values_mut() {
            let verified_at = session.verified_at - millis;
            *session = Arc::new(Session {
                verified_at,
                ..Session::clone(session)
            });
        }
    }

    fn changed(&self, name: &str, what: String) {
        self.changes.lock().unwrap().push((name.to_owned(), what));
    }

    /// Ends every session, as an administrator does.
    pub fn end_all(&self) {
        self.sessions.lock().unwrap().clear();
    }

    /// A session of somebody whom an identity provider brings, who has proved to it long ago who they are.
    pub fn bring(&self, name: &str) -> String {
        let (name, display_name, role) = PEOPLE.iter().find(|(own, _, _)| *own == name).unwrap();
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let cookie = format!("session-{number:08}");
        let session = Session {
            name: (*name).to_owned(),
            display_name: (*display_name).to_owned(),
            role: *role,
            provinces: Vec::new(),
            language: Language::Vietnamese,
            verified_at: 0,
            is_brought: true,
            csrf_token: format!("token-{number:08}").into(),
        };
        let mut members = self.members.lock().unwrap();
        // Others, so that there is a page of one.
        members[1].is_brought = true;
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(cookie.clone(), Arc::new(session));
        cookie
    }

    fn has_password(&self, name: &str, password: &str) -> bool {
        let passwords = self.passwords.lock().unwrap();
        passwords.get(name).is_some_and(|own| own == password)
    }
}

impl Accounts for People {
    fn sign_in(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        browser: &Browser,
    ) -> Result<SignedIn, AccountError> {
        assert!(browser.peer.is_some_and(|peer| peer.is_loopback()));
        if name == "slow" {
            std::thread::sleep(Duration::from_secs(3));
        }
        if name == "locked" {
            return Err(AccountError::Locked(1_795_755_785_000));
        }
        let mut people = PEOPLE.iter();
        let found = people.find(|(own, _, _)| *own == name && self.has_password(own, password));
        let (name, display_name, role) = found.ok_or(AccountError::Refused)?;
        match code {
            None => return Err(AccountError::Refused),
            Some(CODE) => {}
            Some(_) => return Err(AccountError::Refused),
        }
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let cookie = format!("session-{number:08}");
        let session = Arc::new(Session {
            name: (*name).to_owned(),
            display_name: (*display_name).to_owned(),
            role: *role,
            provinces: match *name {
                "tam" => vec!["01".to_owned()],
                _ => Vec::new(),
            },
            language: Language::Vietnamese,
            verified_at: now(),
            is_brought: false,
            csrf_token: format!("token-{number:08}").into(),
        });
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(cookie.clone(), session.clone());
        let cookie = cookie.into();
        let device = Some(format!("device-{name}").into());
        Ok(SignedIn {
            cookie,
            session,
            device,
        })
    }

    fn begin_setup(
        &self,
        name: &str,
        setup_code: &str,
        password: &str,
        _: Option<IpAddr>,
    ) -> Result<Setup, AccountError> {
        if name != "moi" || setup_code != SETUP_CODE {
            return Err(AccountError::Refused);
        }
        if password.len() < 12 {
            return Err(AccountError::BadPassword);
        }
        let picture = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h3v3H0zM5 0h3v3H5zM0 5h3v3H0zM4 4h1v1H4zM6 6h2v1H6z"/></svg>"#;
        Ok(Setup {
            secret: Some("GEZDGNBVGY3TQOJQ".to_owned().into()),
            picture: picture.to_owned().into(),
        })
    }

    fn finish_setup(
        &self,
        name: &str,
        setup_code: &str,
        password: &str,
        code: &str,
        peer: Option<IpAddr>,
    ) -> Result<Zeroizing<String>, AccountError> {
        self.begin_setup(name, setup_code, password, peer)?;
        match code {
            CODE => Ok(format!("device-{name}").into()),
            _ => Err(AccountError::WrongCode),
        }
    }

    fn session(&self, cookie: &str) -> Option<Arc<Session>> {
        self.uses.fetch_add(1, Ordering::SeqCst);
        self.peek(cookie)
    }

    fn peek(&self, cookie: &str) -> Option<Arc<Session>> {
        self.sessions.lock().unwrap().get(cookie).cloned()
    }

    fn sign_out(&self, cookie: &str) -> Result<(), AccountError> {
        self.sessions.lock().unwrap().remove(cookie);
        Ok(())
    }

    fn verify_again(
        &self,
        cookie: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<Zeroizing<String>, AccountError> {
        let mut sessions = self.sessions.lock().unwrap();
        let session = sessions.get(cookie).ok_or(AccountError::Refused)?.clone();
        if !self.has_password(&session.name, password) {
            return Err(AccountError::Refused);
        }
        match code {
            None => return Err(AccountError::Refused),
            Some(CODE) => {}
            Some(_) => return Err(AccountError::Refused),
        }
        sessions.remove(cookie);
        let new = format!("{cookie}-again");
        let session = Session {
            verified_at: now(),
            ..Session::clone(&session)
        };
        sessions.insert(new.clone(), Arc::new(session));
        Ok(new.into())
    }

    fn change_password(
        &self,
        cookie: &str,
        old: &str,
        new: &str,
        _: Option<IpAddr>,
    ) -> Result<(), AccountError> {
        let session = self.session(cookie).ok_or(AccountError::Refused)?;
        if !self.has_password(&session.name, old) {
            return Err(AccountError::Refused);
        }
        if new.len() < 12 {
            return Err(AccountError::BadPassword);
        }
        let mut passwords = self.passwords.lock().unwrap();
        passwords.insert(session.name.clone(), new.to_owned());
        Ok(())
    }

    fn set_language(&self, cookie: &str, language: Language) -> Result<(), AccountError> {
        let mut sessions = self.sessions.lock().unwrap();
        let session = sessions.get_mut(cookie).ok_or(AccountError::Refused)?;
        *session = Arc::new(Session {
            language,
            ..Session::clone(session)
        });
        Ok(())
    }

    fn colleagues(&self, _: &Viewer) -> Result<Vec<Colleague>, AccountError> {
        let reviewers = PEOPLE.iter().filter(|(_, _, role)| *role == Role::Reviewer);
        let colleague = |(name, display_name, _): &(&str, &str, Role)| Colleague {
            name: (*name).to_owned(),
            display_name: (*display_name).to_owned(),
        };
        Ok(reviewers.map(colleague).collect())
    }

    fn least_password(&self) -> usize {
        12
    }
}

impl Directory for People {
    fn members(&self) -> Result<Vec<Member>, DirectoryError> {
        Ok(self.members.lock().unwrap().clone())
    }

    fn add(&self, cookie: &str, new: &NewMember) -> Result<(u32, GivenCode), DirectoryError> {
        self.session(cookie).ok_or(DirectoryError::NotAllowed)?;
        let mut members = self.members.lock().unwrap();
        if members.iter().any(|own| own.name == new.name) {
            return Err(DirectoryError::NameTaken);
        }
        let id = u32::try_from(members.len() + 1).unwrap();
        members.push(Member {
            provinces: new.provinces.clone(),
            has_begun: false,
            has_totp: false,
            setup_until: Some(now() + 86_400_000),
            signed_in_at: None,
            sessions: 0,
            ..member(id, &new.name, &new.display_name, new.role)
        });
        self.changed(&new.name, "add".to_owned());
        Ok((id, GIVEN.to_owned().into()))
    }

    fn change(
        &self,
        cookie: &str,
        id: u32,
        change: &MemberChange,
    ) -> Result<Option<GivenCode>, DirectoryError> {
        let by = self.session(cookie).ok_or(DirectoryError::NotAllowed)?;
        let mut members = self.members.lock().unwrap();
        let member = members.iter_mut().find(|own| own.id == id);
        let member = member.ok_or(DirectoryError::NoSuchUser)?;
        assert_ne!(
            by.name, member.name,
            "the page lets nobody change themselves"
        );
        match change {
            MemberChange::Role(role) => member.role = *role,
            MemberChange::Provinces(codes) => member.provinces.clone_from(codes),
            MemberChange::Enable => member.is_active = true,
            MemberChange::Disable => member.is_active = false,
            MemberChange::Reset => member.has_begun = false,
            MemberChange::EndSessions => member.sessions = 0,
        }
        self.changed(&member.name, format!("{change:?}"));
        let is_reset = *change == MemberChange::Reset;
        Ok(is_reset.then(|| GIVEN.to_owned().into()))
    }

    fn settings(&self) -> AccountSettings {
        AccountSettings {
            is_totp_required: true,
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(12 * 3600),
            setup_code: Duration::from_secs(24 * 3600),
            claims_days: Some(400),
            notes_days: None,
        }
    }
}
