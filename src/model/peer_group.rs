//! Which claims are compared with each other.
//!
//! In: what a claim is - the kind of visit, the diagnosis, the facility's tier, the patient's age. Out: its
//! groups, from narrow to wide. Must hold: a group and its text stand for each other; the last group of
//! every claim is that of all.

use std::fmt;

use super::age_band::AgeBand;
use super::diagnosis::{NO_CATEGORY, category_letter, category_text, parse_category};
use super::tier::Tier;

/// What decides which claims a claim is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKind {
    /// The kind of visit, 1 to 16.
    pub visit_type: u8,
    /// The category of the main diagnosis: see [`parse_category`].
    pub diagnosis: u16,
    /// How dear the facility is, where that was learnt.
    pub tier: Option<Tier>,
    /// The age at the admission.
    pub age: AgeBand,
}

/// A group of claims that are compared with each other, as 23 bits: kind of visit, diagnosis, tier, age.
///
/// Written `all`, `03`, `03 t2`, `03 J`, `03 J t2`, `03 J18`, `03 J18 40-59`, `03 J18 t2`,
/// `03 J18 t2 40-59`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerGroup(u32);

const AGE_BITS: u32 = 3;
const TIER_BITS: u32 = 3;
const DIAGNOSIS_BITS: u32 = 12;
/// Categories are below this, letters from here.
const LETTERS: u32 = 2600;
const ANY_DIAGNOSIS: u32 = (1 << DIAGNOSIS_BITS) - 1;
const ANY_VISIT: u32 = 31;

impl PeerGroup {
    /// All claims.
    pub const ALL: Self = Self::packed(ANY_VISIT, ANY_DIAGNOSIS, 0, 0);

    /// How many groups a claim has at most.
    pub(super) const LEVELS: usize = 9;

    const fn packed(visit_type: u32, diagnosis: u32, tier: u32, age: u32) -> Self {
        Self(((visit_type << DIAGNOSIS_BITS | diagnosis) << TIER_BITS | tier) << AGE_BITS | age)
    }

    /// The groups of a claim, narrowest first, at their levels; a level that needs what is not known of the
    /// claim is left out. The facility's tier comes before the age, since prices follow it.
    pub(super) fn of(kind: PeerKind) -> impl Iterator<Item = Self> {
        Self::levels(kind).into_iter().flatten()
    }

    /// As [`of`](Self::of), with gaps.
    pub(super) fn levels(kind: PeerKind) -> [Option<Self>; Self::LEVELS] {
        let visit = match kind.visit_type {
            visit @ ..=16 => u32::from(visit),
            _ => 0,
        };
        let tier = kind.tier.map(|tier| u32::from(tier.number()));
        let age = (kind.age != AgeBand::Unknown).then(|| u32::from(kind.age.number()));
        let category = (u32::from(kind.diagnosis) < LETTERS).then_some(u32::from(kind.diagnosis));
        let letter = category.map(|category| LETTERS + category / 100);
        let group = |diagnosis: Option<u32>, tier: Option<u32>, age: Option<u32>| {
            Some(Self::packed(visit, diagnosis?, tier?, age?))
        };
        let (any_tier, any_age, any) = (Some(0), Some(0), Some(ANY_DIAGNOSIS));
        [
            group(category, tier, age),
            group(category, tier, any_age),
            group(category, any_tier, age),
            group(category, any_tier, any_age),
            group(letter, tier, any_age),
            group(letter, any_tier, any_age),
            group(any, tier, any_age),
            group(any, any_tier, any_age),
            Some(Self::ALL),
        ]
    }

    fn parts(self) -> [u32; 4] {
        let mask = |bits: u32| (1 << bits) - 1;
        let (age, rest) = (self.0 & mask(AGE_BITS), self.0 >> AGE_BITS);
        let (tier, rest) = (rest & mask(TIER_BITS), rest >> TIER_BITS);
        [
            rest >> DIAGNOSIS_BITS,
            rest & mask(DIAGNOSIS_BITS),
            tier,
            age,
        ]
    }

