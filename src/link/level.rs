//! How far two values of a role agree.
//!
//! In: a role and two values, either of which may be missing. Out: a level, 0 where one is missing,
//! then from exact agreement to disagreement. Must hold: a pure, symmetric function; equal values
//! have level 1.

use super::role::Role;
use super::similarity;
use super::value::Value;
use crate::edits::edits;

/// A level of agreement: an index into [`levels`].
pub type Level = u8;

/// Nothing can be said, since a value is missing.
pub const MISSING: Level = 0;
/// The values are the same.
pub const EXACT: Level = 1;
/// The most levels of a role, `missing` included.
pub const MOST_LEVELS: usize = 8;

const NAME: [&str; 8] = [
    "missing",
    "exact",
    "same but for tone marks",
    "one letter apart",
    "very similar",
    "short form or same sound",
    "somewhat similar",
    "different",
];
const FULL_NAME: [&str; 8] = [
    "missing",
    "exact",
    "same but for tone marks",
    "same words in another order",
    "one letter apart",
    "a word more, or initials",
    "very similar",
    "different",
];
const TEXT: [&str; 7] = [
    "missing",
    "exact",
    "same but for tone marks",
    "one letter apart",
    "very similar",
    "jumbled, or words in common",
    "different",
];
const DATE: [&str; 7] = [
    "missing",
    "exact",
    "one digit off, or day and month exchanged",
    "two of year, month, day equal",
    "same year or two digits off",
    "same day and month apart by a digit",
    "different",
];
const NUMBER: [&str; 5] = [
    "missing",
    "exact",
    "one digit off",
    "two digits off",
    "different",
];
const POSTCODE: [&str; 5] = [
    "missing",
    "exact",
    "one digit off",
    "same region",
    "different",
];
const CODE: [&str; 4] = ["missing", "exact", "one letter apart", "different"];
const EMAIL: [&str; 8] = [
    "missing",
    "exact",
    "same name before the @",
    "one letter apart",
    "two or three letters apart",
    "similar",
    "same domain",
    "different",
];

/// The names of a role's levels, by level.
pub fn levels(role: Role) -> &'static [&'static str] {
    match role {
        Role::GivenName | Role::Surname => &NAME,
        Role::FullName => &FULL_NAME,
        Role::DateOfBirth => &DATE,
        Role::Sex | Role::Province => &CODE,
        Role::StreetNumber | Role::Phone | Role::NationalId | Role::Ssn => &NUMBER,
        Role::Postcode => &POSTCODE,
        Role::Email => &EMAIL,
        Role::Address | Role::City | Role::Text | Role::Ignore => &TEXT,
    }
}

/// How far two values agree.
pub fn compare(role: Role, a: Option<&Value>, b: Option<&Value>) -> Level {
    let (Some(a), Some(b)) = (a, b) else {
        return MISSING;
    };
    // The digests of unequal texts differ.
    if a.digest == b.digest {
        return EXACT;
    }
    match role {
        Role::GivenName | Role::Surname => name(a, b),
        Role::FullName => full_name(a, b),
        Role::DateOfBirth => date(&Two::new(a, b)),
        Role::Sex => 3,
        Role::Province => code(&Two::new(a, b)),
        Role::StreetNumber | Role::Phone | Role::NationalId | Role::Ssn => number(&Two::new(a, b)),
        Role::Postcode => postcode(&Two::new(a, b)),
        Role::Email => email(a, b),
        Role::Address | Role::City | Role::Text | Role::Ignore => text(a, b),
    }
}

/// Whether a level says the same thing but for slips.
pub fn is_close(role: Role, level: Level) -> bool {
    let last = match role {
        Role::GivenName | Role::Surname | Role::FullName | Role::Email => 4,
        Role::Address | Role::City | Role::Text | Role::Ignore => 4,
        Role::DateOfBirth | Role::StreetNumber | Role::Phone | Role::NationalId | Role::Ssn => 2,
        Role::Sex | Role::Province | Role::Postcode => 2,
    };
    (EXACT..=last).contains(&level)
}

/// The level of disagreement.
pub fn different(role: Role) -> Level {
    (levels(role).len() - 1) as Level
}

/// Two texts, and what their letters allow.
struct Two<'a> {
    x: &'a [char],
    y: &'a [char],
    common: usize,
}

impl<'a> Two<'a> {
    fn new(a: &'a Value, b: &'a Value) -> Self {
        Self {
            x: &a.folded,
            y: &b.folded,
            common: a.letters.common(&b.letters),
        }
    }

    /// The edits between them, if no more than `most`.
    fn edits(&self, most: usize) -> Option<usize> {
        let at_least = self.longer().saturating_sub(self.common);
        if at_least > most {
            return None;
        }
        edits(self.x, self.y, most)
    }

    /// Their Jaro-Winkler similarity, or 0 if it is certain to be below `least`.
    fn similar(&self, least: f64) -> f64 {
        let common = self.common as f64;
        let of = |text: &[char]| (common / text.len() as f64).min(1.0);
        let jaro = (of(self.x) + of(self.y) + 1.0) / 3.0;
        if jaro + 0.4 * (1.0 - jaro) < least {
            return 0.0;
        }
        similarity::jaro_winkler(self.x, self.y)
    }

