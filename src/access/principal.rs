//! Who asks for something, once that is known.

use std::fmt;

use super::account::ProvinceSet;
use super::permission::{Action, is_allowed};
use super::role::Role;
use super::stream_set::StreamSet;
use super::token::TokenId;
use crate::record::Stream;

/// By what somebody is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A bearer token.
    Token(TokenId),
    /// A client certificate of the configuration, by the name that it has there.
    Certificate,
}

/// Somebody, or a system, that may ask for something. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    name: String,
    credential: Credential,
    role: Role,
    streams: StreamSet,
    /// The provinces of the person that it acts as; none of a system.
    person: Option<ProvinceSet>,
}

impl Principal {
    pub(super) fn new(
        name: String,
        credential: Credential,
        role: Role,
        streams: StreamSet,
    ) -> Self {
        Self {
            name,
            credential,
            role,
            streams,
            person: None,
        }
    }

    /// A user who is acted as: by their name, in their role and their provinces.
    pub(super) fn of_user(
        name: String,
        credential: Credential,
        role: Role,
        provinces: ProvinceSet,
    ) -> Self {
        Self {
            name,
            credential,
            role,
            streams: StreamSet::ALL,
            person: Some(provinces),
        }
    }

    /// The name that it was given; that of a token without one is its id, of one that acts as a user theirs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By what it is known.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Its role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The provinces of the person that it acts as; none of a system, which decides nothing that people have to.
    pub fn person(&self) -> Option<ProvinceSet> {
        self.person
    }

    /// The streams that it is bound to.
    pub fn streams(&self) -> StreamSet {
        self.streams
    }

    /// Whether it may do this. An action on a stream names it: sending rows of no named stream is refused.
    pub fn may(&self, action: Action, stream: Option<Stream>) -> bool {
        let is_bound = match stream {
            Some(stream) => self.streams.contains(stream),
            None => action != Action::PushStream,
        };
        is_bound && is_allowed(self.role, action)
    }
}

/// As logs tell it: `token 3f2a… (claims-feed)`.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.credential {
            Credential::Token(id) => write!(f, "token {id} ({})", self.name),
            Credential::Certificate => write!(f, "certificate ({})", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(role: Role, streams: StreamSet) -> Principal {
        Principal::new("x".to_owned(), Credential::Certificate, role, streams)
    }

    #[test]
    fn a_feed_sends_the_streams_that_it_is_bound_to_and_no_others() {
        let bound = principal(Role::Feed, [Stream::Claims].into_iter().collect());
        let free = principal(Role::Feed, StreamSet::ALL);
        for stream in Stream::ALL.iter().copied() {
            let is_claims = stream == Stream::Claims;
            assert_eq!(bound.may(Action::PushStream, Some(stream)), is_claims);
            assert!(free.may(Action::PushStream, Some(stream)));
        }
        assert!(!free.may(Action::PushStream, None), "which stream?");
        assert!(bound.may(Action::Authenticate, None));
        assert!(!bound.may(Action::ReadAlerts, None));
    }

    #[test]
    fn every_role_and_action_is_answered_by_the_matrix() {
        for role in Role::ALL.iter().copied() {
            for action in Action::ALL.iter().copied() {
                let principal = principal(role, StreamSet::ALL);
                let expected = is_allowed(role, action);
                assert_eq!(principal.may(action, Some(Stream::Cards)), expected);
            }
        }
    }
}
