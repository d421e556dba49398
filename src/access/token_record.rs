//! What is told of a token: everything but its secret.

use super::account::{ProvinceSet, UserState};
use super::role::Role;
use super::stream_set::StreamSet;
use super::token::TokenId;
use crate::notice::Moment;
use crate::record::Day;

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is called beside its id; see [`is_plain_name`].
    pub name: Option<String>,
    /// Its role.
    pub role: Role,
    /// The streams that it is bound to.
    pub streams: StreamSet,
    /// From when on it is refused.
    pub expires_at: Option<Moment>,
}

/// What a new token that acts as a user is to be.
#[derive(Clone, Debug)]
pub struct NewUserToken {
    /// The name under which the user signs in.
    pub user: String,
    /// What it is called beside its id; see [`is_plain_name`].
    pub name: Option<String>,
    /// From when on it is refused.
    pub expires_at: Option<Moment>,
}

/// The user that a token acts as, as the register had them when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUser {
    /// The name under which they sign in.
    pub name: String,
    /// The provinces that they work on.
    pub provinces: ProvinceSet,
    /// Whether they may sign in: the token of one who may not is refused.
    pub state: UserState,
}

/// What is told of a token. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its id.
    pub id: TokenId,
    /// The name that it was given.
    pub name: Option<String>,
    /// Its role; of one that acts as a user, theirs.
    pub role: Role,
    /// The user that it acts as; none of a system.
    pub user: Option<TokenUser>,
    /// The streams that it is bound to.
    pub streams: StreamSet,
    /// When it was made.
    pub created_at: Moment,
    /// From when on it is refused.
    pub expires_at: Option<Moment>,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
    /// The local day on which it was last used, as far as that was noted.
    pub last_used: Option<Day>,
}

/// Whether a token is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It is.
    Active,
    /// It has expired.
    Expired,
    /// It was revoked.
    Revoked,
    /// It acts as a user who may not sign in.
    UserDisabled,
}

impl TokenRecord {
    /// Whether it is accepted at a time.
    pub fn state(&self, now: Moment) -> TokenState {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => TokenState::Revoked,
            (None, Some(at)) if at <= now => TokenState::Expired,
            _ if self
                .user
                .as_ref()
                .is_some_and(|user| user.state != UserState::Active) =>
            {
                TokenState::UserDisabled
            }
            _ => TokenState::Active,
        }
    }
}

/// Whether a text can be a name of tokens and certificates: 1 to 64 of a-z, 0-9, `.`, `-` and `_`, since it
/// stands in logs and is no place for people's names.
pub fn is_plain_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    (1..=64).contains(&name.len()) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_token_stays_revoked_whatever_else_holds() {
        let record = |expires_at, revoked_at| TokenRecord {
            id: TokenId::from_text("00010203ffab").expect("an id"),
            name: None,
            role: Role::Feed,
            user: None,
            streams: StreamSet::ALL,
            created_at: Moment(0),
            expires_at,
            revoked_at,
            last_used: None,
        };
        let state = |expires, revoked| record(expires, revoked).state(Moment(10));
        assert_eq!(state(None, None), TokenState::Active);
        assert_eq!(state(Some(Moment(11)), None), TokenState::Active);
        assert_eq!(state(Some(Moment(10)), None), TokenState::Expired);
        assert_eq!(
            state(Some(Moment(11)), Some(Moment(20))),
            TokenState::Revoked
        );
        assert_eq!(state(Some(Moment(9)), Some(Moment(5))), TokenState::Revoked);
        let of = |state, revoked| {
            let provinces = ProvinceSet::ALL;
            let name = "lan".to_owned();
            let mut record = record(None, revoked);
            record.user = Some(TokenUser {
                name,
                provinces,
                state,
            });
            record.state(Moment(10))
        };
        assert_eq!(of(UserState::Active, None), TokenState::Active);
        assert_eq!(of(UserState::Disabled, None), TokenState::UserDisabled);
        let revoked = Some(Moment(5));
        assert_eq!(of(UserState::Disabled, revoked), TokenState::Revoked);
    }

    #[test]
    fn names_are_plain() {
        for name in ["a", "hospital-01", "moh.claims_2", &"x".repeat(64)] {
            assert!(is_plain_name(name), "{name}");
        }
        for name in ["", "Ms X", "A", "é", "a/b", "a\n", &"x".repeat(65)] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}
