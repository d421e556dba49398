//! The keys under which a record is looked for.
//!
//! In: a schema and a record. Out: for each pass its keys; records that share one are candidates.
//! Must hold: a pure function of the record, the same on every machine.

use super::phonetic::sound;
use super::role::Role;
use super::value::Value;

/// A way to look for records of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// A number that one person has, or a telephone number.
    PersonalNumber,
    /// An e-mail address, or what is before its `@`.
    Email,
    /// All words of the name, in any order.
    Name,
    /// The sounds of the name.
    NameSound,
    /// A date of birth.
    BirthDate,
    /// A word of the name and two of year, month and day.
    NameBirthParts,
    /// The sound of a word of the name and a year of birth.
    SoundBirthYear,
    /// The beginning of a word of the name, and month and day of birth.
    PrefixBirthDay,
    /// The sound of a word of the name and a postcode.
    NamePostcode,
    /// The sound of a word of the name and a city.
    NameCity,
    /// A word of the name and an address.
    NameAddress,
    /// An address and a city, a postcode or a house number.
    Address,
    /// A postcode or city, and two of year, month and day of birth.
    PlaceBirthParts,
    /// A postcode and a house number.
    PostcodeNumber,
    /// A rare word of the name.
    NameWord,
    /// A free text.
    Text,
    /// Two weak traits, such as the sound of a name and the year of birth.
    TwoTraits,
}

impl Pass {
    /// All passes.
    pub const ALL: [Self; 17] = [
        Self::PersonalNumber,
        Self::Email,
        Self::Name,
        Self::NameSound,
        Self::BirthDate,
        Self::NameBirthParts,
        Self::SoundBirthYear,
        Self::PrefixBirthDay,
        Self::NamePostcode,
        Self::NameCity,
        Self::NameAddress,
        Self::Address,
        Self::PlaceBirthParts,
        Self::PostcodeNumber,
        Self::NameWord,
        Self::Text,
        Self::TwoTraits,
    ];

    /// Whether its blocks are parted where they are too large. Those of weaker likenesses are not: what
    /// would part them is looked for by other passes.
    pub fn is_parted(self) -> bool {
        matches!(
            self,
            Self::PersonalNumber
                | Self::Email
                | Self::Name
                | Self::BirthDate
                | Self::NameBirthParts
        )
    }

    /// What records of a block have in common.
    pub fn name(self) -> &'static str {
        match self {
            Self::PersonalNumber => "a personal number",
            Self::Email => "an e-mail address",
            Self::Name => "the whole name",
            Self::NameSound => "the sounds of the name",
            Self::BirthDate => "a date of birth",
            Self::NameBirthParts => "a name and parts of a date of birth",
            Self::SoundBirthYear => "the sound of a name and a year of birth",
            Self::PrefixBirthDay => "the beginning of a name and a birthday",
            Self::NamePostcode => "a name and a postcode",
            Self::NameCity => "a name and a city",
            Self::NameAddress => "a name and an address",
            Self::Address => "an address",
            Self::PlaceBirthParts => "a place and parts of a date of birth",
            Self::PostcodeNumber => "a postcode and a house number",
            Self::NameWord => "a name",
            Self::Text => "a text",
            Self::TwoTraits => "two weak traits",
        }
    }
}

/// What a value adds to the keys of a record.
#[derive(Clone, Debug)]
pub enum ValueKeys {
    /// The words of a name.
    Words(Box<[WordKeys]>),
    /// A date of birth.
    Date(DateKeys),
    /// The beginning of the name of a city.
    City(u64),
    /// A postcode.
    Postcode(u64),
    /// An address.
    Address(u64),
    /// The number of a house.
    Number(u64),
    /// A number of one person, or a telephone number.
    Personal(u64),
    /// An e-mail address.
    Email(EmailKeys),
    /// A free text.
    Text(u64),
    /// Nothing that is worth a look.
    Nothing,
}

/// A word of a name.
#[derive(Clone, Copy, Debug)]
pub struct WordKeys {
    whole: u64,
    sound: u64,
    two: u64,
    first: u64,
    last: u64,
    is_initial: bool,
}

/// A date of birth.
#[derive(Clone, Copy, Debug)]
pub struct DateKeys {
    whole: u64,
    year: u64,
    /// Month and day, where they are known.
    day: Option<(u64, u64)>,
}

/// An e-mail address.
#[derive(Clone, Copy, Debug)]
pub struct EmailKeys {
    whole: u64,
    local: Option<u64>,
    first: u64,
    domain: u64,
}

