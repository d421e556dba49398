//! An enterprise's tax code in eight bytes.
//!
//! In: a tax code, which is any text. Out: a key of fixed width. Must hold: codes of 10 digits, and of
//! 13 with or without a hyphen after the tenth, have keys of their own; other texts share one with
//! another text by chance once in 10^18 pairs.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::record::{Packed, Text};

/// An employer.
// Two halves and not a u64, so that what holds one is aligned to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Employer {
    high: u32,
    low: u32,
}

/// The bit of a key that is a digest.
const IS_DIGEST: u64 = 1 << 63;

/// Keys of each form of code have a range of their own.
const FORM: u64 = 10_000_000_000_000;

impl Employer {
    /// The employer with this tax code.
    pub fn of(tax_code: &Text) -> Self {
        let code = tax_code.as_str();
        let key = exact(code).unwrap_or_else(|| {
            let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(code));
            u64::from_le_bytes([a, b, c, d, e, f, g, h]) | IS_DIGEST
        });
        Self::from_number(key)
    }

    fn from_number(key: u64) -> Self {
        Self {
            high: (key >> 32) as u32,
            low: key as u32,
        }
    }

    fn number(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// The key of a code whose digits tell it.
fn exact(code: &str) -> Option<u64> {
    let digits = |text: &str| {
        let all = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u64>().ok().filter(|_| all)
    };
    match (code.len(), code.split_once('-')) {
        (10, None) => digits(code),
        (13, None) => Some(FORM + digits(code)?),
        (14, Some((enterprise, branch))) if enterprise.len() == 10 => {
            Some(2 * FORM + digits(enterprise)? * 1000 + digits(branch)?)
        }
        _ => None,
    }
}

impl Packed for Employer {
    fn pack(&self, out: &mut Vec<u8>) {
        self.number().pack(out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        u64::unpack(bytes).map(Self::from_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    #[test]
    fn codes_of_every_form_are_told_apart() {
        let codes = [
            "0000000000",
            "0300000001",
            "9999999999",
            "0000000000001",
            "0300000001001",
            "0300000001-001",
            "0300000001-002",
            "0000000000-000",
            "03000000010",
            "0300000001-01",
            "+300000001",
            "030000000a",
            "-",
            "Đ",
        ];
        let mut keys: Vec<Employer> = codes
            .iter()
            .map(|code| Employer::of(&Text::from_text(code).expect("a text")))
            .collect();
        for key in &keys {
            let mut packed = Vec::new();
            key.pack(&mut packed);
            assert_eq!(Employer::unpack(&mut packed.as_slice()), Some(*key));
        }
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), codes.len());
    }
}
