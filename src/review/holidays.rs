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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_of_days() {
        let days = read(TEXT).expect("every line is a day");
        assert!(days.len() > 10);
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
