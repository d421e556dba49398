//! How urgent an alert is, in four bands, and by when somebody should have decided.
//!
//! Bands cut the priority of an alert ([`crate::rule::priority`]), which is the likelihood of misuse in
//! ten-thousandths times the doublings of the amount: some 20 for what a visit costs as a rule.

use std::time::Duration;

use crate::language::Language;
use crate::record::Day;

use super::holidays::is_working_day;

/// Where the fund is, in milliseconds ahead of UTC.
const UTC_7: i64 = 7 * 3_600_000;

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Misuse is more likely than not.
    P1,
    /// Misuse is likelier than among verified visits after a death (4 %), twice over or more.
    P2,
    /// About as likely as among those.
    P3,
    /// Less likely.
    P4,
}

impl Band {
    /// Every band, the most urgent first.
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];

    /// The band of a priority.
    pub fn of_priority(priority: u32) -> Self {
        Self::ALL[..3]
            .iter()
            .copied()
            .find(|band| priority >= band.least_priority())
            .unwrap_or(Self::P4)
    }

    /// The lowest priority in it: likelihoods of 50, 8 and 4 percent, for what a visit costs.
    pub fn least_priority(self) -> u32 {
        match self {
            Self::P1 => 100_000,
            Self::P2 => 16_000,
            Self::P3 => 8_000,
            Self::P4 => 0,
        }
    }

    /// Working days within which somebody should have decided.
    pub fn working_days(self) -> u32 {
        match self {
            Self::P1 => 1,
            Self::P2 => 3,
            Self::P3 => 10,
            Self::P4 => 30,
        }
    }

    /// The day by whose end somebody should have decided on what came on this day.
    pub fn due(self, came: Day) -> Day {
        later(came, self.working_days())
    }

    /// The word in stores, addresses and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P1 => "p1",
            Self::P2 => "p2",
            Self::P3 => "p3",
            Self::P4 => "p4",
        }
    }

    /// The band with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.as_str() == name)
    }

    /// What people read.
    pub fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::P1, Language::English) => "P1 urgent",
            (Self::P1, Language::Vietnamese) => "P1 khẩn",
            (Self::P2, Language::English) => "P2 high",
            (Self::P2, Language::Vietnamese) => "P2 cao",
            (Self::P3, Language::English) => "P3 usual",
            (Self::P3, Language::Vietnamese) => "P3 thường",
            (Self::P4, Language::English) => "P4 low",
            (Self::P4, Language::Vietnamese) => "P4 thấp",
        }
    }
}

/// So many working days after a day.
pub(super) fn later(mut day: Day, mut working_days: u32) -> Day {
    while working_days > 0 {
        day = day.plus(1);
        working_days -= u32::from(is_working_day(day));
    }
    day
}

/// A day, later by as many working days as there are after `from` up to `to`.
pub(super) fn working_days_after(day: Day, from: Day, to: Day) -> Day {
    let days = (from.number() + 1..=to.number()).map(Day::from_number);
    let working = days.filter(|day| is_working_day(*day)).count();
    later(day, u32::try_from(working).unwrap_or(u32::MAX))
}

/// The time between two times in milliseconds since 1970 that is on working days, each from midnight to midnight where the
/// fund is.
pub fn working_time(from: i64, to: i64) -> Duration {
    const DAY: i64 = 86_400_000;
    let day = |millis: i64| (millis + UTC_7).div_euclid(DAY);
    let days = (day(from)..=day(to)).filter(|number| {
        // Beyond what a day can be nobody works.
        i32::try_from(*number).is_ok_and(|number| is_working_day(Day::from_number(number)))
    });
    let on = days.map(|number| {
        let (begins, ends) = (number * DAY - UTC_7, (number + 1) * DAY - UTC_7);
        (ends.min(to) - begins.max(from)).max(0)
    });
    Duration::from_millis(u64::try_from(on.sum::<i64>()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        crate::record::Value::from_text(text).expect("a day")
    }

    #[test]
    fn bands_cut_the_priority_from_above() {
        for (priority, band) in [
            (u32::MAX, Band::P1),
            (100_000, Band::P1),
            (99_999, Band::P2),
            (16_000, Band::P2),
            (8_000, Band::P3),
            (7_999, Band::P4),
            (0, Band::P4),
        ] {
            assert_eq!(Band::of_priority(priority), band);
        }
        for band in Band::ALL {
            assert_eq!(Band::from_name(band.as_str()), Some(band));
        }
    }

    #[test]
    fn time_on_working_days_is_what_is_left_without_the_others() {
        let at = |text: &str| {
            let at: crate::record::Instant = crate::record::Value::from_text(text).expect("a time");
            at.nanos() / 1_000_000
        };
        let hours = |from: &str, to: &str| working_time(at(from), at(to)).as_secs_f64() / 3600.0;
        // From a Friday's morning to a Monday's.
        let monday = "2026-11-30T09:00:00+07:00";
        assert_eq!(hours("2026-11-27T09:00:00+07:00", monday), 24.0);
        assert_eq!(
            hours("2026-11-28T01:00:00+07:00", "2026-11-29T20:00:00+07:00"),
            0.0
        );
        assert_eq!(hours(monday, "2026-11-30T09:30:00+07:00"), 0.5);
        assert_eq!(hours(monday, "2026-11-27T09:00:00+07:00"), 0.0);
        // Hour by hour it is the same.
        let (from, hour) = (at("2026-02-10T05:00:00+07:00"), 3_600_000);
        let mut worked = 0;
        for n in 0..24 * 20 {
            let begins = from + n * hour;
            let day = crate::record::Instant::from_millis(begins)
                .expect("a time")
                .day();
            worked += u64::from(is_working_day(day));
            assert_eq!(working_time(from, begins + hour).as_secs(), worked * 3600);
        }
    }

    #[test]
    fn days_without_work_are_not_counted() {
        // A Friday, then a Monday.
        assert_eq!(Band::P1.due(day("2026-11-27")), day("2026-11-30"));
        // Before the days of Tết.
        assert_eq!(Band::P1.due(day("2026-02-13")), day("2026-02-23"));
        assert_eq!(Band::P2.due(day("2026-11-30")), day("2026-12-03"));
        let friday = day("2026-11-27");
        // Monday and Tuesday were waited for.
        let later = working_days_after(day("2026-12-01"), friday, day("2026-12-01"));
        assert_eq!(later, day("2026-12-03"));
        assert_eq!(working_days_after(friday, friday, friday), friday);
        for band in Band::ALL {
            assert!(band.due(day("2025-01-01")) > day("2025-01-01"));
        }
    }
}
