//! Calendar days, whole and partial. Proleptic Gregorian, years 0001 to 9999.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value, write_displayed};
use super::digits::{digits, eight, two};
use super::error::ErrorCode;

/// A local calendar day: days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(i32);

impl Day {
    /// The day with this number of days since 1970-01-01.
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day of a calendar date, if there is one.
    pub fn from_civil(year: i32, month: u32, day: u32) -> Option<Self> {
        if !exists(year, month, day) {
            return None;
        }
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil; without
        // its eras, since no year is below 0.
        let (year, month_from_march) = match month {
            ..=2 => (year as u32 - 1, month + 9),
            _ => (year as u32, month - 3),
        };
        let leap_days = year / 4 - year / 100 + year / 400;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        Some(Self(
            (year * 365 + leap_days + day_of_year) as i32 - 719_468,
        ))
    }

    /// Year, month and day of the month.
    pub fn civil(self) -> (i32, u32, u32) {
        // The inverse, from the same source: civil_from_days.
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
        let month = ((month_from_march + 2) % 12 + 1) as u32;
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month, day)
    }

    /// The day `days` later (earlier when negative).
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for Day {
    const KIND: Kind = Kind::Date;
    const EXPECTED: &'static str = "expected a date YYYY-MM-DD";
    const CODE: ErrorCode = ErrorCode::BadDate;

    fn from_text(text: &str) -> Option<Self> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
        parse_day(bytes)
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }

    fn from_day(days: i32) -> Option<Self> {
        let day = Self(days);
        let earliest = Self::from_civil(1, 1, 1)?;
        let latest = Self::from_civil(9999, 12, 31)?;
        (earliest..=latest).contains(&day).then_some(day)
    }

    fn from_timestamp(nanos: i128, utc: bool) -> Option<Self> {
        let local = if utc {
            nanos + super::instant::OFFSET_NANOS
        } else {
            nanos
        };
        Self::from_day(i32::try_from(local.div_euclid(86_400_000_000_000)).ok()?)
    }
}

/// Whether there is such a day.
fn exists(year: i32, month: u32, day: u32) -> bool {
    (1..=9999).contains(&year)
        && day >= 1
        && days_in_month(year, month).is_some_and(|days| day <= days)
}

/// Days of a month, if the month exists.
fn days_in_month(year: i32, month: u32) -> Option<u32> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// `YYYY-MM-DD`.
pub(super) fn parse_day(text: &[u8; 10]) -> Option<Day> {
    let (year, month, day) = parse_civil(text)?;
    Day::from_civil(year as i32, month, day)
}

/// Year, month and day of `YYYY-MM-DD`, whether or not there is such a day.
fn parse_civil(text: &[u8; 10]) -> Option<(u32, u32, u32)> {
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let head = u64::from_le_bytes(*text.first_chunk()?);
    let tail = u64::from_le_bytes(*text.last_chunk()?);
    // Of `YYYY-MM-` the year and, a byte down, the month; of `YY-MM-DD` the day.
    let year_month = head & 0xffff_ffff | head >> 8 & 0xffff << 32;
    let number = eight(year_month | tail & 0xffff << 48)?;
    Some((number / 10_000, number / 100 % 100, number % 100))
}

/// A date known to the day, the month or only the year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartialDate {
    year: u16,
    /// 0 when unknown.
    month: u8,
    /// 0 when unknown.
    day: u8,
}

