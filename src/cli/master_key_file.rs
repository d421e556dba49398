//! The file of a master key.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::journal::MasterKey;

/// The key in a file that an option names: 32 bytes in base64 or hexadecimal.
///
/// # Errors
/// What is wrong with the file and what to do.
pub fn read(option: &str, file: &Path) -> Result<MasterKey, String> {
    let refused = |error: &dyn std::fmt::Display| {
        format!(
            "{option} {}: {error}; name the file that `journal.master_key_file` names in the \
             configuration of the service, or make a new one with `openssl rand -base64 32`",
            file.display()
        )
    };
    let bytes = Zeroizing::new(std::fs::read(file).map_err(|error| refused(&error))?);
    let key =
        key(&bytes).ok_or_else(|| refused(&"it holds no 32 bytes in base64 or hexadecimal"))?;
    MasterKey::from_bytes(&key).map_err(|error| refused(&error))
}

fn key(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let key = match text.len() {
        64 => unhex(text)?,
        _ => BASE64_STANDARD.decode(text).ok()?,
    };
    (key.len() == 32).then(|| Zeroizing::new(key))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    digits.map(byte).collect()
}
