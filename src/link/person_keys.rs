//! Under which keys a person is looked for among all others, one row at a time.
//!
//! In: a person's columns. Out: at most three keys, and for each a hint: what else is known without
//! reading the row. Must hold: pure functions of the row, the same on every machine.
//!
//! The passes of [`super::blocking`] are for files, which can afford seventeen. A register of a nation is
//! held in memory, so the keys here are the fewest that find a person again whose row has one thing
//! wrong: the name in any order, with or without marks, and the year of birth; the whole date of birth and
//! the given name; the whole date and all words before it. Two rows with different years of birth, or with
//! different dates and names, share none.

use serde::{Deserialize, Serialize};

use super::block_keys::{hash, join};
use super::role::Role;
use super::value::Value;
use crate::record::{Packed, PartialDate, Sex, pack_low, take, unpack_low};

/// What two rows have in common that share a key. A pair is looked for under the first that it shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonKeyKind {
    /// The words of the name without marks, in any order, and the year of birth.
    NameAndYear,
    /// The date of birth and the given name, which comes last.
    DateAndGivenName,
    /// The date of birth and the words before the given name.
    DateAndFamilyName,
}

impl PersonKeyKind {
    /// Every kind, in their order.
    pub const ALL: [Self; 3] = [
        Self::NameAndYear,
        Self::DateAndGivenName,
        Self::DateAndFamilyName,
    ];

    /// What rows share.
    pub fn name(self) -> &'static str {
        match self {
            Self::NameAndYear => "name and year of birth",
            Self::DateAndGivenName => "date of birth and given name",
            Self::DateAndFamilyName => "date of birth and family name",
        }
    }
}

/// A key: 40 bits of a hash, in which the kind is part. Two of a nation's keys that are alike by chance
/// bring rows together that have nothing in common, which are then told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonKey([u8; 5]);

impl PersonKey {
    fn of(kind: PersonKeyKind, name: &[char], date: u64) -> Self {
        let [.., a, b, c, d, e] = join(&[kind as u64, hash(name), date]).to_be_bytes();
        Self([a, b, c, d, e])
    }

    /// Its bits, spread over 64.
    pub fn spread(self) -> u64 {
        let [a, b, c, d, e] = self.0;
        u64::from_be_bytes([0, 0, 0, a, b, c, d, e]).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// The keys of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonKeys {
    keys: [Option<PersonKey>; 3],
    /// A bit a letter of the name without marks.
    letters: u32,
}

impl PersonKeys {
    /// The keys of a person; none where the name says nothing.
    pub fn of(full_name: &str, birth_date: PartialDate) -> Self {
        let Some(name) = Value::parse(Role::FullName, full_name) else {
            return Self {
                keys: [None; 3],
                letters: 0,
            };
        };
        let year = u64::from(birth_date.year());
        let day = birth_date.month().zip(birth_date.day_of_month());
        let whole = day.map(|(month, day)| (year * 16 + u64::from(month)) * 32 + u64::from(day));
        let given = name.folded.iter().rposition(|c| *c == ' ');
        let family = given.map(|space| &name.folded[..space]);
        let given = given.map_or(&*name.folded, |space| &name.folded[space + 1..]);
        use PersonKeyKind::{DateAndFamilyName, DateAndGivenName, NameAndYear};
        let dated = |kind, words: Option<&[char]>| {
            let (words, date) = words.zip(whole)?;
            Some(PersonKey::of(kind, words, date))
        };
        Self {
            keys: [
                Some(PersonKey::of(NameAndYear, &name.sorted, year)),
                dated(DateAndGivenName, Some(given)),
                dated(DateAndFamilyName, family),
            ],
            letters: letters(&name.folded),
        }
    }

    /// Each key with its kind.
    pub fn each(&self) -> impl Iterator<Item = (PersonKeyKind, PersonKey)> {
        let keys = PersonKeyKind::ALL.into_iter().zip(self.keys);
        keys.filter_map(|(kind, key)| Some((kind, key?)))
    }

    /// The first key that two rows share: the one under which the pair is looked for.
    pub fn first_shared(&self, other: &Self) -> Option<PersonKeyKind> {
        let mut each = self.each();
        let shared = each.find(|(kind, key)| other.keys[*kind as usize] == Some(*key));
        shared.map(|(kind, _)| kind)
    }

    /// What is known, beside a key of a kind, of the row that has it.
    pub fn hint(
        &self,
        kind: PersonKeyKind,
        birth_date: PartialDate,
        sex: Sex,
        province: Option<&str>,
    ) -> PersonHint {
        let beside = match kind {
            PersonKeyKind::NameAndYear => {
                let month = u32::from(birth_date.month().unwrap_or(0));
                month << 5 | u32::from(birth_date.day_of_month().unwrap_or(0))
            }
            _ => self.letters,
        };
        let province = u64::from(ProvinceHint::of(province).0);
        let sex = u64::from(sex.number());
        PersonHint((province << 2 | sex) << 2 | kind as u64 | u64::from(beside) << 11)
    }
}

impl Packed for PersonKeys {
    fn pack(&self, out: &mut Vec<u8>) {
        self.letters.pack(out);
        out.push(
            self.each()
                .map(|(kind, _)| 1 << kind as u8)
                .fold(0, |a, b| a | b),
        );
        for (_, key) in self.each() {
            out.extend_from_slice(&key.0);
        }
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let letters = u32::unpack(bytes)?;
        let [known] = take(bytes)?;
        let mut keys = [None; 3];
        for (place, key) in keys.iter_mut().enumerate() {
            if known >> place & 1 == 1 {
                *key = Some(PersonKey(take(bytes)?));
            }
        }
        (known < 8).then_some(Self { keys, letters })
    }
}

/// A bit a letter from `a` to `z`.
fn letters(folded: &[char]) -> u32 {
    let places = folded.iter().map(|c| u32::from(*c).wrapping_sub(97));
    places
        .filter(|place| *place < 26)
        .fold(0, |m, p| m | 1 << p)
}

/// What else is known of a row that has a key, in 37 bits: the kind of the key, the sex, the province
/// where its code is a number, and what the key does not say - of a name and a year the month and day of
/// birth, of a date and part of a name the letters of the whole name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonHint(u64);

/// The bits of a hint.
pub const HINT_BITS: u32 = 37;

impl PersonHint {
    /// The kind of the key.
    pub fn kind(self) -> PersonKeyKind {
        match self.0 & 3 {
            0 => PersonKeyKind::NameAndYear,
            1 => PersonKeyKind::DateAndGivenName,
            _ => PersonKeyKind::DateAndFamilyName,
        }
    }

