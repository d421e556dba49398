//! The identity provider that people sign in by, and what its groups may do.
//!
//! In: the sections `[oidc]` and `[[oidc_group]]`, and the origin in `[http]`. Out: a provider that can be asked. Must
//! hold: the secret of the client does not stand in the file; only systems have the role of a feed.

use std::path::PathBuf;

use http::Uri;
use toml::de::DeValue;

use super::file_value::CertificateFile;
use super::secret::Secret;
use super::section::{Declared, section};
use super::store::is_this_machine;
use super::table::Table;
use super::value::{Context, Fault, Setting, Written, list, text};
use crate::access::{GroupRole, ProvinceSet, Role, is_issuer};

/// The address that browsers reach the pages by: a scheme, a host, and a port that is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let is_allowed = match scheme {
            "https" => true,
            "http" => is_this_machine(authority.host()),
            _ => false,
        };
        let is_bare = text == format!("{scheme}://{authority}");
        let is_usual = matches!(
            (scheme, authority.port_u16()),
            ("https", Some(443)) | ("http", Some(80))
        );
        let is_small = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase());
        let is_origin = is_allowed && is_bare && !is_usual && is_small;
        (is_origin && !text.contains('@') && !authority.host().is_empty())
            .then(|| Self(text.to_owned()))
    }
}

impl Setting for Origin {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected https:// and a host, in small letters, with its port if that is not 443, such as \
                        https://fundwatch.example; http:// on this machine alone";
        let origin = Self::of(text(value, expected)?);
        origin.ok_or_else(|| (value.span(), expected.to_owned()))
    }
}

/// The issuer of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Letter by letter as the provider has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host in it.
    pub fn host(&self) -> &str {
        let (_, rest) = self.0.split_once("://").unwrap_or(("", &self.0));
        rest.split('/').next().unwrap_or(rest)
    }
}

impl Setting for Issuer {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected the address of the provider with https://, without a query; http:// on this machine \
                        alone";
        let issuer = text(value, expected)?;
        let is_one = is_issuer(issuer);
        is_one
            .then(|| Self(issuer.to_owned()))
            .ok_or_else(|| (value.span(), expected.to_owned()))
    }
}

/// Words that are asked for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(pub Vec<String>);

impl Setting for Scopes {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected =
            "expected a list of scopes, each of letters, digits and signs without spaces";
        let DeValue::Array(scopes) = value.get_ref() else {
            return Err((value.span(), expected.to_owned()));
        };
        let scopes = scopes.iter().map(|scope| {
            let name = text(scope, expected)?;
            // RFC 6749, 3.3.
            let is_plain = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
            let is_scope = !name.is_empty() && name.bytes().all(is_plain);
            is_scope
                .then(|| name.to_owned())
                .ok_or_else(|| (scope.span(), expected.to_owned()))
        });
        scopes.collect::<Result<_, _>>().map(Self)
    }
}

impl Setting for ProvinceSet {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected a list of provinces by their two digits, as on cards, such as [\"01\", \"79\"]";
        let codes = list(value, expected)?.iter().map(|code| {
            let text = text(code, expected)?;
            let is_province = Self::code(text).is_some();
            is_province
                .then_some(text)
                .ok_or_else(|| (code.span(), expected.to_owned()))
        });
        let codes: Vec<&str> = codes.collect::<Result<_, _>>()?;
        Self::from_codes(codes).ok_or_else(|| (value.span(), expected.to_owned()))
    }
}

