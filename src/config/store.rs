//! The store of alerts: which database, at which address.
//!
//! In: the section `[store]`. Out: a database that can be connected to. Must hold: a password does not stand in
//! the file and is shown to nobody; rows do not go to another machine as they are, unless the file says so.

use std::net::IpAddr;
use std::path::PathBuf;

use super::secret::Secret;
use super::sections::Store;
use super::table::Table;
use super::value::Context;

/// The database of the alerts.
#[derive(Clone, Debug, PartialEq)]
pub enum Database {
    /// The SQLite file alerts.db in the data directory.
    Embedded,
    /// This SQLite file.
    Sqlite(PathBuf),
    /// PostgreSQL at this address, which may hold a password.
    Postgres(Secret),
}

impl Store {
    /// The database that the section names. Nothing, where it is wrong; that is noted.
    pub(super) fn database(&self, table: &Table<'_, '_>) -> Option<Database> {
        let context = table.context();
        let (key, url) = match (&self.url, &self.url_file, &self.url_env) {
            (None, None, None) => return Some(Database::Embedded),
            (Some(url), None, None) => ("url", Secret::new(url).map_err(str::to_owned)),
            (None, Some(file), None) => ("url_file", context.secret_of_file(file)),
            (None, None, Some(name)) => ("url_env", context.secret_of_variable(name)),
            (_, _, Some(_)) => {
                table.wrong(
                    "url_env",
                    "there is another address already; name one of them",
                );
                return None;
            }
            _ => {
                table.wrong(
                    "url_file",
                    "there is another address already; name one of them",
                );
                return None;
            }
        };
        let database = url.and_then(|url| {
            let is_in_file = self.url.is_some();
            database(&url, is_in_file, self.allow_plaintext, context)
        });
        database.map_err(|message| table.wrong(key, message)).ok()
    }
}

const EXPECTED: &str = "expected sqlite:FILE or postgres://HOST/DATABASE";

fn database(
    url: &Secret,
    is_in_file: bool,
    allow_plaintext: bool,
    context: &Context<'_>,
) -> Result<Database, String> {
    let text = url.reveal();
    let (scheme, rest) = text.split_once(':').ok_or(EXPECTED)?;
    match scheme {
        "sqlite" => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let is_file = !path.is_empty() && !path.contains(['?', '\0']) && path != ":memory:";
            let expected = "expected sqlite: and the path of a file, without settings";
            is_file
                .then(|| Database::Sqlite(context.directory.join(path)))
                .ok_or_else(|| expected.to_owned())
        }
        "postgres" | "postgresql" => {
            let rest = rest.strip_prefix("//").ok_or(EXPECTED)?;
            let server = Server::of(rest);
            if is_in_file && server.has_password {
                return Err("a password does not stand in this file; put the address into url_file or url_env"
                    .to_owned());
            }
            if !server.is_safe && !allow_plaintext {
                return Err(
                    "alerts hold personal data; add sslmode=verify-full to the address, or say allow_plaintext = \
                     true where the network is trusted"
                        .to_owned(),
                );
            }
            Ok(Database::Postgres(url.clone()))
        }
        _ => Err(EXPECTED.to_owned()),
    }
}

/// What an address of PostgreSQL says: `user:password@host:port,…/database?setting=…`.
struct Server {
    has_password: bool,
    /// Whether what is sent can be read by this machine and the server alone.
    is_safe: bool,
}

impl Server {
    fn of(rest: &str) -> Self {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = place.split('/').next().unwrap_or_default();
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let settings = || {
            query
                .split('&')
                .map(|one| one.split_once('=').unwrap_or((one, "")))
        };
        let setting = |name: &str| settings().rfind(|(key, _)| *key == name);
        let is_tls = setting("sslmode")
            .is_some_and(|(_, mode)| ["require", "verify-ca", "verify-full"].contains(&mode));
        let mut hosts: Vec<&str> = hosts.split(',').map(without_port).collect();
        // A host among the settings goes before; a path is a socket of this machine.
        hosts.extend(
            settings()
                .filter(|(key, _)| ["host", "hostaddr"].contains(key))
                .map(|one| one.1),
        );
        let is_here = |host: &str| {
            host.is_empty()
                || host.starts_with('/')
                || host.starts_with("%2F")
                || is_this_machine(host)
        };
        let has_password_setting =
            settings().any(|(key, _)| key == "password" || key == "sslpassword");
        Self {
            has_password: user.contains(':') || has_password_setting,
            is_safe: is_tls || hosts.iter().all(|host| is_here(host)),
        }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The colons of a bare IPv6 address are not before a port.
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a host is this machine.
pub(super) fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_postgres_are_taken_apart() {
        let of = |rest: &str| {
            let server = Server::of(rest);
            (server.has_password, server.is_safe)
        };
        assert_eq!(of("localhost/alerts"), (false, true));
        assert_eq!(of("u@[::1]:5432/alerts"), (false, true));
        assert_eq!(of("/alerts?host=/run/postgresql"), (false, true));
        assert_eq!(of("%2Frun%2Fpostgresql/alerts"), (false, true));
        assert_eq!(of("db.example/alerts"), (false, false));
        assert_eq!(of("localhost,db.example:5432/alerts"), (false, false));
        assert_eq!(of("localhost/alerts?host=db.example"), (false, false));
        assert_eq!(of("db.example/alerts?sslmode=prefer"), (false, false));
        assert_eq!(
            of("db.example/alerts?sslmode=require&sslmode=disable"),
            (false, false)
        );
        assert_eq!(of("db.example?sslmode=verify-full"), (false, true));
        assert_eq!(of("u:p@ss@db.example/alerts?sslmode=require"), (true, true));
        assert_eq!(of("u@localhost/alerts?password=p"), (true, true));
    }
}
