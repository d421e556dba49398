//! Callers of the API: people of the house by their tokens, and systems by their roles.

use std::sync::Arc;

use fundwatch::access::{Role, is_allowed};
use fundwatch::record::Stream;
use fundwatch::review::Viewer;
use fundwatch::web::{Action, Gate, Principal};

use super::people::PEOPLE;

/// Knows `person-NAME` as somebody of the house, and `role-ROLE` as a system.
pub struct Callers;

struct Caller {
    name: String,
    role: Role,
    provinces: Vec<String>,
    is_person: bool,
}

impl Gate for Callers {
    fn by_token(&self, token: &str) -> Option<Arc<dyn Principal>> {
        let (kind, name) = token.split_once('-')?;
        let is_person = kind == "person";
        let role = match is_person {
            true => PEOPLE.iter().find(|(own, _, _)| *own == name)?.2,
            false => Role::from_name(name)?,
        };
        let provinces = match (is_person, name) {
            (true, "tam") => vec!["01".to_owned()],
            _ => Vec::new(),
        };
        Some(Arc::new(Caller {
            name: name.to_owned(),
            role,
            provinces,
            is_person,
        }))
    }

    fn by_certificate(&self, _: &[u8]) -> Option<Arc<dyn Principal>> {
        None
    }
}

impl Principal for Caller {
    fn id(&self) -> &str {
        &self.name
    }

    fn role(&self) -> &'static str {
        self.role.as_str()
    }

    fn may(&self, action: Action, _: Option<Stream>) -> bool {
        is_allowed(self.role, action.granted())
    }

    fn viewer(&self) -> Option<Viewer> {
        Some(Viewer {
            name: self.name.clone(),
            role: self.role,
            provinces: self.provinces.clone(),
        })
    }

    fn is_person(&self) -> bool {
        self.is_person
    }
}