    fn longer(&self) -> usize {
        self.x.len().max(self.y.len())
    }

    fn shorter(&self) -> usize {
        self.x.len().min(self.y.len())
    }

    /// The share of letters in common.
    fn in_common(&self) -> f64 {
        (2 * self.common) as f64 / (self.x.len() + self.y.len()) as f64
    }
}

fn name(a: &Value, b: &Value) -> Level {
    let two = Two::new(a, b);
    if two.x == two.y {
        return 2;
    }
    let apart = two.edits(2);
    if apart == Some(1) && two.shorter() >= 3 {
        return 3;
    }
    let similar = two.similar(0.75);
    if similar >= 0.92 || (apart == Some(2) && two.shorter() >= 5) {
        return 4;
    }
    let begins = two.x.iter().zip(two.y).all(|(p, q)| p == q);
    if begins || similar >= 0.86 || two.in_common() >= 0.85 {
        return 5;
    }
    if similar >= 0.75 { 6 } else { 7 }
}

fn full_name(a: &Value, b: &Value) -> Level {
    let two = Two::new(a, b);
    if two.x == two.y {
        return 2;
    }
    // Beyond this no level but the last can be: at least two thirds of the shorter one are common.
    if two.common * 3 < two.shorter() * 2 && two.shorter() > 6 {
        return 7;
    }
    let (x, y) = (&*a.sorted, &*b.sorted);
    if x == y {
        return 3;
    }
    let reordered = || edits(x, y, 1);
    if two.shorter() >= 5 && two.edits(1).or_else(reordered).is_some() {
        return 4;
    }
    let fewer = a.sorted_words().count().min(b.sorted_words().count());
    let within = |a: &Value, b: &Value| {
        let known = |word: &&[char]| b.sorted_words().any(|other| other == *word);
        a.sorted_words().filter(known).count()
    };
    let common = within(a, b).min(within(b, a));
    if fewer >= 2 && common >= 1 && (abbreviates(a, b) || abbreviates(b, a)) {
        return 5;
    }
    let similar = two.similar(0.88);
    let similar = if similar >= 0.92 {
        similar
    } else {
        similar.max(similarity::jaro_winkler(x, y))
    };
    if similar >= 0.92 || (common >= 2 && common + 1 >= fewer && similar >= 0.88) {
        return 6;
    }
    7
}

/// Whether every word of a name is one of the other, or the initial of one.
fn abbreviates(fewer: &Value, more: &Value) -> bool {
    fewer.sorted_words().all(|word| {
        more.sorted_words()
            .any(|other| other == word || (word.len() == 1 && other.first() == word.first()))
    })
}

fn text(a: &Value, b: &Value) -> Level {
    let two = Two::new(a, b);
    if two.x == two.y {
        return 2;
    }
    let longer = two.longer();
    let most = (longer / 4).clamp(1, 6);
    match two.edits(most) {
        Some(1) if longer >= 4 => return 3,
        Some(_) if longer >= 4 => return 4,
        _ => {}
    }
    if two.similar(0.92) >= 0.92 {
        return 4;
    }
    let in_common = two.in_common();
    if in_common >= 0.8 {
        return 5;
    }
    // Half the words in common are a good part of the letters.
    if in_common < 0.4 {
        return 6;
    }
    let fewer = a.words().count().min(b.words().count());
    let within = |a: &Value, b: &Value| a.words().filter(|w| b.words().any(|v| v == *w)).count();
    let common = within(a, b).min(within(b, a));
    if fewer >= 2 && common * 2 >= fewer {
        5
    } else {
        6
    }
}

fn date(two: &Two<'_>) -> Level {
    let &Two { x, y, .. } = two;
    if two.edits(1).is_some() {
        return 2;
    }
    if x.len() == 8 && y.len() == 8 {
        let parts = |d: &[char]| ([d[0], d[1], d[2], d[3]], [d[4], d[5]], [d[6], d[7]]);
        let ((a, b, c), (p, q, r)) = (parts(x), parts(y));
        // What is not given neither agrees nor disagrees, so that the year decides.
        let unknown = ['0', '0'];
        if b == unknown || q == unknown {
            return if a == p { 4 } else { 6 };
        }
        if a == p && b == r && c == q {
            return 2;
        }
        let equal = usize::from(a == p) + usize::from(b == q) + usize::from(c == r);
        if equal >= 2 {
            return 3;
        }
        if a == p || two.edits(2).is_some() {
            return 4;
        }
        let near = edits(&x[4..], &y[4..], 1).is_some();
        return if near { 5 } else { 6 };
    }
    if two.edits(2).is_some() { 4 } else { 6 }
}

fn number(two: &Two<'_>) -> Level {
    match two.edits(2) {
        Some(1) if two.longer() >= 2 => 2,
        Some(_) if two.longer() >= 5 => 3,
        _ => 4,
    }
}

