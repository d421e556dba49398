//! Spans of age, by full days or full years.
//!
//! In: a date of birth, which may be partial, and a day. Out: whether some birth day that it allows is
//! of an age within the span. Must hold: bounds are inclusive; one that is absent bounds nothing.

use crate::language::Language;
use crate::record::{Day, PartialDate};

/// Ages from a least to a greatest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgeSpan {
    /// Least age in full days.
    pub min_days: Option<u16>,
    /// Greatest age in full days.
    pub max_days: Option<u16>,
    /// Least age in full years.
    pub min_years: Option<u16>,
    /// Greatest age in full years.
    pub max_years: Option<u16>,
}

impl AgeSpan {
    /// Whether somebody of this date of birth may be of such an age on a day.
    pub fn allows(&self, birth: PartialDate, day: Day) -> bool {
        // The later the birth, the less a greatest age binds: so the last birth day that is old enough
        // decides.
        let mut last = birth.latest_day();
        if let Some(days) = self.min_days {
            last = last.min(day.plus(-i32::from(days)));
        }
        if let Some(years) = self.min_years {
            last = last.min(last_birth_day(day, i32::from(years)));
        }
        let days = day.number().saturating_sub(last.number());
        let is_young_enough = self.max_days.is_none_or(|most| days <= i32::from(most))
            && (self.max_years).is_none_or(|most| full_years(last, day) <= i32::from(most));
        last >= birth.earliest_day() && is_young_enough
    }
}

impl AgeSpan {
    /// The span in words, to stand behind a word for people.
    pub fn words(&self, language: Language) -> String {
        let told = |bound: Option<u16>, english: [&str; 2], vietnamese: [&str; 2]| {
            let [before, after] = match language {
                Language::English => english,
                Language::Vietnamese => vietnamese,
            };
            bound.map(|bound| format!("{before}{bound}\u{a0}{after}"))
        };
        let bounds = [
            told(
                self.min_days,
                ["of at least ", "days"],
                ["từ ", "ngày tuổi"],
            ),
            told(
                self.min_years,
                ["of at least ", "years"],
                ["từ đủ ", "tuổi"],
            ),
            told(
                self.max_days,
                ["of at most ", "days"],
                ["đến ", "ngày tuổi"],
            ),
            told(
                self.max_years,
                ["of at most ", "years"],
                ["đến hết ", "tuổi"],
            ),
        ];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        bounds.join(match language {
            Language::English => " and ",
            Language::Vietnamese => " ",
        })
    }
}

/// Birthdays from birth to a day, that of the birth not counted; whoever is born on 29 February has
/// theirs on 1 March where there is none.
fn full_years(birth: Day, day: Day) -> i32 {
    let ((born, month, of_month), (year, now, today)) = (birth.civil(), day.civil());
    year - born - i32::from((now, today) < (month, of_month))
}

/// The last birth day of those who are of so many full years on a day.
fn last_birth_day(day: Day, years: i32) -> Day {
    let (year, month, of_month) = day.civil();
    let born = |of_month| Day::from_civil(year - years, month, of_month);
    // On 29 February, also whoever was born on the 28th of a year without one.
    born(of_month)
        .or_else(|| born(of_month - 1))
        .unwrap_or(Day::from_number(i32::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;
    use proptest::prelude::*;

    fn partial(text: &str) -> PartialDate {
        PartialDate::from_text(text).expect("a partial date")
    }

    fn day(text: &str) -> Day {
        Day::from_text(text).expect("a day")
    }

    #[test]
    fn bounds_are_inclusive_in_days_and_in_years() {
        let newborn = AgeSpan {
            min_days: Some(0),
            max_days: Some(28),
            ..AgeSpan::default()
        };
        for (birth, is_allowed) in [
            ("2025-03-01", true),
            ("2025-02-01", true),
            ("2025-01-31", false),
            ("2025-03-02", false),
            ("2025-02", true),
            ("2025", true),
            ("2024", false),
        ] {
            assert_eq!(
                newborn.allows(partial(birth), day("2025-03-01")),
                is_allowed,
                "{birth}"
            );
        }
        let grown = AgeSpan {
            min_years: Some(16),
            max_years: Some(60),
            ..AgeSpan::default()
        };
        for (birth, is_allowed) in [
            ("2009-03-01", true),
            ("2009-03-02", false),
            ("2009", true),
            ("1964-03-02", true),
            ("1964-03-01", false),
            ("1964", true),
            ("1963", false),
        ] {
            assert_eq!(
                grown.allows(partial(birth), day("2025-03-01")),
                is_allowed,
                "{birth}"
            );
        }
    }

    #[test]
    fn a_span_is_told_in_both_languages() {
        let span = AgeSpan {
            min_years: Some(9),
            max_years: Some(60),
            ..AgeSpan::default()
        };
        assert_eq!(
            span.words(Language::English),
            "of at least 9\u{a0}years and of at most 60\u{a0}years"
        );
        assert_eq!(
            span.words(Language::Vietnamese),
            "từ đủ 9\u{a0}tuổi đến hết 60\u{a0}tuổi"
        );
    }

    proptest! {
        #[test]
        fn a_span_allows_a_date_when_it_allows_one_of_its_days(
            birth in 1998u16..2004, month in prop::option::of(1u8..=12), at in 0i32..4000,
            bounds in prop::array::uniform4(prop::option::of(0u16..1200)),
        ) {
            let birth = PartialDate::new(birth, month, None).expect("a month of a year");
            let at = Day::from_number(day("1998-01-01").number() + at);
            let [min_days, max_days, min_years, max_years] = bounds;
            let years = |bound: Option<u16>| bound.map(|days| days / 300);
            let span = AgeSpan { min_days, max_days, min_years: years(min_years), max_years: years(max_years) };
            let fits = |birth: i32| {
                let birth = Day::from_number(birth);
                let days = at.number() - birth.number();
                let ((y, m, d), (year, month, of_month)) = (birth.civil(), at.civil());
                let years = year - y - if (month, of_month) < (m, d) { 1 } else { 0 };
                span.min_days.is_none_or(|least| days >= i32::from(least))
                    && span.max_days.is_none_or(|most| days <= i32::from(most))
                    && span.min_years.is_none_or(|least| years >= i32::from(least))
                    && span.max_years.is_none_or(|most| years <= i32::from(most))
            };
            let mut days = birth.earliest_day().number()..=birth.latest_day().number();
            prop_assert_eq!(span.allows(birth, at), days.any(fits));
        }
    }
}
