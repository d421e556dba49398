//! A part of the persons, by their numbers.
//!
//! In: a number of a person. Out: whether it is in the part. Must hold: each number is in exactly one of N parts, the
//! same in every program and on every night.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::memory::MOST_SLICES;
use crate::record::Day;

/// One of N parts of the persons; or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    index: u32,
    of: u32,
}

impl Slice {
    /// All persons.
    pub const ALL: Self = Self { index: 0, of: 1 };

    /// Part `index` of `of`, counted from 0; none where there is no such part, or there are too many.
    pub fn new(index: u32, of: u32) -> Option<Self> {
        (index < of && of <= MOST_SLICES).then_some(Self { index, of })
    }

    /// The part of a day: of so many, each has its turn once in as many days.
    pub fn of_day(day: Day, of: u32) -> Self {
        let of = of.clamp(1, MOST_SLICES);
        let index = day.number().rem_euclid(of.cast_signed());
        Self {
            index: index.cast_unsigned(),
            of,
        }
    }

    /// Whether it is all persons.
    pub fn is_all(self) -> bool {
        self.of == 1
    }

    /// How many parts there are.
    pub fn parts(self) -> u32 {
        self.of
    }

    /// Whether everybody of another part is in this one.
    pub fn covers(self, other: Self) -> bool {
        self.is_all() || self == other
    }

    /// Whether the person with a number is in it: the social-insurance number, or where there is none the personal id.
    pub fn has(self, number: &str) -> bool {
        if self.is_all() {
            return true;
        }
        let digest = Sha256::digest(number);
        let (first, _) = digest
            .split_first_chunk()
            .expect("a SHA-256 has more than 8 bytes");
        u64::from_be_bytes(*first) % u64::from(self.of) == u64::from(self.index)
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_all() {
            true => f.write_str("all"),
            false => write!(f, "{}/{}", self.index, self.of),
        }
    }
}

impl FromStr for Slice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = || {
            let (index, of) = text.split_once('/')?;
            Self::new(index.parse().ok()?, of.parse().ok()?)
        };
        match text {
            "all" => Ok(Self::ALL),
            _ => part().ok_or_else(|| {
                format!("expected `all`, or I/N with I from 0 below N, and N at most {MOST_SLICES}")
            }),
        }
    }
}

impl Serialize for Slice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Slice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_in_one_part() {
        for of in [2, 3, 64] {
            let mut sizes = vec![0; of as usize];
            for number in 0..6_400 {
                let number = format!("{number:010}");
                let parts = (0..of).filter_map(|index| Slice::new(index, of));
                let has: Vec<_> = parts.filter(|part| part.has(&number)).collect();
                assert_eq!(has.len(), 1, "{number} of {of}");
                sizes[has[0].index as usize] += 1;
            }
            // A third more or less than its share is far beyond chance.
            let share = 6_400 / of;
            assert!(
                sizes
                    .iter()
                    .all(|size| (share / 2..share * 2).contains(size)),
                "{sizes:?}"
            );
        }
        assert!(Slice::ALL.has("0123456789"));
        // What a number's part is never changes: printf 0123456789 | sha256sum
        let first = u64::from_str_radix("84d89877f0d4041e", 16).expect("a number");
        let part = Slice::new(u32::try_from(first % 64).expect("below 64"), 64);
        assert!(part.expect("a part").has("0123456789"));
    }

    #[test]
    fn parts_take_turns() {
        for of in [1_u32, 2, 7, 64] {
            let days = (20_000..20_000 + of.cast_signed()).map(Day::from_number);
            let mut turns: Vec<u32> = days.map(|day| Slice::of_day(day, of).index).collect();
            turns.sort_unstable();
            assert_eq!(turns, (0..of).collect::<Vec<_>>());
        }
        assert_eq!(Slice::of_day(Day::from_number(-1), 7).index, 6);
    }

    #[test]
    fn parts_are_written_and_read() {
        for text in ["all", "0/2", "63/64"] {
            let slice: Slice = text.parse().expect("a part");
            assert_eq!(slice.to_string(), text);
            let json = serde_json::to_string(&slice).expect("JSON");
            assert_eq!(serde_json::from_str::<Slice>(&json).expect("read"), slice);
        }
        assert_eq!("0/1".parse(), Ok(Slice::ALL));
        for wrong in ["", "2/2", "0/0", "0/65", "1", "-1/2", "a/b"] {
            assert!(wrong.parse::<Slice>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_part_covers_itself_and_all_cover_every_part() {
        let part = Slice::new(1, 3).expect("a part");
        let other = Slice::new(1, 4).expect("a part");
        assert!(Slice::ALL.covers(part) && Slice::ALL.covers(Slice::ALL) && part.covers(part));
        assert!(!part.covers(other) && !part.covers(Slice::ALL));
    }
}
