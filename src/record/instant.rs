//! Knowledge time: the instant at which the fund learned a row.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value, write_displayed};
use super::date::{Day, parse_day};
use super::digits::{digits, two};
use super::error::ErrorCode;

/// Nanoseconds by which local time (UTC+7) is ahead of UTC.
pub(super) const OFFSET_NANOS: i128 = 7 * 3_600_000_000_000;
const OFFSET: i64 = OFFSET_NANOS as i64;
const SECOND: i64 = 1_000_000_000;

/// An instant: nanoseconds since 1970-01-01T00:00Z, from 1677 to 2262.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(i64);

impl Instant {
    /// The last instant that can be told.
    pub const MAX: Self = Self(i64::MAX - OFFSET);

    /// The instant with this number of nanoseconds since 1970-01-01T00:00Z.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970-01-01T00:00Z.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// A second of a local day.
    pub fn on(day: Day, second_of_day: u32) -> Option<Self> {
        let seconds = i64::from(day.number()) * 86_400 + i64::from(second_of_day);
        seconds.checked_mul(SECOND)?.checked_sub(OFFSET).map(Self)
    }

    /// The last instant of a local day.
    pub fn end_of(day: Day) -> Option<Self> {
        Self::on(day, 86_400).map(|next| Self(next.0 - 1))
    }

    /// Milliseconds since 1970-01-01T00:00Z, as change-data-capture envelopes carry them.
    pub fn from_millis(millis: i64) -> Option<Self> {
        millis
            .checked_mul(1_000_000)
            .map(Self)
            .filter(|t| *t <= Self::MAX)
    }

    /// Nanoseconds since 1970-01-01T00:00 in UTC+7.
    pub fn local_nanos(self) -> i64 {
        self.0.saturating_add(OFFSET)
    }

    /// The local (UTC+7) day.
    pub fn day(self) -> Day {
        Day::from_number(self.local_nanos().div_euclid(86_400 * SECOND) as i32)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_day = self.local_nanos().rem_euclid(86_400 * SECOND);
        let second = in_day / SECOND;
        write!(
            f,
            "{}T{:02}:{:02}:{:02}",
            self.day(),
            second / 3600,
            second / 60 % 60,
            second % 60
        )?;
        let fraction = in_day % SECOND;
        if fraction != 0 {
            let digits = format!("{fraction:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("+07:00")
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for Instant {
    const KIND: Kind = Kind::Text;
    const EXPECTED: &'static str = "expected an RFC 3339 time such as 2025-03-01T08:30:00+07:00";
    const CODE: ErrorCode = ErrorCode::BadRecordedAt;

    fn from_text(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        if b.len() < 20 || !matches!(b[10], b'T' | b't' | b' ') || b[13] != b':' || b[16] != b':' {
            return None;
        }
        let day = parse_day(b[..10].try_into().ok()?)?;
        let (hour, minute, second) = (two(b[11], b[12])?, two(b[14], b[15])?, two(b[17], b[18])?);
        // RFC 3339 allows second 60, a leap second: it is the instant after :59.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut rest = &b[19..];
        let mut nanos = 0i64;
        if let [b'.', fraction @ ..] = rest {
            let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            let kept = length.min(9);
            nanos = i64::from(digits(&fraction[..kept])?) * 10i64.pow(9 - kept as u32);
            rest = &fraction[length..];
        }
        let offset_minutes = match rest {
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let minutes = i64::from(hours * 60 + minutes);
                if *sign == b'-' { -minutes } else { minutes }
            }
            _ => return None,
        };
        let seconds = i64::from(day.number()) * 86_400
            + i64::from(hour * 3600 + minute * 60 + second)
            - offset_minutes * 60;
        let instant = Self(seconds.checked_mul(SECOND)?.checked_add(nanos)?);
        (instant <= Self::MAX).then_some(instant)
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }

    fn from_number(_text: &str) -> Option<Self> {
        None
    }

    fn from_timestamp(nanos: i128, utc: bool) -> Option<Self> {
        let instant = Self(i64::try_from(if utc { nanos } else { nanos - OFFSET_NANOS }).ok()?);
        (instant <= Self::MAX).then_some(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_and_fractions_are_honoured() {
        let read = |t: &str| Instant::from_text(t).map(|i| i.to_string());
        assert_eq!(
            read("2025-01-01T00:00:00+07:00").as_deref(),
            Some("2025-01-01T00:00:00+07:00")
        );
        assert_eq!(
            read("2024-12-31T17:00:00Z").as_deref(),
            Some("2025-01-01T00:00:00+07:00")
        );
        assert_eq!(
            read("2025-01-01T00:00:00.1200+07:00").as_deref(),
            Some("2025-01-01T00:00:00.12+07:00")
        );
        assert_eq!(
            read("1950-01-01T08:00:00+07:00").as_deref(),
            Some("1950-01-01T08:00:00+07:00")
        );
        for bad in [
            "2025-01-01",
            "2025-01-01T00:00:00",
            "2025-01-01T00:00+07:00",
            "2025-01-01T25:00:00Z",
            "2025-01-01T00:00:00.Z",
            "2025-01-01T00:00:00+0700",
            "9999-01-01T00:00:00Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bare_date_ends_at_its_last_nanosecond() {
        let day = Day::from_text("2025-06-30").expect("a date");
        let end = Instant::end_of(day).expect("in range");
        assert_eq!(end.day(), day);
        assert_eq!(Instant::from_nanos(end.nanos() + 1).day(), day.plus(1));
    }

    proptest! {
        #[test]
        fn instants_agree_with_jiff(seconds in -9_000_000_000i64..9_000_000_000, nanos in 0i64..1_000_000_000) {
            let instant = Instant::from_nanos(seconds * SECOND + nanos);
            let theirs: jiff::Timestamp = instant.to_string().parse().expect("RFC 3339");
            prop_assert_eq!(theirs.as_nanosecond(), i128::from(instant.nanos()));
            prop_assert_eq!(Instant::from_text(&theirs.to_string()), Some(instant));
        }

        #[test]
        fn no_text_makes_an_instant_panic(text in ".{0,40}") {
            let _ = Instant::from_text(&text);
        }
    }
}
