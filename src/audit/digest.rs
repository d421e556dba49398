//! The digest of a file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// Size of a file, and its SHA-256 in hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> io::Result<(u64, String)> {
    digest_of_first(path, u64::MAX)
}

/// The same of the first bytes of a file, of as many as there are.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of_first(path: &Path, bytes: u64) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?.take(bytes);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hex(&hasher.finalize())));
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
}
