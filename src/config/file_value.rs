//! Files and directories that a configuration names, which must be there when it is read.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::value::{Context, Fault, Setting, Written};

/// Why a path cannot be what it should be.
type Check = fn(&Path) -> Result<(), String>;

macro_rules! paths {
    ($( $(#[$doc:meta])* $name:ident: $check:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(PathBuf);

        impl Deref for $name {
            type Target = Path;

            fn deref(&self) -> &Path {
                &self.0
            }
        }

        impl Setting for $name {
            fn read(value: &Written<'_>, context: &Context<'_>) -> Result<Self, Fault> {
                let path = PathBuf::read(value, context)?;
                let check: Check = $check;
                match check(&path) {
                    Ok(()) => Ok(Self(path)),
                    Err(why) => Err((value.span(), format!("{}: {why}", path.display()))),
                }
            }
        }
    )* };
}

paths! {
    /// A file that is there.
    ExistingFile: is_file;
    /// A directory that is there.
    ExistingDirectory: is_directory;
    /// A file of certificates in PEM form.
    CertificateFile: has_certificates;
    /// A file with a private key in PEM form.
    KeyFile: has_key;
}

fn is_file(path: &Path) -> Result<(), String> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err("it is not a file; name one".to_owned()),
        Err(error) => Err(format!("{error}; name a file")),
    }
}

fn is_directory(path: &Path) -> Result<(), String> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err("it is not a directory; name one".to_owned()),
        Err(error) => Err(format!("{error}; make the directory first")),
    }
}

fn has_certificates(path: &Path) -> Result<(), String> {
    is_file(path)?;
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        certificate.map_err(|_| "not in PEM form; name a file of certificates in PEM form")?;
        count += 1;
    }
    match count {
        0 => Err("no certificate in it; name a file of certificates in PEM form".to_owned()),
        _ => Ok(()),
    }
}

fn has_key(path: &Path) -> Result<(), String> {
    is_file(path)?;
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let pem = Zeroizing::new(pem);
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err("no private key in it; name a file with an unencrypted key in PEM form".to_owned())
        }
    }
}
