//! Identifiers of people, cards and facilities, packed into integers.
//!
//! `Display` prints one in full, for outputs that may carry it; [`Masked`] and `Debug` print what a
//! log may carry. Order is byte order of the printed form.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::{Kind, Value, write_displayed};
use super::date::{Day, PartialDate};
use super::digits::{exactly, two};
use super::error::ErrorCode;

/// An identifier as a log may carry it: its kind's visible head, then dots.
pub struct Masked<T>(pub T);

macro_rules! digits_identifier {
    (
        $(#[$doc:meta])*
        $name:ident($repr:ty), $width:literal, $visible:literal, $kind:ident, $code:ident, $expected:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name($repr);

        impl $name {
            /// The identifier with this number, if its digits suffice.
            pub const fn new(number: u64) -> Option<Self> {
                if number < 10u64.pow($width) { Some(Self(number as $repr)) } else { None }
            }

            /// The digits as a number.
            pub const fn number(self) -> u64 {
                self.0 as u64
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:0width$}", self.0, width = $width)
            }
        }

        impl fmt::Display for Masked<$name> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = self.0.to_string();
                write!(f, "{}{}", &text[..$visible], "•".repeat($width - $visible))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Masked(*self), f)
            }
        }

        impl Value for $name {
            const KIND: Kind = Kind::$kind;
            const EXPECTED: &'static str = $expected;
            const CODE: ErrorCode = ErrorCode::$code;

            fn from_text(text: &str) -> Option<Self> {
                Self::new(exactly::<$width>(text.as_bytes())?)
            }

            fn write(&self, out: &mut String) {
                write_displayed(self, out);
            }

            // A number has lost its leading zeros on the way; they are put back.
            fn from_number(text: &str) -> Option<Self> {
                Self::from_int(text.parse().ok()?)
            }

            fn from_int(value: i64) -> Option<Self> {
                Self::new(u64::try_from(value).ok()?)
            }
        }
    };
}

digits_identifier! {
    /// The personal identification number of a citizen: 12 digits (40 bits).
    PersonalId(u64), 12, 3, PersonalId, BadPersonalId, "expected a personal id of 12 digits"
}

digits_identifier! {
    /// The social-insurance number of a participant: 10 digits (34 bits).
    SiNumber(u64), 10, 2, SiNumber, BadSiNumber, "expected a social-insurance number of 10 digits"
}

digits_identifier! {
    /// The identity-card number that preceded the personal id: 9 digits (30 bits).
    OldId(u32), 9, 2, OldId, BadOldId, "expected an old identity number of 9 digits"
}

/// A health-insurance card: 2 letters (object group), a digit 1-5 (benefit level), 2 digits
/// (province) and the holder's social-insurance number, packed into 53 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CardNumber(u64);

/// Social-insurance numbers, so that a card is `prefix` × this + its holder's number.
const HOLDERS: u64 = 10_000_000_000;

const _: () = assert!(CardNumber::PREFIXES < 1 << CardNumber::PREFIX_BITS);

impl CardNumber {
    /// Prefixes that exist: letters, level and province.
    pub const PREFIXES: u32 = 26 * 26 * 5 * 100;
    /// The bits that a prefix takes; a number of so many bits, all of them set, is none.
    pub const PREFIX_BITS: u32 = 19;

    /// The card of a holder under a prefix (see [`CardNumber::prefix`]), if there is such a prefix.
    pub fn from_parts(prefix: u32, holder: SiNumber) -> Option<Self> {
        (prefix < Self::PREFIXES).then(|| Self(u64::from(prefix) * HOLDERS + holder.number()))
    }

    /// The holder: the last 10 characters.
    pub fn holder(self) -> SiNumber {
        SiNumber(self.0 % HOLDERS)
    }

    /// The first 5 characters as a number below [`CardNumber::PREFIXES`].
    pub fn prefix(self) -> u32 {
        (self.0 / HOLDERS) as u32
    }

    /// The object group: the first two letters.
    pub fn group(self) -> [u8; 2] {
        let letters = self.prefix() / 500;
        [b'A' + (letters / 26) as u8, b'A' + (letters % 26) as u8]
    }

    /// The benefit level, 1 to 5: the third character.
    pub fn benefit_level(self) -> u8 {
        (self.prefix() / 100 % 5) as u8 + 1
    }

    /// The packed number, below 2^53.
    pub fn packed(self) -> u64 {
        self.0
    }

    /// The inverse of [`CardNumber::packed`].
    pub fn from_packed(packed: u64) -> Option<Self> {
        (packed < u64::from(Self::PREFIXES) * HOLDERS).then_some(Self(packed))
    }

