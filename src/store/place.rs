//! Where a store is: a file, or a PostgreSQL server by its URL. What is shown of it has no password.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::error::StoreError;
use super::postgres::Server;

/// Where a store is.
#[derive(Clone)]
pub enum StorePlace {
    /// A SQLite file.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server(Box<Server>),
}

/// A path, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, which may ask for TLS (see [`Server`]).
impl FromStr for StorePlace {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Server(Box::new(text.parse()?)));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        if path.is_empty() || path.contains("://") {
            return Err(StoreError::Place {
                what: "write a path of a file, or postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            });
        }
        Ok(Self::File(path.into()))
    }
}

impl From<PathBuf> for StorePlace {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// The path, or host, port and database.
impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

impl fmt::Debug for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorePlace({self})")
    }
}
