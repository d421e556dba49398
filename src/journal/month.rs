//! Calendar months in Vietnam's time, in which keys are made and destroyed.

use std::fmt;
use std::str::FromStr;

const NANOSECONDS_A_SECOND: i64 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;
/// Vietnam is seven hours ahead of UTC, all year.
const AHEAD_SECONDS: i64 = 7 * 3600;

/// A calendar month in UTC+7; written `2026-03`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u32);

impl Month {
    /// The month of a time, in nanoseconds since 1970-01-01T00:00Z.
    pub fn of(at: i64) -> Self {
        let (year, month, _) = date(days(at));
        let months = year * 12 + i64::from(month) - 1;
        Self(u32::try_from(months).expect("64 bits of nanoseconds reach from 1677 to 2262"))
    }

    /// The month after it.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The months since year 0, as they are stored.
    pub(super) fn number(self) -> u32 {
        self.0
    }

    /// The month of a stored number, if it is one.
    pub(super) fn from_number(number: u32) -> Option<Self> {
        (number < 10_000 * 12).then_some(Self(number))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no month.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a month is written like 2026-03")]
pub struct NoMonth;

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let number = |digits: &str| {
            let all = digits.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| digits.parse::<u32>().ok())
                .flatten()
                .ok_or(NoMonth)
        };
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        match (year.len(), month.len(), number(month)?) {
            (4, 2, month @ 1..=12) => Ok(Self(number(year)? * 12 + month - 1)),
            _ => Err(NoMonth),
        }
    }
}

/// A time as people write it, in UTC+7 and to the second.
pub(super) fn clock_text(at: i64) -> String {
    let (year, month, day) = date(days(at));
    let seconds = at.div_euclid(NANOSECONDS_A_SECOND) + AHEAD_SECONDS;
    let second = seconds.rem_euclid(SECONDS_A_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00")
}

/// Days since 1970-01-01 in UTC+7.
fn days(at: i64) -> i64 {
    (at.div_euclid(NANOSECONDS_A_SECOND) + AHEAD_SECONDS).div_euclid(SECONDS_A_DAY)
}

/// The date of a day, counted from 1970-01-01, in the Gregorian calendar: years of 400-year cycles that
/// begin in March, so that the leap day is a cycle's last.
fn date(days: i64) -> (i64, u32, u32) {
    let from_march_0 = days + 719_468;
    let cycle = from_march_0.div_euclid(146_097);
    let day = from_march_0.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let day = day - (153 * shifted + 2) / 5 + 1;
    let year = cycle * 400 + year + i64::from(month <= 2);
    (year, month as u32, day as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_vietnam() {
        // 2026-02-28T17:00Z is 2026-03-01T00:00+07:00.
        let midnight = 1_772_298_000 * NANOSECONDS_A_SECOND;
        assert_eq!(Month::of(midnight).to_string(), "2026-03");
        assert_eq!(Month::of(midnight - 1).to_string(), "2026-02");
        assert_eq!(clock_text(midnight), "2026-03-01T00:00:00+07:00");
        assert_eq!(clock_text(midnight - 1), "2026-02-28T23:59:59+07:00");
        assert_eq!(Month::of(0).to_string(), "1970-01");
        assert_eq!(Month::of(i64::MIN).to_string(), "1677-09");
        assert_eq!(Month::of(i64::MAX).to_string(), "2262-04");
    }

    #[test]
    fn days_follow_each_other_through_leap_years() {
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = |year, month| match month {
            2 => 28 + u32::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let mut known = (1970, 1, 1);
        for day in 0..120_000 {
            assert_eq!(date(day), known);
            let (year, month, of_month) = known;
            known = if of_month < length(year, month) {
                (year, month, of_month + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
    }

    #[test]
    fn a_month_reads_back() {
        for text in ["0000-01", "1999-12", "2026-03", "9999-12"] {
            let month: Month = text.parse().expect("a month");
            assert_eq!(month.to_string(), text);
            assert_eq!(Month::from_number(month.number()), Some(month));
        }
        for text in [
            "2026-13",
            "2026-00",
            "2026-3",
            "26-03",
            "+026-03",
            "2026",
            "2026-03-01",
        ] {
            assert_eq!(text.parse::<Month>(), Err(NoMonth), "{text}");
        }
        assert_eq!(Month::from_number(120_000), None);
    }
}
