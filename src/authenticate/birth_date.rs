//! How two birth dates compare, and what slip may lie between them.
//!
//! In: two partial dates. Out: a [`BirthAgreement`]. Must hold: it is the same the other way round.

use serde::{Deserialize, Serialize};

use crate::edits::edits;
use crate::record::PartialDate;

/// How two birth dates compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BirthAgreement {
    /// The same text.
    Equal,
    /// One is partial, and allows the other.
    Partial,
    /// Day and month are swapped.
    Swapped,
    /// Two dates.
    Different(DateSlip),
}

/// What may lie between two birth dates that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSlip {
    /// Two digits beside each other are swapped.
    TransposedDigits,
    /// One digit is another.
    MistypedDigit,
    /// In the same year, one is its first day, or the first of the same month: what software puts where
    /// the day is not known.
    DefaultDay,
    /// Nothing that a clerk or a program does.
    Unexplained,
}

/// Compares two birth dates.
pub fn compare(a: PartialDate, b: PartialDate) -> BirthAgreement {
    if a == b {
        return BirthAgreement::Equal;
    }
    if allows(a, b) || allows(b, a) {
        return BirthAgreement::Partial;
    }
    let is_swapped = a.year() == b.year()
        && a.is_whole()
        && b.is_whole()
        && a.month() == b.day_of_month()
        && a.day_of_month() == b.month();
    if is_swapped {
        BirthAgreement::Swapped
    } else {
        BirthAgreement::Different(slip(a, b))
    }
}

/// Whether a date is partial and allows another, which is known more precisely.
pub(super) fn allows(partial: PartialDate, other: PartialDate) -> bool {
    let month = partial.month().is_none() || partial.month() == other.month();
    !partial.is_whole() && partial.year() == other.year() && month && partial != other
}

/// Whether a date is 1 January, by far the commonest that is put where the day is not known.
pub(super) fn is_new_year(date: PartialDate) -> bool {
    date.month() == Some(1) && is_default(date)
}

/// Whether a date is one that software puts where the day is not known.
pub(super) fn is_default(date: PartialDate) -> bool {
    date.day_of_month() == Some(1)
}

fn slip(a: PartialDate, b: PartialDate) -> DateSlip {
    let digits = |date: PartialDate| -> Vec<char> {
        let text = date.to_string();
        text.chars().filter(char::is_ascii_digit).collect()
    };
    let (digits_a, digits_b) = (digits(a), digits(b));
    let default_of = |default: PartialDate, other: PartialDate| {
        is_default(default)
            && default.year() == other.year()
            && (default.month() == Some(1) || default.month() == other.month())
    };
    // Before the digits: 1 January is one digit from nine other days, and a default much more often.
    if a.is_whole() && b.is_whole() && default_of(a, b) != default_of(b, a) {
        return DateSlip::DefaultDay;
    }
    if digits_a.len() != digits_b.len() {
        return DateSlip::Unexplained;
    }
    let other = digits_a.iter().zip(&digits_b).filter(|(a, b)| a != b);
    match (other.count(), edits(&digits_a, &digits_b, 1)) {
        (1, _) => DateSlip::MistypedDigit,
        (2, Some(1)) => DateSlip::TransposedDigits,
        _ => DateSlip::Unexplained,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Value;

    #[test]
    fn dates_are_compared_as_the_contract_says() {
        use BirthAgreement::{Different, Equal, Partial, Swapped};
        use DateSlip::{DefaultDay, MistypedDigit, TransposedDigits, Unexplained};
        for (a, b, expected) in [
            ("1980-05-17", "1980-05-17", Equal),
            ("1980", "1980", Equal),
            ("1980", "1980-05-17", Partial),
            ("1980-05", "1980-05-17", Partial),
            ("1980", "1980-05", Partial),
            ("1980-05-04", "1980-04-05", Swapped),
            ("1980-05", "1980-06-17", Different(Unexplained)),
            ("1980", "1981-05-17", Different(Unexplained)),
            ("1980", "1981", Different(MistypedDigit)),
            ("1980", "1908", Different(TransposedDigits)),
            ("1980-05-17", "1980-05-18", Different(MistypedDigit)),
            ("1980-05-12", "1980-05-21", Different(TransposedDigits)),
            ("1985-05-17", "1958-05-17", Different(TransposedDigits)),
            ("1980-01-01", "1980-05-17", Different(DefaultDay)),
            ("1980-05-01", "1980-05-17", Different(DefaultDay)),
            ("1980-05-17", "1981-05-18", Different(Unexplained)),
            ("1980-05-17", "1993-11-02", Different(Unexplained)),
        ] {
            let read = |text| PartialDate::from_text(text).expect("a date");
            assert_eq!(compare(read(a), read(b)), expected, "{a} {b}");
            assert_eq!(compare(read(b), read(a)), expected, "{b} {a}");
        }
    }

    proptest! {
        #[test]
        fn a_comparison_is_the_same_the_other_way_round(
            a in "(19[0-9]{2}|20[0-2][0-9])(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?",
            b in "(19[0-9]{2}|20[0-2][0-9])(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?",
        ) {
            let a = PartialDate::from_text(&a).expect("a date");
            let b = PartialDate::from_text(&b).expect("a date");
            prop_assert_eq!(compare(a, b), compare(b, a));
            prop_assert_eq!(compare(a, b) == BirthAgreement::Equal, a == b);
        }
    }
}