impl PartialDate {
    /// A date of the given precision, if it exists. A day needs a month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let exists = exists(
            i32::from(year),
            u32::from(month.unwrap_or(1)),
            u32::from(day.unwrap_or(1)),
        );
        if !exists || (month.is_none() && day.is_some()) {
            return None;
        }
        Some(Self {
            year,
            month: month.unwrap_or(0),
            day: day.unwrap_or(0),
        })
    }

    /// The first day that it allows.
    pub fn earliest_day(self) -> Day {
        Day::from_civil(
            i32::from(self.year),
            u32::from(self.month.max(1)),
            u32::from(self.day.max(1)),
        )
        .expect("a partial date exists by construction")
    }

    /// The last day that it allows: that day, the month's last day, or 31 December (contract 2).
    pub fn latest_day(self) -> Day {
        let year = i32::from(self.year);
        let month = if self.month == 0 {
            12
        } else {
            u32::from(self.month)
        };
        let day = match self.day {
            0 => days_in_month(year, month).expect("months are 1 to 12 by construction"),
            day => u32::from(day),
        };
        Day::from_civil(year, month, day).expect("a partial date exists by construction")
    }

    /// Whether it is known to the day.
    pub fn is_whole(self) -> bool {
        self.day != 0
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12, where it is known.
    pub fn month(self) -> Option<u8> {
        (self.month != 0).then_some(self.month)
    }

    /// The day of the month, where it is known.
    pub fn day_of_month(self) -> Option<u8> {
        (self.day != 0).then_some(self.day)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month != 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day != 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for PartialDate {
    const KIND: Kind = Kind::PartialDate;
    const EXPECTED: &'static str = "expected a date YYYY-MM-DD, YYYY-MM or YYYY";
    const CODE: ErrorCode = ErrorCode::BadPartialDate;

    fn from_text(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        let year = |b: &[u8]| Some(digits(&b[..4])? as u16);
        match b.len() {
            4 => Self::new(year(b)?, None, None),
            7 if b[4] == b'-' => Self::new(year(b)?, Some(two(b[5], b[6])? as u8), None),
            _ => {
                let (year, month, day) = parse_civil(b.try_into().ok()?)?;
                Self::new(year as u16, Some(month as u8), Some(day as u8))
            }
        }
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }

    fn from_day(days: i32) -> Option<Self> {
        let (year, month, day) = Day::from_day(days)?.civil();
        Self::new(year as u16, Some(month as u8), Some(day as u8))
    }

    fn from_timestamp(nanos: i128, utc: bool) -> Option<Self> {
        Self::from_day(Day::from_timestamp(nanos, utc)?.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_day_of_the_calendar_agrees_with_jiff() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for number in (-719_162..=2_932_896).step_by(17) {
            let (year, month, day) = Day::from_number(number).civil();
            let theirs = jiff::civil::date(year as i16, month as i8, day as i8);
            let span = epoch.until(theirs).expect("both dates are in range");
            assert_eq!(span.get_days(), number);
            assert_eq!(
                Day::from_civil(year, month, day),
                Some(Day::from_number(number))
            );
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2025-02-29",
            "1900-02-29",
            "2025-13-01",
            "2025-00-10",
            "2025-04-31",
            "0000-01-01",
            "2025-1-01",
            "2025/01/01",
            "20250101",
            "2025-01-01T00:00",
        ] {
            assert_eq!(Day::from_text(text), None, "{text}");
        }
        assert!(Day::from_text("2000-02-29").is_some());
    }

    #[test]
    fn the_latest_day_follows_the_precision() {
        let latest = |text: &str| PartialDate::from_text(text).map(|d| d.latest_day().to_string());
        assert_eq!(latest("2024-02-10").as_deref(), Some("2024-02-10"));
        assert_eq!(latest("2024-02").as_deref(), Some("2024-02-29"));
        assert_eq!(latest("2023-02").as_deref(), Some("2023-02-28"));
        assert_eq!(latest("2024").as_deref(), Some("2024-12-31"));
        assert_eq!(latest("2024-13"), None);
        assert_eq!(latest("24"), None);
    }

    proptest! {
        #[test]
        fn a_partial_date_prints_as_it_was_read(text in "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?") {
            if let Some(date) = PartialDate::from_text(&text) {
                prop_assert_eq!(date.to_string(), text);
                prop_assert!(date.earliest_day() <= date.latest_day());
            }
        }

        #[test]
        fn no_text_makes_a_date_panic(text in ".{0,12}") {
            let _ = (Day::from_text(&text), PartialDate::from_text(&text));
        }
    }
}
