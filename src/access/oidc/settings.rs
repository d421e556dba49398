//! What is known of a provider before it is asked, and what its groups may do.

use std::fmt;

use ureq::tls::Certificate;
use zeroize::Zeroizing;

use crate::access::account::ProvinceSet;
use crate::access::role::Role;

/// What members of a group of the provider may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRole {
    /// The group, as the provider calls it.
    pub group: String,
    /// Their role.
    pub role: Role,
    /// The provinces that they work on.
    pub provinces: ProvinceSet,
}

/// What is known of a provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// Its address, which its tokens name.
    pub issuer: String,
    /// What it calls this service.
    pub client_id: String,
    /// What this service proves itself to it with, unless it is a public client.
    pub client_secret: Option<Zeroizing<String>>,
    /// The address that browsers reach this service by: a scheme, a host and a port, and nothing behind them.
    pub origin: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim with what the person is called here.
    pub name_claim: String,
    /// The claim with the person's groups.
    pub groups_claim: String,
    /// What groups may do; of several that somebody is in, the first here counts.
    pub groups: Vec<GroupRole>,
    /// Who certifies it, if not the authorities of Mozilla's programme.
    pub authorities: Option<Vec<Certificate<'static>>>,
}

impl OidcSettings {
    /// What a member of these groups may do; nothing where none of them is known.
    pub fn of_groups(&self, groups: &[String]) -> Option<&GroupRole> {
        let is_in = |known: &&GroupRole| groups.contains(&known.group);
        self.groups.iter().find(is_in)
    }

    /// Where the provider sends browsers back to.
    pub fn redirect_uri(&self) -> String {
        format!("{}/sign-in/oidc/callback", self.origin)
    }
}

/// Without the secret.
impl fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcSettings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("origin", &self.origin)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}