    /// The group with this text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::ALL);
        }
        let mut words = text.split(' ').peekable();
        let visit_type: u32 = words.next()?.parse().ok().filter(|visit| *visit <= 16)?;
        let is_diagnosis = |word: &&str| word.starts_with(|c: char| c.is_ascii_uppercase());
        let diagnosis = match words.next_if(is_diagnosis) {
            None => ANY_DIAGNOSIS,
            Some(word) if word.len() == 1 => LETTERS + u32::from(word.as_bytes()[0] - b'A'),
            Some(word) => Some(parse_category(word))
                .filter(|c| *c != NO_CATEGORY)?
                .into(),
        };
        let tier = words.next_if(|word| word.starts_with('t'));
        let tier = match tier {
            None => 0,
            Some(word) => Tier::parse(word)?.number(),
        };
        let age = match words.next() {
            None => 0,
            Some(word) => AgeBand::parse(word)?.number(),
        };
        let group = Self::packed(visit_type, diagnosis, tier.into(), age.into());
        // What is written otherwise, or names a combination that no claim looks for, is none.
        let no_such = age > 0 && diagnosis >= LETTERS;
        (!no_such && group.to_string() == text).then_some(group)
    }

    pub(super) const fn number(self) -> u32 {
        self.0
    }
}

impl PeerKind {
    /// The kind in 23 bits, from which it comes back.
    pub(super) fn packed(self) -> u32 {
        let visit = match self.visit_type {
            visit @ ..=16 => u32::from(visit),
            _ => 0,
        };
        let diagnosis = match category_letter(self.diagnosis) {
            Some(_) => u32::from(self.diagnosis),
            None => ANY_DIAGNOSIS,
        };
        let tier = self.tier.map_or(0, |tier| tier.number().into());
        PeerGroup::packed(visit, diagnosis, tier, self.age.number().into()).number()
    }

    /// The inverse of [`packed`](Self::packed).
    pub(super) fn from_packed(packed: u32) -> Self {
        let [visit, diagnosis, tier, age] = PeerGroup(packed).parts();
        Self {
            visit_type: visit as u8,
            diagnosis: match diagnosis {
                ANY_DIAGNOSIS => NO_CATEGORY,
                category => category as u16,
            },
            tier: Tier::new(tier as u8),
            age: AgeBand::from_number(age as u8).unwrap_or_default(),
        }
    }
}

impl fmt::Display for PeerGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("all");
        }
        let [visit, diagnosis, tier, age] = self.parts();
        write!(f, "{visit:02}")?;
        if diagnosis < LETTERS {
            write!(f, " {}", category_text(diagnosis as u16))?;
        } else if diagnosis != ANY_DIAGNOSIS {
            write!(f, " {}", char::from(b'A' + (diagnosis - LETTERS) as u8))?;
        }
        if let Some(tier) = Tier::new(tier as u8) {
            write!(f, " {tier}")?;
        }
        match AgeBand::from_number(age as u8) {
            None | Some(AgeBand::Unknown) => Ok(()),
            Some(age) => write!(f, " {age}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn groups_go_from_narrow_to_wide() {
        let kind = PeerKind {
            visit_type: 3,
            diagnosis: 918,
            tier: Tier::new(2),
            age: AgeBand::To59,
        };
        let texts = |kind| {
            let groups = PeerGroup::of(kind).map(|group| group.to_string());
            groups.collect::<Vec<_>>().join(", ")
        };
        let all = "03 J18 t2 40-59, 03 J18 t2, 03 J18 40-59, 03 J18, 03 J t2, 03 J, 03 t2, 03, all";
        assert_eq!(texts(kind), all);
        let unknown = PeerKind {
            visit_type: 200,
            diagnosis: NO_CATEGORY,
            tier: None,
            age: AgeBand::Unknown,
        };
        assert_eq!(texts(unknown), "00, all");
    }

    proptest! {
        #[test]
        fn groups_and_kinds_come_back(visit_type in 0u8..=16, diagnosis in 0u16..2700, tier in 0u8..6, age in 0u8..6) {
            let diagnosis = if diagnosis < 2600 { diagnosis } else { NO_CATEGORY };
            let age = AgeBand::from_number(age).unwrap();
            let kind = PeerKind { visit_type, diagnosis, tier: Tier::new(tier), age };
            prop_assert_eq!(PeerKind::from_packed(kind.packed()), kind);
            for group in PeerGroup::of(kind) {
                prop_assert_eq!(PeerGroup::parse(&group.to_string()), Some(group));
            }
        }

        #[test]
        fn any_text_is_a_group_or_none(text in "(all|[0-9]{1,3})( [A-Za-zĐ0-9]{0,4}){0,2}( [0-9-]{1,5})?") {
            if let Some(group) = PeerGroup::parse(&text) {
                prop_assert_eq!(group.to_string(), text);
            }
        }
    }
}
