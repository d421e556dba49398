//! When the next self-replay is due.
//!
//! In: a time of the day, and now. Out: the next time. Must hold: it is later than now, and no day is left out. Vietnam
//! has one time all year, so that every day has every time once.

use std::fmt;
use std::str::FromStr;

use crate::record::{Day, Instant};

const SECONDS_A_DAY: u32 = 86_400;

/// A time of the day in UTC+7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalClock {
    second: u32,
}

impl FromStr for LocalClock {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str, below: u32| {
            let is_plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            let number = part.parse::<u32>().ok().filter(|number| *number < below);
            number.filter(|_| is_plain)
        };
        let of = |hour, minute, second| {
            Some(number(hour, 24)? * 3600 + number(minute, 60)? * 60 + number(second, 60)?)
        };
        let parts: Vec<&str> = text.split(':').collect();
        let second = match parts[..] {
            [hour, minute] => of(hour, minute, "00"),
            [hour, minute, second] => of(hour, minute, second),
            _ => None,
        };
        let expected = "expected a time of the day such as 01:30";
        second.map(|second| Self { second }).ok_or(expected)
    }
}

impl fmt::Display for LocalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute) = (self.second / 3600, self.second / 60 % 60);
        write!(f, "{hour:02}:{minute:02}")?;
        match self.second % 60 {
            0 => Ok(()),
            second => write!(f, ":{second:02}"),
        }
    }
}

/// The next time after `now` at which it is `at`.
pub fn next_run(now: Instant, at: LocalClock) -> Instant {
    let on = |day: Day| Instant::on(day, at.second.min(SECONDS_A_DAY - 1)).unwrap_or(Instant::MAX);
    let today = on(now.day());
    match today > now {
        true => today,
        false => on(now.day().plus(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    fn at(text: &str) -> Instant {
        Instant::from_text(text).expect("a time")
    }

    #[test]
    fn the_next_time_is_later_today_or_tomorrow() {
        let half_past_one = "01:30".parse().expect("a time");
        for (now, next) in [
            ("2026-03-01T00:00:00+07:00", "2026-03-01T01:30:00+07:00"),
            (
                "2026-03-01T01:29:59.999999999+07:00",
                "2026-03-01T01:30:00+07:00",
            ),
            ("2026-03-01T01:30:00+07:00", "2026-03-02T01:30:00+07:00"),
            ("2026-12-31T23:59:59+07:00", "2027-01-01T01:30:00+07:00"),
            ("2028-02-28T12:00:00+07:00", "2028-02-29T01:30:00+07:00"),
            // A day begins in Vietnam while it is still the day before in UTC.
            ("2026-03-01T18:29:00Z", "2026-03-02T01:30:00+07:00"),
            ("2026-03-01T18:31:00Z", "2026-03-03T01:30:00+07:00"),
        ] {
            assert_eq!(next_run(at(now), half_past_one), at(next), "{now}");
        }
    }

    #[test]
    fn every_day_of_a_year_has_one() {
        for time in ["00:00", "01:30", "23:59:59"] {
            let time = time.parse().expect("a time");
            let mut now = at("2026-01-01T23:59:59+07:00");
            for _ in 0..800 {
                let next = next_run(now, time);
                let passed = next.nanos() - now.nanos();
                assert!(passed > 0 && passed <= 86_400_000_000_000);
                assert_eq!(next.day(), now.day().plus(1));
                now = next;
            }
        }
    }

    #[test]
    fn times_are_written_and_read() {
        for text in ["00:00", "01:30", "23:59", "01:30:05"] {
            let time: LocalClock = text.parse().expect("a time");
            assert_eq!(time.to_string(), text);
        }
        for wrong in [
            "",
            "1:30",
            "24:00",
            "01:60",
            "01",
            "01:30:60",
            "01:30:00:00",
            "+1:30",
        ] {
            assert!(wrong.parse::<LocalClock>().is_err(), "{wrong}");
        }
    }
}
