//! People who sign in, made up: passwords in memory, and codes that are always 123456.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fundwatch::access::Role;
use fundwatch::language::Language;
use fundwatch::review::Viewer;
use fundwatch::web::pages::{AccountError, Accounts, Colleague, Session, Setup, SignedIn};

pub const PASSWORD: &str = "mot cau that dai";
pub const SETUP_CODE: &str = "ABCDE-12345";
pub const CODE: &str = "123456";

/// Name, display name, role.
pub const PEOPLE: [(&str, &str, Role); 9] = [
    ("an", "Trần Mẫu An", Role::Reviewer),
    ("binh", "Lê Mẫu Bình", Role::Reviewer),
    ("chi", "Phạm Mẫu Chi", Role::Supervisor),
    ("dung", "Vũ Mẫu Dũng", Role::Operator),
    ("giang", "Đỗ Mẫu Giang", Role::Auditor),
    ("hoa", "Ngô Mẫu Hoa", Role::PrivacyOfficer),
    ("khanh", "Bùi Mẫu Khánh", Role::Admin),
    ("lan", "Hồ Mẫu Lan", Role::Feed),
    // Of another province than every alert.
    ("tam", "Lý Mẫu Tâm", Role::Reviewer),
];

pub struct People {
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    next: AtomicU64,
    passwords: Mutex<HashMap<String, String>>,
}

impl People {
    pub fn new() -> Arc<Self> {
        let passwords = PEOPLE.map(|(name, _, _)| (name.to_owned(), PASSWORD.to_owned()));
        Arc::new(Self {
            sessions: Mutex::default(),
            next: AtomicU64::new(1),
            passwords: Mutex::new(passwords.into()),
        })
    }

    /// Ends every session, as an administrator does.
    pub fn end_all(&self) {
        self.sessions.lock().unwrap().clear();
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
        peer: Option<IpAddr>,
    ) -> Result<SignedIn, AccountError> {
        assert!(peer.is_some_and(|peer| peer.is_loopback()));
        if name == "locked" {
            return Err(AccountError::Locked(1_795_755_785_000));
        }
        let mut people = PEOPLE.iter();
        let found = people.find(|(own, _, _)| *own == name && self.has_password(own, password));
        let (name, display_name, role) = found.ok_or(AccountError::Refused)?;
        match code {
            None => return Err(AccountError::NeedsCode),
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
            csrf_token: format!("token-{number:08}").into(),
        });
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(cookie.clone(), session.clone());
        let cookie = cookie.into();
        Ok(SignedIn { cookie, session })
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
    ) -> Result<(), AccountError> {
        self.begin_setup(name, setup_code, password, peer)?;
        match code {
            CODE => Ok(()),
            _ => Err(AccountError::WrongCode),
        }
    }

    fn session(&self, cookie: &str) -> Option<Arc<Session>> {
        self.sessions.lock().unwrap().get(cookie).cloned()
    }

    fn sign_out(&self, cookie: &str) -> Result<(), AccountError> {
        self.sessions.lock().unwrap().remove(cookie);
        Ok(())
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