    /// Whether it is a force card: army (`QN`), police (`CA`) or cipher (`CY`), whose registers are
    /// not the fund's (contract 1.2).
    pub fn is_force_card(self) -> bool {
        matches!(&self.group(), b"QN" | b"CA" | b"CY")
    }

    /// Whether it has the form of a child's card, `TE1`, under which newborns are given temporary
    /// cards (contract 1.2).
    pub fn is_child_card(self) -> bool {
        self.group() == *b"TE" && self.benefit_level() == 1
    }

    /// The least age in days that somebody of this date of birth may have on an admission date, where it is
    /// a child's card: under which age it is a temporary newborn card is a setting (contract 1.2).
    pub fn newborn_age_days(self, birth: PartialDate, admission: Day) -> Option<u32> {
        let is_born = birth.earliest_day() <= admission;
        let age = admission
            .number()
            .saturating_sub(birth.latest_day().number());
        (self.is_child_card() && is_born).then(|| age.max(0).unsigned_abs())
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.group();
        write!(
            f,
            "{}{}{}{:02}{}",
            char::from(first),
            char::from(second),
            self.benefit_level(),
            self.prefix() % 100,
            self.holder()
        )
    }
}

impl fmt::Display for Masked<CardNumber> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}••••••••••", &self.0.to_string()[..5])
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Masked(*self), f)
    }
}

impl Value for CardNumber {
    const KIND: Kind = Kind::CardNumber;
    const EXPECTED: &'static str =
        "expected a card number of 2 capital letters, a digit 1-5, 2 digits and 10 digits";
    const CODE: ErrorCode = ErrorCode::BadCardNumber;

    fn from_text(text: &str) -> Option<Self> {
        let b: &[u8; 15] = text.as_bytes().try_into().ok()?;
        let letter = |b: u8| b.is_ascii_uppercase().then(|| u32::from(b - b'A'));
        let letters = letter(b[0])? * 26 + letter(b[1])?;
        let level = (b'1'..=b'5')
            .contains(&b[2])
            .then(|| u32::from(b[2] - b'1'))?;
        let province = two(b[3], b[4])?;
        let holder = SiNumber(exactly::<10>(&b[5..])?);
        Self::from_parts((letters * 5 + level) * 100 + province, holder)
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }
}

/// A health facility: 5 characters of ASCII, packed into 32 bits.
///
/// Letters, digits and the punctuation of [`Facility::ALPHABET`] are allowed: what would need
/// quoting in CSV, JSON or XML is not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Facility(u32);

impl Facility {
    /// The characters of a facility code, in byte order, so that packing keeps the order.
    pub const ALPHABET: &'static [u8; 84] =
        b"!#$%()*+-./0123456789:=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz|~\x7f";

    /// The packed number.
    pub fn packed(self) -> u32 {
        self.0
    }

    /// How many codes are of digits alone.
    pub const NUMBERS: u32 = 100_000;

    /// The number that the code is, where it is of digits alone, as those of the national list are.
    pub fn number(self) -> Option<u32> {
        let (mut rest, mut number, mut tens) = (self.0, 0, 1);
        for _ in 0..5 {
            let digit = (rest % 84).checked_sub(ZERO).filter(|digit| *digit < 10)?;
            number += digit * tens;
            rest /= 84;
            tens *= 10;
        }
        Some(number)
    }

    /// The inverse of [`Facility::number`].
    pub fn of_number(number: u32) -> Option<Self> {
        let digits = [10_000, 1_000, 100, 10, 1].map(|tens| number / tens % 10);
        let packed = |digits: [u32; 5]| {
            digits
                .iter()
                .fold(0, |packed, digit| packed * 84 + ZERO + digit)
        };
        (number < Self::NUMBERS).then(|| Self(packed(digits)))
    }

    /// The inverse of [`Facility::packed`].
    pub fn from_packed(packed: u32) -> Option<Self> {
        (u64::from(packed) < 84u64.pow(5)).then_some(Self(packed))
    }
}

/// The place of `0` in [`Facility::ALPHABET`].
const ZERO: u32 = 11;
const _: () = assert!(Facility::ALPHABET[ZERO as usize] == b'0');

/// The place of each byte in [`Facility::ALPHABET`]; 255 where it is not a facility's character.
static PLACE: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut place = 0;
    // The last entry of the alphabet is a guard that no text can contain.
    while place < Facility::ALPHABET.len() - 1 {
        table[Facility::ALPHABET[place] as usize] = place as u8;
        place += 1;
    }
    table
};

