//! Bands of age: whom a claim's cost and stay are compared with.
//!
//! In: the earliest birth day that a date of birth allows, and the admission date. Out: a band, in three
//! bits. Must hold: a band that exists is one of six.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::record::Day;

/// A band of age in full years at the admission.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub enum AgeBand {
    /// It is not known: a birth after the admission.
    #[default]
    Unknown,
    /// 0 to 5.
    To5,
    /// 6 to 17.
    To17,
    /// 18 to 39.
    To39,
    /// 40 to 59.
    To59,
    /// 60 and more.
    From60,
}

impl AgeBand {
    /// Every band, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Unknown,
        Self::To5,
        Self::To17,
        Self::To39,
        Self::To59,
        Self::From60,
    ];

    /// The band of whoever was born on a day, on another.
    pub fn on(day: Day, born: Day) -> Self {
        if born > day {
            return Self::Unknown;
        }
        let ((year, month, of_month), (now, this_month, today)) = (born.civil(), day.civil());
        let is_before_birthday = (this_month, today) < (month, of_month);
        match now - year - i32::from(is_before_birthday) {
            ..=5 => Self::To5,
            6..=17 => Self::To17,
            18..=39 => Self::To39,
            40..=59 => Self::To59,
            60.. => Self::From60,
        }
    }

    /// Its number, 0 to 5.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The band of a number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// It in years, as groups are written.
    pub const fn years(self) -> &'static str {
        match self {
            Self::Unknown => "-",
            Self::To5 => "0-5",
            Self::To17 => "6-17",
            Self::To39 => "18-39",
            Self::To59 => "40-59",
            Self::From60 => "60+",
        }
    }

    /// The band that is known and written so.
    pub(super) fn parse(years: &str) -> Option<Self> {
        let mut known = Self::ALL.into_iter().skip(1);
        known.find(|band| band.years() == years)
    }
}

impl fmt::Display for AgeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.years())
    }
}

impl TryFrom<u8> for AgeBand {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::from_number(number).ok_or("a band of age has a number from 0 to 5")
    }
}

impl From<AgeBand> for u8 {
    fn from(band: AgeBand) -> Self {
        band.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_begin_on_birthdays() {
        let day = |year, month, of_month| Day::from_civil(year, month, of_month).unwrap();
        let admission = day(2025, 3, 1);
        for (born, band) in [
            (day(2025, 3, 2), AgeBand::Unknown),
            (day(2025, 3, 1), AgeBand::To5),
            (day(2019, 3, 2), AgeBand::To5),
            (day(2019, 3, 1), AgeBand::To17),
            (day(2007, 3, 2), AgeBand::To17),
            (day(2007, 3, 1), AgeBand::To39),
            (day(1985, 3, 2), AgeBand::To39),
            (day(1985, 3, 1), AgeBand::To59),
            (day(1965, 3, 2), AgeBand::To59),
            (day(1965, 3, 1), AgeBand::From60),
            (day(1, 1, 1), AgeBand::From60),
        ] {
            assert_eq!(AgeBand::on(admission, born), band, "{born}");
        }
        for band in AgeBand::ALL {
            assert_eq!(AgeBand::from_number(band.number()), Some(band));
        }
        assert_eq!(AgeBand::from_number(6), None);
        assert_eq!(AgeBand::parse("-"), None);
    }
}
