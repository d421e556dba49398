//! What is told of a user: everything but secrets.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::province_set::ProvinceSet;
use crate::access::role::Role;
use crate::language::Language;
use crate::notice::Moment;

/// The most characters of a display name.
pub const DISPLAY_NAME_CHARACTERS: usize = 80;

/// What a user is called by other tables: a number that is given once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u32);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a user may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// They may.
    Active,
    /// They may not, for now or for ever.
    Disabled,
}

impl UserState {
    const ALL: [Self; 2] = [Self::Active, Self::Disabled];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What a new user is to be.
#[derive(Clone)]
pub struct NewUser {
    /// What the person types to sign in; see [`is_plain_name`](crate::access::is_plain_name).
    pub name: String,
    /// What pages call the person; see [`display_name`].
    pub display_name: String,
    /// The role.
    pub role: Role,
    /// The provinces that the person works on.
    pub provinces: ProvinceSet,
    /// The language of the pages.
    pub language: Language,
}

/// What is told of a user. Nothing in it is secret.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The number.
    pub id: UserId,
    /// What the person types to sign in.
    pub name: String,
    /// What pages call the person.
    pub display_name: String,
    /// The role.
    pub role: Role,
    /// The provinces that the person works on.
    pub provinces: ProvinceSet,
    /// The language of the pages.
    pub language: Language,
    /// Whether the user may sign in.
    pub state: UserState,
    /// Whether there is a password: whether the person has begun.
    pub has_password: bool,
    /// Whether there is an app of codes.
    pub has_totp: bool,
    /// The identity provider that brought the user, who has neither of both then.
    pub issuer: Option<String>,
    /// Until when the setup code is good, if there is one that was not used.
    pub setup_until: Option<Moment>,
    /// Until when no attempt to sign in is taken. It may be over.
    pub locked_until: Option<Moment>,
    /// When the user was made.
    pub created_at: Moment,
    /// When something about the user was last changed, by anybody.
    pub changed_at: Moment,
}

/// Without what the person is called.
impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("role", &self.role)
            .field("provinces", &self.provinces)
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

/// Without what the person is called.
impl fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRecord")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("provinces", &self.provinces)
            .field("state", &self.state)
            .field("has_password", &self.has_password)
            .field("has_totp", &self.has_totp)
            .field("issuer", &self.issuer)
            .field("setup_until", &self.setup_until)
            .field("locked_until", &self.locked_until)
            .field("created_at", &self.created_at)
            .field("changed_at", &self.changed_at)
            .finish_non_exhaustive()
    }
}

/// A display name as it is kept: in NFC, without spaces around it. Nothing where the text cannot be one: it has 1 to 80
/// characters, and none that is not seen or turns the direction of others around.
pub fn display_name(text: &str) -> Option<String> {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{61c}' | '\u{fff9}'..='\u{fffb}')
    };
    let name: String = text.trim().nfc().collect();
    let length = name.chars().count();
    let is_name = (1..=DISPLAY_NAME_CHARACTERS).contains(&length) && !name.chars().any(is_hidden);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_are_composed_and_in_one_line() {
        let typed: String = " Trần Thị Mẫu ".nfd().collect();
        assert_eq!(display_name(&typed).as_deref(), Some("Trần Thị Mẫu"));
        assert!(display_name(&"ệ".repeat(80)).is_some());
        for wrong in [
            "",
            "  ",
            &"x".repeat(81),
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\0",
        ] {
            assert_eq!(display_name(wrong), None, "{wrong:?}");
        }
    }
}
