//! Amounts of memory and of files, as they are configured.

use std::fmt;
use std::str::FromStr;

/// A number of bytes: `512KiB`, `64MiB`, `20GiB`, and not nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Bytes {
    /// What is expected of one.
    pub const EXPECTED: &'static str =
        "expected a size such as 512KiB, 64MiB or 20GiB (a KiB is 1024 bytes)";
}

const UNITS: [(&str, u32); 5] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = &text[..text.len() - unit.len()];
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, shift) = known.ok_or(Self::EXPECTED)?;
        let number = number.parse().ok().filter(|number| *number > 0);
        let bytes = number.and_then(|number: u64| number.checked_mul(1 << shift));
        bytes.map(Self).ok_or(Self::EXPECTED)
    }
}

/// In the largest unit that it is whole in.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut units = UNITS.iter();
        let whole = units.find(|(_, shift)| self.0.is_multiple_of(1 << shift) && self.0 > 0);
        let (name, shift) = whole.unwrap_or(&("B", 0));
        write!(f, "{}{name}", self.0 >> shift)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_read_and_others_refused() {
        let bytes = |text: &str| text.parse::<Bytes>().map(|bytes| bytes.0);
        assert_eq!(bytes("1B"), Ok(1));
        assert_eq!(bytes("512KiB"), Ok(512 << 10));
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(bytes("20GiB"), Ok(20 << 30));
        for wrong in [
            "",
            "64",
            "MiB",
            "0MiB",
            "64MB",
            "64M",
            "64mib",
            "-1MiB",
            "1.5GiB",
            "1 GiB",
            "99999999TiB",
            "99999999999999999999B",
            "٣MiB",
        ] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn sizes_are_told_as_they_are_read(bytes in 1..u64::MAX) {
            prop_assert_eq!(Bytes(bytes).to_string().parse(), Ok(Bytes(bytes)));
        }
    }
}