impl ValueKeys {
    /// What a value of a role adds.
    pub fn of(role: Role, value: &Value) -> Self {
        let text = &*value.folded;
        let whole = hash(text);
        match role {
            Role::GivenName | Role::Surname | Role::FullName => {
                Self::Words(value.words().map(WordKeys::of).collect())
            }
            Role::DateOfBirth => Self::Date(DateKeys::of(text)),
            Role::City => Self::City(hash(first(text, 4))),
            Role::Postcode => Self::Postcode(whole),
            Role::Address => Self::Address(whole),
            Role::StreetNumber => Self::Number(whole),
            Role::NationalId | Role::Ssn | Role::Phone => Self::Personal(whole),
            Role::Email => Self::Email(EmailKeys {
                whole,
                local: (value.local >= 4).then(|| hash(&text[..value.local])),
                first: hash(first(&text[..value.local], 4)),
                domain: hash(&text[value.local..]),
            }),
            Role::Text if text.len() >= 4 => Self::Text(whole),
            Role::Text | Role::Sex | Role::Province | Role::Ignore => Self::Nothing,
        }
    }
}

impl WordKeys {
    fn of(word: &[char]) -> Self {
        let text: String = word.iter().collect();
        Self {
            whole: hash(word),
            sound: u64::from(sound(&text)),
            two: hash(first(word, 2)),
            first: hash(first(word, 3)),
            last: hash(&word[word.len().saturating_sub(3)..]),
            is_initial: word.len() < 2,
        }
    }
}

impl DateKeys {
    fn of(date: &[char]) -> Self {
        let known = date.len() == 8 && date[4..] != ['0'; 4];
        Self {
            whole: hash(date),
            year: hash(first(date, 4)),
            day: known.then(|| (hash(&date[4..6]), hash(&date[6..]))),
        }
    }
}

fn first(text: &[char], most: usize) -> &[char] {
    &text[..text.len().min(most)]
}

/// What the keys of a record are made of.
#[derive(Default)]
pub struct Parts {
    words: Vec<WordKeys>,
    dates: Vec<DateKeys>,
    cities: Vec<u64>,
    postcodes: Vec<u64>,
    addresses: Vec<u64>,
    numbers: Vec<u64>,
    personal: Vec<u64>,
    emails: Vec<EmailKeys>,
    texts: Vec<u64>,
}

