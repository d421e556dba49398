//! Clock time of deliveries, and how long things take.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::record::Instant;

/// Milliseconds since 1970-01-01T00:00Z by some clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// Later by so much.
    pub fn plus(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// How long after another it is; nothing where it is before it.
    pub fn since(self, other: Self) -> Duration {
        let millis = self.0.saturating_sub(other.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }

    /// Whole seconds since 1970-01-01T00:00Z.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// Local time (UTC+7), to the second.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = Instant::from_millis(self.seconds().saturating_mul(1000));
        instant.unwrap_or(Instant::MAX).fmt(f)
    }
}

/// Tells the time. Decisions take it as an argument, so that tests need not wait.
pub trait Clock: Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The clock of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        // A clock before 1970 is as good as one that stands at it: everything is due then.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Moment(0).plus(since.unwrap_or_default())
    }
}

/// A length of time as it is configured: `500ms`, `10s`, `5m`, `2h` or `1d`, and not nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// What is expected of one.
    pub const EXPECTED: &'static str = "expected a length of time such as 500ms, 10s, 5m, 2h or 1d";
}

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let (number, unit) = text.split_at(text.len() - digits.len());
        let unit: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(Self::EXPECTED),
        };
        let millis = number.parse().ok().and_then(|n: u64| n.checked_mul(unit));
        // Longer than ten thousand days is a slip.
        let known = millis.filter(|millis| (1..=864_000_000_000).contains(millis));
        let millis = known.ok_or(Self::EXPECTED)?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_others_refused() {
        let millis = |text: &str| text.parse::<Span>().map(|span| span.0.as_millis());
        assert_eq!(millis("500ms"), Ok(500));
        assert_eq!(millis("10s"), Ok(10_000));
        assert_eq!(millis("5m"), Ok(300_000));
        assert_eq!(millis("2h"), Ok(7_200_000));
        assert_eq!(millis("1d"), Ok(86_400_000));
        for wrong in [
            "",
            "s",
            "10",
            "0s",
            "-1s",
            "1.5s",
            "1 s",
            "99999999999999999999s",
            "10001d",
        ] {
            assert!(millis(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_are_told_in_local_time() {
        assert_eq!(
            Moment(1_764_176_400_250).to_string(),
            "2025-11-27T00:00:00+07:00"
        );
        assert_eq!(Moment(5).since(Moment(9)), Duration::ZERO);
        assert_eq!(Moment(i64::MAX).plus(Duration::MAX), Moment(i64::MAX));
        let _ = Moment(i64::MIN).to_string();
    }
}
