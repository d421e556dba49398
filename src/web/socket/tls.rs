//! TLS, with or without certificates of clients.
//!
//! In: PEM files. Out: what a listener needs to agree on TLS 1.2 or 1.3, or an error that names the file.
//! Must hold: files that cannot be used leave what is in use as it is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// Where the keys of a listener are.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// PEM file of the listener's certificate and those between it and a root.
    pub certificate_file: PathBuf,
    /// PEM file of its private key.
    pub key_file: PathBuf,
    /// Whether clients show certificates.
    pub clients: ClientCertificates,
}

/// Whether clients show certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked.
    #[default]
    Off,
    /// They may: one that is shown must be of one of these authorities (a PEM file).
    Optional(PathBuf),
    /// They must.
    Required(PathBuf),
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}; check the path and who may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{}: holds no {expected}; write it as PEM", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// Certificate and key cannot be used together.
    #[error("{} and {}: {source}; write a certificate and its own key", certificate.display(), key.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// A certificate of an authority cannot be used.
    #[error("{}: an authority's certificate cannot be used: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The keys in use.
#[derive(Debug)]
pub(in crate::web) struct Tls {
    options: TlsOptions,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files.
    pub fn new(options: TlsOptions) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(load(&options)?));
        Ok(Self { options, current })
    }

    /// Reads the files again: new connections use what they hold now.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(load(&self.options)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// What new connections use.
    pub fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }
}

fn load(options: &TlsOptions) -> Result<ServerConfig, TlsError> {
    let chain = certificates(&options.certificate_file)?;
    let key = PrivateKeyDer::from_pem_file(&options.key_file)
        .map_err(|error| unreadable(&options.key_file, "private key", error))?;
    let unusable = |source| TlsError::Unusable {
        certificate: options.certificate_file.clone(),
        key: options.key_file.clone(),
        source,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = match &options.clients {
        ClientCertificates::Off => builder.with_no_client_auth(),
        ClientCertificates::Optional(path) | ClientCertificates::Required(path) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(authorities(path)?, provider);
            let verifier = match &options.clients {
                ClientCertificates::Optional(_) => verifier.allow_unauthenticated(),
                _ => verifier,
            };
            let verifier = verifier.build().map_err(|error| TlsError::Authority {
                path: path.clone(),
                reason: error.to_string(),
            })?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn authorities(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| TlsError::Authority {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
    }
    Ok(Arc::new(roots))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |error| unreadable(path, "certificate", error);
    let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(unreadable(pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

fn unreadable(path: &Path, expected: &'static str, error: pem::Error) -> TlsError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(source) => TlsError::Read { path, source },
        _ => TlsError::Content { path, expected },
    }
}