    /// The number of the sex.
    pub(super) fn sex(self) -> usize {
        (self.0 >> 2 & 3) as usize
    }

    pub(super) fn province(self) -> ProvinceHint {
        ProvinceHint((self.0 >> 4 & 127) as u8)
    }

    /// The letters of the name, where the key has a date.
    pub(super) fn letters(self) -> u32 {
        (self.0 >> 11) as u32
    }

    /// Month and day of birth, where the key has a year; 0 where they are not known.
    pub(super) fn birthday(self) -> (u32, u32) {
        let beside = (self.0 >> 11) as u32;
        (beside >> 5, beside & 31)
    }
}

impl Packed for PersonHint {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_low::<5>(self.0, out);
    }

    fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        unpack_low::<5>(bytes).map(Self)
    }
}

/// A province: 0 where none is given, its code and 1 where it has two digits, else [`ProvinceHint::OTHER`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct ProvinceHint(pub(super) u8);

impl ProvinceHint {
    pub(super) const OTHER: Self = Self(127);

    pub(super) fn of(province: Option<&str>) -> Self {
        let Some(text) = province else { return Self(0) };
        match text.as_bytes() {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
                Self(1 + (tens - b'0') * 10 + (ones - b'0'))
            }
            // A text that is missing to linkage is one of these, too: the hint may say less, never more.
            _ => Self::OTHER,
        }
    }

    /// The code, where it has two digits.
    pub(super) fn code(self) -> Option<String> {
        (1..=100)
            .contains(&self.0)
            .then(|| format!("{:02}", self.0 - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value as _;

    fn keys(name: &str, date: &str) -> PersonKeys {
        PersonKeys::of(name, PartialDate::from_text(date).expect("a date"))
    }

    fn shared(a: (&str, &str), b: (&str, &str)) -> Option<PersonKeyKind> {
        let (x, y) = (keys(a.0, a.1), keys(b.0, b.1));
        let shared = x.first_shared(&y);
        assert_eq!(shared, y.first_shared(&x));
        shared
    }

    #[test]
    fn whoever_has_one_thing_wrong_shares_a_key() {
        use PersonKeyKind::*;
        let lan = ("Nguyễn Thị Lan", "1980-02-05");
        for (other, expected) in [
            (("NGUYEN  THI LAN", "1980-02-05"), Some(NameAndYear)),
            (("Lan Nguyễn Thị", "1980-02-05"), Some(NameAndYear)),
            (("Nguyễn Thị Lan", "1980-05-02"), Some(NameAndYear)),
            (("Nguyễn Thị Lan", "1980"), Some(NameAndYear)),
            (("Nguyễn Thj Lan", "1980-02-05"), Some(DateAndGivenName)),
            (("Nguyễn Thị Lam", "1980-02-05"), Some(DateAndFamilyName)),
            (("Nguyễn Thị Lan", "1981-02-05"), None),
            (("Trần Thị Hoa", "1980-02-05"), None),
        ] {
            assert_eq!(shared(lan, other), expected, "{other:?}");
        }
        assert_eq!(
            shared(("Lan", "1980"), ("Lan", "1980-01")),
            Some(NameAndYear)
        );
        assert_eq!(shared(("", "1980"), ("", "1980")), None);
    }

    #[test]
    fn keys_and_hints_come_back() {
        for keys in [
            keys("Nguyễn Thị Lan", "1980-02-05"),
            keys("Lan", "1980"),
            keys("?", "1980"),
        ] {
            let mut packed = Vec::new();
            keys.pack(&mut packed);
            let mut bytes = packed.as_slice();
            assert_eq!(PersonKeys::unpack(&mut bytes), Some(keys));
            assert!(bytes.is_empty());
            let date = PartialDate::from_text("1980-12-31").expect("a date");
            let sex = Sex::new(3).expect("a sex");
            for kind in PersonKeyKind::ALL {
                for province in [None, Some("00"), Some("99"), Some("Huế")] {
                    let hint = keys.hint(kind, date, sex, province);
                    assert!(hint.0 >> HINT_BITS == 0 && hint.kind() == kind && hint.sex() == 3);
                    assert!(hint.province() == ProvinceHint::of(province));
                    match kind {
                        PersonKeyKind::NameAndYear => assert_eq!(hint.birthday(), (12, 31)),
                        _ => assert_eq!(hint.letters(), keys.letters),
                    }
                }
            }
        }
    }
}
