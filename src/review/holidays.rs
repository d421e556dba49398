//! Days on which nobody is expected to decide: Saturdays, Sundays, and public holidays.
//!
//! Public holidays are those of the Labour Code 45/2019/QH14, Article 112: 1 January; Tết, five days; 30 April; 1 May; 2 September and a
//! day beside it; the 10th of the third lunar month. Those of the lunar calendar, and the day beside 2 September, are listed by
//! year in `holidays.toml`, with their source; of a year that is not listed only the fixed ones are known, and what
//! is due falls earlier than it might.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::record::{Day, Value};

static TEXT: &str = include_str!("holidays.toml");
/// Days of the year, as month and day.
const FIXED: [&str; 4] = ["01-01", "04-30", "05-01", "09-02"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    days: Vec<String>,
}

/// The listed days; one that is no day is left out, which a test sees to.
fn listed() -> &'static BTreeSet<Day> {
    static DAYS: OnceLock<BTreeSet<Day>> = OnceLock::new();
    DAYS.get_or_init(|| read(TEXT).unwrap_or_default())
}

fn read(text: &str) -> Option<BTreeSet<Day>> {
    let listed: Listed = toml::from_str(text).ok()?;
    let days = listed.days.iter().map(|day| Day::from_text(day));
    days.collect()
}

/// Whether people work on a day.
pub fn is_working_day(day: Day) -> bool {
    let is_fixed = || FIXED.iter().any(|fixed| day.to_string().ends_with(fixed));
    // 1970-01-01 was a Thursday: Saturdays and Sundays are 2 and 3 days after one.
    let is_weekend = matches!(day.number().rem_euclid(7), 2 | 3);
    !is_weekend && !is_fixed() && !listed().contains(&day)
}

/// A holiday, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    /// The day.
    pub day: Day,
    /// Whether it is of the year's list; else it falls on the same day each year.
    pub is_listed: bool,
}

/// The holidays of a year that the due days of alerts leave out, the first first, those on a weekend among them.
pub fn holidays_of(year: i32) -> Vec<Holiday> {
    let of_year = |text: &str| Day::from_text(&format!("{year:04}-{text}"));
    let fixed = FIXED.iter().filter_map(|day| of_year(day));
    let fixed = fixed.map(|day| Holiday {
        day,
        is_listed: false,
    });
    let own = listed().iter().filter(|day| day.civil().0 == year);
    let own = own.map(|day| Holiday {
        day: *day,
        is_listed: true,
    });
    let mut all: Vec<Holiday> = fixed.chain(own).collect();
    all.sort_unstable();
    all.dedup_by_key(|holiday| holiday.day);
    all
}

/// Whether the holidays of a year that fall on other days each year are listed. Where they are not, what is due in it falls
/// earlier than it might.
pub fn has_holidays_of(year: i32) -> bool {
    listed().iter().any(|day| day.civil().0 == year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_of_days() {
        let days = read(TEXT).expect("every line is a day");
        assert!(days.len() > 10);
    }

    #[test]
    fn holidays_of_a_year_are_the_fixed_ones_and_the_listed_ones() {
        assert!(has_holidays_of(2026) && !has_holidays_of(2031));
        let days = |year| -> Vec<String> {
            let all = holidays_of(year).into_iter();
            all.map(|holiday| holiday.day.to_string()).collect()
        };
        assert_eq!(
            days(2031),
            ["2031-01-01", "2031-04-30", "2031-05-01", "2031-09-02"]
        );
        let own = days(2026);
        assert!(own.contains(&"2026-02-17".to_owned()) && own.contains(&"2026-05-01".to_owned()));
        // Nobody works on any of them, and on every weekday that is none of them.
        let year = (1..=365).map(|n| Day::from_civil(2025, 12, 31).expect("a day").plus(n));
        for day in year {
            let is_weekend = matches!(day.number().rem_euclid(7), 2 | 3);
            let is_own = own.contains(&day.to_string());
            assert_eq!(is_working_day(day), !is_weekend && !is_own, "{day}");
        }
    }

    #[test]
    fn weekends_and_holidays_are_free() {
        let works = |text: &str| is_working_day(Day::from_text(text).expect("a day"));
        assert!(works("2026-11-27"), "a Friday");
        assert!(!works("2026-11-28"), "a Saturday");
        assert!(!works("2026-11-29"), "a Sunday");
        assert!(works("2026-11-30"));
        assert!(!works("2026-02-17"), "Tết");
        assert!(!works("2026-09-02"));
        assert!(!works("2031-05-01"), "also of a year that is not listed");
    }
}
