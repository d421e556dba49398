//! Client certificates that are somebody.

use super::section::{Declared, section};
use super::table::Table;
use super::value::{Context, Fault, PlainName, Setting, Written, text};
use crate::access::{ClientCertificate, Fingerprint, Holder, Role, StreamSet, Subject};

impl Setting for Subject {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let subject = text(value, "expected a subject")?.parse();
        subject.map_err(|expected: &str| (value.span(), expected.to_owned()))
    }
}

impl Setting for Fingerprint {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let fingerprint = text(value, "expected a fingerprint")?.parse();
        fingerprint.map_err(|expected: &str| (value.span(), expected.to_owned()))
    }
}

section! {
    /// A client certificate that counts as a token. It has to be certified by http.client_ca_file; here it is
    /// said whose it is.
    Client {
        /// What it is called in logs.
        name: PlainName = required("hospital-01"), Live;
        /// Its role, as of a token.
        role: Role = required("feed"), Live;
        /// The streams that a feed may send; without it, all.
        streams: Option<StreamSet> = example(["claims", "check_ins"]), Live;
        /// Its subject (RFC 4514), which a renewed certificate has as well.
        subject: Option<Subject> = example("CN=hospital-01,O=Example"), Live;
        /// Or the SHA-256 of the certificate, which is then the only one.
        sha256: Option<Fingerprint> = example("0000000000000000000000000000000000000000000000000000000000000000"), Live;
    }
}

impl Client {
    /// The client of a table. Nothing, where it is wrong; that is noted.
    pub(super) fn certificate(table: &Table<'_, '_>) -> Option<ClientCertificate> {
        let client = Self::read(table, None)?;
        if client.streams.is_some() && client.role != Role::Feed {
            table.wrong("streams", "only a feed is bound to streams; leave it out");
            return None;
        }
        let holder = match (client.subject, client.sha256) {
            (Some(subject), None) => Holder::Subject(subject),
            (None, Some(fingerprint)) => Holder::Fingerprint(fingerprint),
            (None, None) => {
                table.wrong("subject", "it is missing; say subject or sha256");
                return None;
            }
            (Some(_), Some(_)) => {
                table.wrong("sha256", "there is a subject already; name one of them");
                return None;
            }
        };
        Some(ClientCertificate {
            holder,
            name: client.name.0,
            role: client.role,
            streams: client.streams.unwrap_or(StreamSet::ALL),
        })
    }
}
