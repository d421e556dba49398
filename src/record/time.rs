//! Local clock times of visits, to the minute (UTC+7).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value, write_displayed};
use super::date::{Day, parse_day};
use super::digits::two;
use super::error::ErrorCode;

/// A local time: minutes since 1970-01-01T00:00 in UTC+7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalTime(i64);

impl LocalTime {
    /// The time with this number of minutes since 1970-01-01T00:00 local.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes)
    }

    /// The start of a day plus some minutes.
    pub fn on(day: Day, minute_of_day: u32) -> Self {
        Self(i64::from(day.number()) * 1440 + i64::from(minute_of_day))
    }

    /// Minutes since 1970-01-01T00:00 local.
    pub const fn minutes(self) -> i64 {
        self.0
    }

    /// The local calendar day.
    pub fn day(self) -> Day {
        Day::from_number(self.0.div_euclid(1440) as i32)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minute = self.0.rem_euclid(1440);
        write!(f, "{}T{:02}:{:02}", self.day(), minute / 60, minute % 60)
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for LocalTime {
    const KIND: Kind = Kind::LocalTime;
    const EXPECTED: &'static str = "expected a local time YYYY-MM-DDTHH:MM";
    const CODE: ErrorCode = ErrorCode::BadTime;

    fn from_text(text: &str) -> Option<Self> {
        let b: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let day = parse_day(b[..10].try_into().ok()?)?;
        let (hour, minute) = (two(b[11], b[12])?, two(b[14], b[15])?);
        (b[10] == b'T' && b[13] == b':' && hour < 24 && minute < 60)
            .then(|| Self::on(day, hour * 60 + minute))
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }

    fn from_timestamp(nanos: i128, utc: bool) -> Option<Self> {
        let local = if utc {
            nanos + super::instant::OFFSET_NANOS
        } else {
            nanos
        };
        Day::from_timestamp(nanos, utc)?;
        Some(Self(i64::try_from(local.div_euclid(60_000_000_000)).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_and_prints() {
        for text in [
            "2025-03-01T00:00",
            "1969-12-31T23:59",
            "0001-01-01T00:00",
            "9999-12-31T23:59",
        ] {
            assert_eq!(
                LocalTime::from_text(text).map(|t| t.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in [
            "2025-03-01T24:00",
            "2025-03-01T10:60",
            "2025-03-01 10:00",
            "2025-03-01",
            "2025-03-01T10:00:00",
            "2025-02-30T10:00",
        ] {
            assert_eq!(LocalTime::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn a_utc_timestamp_is_seven_hours_behind() {
        let nanos = 20_000i128 * 86_400_000_000_000 + 18 * 3_600_000_000_000;
        assert_eq!(
            LocalTime::from_timestamp(nanos, false)
                .map(|t| t.to_string())
                .as_deref(),
            Some("2024-10-04T18:00")
        );
        assert_eq!(
            LocalTime::from_timestamp(nanos, true)
                .map(|t| t.to_string())
                .as_deref(),
            Some("2024-10-05T01:00")
        );
    }
}
