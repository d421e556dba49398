//! A connector whose connections are encrypted, to servers that prove who they are.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::error::StoreError;

/// The name by which servers tell PostgreSQL from other protocols.
const PROTOCOL: &[u8] = b"postgresql";

/// A connector that trusts the certificates of a file, or those that browsers trust.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let roots = match roots {
        Some(path) => read(path)?,
        None => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
    };
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has suites of the default versions");
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn read(path: &Path) -> Result<RootCertStore, StoreError> {
    let file = |error: std::io::Error| StoreError::File {
        place: path.display().to_string(),
        error,
    };
    let not_pem = || file(std::io::Error::other("no certificates in PEM"));
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| match error {
        pem::Error::Io(error) => file(error),
        _ => not_pem(),
    })?;
    for certificate in certificates {
        let certificate = certificate.map_err(|_| not_pem())?;
        roots.add(certificate).map_err(|_| not_pem())?;
    }
    match roots.is_empty() {
        true => Err(not_pem()),
        false => Ok(roots),
    }
}
