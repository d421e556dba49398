//! What is asked of people who sign in.

use std::time::Duration;

/// Whether codes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpRule {
    /// Nobody signs in without.
    Required,
    /// Who has set it up is asked for one.
    Optional,
}

impl TotpRule {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::Required, Self::Optional];

    /// As the configuration has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }

    /// The rule of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == name)
    }
}

/// What is asked of people who sign in, and for how long they are signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountPolicy {
    /// Whether codes are asked for.
    pub totp: TotpRule,
    /// How long a session may be idle.
    pub idle: Duration,
    /// How long a session may be.
    pub absolute: Duration,
    /// Whether people sign in by a password that is kept here, and not by an identity provider alone.
    pub has_passwords: bool,
}

impl Default for AccountPolicy {
    fn default() -> Self {
        Self {
            totp: TotpRule::Required,
            idle: Duration::from_secs(30 * 60),
            absolute: Duration::from_secs(12 * 3600),
            has_passwords: true,
        }
    }
}
