//! What must hold between keys of a configuration.
//!
//! In: a configuration whose keys are right one by one. Out: what does not fit together. Must hold: so it is
//! checked when a file is read and when a reload mixes two configurations.

use std::net::SocketAddr;

use super::Config;

/// Keys that do not fit together.
pub(super) struct Broken {
    /// The keys, the one first that is most likely to be changed.
    pub keys: &'static [&'static str],
    /// What is wrong, and what to do.
    pub message: String,
}

impl Config {
    /// What does not fit together.
    pub(super) fn broken(&self) -> Vec<Broken> {
        let (http, queue, epoch) = (&self.http, &self.queue, &self.epoch);
        let (accounts, oidc) = (&self.accounts, &self.oidc);
        let has_provider = oidc.issuer.is_some();
        let is_open = !http.listen.ip().is_loopback();
        let has_tls = http.certificate_file.is_some();
        let cases: [(bool, &'static [&'static str], &str); 17] = [
            (
                is_open && !has_tls && !http.allow_http,
                &["http.listen", "http.allow_http"],
                "other machines would send rows and tokens without TLS; name certificate_file and key_file in \
                 [http], or say allow_http = true there where the network is trusted",
            ),
            (
                has_tls && http.key_file.is_none(),
                &["http.certificate_file"],
                "its key is missing; name key_file as well",
            ),
            (
                !has_tls && http.key_file.is_some(),
                &["http.key_file"],
                "its certificate is missing; name certificate_file as well",
            ),
            (
                !has_tls && http.client_ca_file.is_some(),
                &["http.client_ca_file"],
                "clients show certificates over TLS alone; name certificate_file and key_file as well",
            ),
            (
                !self.client_certificates.is_empty() && http.client_ca_file.is_none(),
                &["client_certificate", "http.client_ca_file"],
                "nobody certifies clients; name client_ca_file in [http]",
            ),
            (
                http.header_timeout > http.request_timeout,
                &["http.header_timeout", "http.request_timeout"],
                "http.header_timeout is longer than http.request_timeout; make it shorter",
            ),
            (
                http.max_body > queue.source_max_bytes,
                &["http.max_body", "queue.source_max_bytes"],
                "http.max_body is more than queue.source_max_bytes, so such a request would never be taken; make it \
                 less",
            ),
            (
                queue.source_max_rows > queue.max_rows,
                &["queue.source_max_rows", "queue.max_rows"],
                "queue.source_max_rows is more than queue.max_rows; make it less",
            ),
            (
                queue.source_max_bytes > queue.max_bytes,
                &["queue.source_max_bytes", "queue.max_bytes"],
                "queue.source_max_bytes is more than queue.max_bytes; make it less",
            ),
            (
                epoch.max_rows > queue.max_rows,
                &["epoch.max_rows", "queue.max_rows"],
                "epoch.max_rows is more than queue.max_rows, so an epoch would never be full; make it less",
            ),
            (
                collide(http.listen, self.ops.listen),
                &["ops.listen", "http.listen"],
                "http.listen and ops.listen are one address; give each its own port",
            ),
            (
                accounts.idle_timeout > accounts.absolute_timeout,
                &["accounts.idle_timeout", "accounts.absolute_timeout"],
                "accounts.idle_timeout is longer than accounts.absolute_timeout; make it shorter",
            ),
            (
                has_provider && oidc.client_id.is_none(),
                &["oidc.issuer"],
                "what the provider calls this service is missing; name client_id as well",
            ),
            (
                has_provider && http.public_origin.is_none(),
                &["oidc.issuer"],
                "the provider has to send browsers back here; name public_origin in [http], such as \
                 https://fundwatch.example",
            ),
            (
                has_provider && self.oidc_groups.is_empty(),
                &["oidc.issuer"],
                "nobody could sign in by it; say in [[oidc_group]] what its groups may do",
            ),
            (
                !has_provider && !self.oidc_groups.is_empty(),
                &["oidc_group"],
                "there is no identity provider whose groups these are; name issuer in [oidc]",
            ),
            (
                !has_provider && !oidc.local_accounts,
                &["oidc.local_accounts"],
                "nobody could sign in; name issuer in [oidc], or leave local_accounts out",
            ),
        ];
        let broken = cases.into_iter().filter(|(is_broken, ..)| *is_broken);
        let broken = broken.map(|(_, keys, message)| Broken {
            keys,
            message: message.to_owned(),
        });
        broken.collect()
    }
}

/// Whether one of two listeners would be in the way of the other. Port 0 is any free port.
fn collide(a: SocketAddr, b: SocketAddr) -> bool {
    let is_any = a.ip().is_unspecified() || b.ip().is_unspecified();
    a.port() != 0 && a.port() == b.port() && (a.ip() == b.ip() || is_any)
}
