//! "Live": how long after something was true the fund knew it, and by which deadline.
//!
//! In: when a row became known, and the date or time that it tells of. Out: one of a few fixed classes of
//! delay, and the deadlines that were kept. Must hold: classes are in order and cover every delay, so
//! that counts of them add up over any parts; nothing here knows what time it is.

use crate::record::{Day, Instant, LocalTime};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// The longest delay of each class but the last, in seconds. The first class was known beforehand.
pub const BOUNDS: [i64; CLASSES - 1] = [
    0,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    45 * DAY,
    90 * DAY,
    180 * DAY,
    365 * DAY,
    5 * 365 * DAY,
];

/// Classes of delay.
pub const CLASSES: usize = 16;

/// The class of what was true at a local time and became known at an instant.
pub fn class(known: Instant, valid: LocalTime) -> usize {
    // Nanoseconds count, so that a second after a bound is beyond it.
    let delay = i128::from(known.local_nanos()) - i128::from(valid.minutes()) * 60_000_000_000;
    BOUNDS.partition_point(|bound| i128::from(*bound) * 1_000_000_000 < delay)
}

/// The bound of the class within which a share of the counts lies, in `percent`: none where there are no
/// counts, `Some(None)` where it lies beyond the last bound.
pub fn bound_at(counts: &[u64; CLASSES], percent: u64) -> Option<Option<i64>> {
    let all: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    // The nearest rank: at least one.
    let rank = (all * u128::from(percent)).div_ceil(100).max(1);
    let mut reached = 0;
    for (class, count) in counts.iter().enumerate() {
        reached += u128::from(*count);
        if reached >= rank {
            return Some(BOUNDS.get(class).copied());
        }
    }
    None
}

/// By when a claim has to be with the fund after the visit has ended.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// Its name.
    pub name: &'static str,
    /// What it asks for.
    pub of: &'static str,
    /// Who asks for it.
    pub basis: &'static str,
    is_kept: fn(Day, Day) -> bool,
}

/// The deadlines of claims.
///
/// Both are told by secondary sources, which were not held against the circulars. Sending "immediately
/// after the visit" (Circular 48/2017/TT-BYT Art. 6) has no figure in it: how soon claims come is what the
/// classes of delay tell.
pub const DEADLINES: [Deadline; 2] = [
    Deadline {
        name: "seven_working_days",
        of: "known by the end of the seventh working day after the discharge date; working days are \
             Monday to Friday, since public holidays are not known here",
        basis: "The portal's transmission times: seven working days to correct, authenticate and request payment",
        is_kept: |known, discharged| known <= plus_working_days(discharged, 7),
    },
    Deadline {
        name: "fifth_of_next_month",
        of: "known before the 5th of the month after that of the discharge date",
        basis: "The portal's transmission times: the end of a month is closed before the 5th",
        is_kept: |known, discharged| known < fifth_of_next_month(discharged),
    },
];

/// Which deadlines a claim kept, a bit each, the first one lowest.
pub fn kept(known: Instant, discharged_at: LocalTime) -> u32 {
    let (known, discharged) = (known.day(), discharged_at.day());
    let mut kept = 0;
    for (place, deadline) in DEADLINES.iter().enumerate() {
        kept |= u32::from((deadline.is_kept)(known, discharged)) << place;
    }
    kept
}

/// The `count`-th working day after a day, Monday to Friday.
fn plus_working_days(day: Day, count: i32) -> Day {
    // 1970-01-01 was a Thursday; Monday is 0.
    let weekday = (day.number() + 3).rem_euclid(7);
    // From a weekend, days are counted as from the Friday before it.
    let (weekday, day) = match weekday {
        0..5 => (weekday, day),
        _ => (4, day.plus(4 - weekday)),
    };
    let (weeks, days) = (count / 5, count % 5);
    let weekend = if weekday + days > 4 { 2 } else { 0 };
    day.plus(weeks * 7 + days + weekend)
}

/// The 5th of the month after that of a day; years end with 9999, after which there is no deadline.
fn fifth_of_next_month(day: Day) -> Day {
    let (year, month, _) = day.civil();
    let (year, month) = match month {
        12 => (year + 1, 1),
        _ => (year, month + 1),
    };
    Day::from_civil(year, month, 5).unwrap_or(Day::from_number(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::from_text(text).expect("a date")
    }

    #[test]
    fn classes_end_with_their_bounds() {
        let valid = LocalTime::from_text("2025-03-01T10:00").expect("a time");
        let at = |text: &str| class(Instant::from_text(text).expect("an instant"), valid);
        assert_eq!(at("2025-02-01T10:00:00+07:00"), 0);
        assert_eq!(at("2025-03-01T10:00:00+07:00"), 0);
        assert_eq!(at("2025-03-01T10:00:00.000000001+07:00"), 1);
        assert_eq!(at("2025-03-01T11:00:00+07:00"), 1);
        assert_eq!(at("2025-03-01T11:00:01+07:00"), 2);
        assert_eq!(at("2025-03-02T03:00:00Z"), 4);
        assert_eq!(at("2026-03-01T10:00:00+07:00"), 13);
        assert_eq!(at("2262-01-01T10:00:00+07:00"), 15);
        assert!(BOUNDS.is_sorted());
    }

    #[test]
    fn a_bound_is_that_of_the_nearest_rank() {
        let mut counts = [0; CLASSES];
        assert_eq!(bound_at(&counts, 50), None);
        counts[1] = 1;
        assert_eq!(bound_at(&counts, 0), Some(Some(HOUR)));
        assert_eq!(bound_at(&counts, 99), Some(Some(HOUR)));
        counts[15] = 1;
        assert_eq!(bound_at(&counts, 50), Some(Some(HOUR)));
        assert_eq!(bound_at(&counts, 51), Some(None));
        counts = [u64::MAX; CLASSES];
        assert_eq!(bound_at(&counts, 50), Some(Some(7 * DAY)));
    }

    #[test]
    fn deadlines_are_kept_on_their_last_day() {
        // A Friday, the last day of a month, and the last one of a year.
        let of = |known: &str, discharged: &str| -> Vec<bool> {
            let kept = |deadline: &Deadline| (deadline.is_kept)(day(known), day(discharged));
            DEADLINES.iter().map(kept).collect()
        };
        assert_eq!(of("2025-01-31", "2025-01-31"), [true, true]);
        assert_eq!(of("2025-02-04", "2025-01-31"), [true, true]);
        assert_eq!(of("2025-02-05", "2025-01-31"), [true, false]);
        assert_eq!(of("2025-02-11", "2025-01-31"), [true, false]);
        assert_eq!(of("2025-02-12", "2025-01-31"), [false, false]);
        assert_eq!(of("2026-01-04", "2025-12-01"), [false, true]);
        assert_eq!(of("2026-01-05", "2025-12-01"), [false, false]);
        assert_eq!(fifth_of_next_month(day("9999-12-31")).number(), i32::MAX);
    }

    proptest! {
        #[test]
        fn working_days_are_counted_one_by_one(start in -800_000i32..3_000_000, count in 1i32..30) {
            let start = Day::from_number(start);
            // A Monday that everybody knows: 2024-01-01.
            let monday = day("2024-01-01").number();
            let (mut day, mut left) = (start, count);
            while left > 0 {
                day = day.plus(1);
                left -= i32::from((day.number() - monday).rem_euclid(7) < 5);
            }
            prop_assert_eq!(plus_working_days(start, count), day);
        }
    }
}