fn postcode(two: &Two<'_>) -> Level {
    if two.edits(1).is_some() {
        return 2;
    }
    let region = two.x.iter().zip(two.y).take_while(|(p, q)| p == q).count() >= 2;
    if region { 3 } else { 4 }
}

fn code(two: &Two<'_>) -> Level {
    let most = if two.shorter() >= 6 { 2 } else { 1 };
    if two.x == two.y || (two.shorter() >= 3 && two.edits(most).is_some()) {
        2
    } else {
        3
    }
}

fn email(a: &Value, b: &Value) -> Level {
    let (x, y) = (&a.folded[..a.local], &b.folded[..b.local]);
    if x == y && x.len() >= 3 {
        return 2;
    }
    let two = Two::new(a, b);
    match two.edits(3) {
        Some(1) => return 3,
        Some(_) => return 4,
        None => {}
    }
    if x.len().min(y.len()) >= 5 && edits(x, y, 1).is_some() {
        return 4;
    }
    if two.similar(0.9) >= 0.9 || similarity::jaro_winkler(x, y) >= 0.9 {
        return 5;
    }
    let domain = |value: &Value| value.folded[value.local..].to_vec();
    let (p, q) = (domain(a), domain(b));
    if p.len() > 1 && p == q { 6 } else { 7 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(role: Role, a: &str, b: &str) -> &'static str {
        let (x, y) = (Value::parse(role, a), Value::parse(role, b));
        let level = compare(role, x.as_ref(), y.as_ref());
        assert_eq!(level, compare(role, y.as_ref(), x.as_ref()), "{a} {b}");
        levels(role)[usize::from(level)]
    }

    #[test]
    fn agreement_is_told() {
        for (role, a, b, expected) in [
            (Role::Surname, "Nguyễn", "NGUYỄN", "exact"),
            (Role::Surname, "Nguyễn", "nguyen", "same but for tone marks"),
            (Role::Surname, "Murphy", "pMurphy", "one letter apart"),
            (Role::GivenName, "Robert", "Rob", "short form or same sound"),
            (Role::GivenName, "Robert", "Grace", "different"),
            (Role::GivenName, "", "Grace", "missing"),
            (
                Role::FullName,
                "Nguyễn Văn Đức",
                "Nguyen Van Duc",
                "same but for tone marks",
            ),
            (
                Role::FullName,
                "Nguyễn Văn Đức",
                "Đức Nguyễn Văn",
                "same words in another order",
            ),
            (
                Role::FullName,
                "Nguyễn Văn Đức",
                "Nguyễn Đức",
                "a word more, or initials",
            ),
            (
                Role::FullName,
                "Nguyễn Văn Đức",
                "Nguyễn Văn Đứcc",
                "one letter apart",
            ),
            (
                Role::FullName,
                "Nguyễn Văn Đức",
                "Trần Thị Lan",
                "different",
            ),
            (
                Role::City,
                "Lê Lợi Street",
                "Street Lê Lợi",
                "jumbled, or words in common",
            ),
            (Role::City, "London", "Lonon", "one letter apart"),
            (Role::City, "London", "Leeds", "different"),
            (
                Role::DateOfBirth,
                "1971-06-07",
                "1971-07-06",
                "one digit off, or day and month exchanged",
            ),
            (
                Role::DateOfBirth,
                "1971-06-24",
                "1971-05-24",
                "one digit off, or day and month exchanged",
            ),
            (
                Role::DateOfBirth,
                "1971-06-24",
                "1983-06-24",
                "two of year, month, day equal",
            ),
            (
                Role::DateOfBirth,
                "1971",
                "1971-06-24",
                "same year or two digits off",
            ),
            (Role::DateOfBirth, "1971-06-24", "1990-12-01", "different"),
            (Role::Ssn, "6988048", "6988084", "one digit off"),
            (Role::Ssn, "6988048", "1234567", "different"),
            (Role::Postcode, "4011", "4099", "same region"),
            (Role::Province, "nsw", "nws", "one letter apart"),
            (Role::Province, "nsw", "vic", "different"),
            (
                Role::Email,
                "robert255@smith.net",
                "robert255@smth.org",
                "same name before the @",
            ),
            (
                Role::Email,
                "robert255@smith.net",
                "robert25@smith.net",
                "one letter apart",
            ),
            (Role::Email, "x@smith.net", "grace@smith.net", "same domain"),
        ] {
            assert_eq!(told(role, a, b), expected, "{role} {a} {b}");
        }
    }

    proptest! {
        #[test]
        fn comparison_is_symmetric(a in "[abn1 @đễ]{0,9}", b in "[abn1 @đễ]{0,9}", role in 0usize..15) {
            let role = Role::ALL[role];
            let level = {
                let (x, y) = (Value::parse(role, &a), Value::parse(role, &b));
                let level = compare(role, x.as_ref(), y.as_ref());
                prop_assert_eq!(level, compare(role, y.as_ref(), x.as_ref()));
                prop_assert!(compare(role, x.as_ref(), x.as_ref()) <= EXACT);
                level
            };
            prop_assert!(usize::from(level) < levels(role).len());
        }
    }
}