impl fmt::Display for Facility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut text = [0u8; 5];
        for place in text.iter_mut().rev() {
            *place = Self::ALPHABET[(rest % 84) as usize];
            rest /= 84;
        }
        f.write_str(std::str::from_utf8(&text).expect("the alphabet is ASCII"))
    }
}

impl fmt::Debug for Facility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for Facility {
    const KIND: Kind = Kind::Facility;
    const EXPECTED: &'static str = "expected a facility code of 5 characters";
    const CODE: ErrorCode = ErrorCode::BadFacility;

    fn from_text(text: &str) -> Option<Self> {
        let b: &[u8; 5] = text.as_bytes().try_into().ok()?;
        let mut packed = 0u32;
        for byte in b {
            let place = PLACE[usize::from(*byte)];
            if place == u8::MAX {
                return None;
            }
            packed = packed * 84 + u32::from(place);
        }
        Some(Self(packed))
    }

    fn write(&self, out: &mut String) {
        write_displayed(self, out);
    }

    fn from_number(text: &str) -> Option<Self> {
        Self::from_int(text.parse().ok()?)
    }

    fn from_int(value: i64) -> Option<Self> {
        (0..100_000)
            .contains(&value)
            .then(|| Self::from_text(&format!("{value:05}")))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn identifiers_mask_themselves() {
        let card = CardNumber::from_text("TE1797900000012").expect("a card");
        assert_eq!(format!("{card:?}"), "TE179••••••••••");
        assert_eq!(card.to_string(), "TE1797900000012");
        let person = PersonalId::from_text("001049000006").expect("a personal id");
        assert_eq!(format!("{person:?}"), "001•••••••••");
        assert_eq!(format!("{:?}", card.holder()), "79••••••••");
    }

    #[test]
    fn what_is_not_an_identifier_is_refused() {
        for bad in [
            "",
            "te1797900000012",
            "TE6797900000012",
            "TE0797900000012",
            "TE179790000001",
            "TE17979000000123",
            "TE1797900OO0012",
            "TÉ797900000012",
        ] {
            assert_eq!(CardNumber::from_text(bad), None, "{bad}");
        }
        assert_eq!(PersonalId::from_text("00104900000"), None);
        assert_eq!(PersonalId::from_text("٠٠١٠٤٩"), None);
        assert_eq!(Facility::from_text("Đ001"), None);
        assert_eq!(Facility::from_text("01 01"), None);
        assert_eq!(
            SiNumber::from_number("42")
                .map(|s| s.to_string())
                .as_deref(),
            Some("0000000042")
        );
    }

    #[test]
    fn the_alphabet_is_in_byte_order() {
        assert!(Facility::ALPHABET.is_sorted());
    }

    #[test]
    fn a_code_of_digits_is_a_number() {
        for (code, number) in [
            ("00000", 0),
            ("01001", 1001),
            ("79030", 79_030),
            ("99999", 99_999),
        ] {
            let facility = Facility::from_text(code).expect("a facility");
            assert_eq!(facility.number(), Some(number));
            assert_eq!(Facility::of_number(number), Some(facility));
        }
        for code in ["0100/", "0100:", "A1001", "zzzzz"] {
            let facility = Facility::from_text(code).expect("a facility");
            assert_eq!(facility.number(), None, "{code}");
        }
        assert_eq!(Facility::of_number(Facility::NUMBERS), None);
    }

    proptest! {
        #[test]
        fn cards_print_as_they_are_read_and_keep_byte_order(
            a in "[A-Z]{2}[1-5][0-9]{12}", b in "[A-Z]{2}[1-5][0-9]{12}"
        ) {
            let (x, y) = (CardNumber::from_text(&a).expect("valid"), CardNumber::from_text(&b).expect("valid"));
            prop_assert_eq!(x.to_string(), a.clone());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(CardNumber::from_parts(x.prefix(), x.holder()), Some(x));
            prop_assert_eq!(CardNumber::from_packed(x.packed()), Some(x));
            prop_assert!(x.packed() < 1 << 53);
        }

        #[test]
        fn facilities_print_as_they_are_read_and_keep_byte_order(a in "[0-9A-Za-z.:_-]{5}", b in "[0-9A-Za-z.:_-]{5}") {
            let (x, y) = (Facility::from_text(&a).expect("valid"), Facility::from_text(&b).expect("valid"));
            prop_assert_eq!(x.to_string(), a.clone());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }

        #[test]
        fn no_text_makes_an_identifier_panic(text in ".{0,16}") {
            let _ = (CardNumber::from_text(&text), Facility::from_text(&text), PersonalId::from_number(&text));
        }
    }
}
