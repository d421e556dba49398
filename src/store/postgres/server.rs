//! Which database of which server, and how much is encrypted on the way. What is shown of it has neither
//! user nor password.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use postgres::Config;
use postgres::config::{Host, SslMode};

use crate::store::error::StoreError;

/// How long a commit goes on trying after a connection is lost.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A database of a PostgreSQL server: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE`.
///
/// - `sslmode=verify-full` (or `require`, `verify-ca`): TLS, the server's certificate and name verified,
///   whichever of the three is said. `sslrootcert=FILE` names the certificates (PEM) that it must come
///   from; without it, those that browsers trust.
/// - `sslmode=disable`: no TLS.
/// - Neither: no TLS to a socket or an address of this machine, `verify-full` to any other.
///
/// A socket's directory is written as the host, percent-encoded. Several hosts may be named; the writer
/// takes the one that can be written to. The connection must be a session's own: no pooler of transactions.
#[derive(Clone)]
pub struct Server {
    pub(super) config: Config,
    pub(super) tls: Tls,
    pub(super) patience: Duration,
}

/// How much is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Nothing.
    None,
    /// Everything, to a server whose certificate comes from these roots; those that browsers trust where
    /// none are named.
    Verified { roots: Option<PathBuf> },
}

impl Server {
    /// The same, with a commit that goes on trying for so long after a connection is lost; a minute
    /// unless said.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl FromStr for Server {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        // What the parser says may quote a password that is not encoded as it must be.
        let place = |what| StoreError::Place { what };
        let not_read = "a URL of PostgreSQL that cannot be read; write \
            postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is not a letter or digit in user and \
            password percent-encoded";
        // A question mark before the host is part of the password.
        let host = url.find('@').unwrap_or(0);
        let end = url[host..].find('?').map_or(url.len(), |mark| host + mark);
        let (address, parameters) = (&url[..end], url[end..].trim_start_matches('?'));
        let mut others = Vec::new();
        let (mut mode, mut roots) = (None, None);
        for parameter in parameters.split('&').filter(|text| !text.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", word)) => mode = Some(word),
                Some(("sslrootcert", path)) => {
                    let path = percent_decode_str(path).decode_utf8();
                    roots = Some(PathBuf::from(&*path.map_err(|_| place(not_read))?));
                }
                _ => others.push(parameter),
            }
        }
        let config = format!("{address}?{}", others.join("&"));
        let mut config = Config::from_str(&config).map_err(|_| place(not_read))?;
        if config.get_hosts().is_empty() || config.get_dbname().is_none() {
            return Err(place(not_read));
        }
        let tls = match mode {
            Some("disable") => Tls::None,
            None if roots.is_none() && config.get_hosts().iter().all(is_here) => Tls::None,
            None | Some("require" | "verify-ca" | "verify-full") => Tls::Verified { roots },
            Some(_) => {
                let what = "sslmode must be `verify-full` or `disable`: anything between would be encrypted \
                    only as long as nobody interferes";
                return Err(place(what));
            }
        };
        config.ssl_mode(match tls {
            Tls::None => SslMode::Disable,
            Tls::Verified { .. } => SslMode::Require,
        });
        config.application_name("fundwatch");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        // A server that vanished is noticed before the patience ends.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(30));
        Ok(Self {
            config,
            tls,
            patience: PATIENCE,
        })
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            let is_loopback = name
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback());
            is_loopback || name == "localhost"
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (ordinal, host) in self.config.get_hosts().iter().enumerate() {
            if ordinal > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                Host::Unix(path) => Path::new(path).display().fmt(f)?,
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(ordinal).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        url.parse().expect("a URL")
    }

    #[test]
    fn nothing_leaves_the_machine_in_the_clear_unless_that_is_said() {
        let verified = |roots: Option<&str>| Tls::Verified {
            roots: roots.map(Into::into),
        };
        for (url, expected) in [
            ("postgres://u@%2Frun%2Fpg/d", Tls::None),
            ("postgres://u@localhost/d", Tls::None),
            ("postgresql://u:p@127.0.0.1:5433/d", Tls::None),
            ("postgres://u@db.example/d", verified(None)),
            ("postgres://u@localhost,db.example/d", verified(None)),
            ("postgres://u@db.example/d?sslmode=disable", Tls::None),
            ("postgres://u@localhost/d?sslmode=require", verified(None)),
            (
                "postgres://u@db.example/d?connect_timeout=3&sslrootcert=%2Fca%20s.pem",
                verified(Some("/ca s.pem")),
            ),
        ] {
            assert_eq!(server(url).tls, expected, "{url}");
        }
        for mode in ["prefer", "allow", ""] {
            let url = format!("postgres://u@db.example/d?sslmode={mode}");
            let refused = url.parse::<Server>().expect_err("refused");
            assert!(refused.to_string().contains("verify-full"), "{refused}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = server("postgres://mai:s3cr3t@db.example:5433/fund?sslmode=verify-full");
        assert_eq!(shown.to_string(), "postgres://db.example:5433/fund");
        assert_eq!(
            format!("{shown:?}"),
            "Server(postgres://db.example:5433/fund)"
        );
        let odd = server("postgres://mai:a?s3cr3t=@db.example/fund?sslmode=disable");
        assert_eq!(
            (odd.to_string().contains("s3cr3t"), odd.tls),
            (false, Tls::None)
        );
        for url in [
            "postgres://mai:s3cr3t",
            "postgres://mai:s3cr3t@/fund",
            "postgres://mai:s3cr3t@db.example:port/fund",
            "postgres://mai:s3cr3t@db.example/fund?s3cr3t=1",
        ] {
            let refused = url.parse::<Server>().expect_err(url);
            let told = format!("{refused} {refused:?}");
            assert!(!told.contains("s3cr3t"), "{told}");
        }
    }
}