section! {
    /// Signing in by an identity provider: OpenID Connect, the authorization code flow with PKCE. Without an
    /// issuer there is none. It needs http.public_origin: the provider sends browsers back to
    /// /sign-in/oidc/callback behind that, and may tell /sign-in/oidc/logout who has signed out there.
    Oidc {
        /// The provider's address, letter by letter as its description has it.
        issuer: Option<Issuer> = example("https://id.example/realms/fund"), Restart;
        /// What people call it, on the button of the page; without it, its host.
        name: Option<String> = example("VSS ID"), Restart;
        /// What the provider calls this service.
        client_id: Option<String> = example("fundwatch"), Restart;
        /// A file with the secret that this service proves itself to the provider with; without any, it is a public
        /// client.
        client_secret_file: Option<PathBuf> = example("secrets/oidc.secret"), Restart;
        /// Or the environment variable that holds it.
        client_secret_env: Option<String> = example("FUNDWATCH_OIDC_SECRET"), Restart;
        /// What is asked for beside openid, so that tokens hold names and groups.
        scopes: Scopes = default(["profile"]), Restart;
        /// The claim with what people are called in lists and logs here.
        name_claim: String = default("preferred_username"), Restart;
        /// The claim of the ID token with the groups of people: its name, or its path with dots between.
        groups_claim: String = default("groups"), Restart;
        /// The authorities that certify the provider, in PEM form; without it, those of Mozilla's programme.
        ca_file: Option<CertificateFile> = example("tls/clients.pem"), Restart;
        /// Whether people also sign in by passwords that are kept here. Where not, sessions that began so end.
        local_accounts: bool = default(true), Restart;
    }
}

section! {
    /// What the members of a group of the identity provider may do. Of several groups that somebody is in, the
    /// first here counts; who is in none does not sign in. Role and provinces are brought up to date at each
    /// sign-in.
    OidcGroup {
        /// The group, as the provider calls it.
        name: String = required("fund-reviewers"), Restart;
        /// The role of its members: one of people.
        role: Role = required("reviewer"), Restart;
        /// The provinces that they work on; without it, all.
        provinces: Option<ProvinceSet> = example(["01", "79"]), Restart;
    }
}

impl Oidc {
    /// The secret of the client, if the section names one that can be read. What is wrong is noted.
    pub(super) fn client_secret(&self, table: &Table<'_, '_>) -> Option<Secret> {
        let context = table.context();
        let (key, secret) = match (&self.client_secret_file, &self.client_secret_env) {
            (None, None) => return None,
            (Some(file), None) => ("client_secret_file", context.secret_of_file(file)),
            (None, Some(name)) => ("client_secret_env", context.secret_of_variable(name)),
            (Some(_), Some(_)) => {
                let message = "there is a client_secret_file already; name one of them";
                table.wrong("client_secret_env", message);
                return None;
            }
        };
        secret.map_err(|message| table.wrong(key, message)).ok()
    }
}

/// The groups that are right; what is wrong with others, or with two together, is noted.
pub(super) fn groups(root: &Table<'_, '_>) -> Vec<GroupRole> {
    let mut groups: Vec<GroupRole> = Vec::new();
    for table in root.tables("oidc_group") {
        if let Some(group) = OidcGroup::read(&table, None) {
            if group.role.is_of_systems() {
                let role = group.role;
                table.wrong(
                    "role",
                    format!("{role} is a role of systems; name one of people"),
                );
            }
            if groups.iter().any(|other| other.group == group.name) {
                table.wrong("name", "another table is of this group; name each once");
            }
            groups.push(GroupRole {
                group: group.name,
                role: group.role,
                provinces: group.provinces.unwrap_or(ProvinceSet::ALL),
            });
        }
        table.finish();
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_browsers_write() {
        for text in [
            "https://fundwatch.example",
            "https://fundwatch.example:8443",
            "http://localhost:8080",
            "http://127.0.0.1:8080",
            "https://[2001:db8::1]:8443",
        ] {
            let origin = Origin::of(text);
            assert_eq!(origin.as_ref().map(Origin::as_str), Some(text));
        }
        for text in [
            "",
            "fundwatch.example",
            "http://fundwatch.example",
            "https://fundwatch.example/",
            "https://fundwatch.example/pages",
            "https://fundwatch.example:443",
            "https://Fundwatch.example",
            "https://user@fundwatch.example",
            "https://",
            "https://fund watch",
        ] {
            assert_eq!(Origin::of(text), None, "{text}");
        }
    }
}
