//! What a personal id says, and which ids lie a slip away from it.
//!
//! Twelve digits: province of birth registration (3), sex and century of birth (1: even male, 0 for
//! 1900-1999, 2 for 2000-2099, ...), the last two digits of the year of birth (2), a serial (6)
//! (Decree 137/2015/ND-CP, article 13, and its successors).

use crate::record::{PartialDate, PersonalId, Sex};

/// Digits of a personal id.
const DIGITS: u32 = 12;

/// Whether the digit of sex says this sex; nothing is said of sex 3.
pub(super) fn says_sex(id: PersonalId, sex: Sex) -> bool {
    let female = id.number() / 100_000_000 % 2 == 1;
    match sex {
        Sex::MALE => !female,
        Sex::FEMALE => female,
        _ => false,
    }
}

/// Whether the digits of century and year say the year of this date.
pub(super) fn says_year(id: PersonalId, date: PartialDate) -> bool {
    let century = 1900 + id.number() / 200_000_000 % 5 * 100;
    let year = century + id.number() / 1_000_000 % 100;
    year == u64::from(date.year())
}

/// The ids that one mistyped digit, or two swapped ones beside each other, make of this one, in
/// order. 119 at most.
pub(super) fn neighbours(id: PersonalId) -> Vec<PersonalId> {
    let number = id.number();
    let places: Vec<u64> = (0..DIGITS).map(|place| 10u64.pow(place)).collect();
    let digit = |place: u64| number / place % 10;
    let mut found: Vec<u64> = Vec::with_capacity(120);
    for place in &places {
        let without = number - digit(*place) * place;
        found.extend((0..10).map(|other| without + other * place));
    }
    for pair in places.windows(2) {
        let (low, high) = (digit(pair[0]), digit(pair[1]));
        let without = number - low * pair[0] - high * pair[1];
        found.push(without + high * pair[0] + low * pair[1]);
    }
    found.sort_unstable();
    found.dedup();
    let others = found.into_iter().filter(|other| *other != number);
    others.filter_map(PersonalId::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    #[test]
    fn an_id_says_sex_and_year() {
        let id = |text| PersonalId::from_text(text).expect("an id");
        let date = |text| PartialDate::from_text(text).expect("a date");
        let (old, young) = (id("001180012345"), id("079203000001"));
        assert!(says_sex(old, Sex::FEMALE) && !says_sex(old, Sex::MALE));
        assert!(says_year(old, date("1980-02-03")) && !says_year(old, date("2080")));
        assert!(says_sex(young, Sex::MALE) && says_year(young, date("2003")));
        assert!(!says_year(young, date("1903")));
    }

    #[test]
    fn neighbours_are_a_slip_away() {
        let id = PersonalId::from_text("001180012345").expect("an id");
        let found = neighbours(id);
        assert!(found.is_sorted() && found.len() > 108 && found.len() <= 119);
        for near in [
            "001180012354",
            "001180012346",
            "901180012345",
            "010180012345",
        ] {
            let near = PersonalId::from_text(near).expect("an id");
            assert!(found.contains(&near));
            assert!(neighbours(near).contains(&id));
        }
        assert!(!found.contains(&id));
    }
}
