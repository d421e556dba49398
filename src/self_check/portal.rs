//! A portal that citizens ask through.

use std::time::Duration;

use super::portal_key::PortalKey;

/// What is agreed on with a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The name of its token, or of its certificate.
    pub name: String,
    /// The issuer of its assertions.
    pub issuer: String,
    /// Whom they are for: this service.
    pub audience: String,
    /// The keys that they are signed with.
    pub keys: Vec<PortalKey>,
    /// For how long an assertion is good at most.
    pub longest_life: Duration,
    /// Requests in a minute.
    pub requests_per_minute: u32,
}
