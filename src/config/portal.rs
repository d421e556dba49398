//! Portals that citizens ask through.

use std::path::PathBuf;

use super::section::{Declared, section};
use super::table::Table;
use super::value::PlainName;
use crate::notice::Span;
use crate::self_check::{Portal, PortalKey};

/// A key file is no longer.
const LONGEST_FILE: u64 = 64 << 10;

section! {
    /// A portal that citizens ask through for their own records (docs/self-check.md). It calls with a token or a
    /// certificate of the role portal and of this name, and vouches for each citizen with an assertion that it signs.
    PortalTable {
        /// The name of its token or certificate.
        name: PlainName = required("vssid"), Restart;
        /// The issuer of its assertions (`iss`).
        issuer: String = required("https://vssid.example"), Restart;
        /// Whom they are for (`aud`): what this service is called there.
        audience: String = required("https://fundwatch.example"), Restart;
        /// A file with the public keys that they are signed with, for ES256 or RS256: in PEM form, or as a JWK or a
        /// set of them in JSON.
        key_file: PathBuf = required("secrets/vssid.pem"), Restart;
        /// For how long an assertion may be good.
        longest_life: Span = default("5m") in "10s"..="15m", Restart;
        /// Requests of the portal in a minute.
        requests_per_minute: u32 = default(600) in 1..=60_000, Restart;
    }
}

impl PortalTable {
    /// The portal of a table. Nothing, where it is wrong; that is noted.
    pub(super) fn portal(table: &Table<'_, '_>) -> Option<Portal> {
        let read = Self::read(table, None)?;
        for (key, text) in [("issuer", &read.issuer), ("audience", &read.audience)] {
            if text.is_empty() {
                table.wrong(key, "it is empty; say what the assertions have");
                return None;
            }
        }
        let path = &read.key_file;
        let file = std::fs::metadata(path).and_then(|metadata| match metadata.len() {
            0..=LONGEST_FILE => std::fs::read(path),
            _ => Err(std::io::Error::other("it is longer than 64 KiB")),
        });
        let keys = match file {
            Ok(file) => PortalKey::read(&file).map_err(|error| error.to_string()),
            Err(error) => Err(format!("{error}; name a file of public keys")),
        };
        let keys = keys.map_err(|why| {
            table.wrong("key_file", format!("{}: {why}", path.display()));
        });
        Some(Portal {
            name: read.name.0,
            issuer: read.issuer,
            audience: read.audience,
            keys: keys.ok()?,
            longest_life: read.longest_life.0,
            requests_per_minute: read.requests_per_minute,
        })
    }
}