impl Parts {
    /// The parts of a record, given what the value of each of its fields adds.
    pub fn fill<'a>(&mut self, values: impl Iterator<Item = (usize, &'a ValueKeys)>) {
        self.words.clear();
        self.dates.clear();
        let lists = [&mut self.cities, &mut self.postcodes, &mut self.addresses];
        lists.into_iter().for_each(Vec::clear);
        let lists = [&mut self.numbers, &mut self.personal, &mut self.texts];
        lists.into_iter().for_each(Vec::clear);
        self.emails.clear();
        for (field, value) in values {
            let of_field = |key: u64| join(&[field as u64, key]);
            match value {
                ValueKeys::Words(words) => self.words.extend(words),
                ValueKeys::Date(date) => self.dates.push(*date),
                ValueKeys::City(key) => self.cities.push(*key),
                ValueKeys::Postcode(key) => self.postcodes.push(*key),
                ValueKeys::Address(key) => self.addresses.push(*key),
                ValueKeys::Number(key) => self.numbers.push(*key),
                ValueKeys::Personal(key) => self.personal.push(of_field(*key)),
                ValueKeys::Email(email) => self.emails.push(*email),
                ValueKeys::Text(key) => self.texts.push(of_field(*key)),
                ValueKeys::Nothing => {}
            }
        }
        // The order of the words of a name does not matter.
        self.words.sort_unstable_by_key(|word| word.whole);
        self.words.dedup_by_key(|word| word.whole);
    }

    /// Year and month, year and day, month and day.
    fn birth_parts(&self) -> impl Iterator<Item = u64> {
        self.dates.iter().flat_map(|date| {
            let parts = |(month, day)| {
                let parts = [[1, date.year, month], [2, date.year, day], [3, month, day]];
                parts.map(|part| join(&part))
            };
            date.day.map(parts).into_iter().flatten()
        })
    }

    /// Words that are no initials.
    fn long_words(&self) -> impl Iterator<Item = &WordKeys> {
        self.words.iter().filter(|word| !word.is_initial)
    }

    fn whole_name(&self) -> Option<u64> {
        let words = self.words.iter().map(|word| word.whole);
        (self.words.len() >= 2).then(|| words.fold(0, |name, word| join(&[name, word])))
    }

    /// What says little by itself, in order.
    fn traits(&self) -> Vec<u64> {
        let tagged = |tag: u64, key: u64| join(&[tag, key]);
        let mut traits = Vec::with_capacity(24);
        for word in self.long_words() {
            traits.extend([
                tagged(1, word.sound),
                tagged(2, word.first),
                tagged(3, word.last),
            ]);
        }
        for date in &self.dates {
            traits.push(tagged(4, date.year));
            traits.extend(date.day.map(|(month, _)| tagged(5, month)));
            traits.extend(date.day.map(|(_, day)| tagged(6, day)));
        }
        for email in &self.emails {
            traits.extend([tagged(7, email.first), tagged(8, email.domain)]);
        }
        let others = [
            &self.cities,
            &self.postcodes,
            &self.addresses,
            &self.numbers,
            &self.texts,
        ];
        for (tag, keys) in (9..).zip(others) {
            traits.extend(keys.iter().map(|key| tagged(tag, *key)));
        }
        traits.sort_unstable();
        traits.dedup();
        traits
    }

    /// The keys of a pass.
    pub fn keys(&self, pass: Pass, keys: &mut Vec<u64>) {
        let words = || self.long_words().map(|word| word.whole);
        let sounds = || self.long_words().map(|word| word.sound);
        match pass {
            Pass::PersonalNumber => keys.extend(&self.personal),
            Pass::Email => {
                keys.extend(self.emails.iter().map(|email| email.whole));
                keys.extend(self.emails.iter().filter_map(|email| email.local));
            }
            Pass::Name => keys.extend(self.whole_name()),
            Pass::NameSound => {
                let mut sounds: Vec<u64> = self.long_words().map(|word| word.sound).collect();
                sounds.sort_unstable();
                keys.extend((sounds.len() >= 2).then(|| join(&sounds)));
            }
            Pass::BirthDate => {
                let whole = self.dates.iter().filter(|date| date.day.is_some());
                keys.extend(whole.map(|date| date.whole));
            }
            Pass::NameBirthParts => cross(words(), || self.birth_parts(), keys),
            Pass::SoundBirthYear => {
                let years = || self.dates.iter().map(|date| date.year);
                cross(sounds(), years, keys);
            }
            Pass::PrefixBirthDay => {
                let day = |date: &DateKeys| date.day.map(|(month, day)| join(&[month, day]));
                let days = || self.dates.iter().filter_map(day);
                cross(self.words.iter().map(|word| word.two), days, keys);
            }
            Pass::NamePostcode => {
                cross(sounds(), || self.postcodes.iter().copied(), keys);
            }
            Pass::NameCity => cross(sounds(), || self.cities.iter().copied(), keys),
            Pass::NameAddress => {
                cross(words(), || self.addresses.iter().copied(), keys);
            }
            Pass::Address => {
                let places = || {
                    let places = self.cities.iter().chain(&self.postcodes);
                    places.chain(&self.numbers).copied()
                };
                cross(self.addresses.iter().copied(), places, keys);
            }
            Pass::PlaceBirthParts => {
                let places = self.cities.iter().chain(&self.postcodes).copied();
                cross(places, || self.birth_parts(), keys);
            }
            Pass::PostcodeNumber => {
                let numbers = || self.numbers.iter().copied();
                cross(self.postcodes.iter().copied(), numbers, keys);
            }
            Pass::NameWord => keys.extend(words()),
            Pass::Text => keys.extend(&self.texts),
            Pass::TwoTraits => {
                let traits = self.traits();
                for (place, a) in traits.iter().enumerate() {
                    keys.extend(traits[place + 1..].iter().map(|b| join(&[*a, *b])));
                }
            }
        }
    }

    /// What parts a block that is too large, one after the other.
    pub fn refinements(&self, keys: &mut Vec<u64>) {
        let tagged = |tag: u64, key: u64| join(&[tag, key]);
        keys.extend(self.whole_name().map(|key| tagged(1, key)));
        keys.extend(self.dates.iter().map(|date| tagged(2, date.whole)));
        keys.extend(self.emails.iter().map(|email| tagged(3, email.whole)));
        keys.extend(self.personal.iter().map(|key| tagged(4, *key)));
        let mut pairs = Vec::new();
        let words = || self.long_words();
        cross(
            words().map(|word| word.sound),
            || self.birth_parts(),
            &mut pairs,
        );
        let addresses = || self.addresses.iter().copied();
        cross(words().map(|word| word.whole), addresses, &mut pairs);
        keys.extend(pairs.into_iter().map(|key| tagged(5, key)));
    }
}

fn cross<I: Iterator<Item = u64>>(
    first: impl Iterator<Item = u64>,
    second: impl Fn() -> I,
    keys: &mut Vec<u64>,
) {
    for a in first {
        keys.extend(second().map(|b| join(&[a, b])));
    }
}

pub(super) fn hash(chars: &[char]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325;
    let fnv = chars.iter().fold(start, |hash: u64, c| {
        (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(fnv)
}

pub(super) fn join(parts: &[u64]) -> u64 {
    parts
        .iter()
        .fold(0, |hash, part| mixed(hash.rotate_left(17) ^ part))
}

/// Every bit of the result depends on every bit of the number (the finalizer of SplitMix64).
pub(super) fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
