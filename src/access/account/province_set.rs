//! The provinces that a user works on.

use std::fmt;

use crate::model::is_province;

/// A set of provinces by their two-digit codes, or all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProvinceSet(u128);

impl ProvinceSet {
    /// All, also those that are added later.
    pub const ALL: Self = Self(0);

    /// Whether it is all.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// Whether a province is in it, by its code.
    pub fn contains(self, code: u8) -> bool {
        self.is_all() || (code < 100 && self.0 >> code & 1 != 0)
    }

    /// The codes, ascending; none where it is all.
    pub fn codes(self) -> impl Iterator<Item = u8> {
        (0..100).filter(move |code| self.0 >> code & 1 != 0)
    }

    /// The code of two digits, if it is a province's.
    pub fn code(text: &str) -> Option<u8> {
        let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let code = text.parse().ok().filter(|_| is_two_digits)?;
        is_province(code).then_some(code)
    }

    /// The set of these codes, of which each is of two digits; all, if there is none.
    pub fn from_codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut codes = codes.into_iter();
        codes.try_fold(Self::ALL, |set, text| {
            Some(Self(set.0 | 1 << Self::code(text)?))
        })
    }

    pub(in crate::access) fn from_text(text: &str) -> Option<Self> {
        match text {
            "" => Some(Self::ALL),
            codes => Self::from_codes(codes.split(',')),
        }
    }

    pub(super) fn text(self) -> String {
        let codes: Vec<String> = self.codes().map(|code| format!("{code:02}")).collect();
        codes.join(",")
    }
}

/// `all`, or the codes with commas between.
impl fmt::Display for ProvinceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_all() {
            true => f.write_str("all"),
            false => f.write_str(&self.text()),
        }
    }
}

impl fmt::Debug for ProvinceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_told_and_read() {
        let some = ProvinceSet::from_codes(["79", "01"]).expect("provinces");
        assert_eq!(some.to_string(), "01,79");
        assert_eq!(ProvinceSet::from_text(&some.text()), Some(some));
        assert!(some.contains(1) && some.contains(79) && !some.contains(2));
        assert!(!some.contains(200), "no province");
        let all = ProvinceSet::from_codes([]).expect("provinces");
        assert!(all.is_all() && all.contains(2) && all.to_string() == "all");
        assert_eq!(ProvinceSet::from_text(&all.text()), Some(all));
        for wrong in ["1", "001", "00", "03", "ab", "+1", "1 ", "٠١"] {
            assert_eq!(ProvinceSet::from_codes([wrong]), None, "{wrong}");
        }
    }
}
