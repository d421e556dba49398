//! How names are misspelt: the slips of clerks, keyboards and programs.
//!
//! In: a name in composed letters. Out: the name as a slip leaves it, where the slip can happen to it.
//! Written from how names are typed, and without a line of what compares them (`crate::authenticate`),
//! which is measured by it.

use super::random::Draw;

/// The vowels, each with its tones: level, grave, acute, hook, tilde, dot; and how Telex and VNI type
/// the vowel.
const VOWELS: [([char; 6], char, &str, &str); 12] = [
    (['a', 'à', 'á', 'ả', 'ã', 'ạ'], 'a', "a", "a"),
    (['ă', 'ằ', 'ắ', 'ẳ', 'ẵ', 'ặ'], 'a', "aw", "a8"),
    (['â', 'ầ', 'ấ', 'ẩ', 'ẫ', 'ậ'], 'a', "aa", "a6"),
    (['e', 'è', 'é', 'ẻ', 'ẽ', 'ẹ'], 'e', "e", "e"),
    (['ê', 'ề', 'ế', 'ể', 'ễ', 'ệ'], 'e', "ee", "e6"),
    (['i', 'ì', 'í', 'ỉ', 'ĩ', 'ị'], 'i', "i", "i"),
    (['o', 'ò', 'ó', 'ỏ', 'õ', 'ọ'], 'o', "o", "o"),
    (['ô', 'ồ', 'ố', 'ổ', 'ỗ', 'ộ'], 'o', "oo", "o6"),
    (['ơ', 'ờ', 'ớ', 'ở', 'ỡ', 'ợ'], 'o', "ow", "o7"),
    (['u', 'ù', 'ú', 'ủ', 'ũ', 'ụ'], 'u', "u", "u"),
    (['ư', 'ừ', 'ứ', 'ử', 'ữ', 'ự'], 'u', "uw", "u7"),
    (['y', 'ỳ', 'ý', 'ỷ', 'ỹ', 'ỵ'], 'y', "y", "y"),
];
const TELEX_TONES: [&str; 6] = ["", "f", "s", "r", "x", "j"];
const VNI_TONES: [&str; 6] = ["", "2", "1", "3", "4", "5"];
/// Rows of a keyboard, in which a finger meets the neighbour.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// A slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    NoMarks,
    NoMarksInCapitals,
    ToneDropped,
    ToneMoved,
    BarDropped,
    IForY,
    Order,
    Initial,
    MiddleDropped,
    Telex,
    Vni,
    Typing,
    RunTogether,
    TornApart,
}

/// Every slip and its weight: what keyboards and imports do is commoner than what people do.
pub(super) const SLIPS: [(Slip, u32); 14] = [
    (Slip::NoMarks, 12),
    (Slip::NoMarksInCapitals, 8),
    (Slip::ToneDropped, 14),
    (Slip::ToneMoved, 8),
    (Slip::BarDropped, 8),
    (Slip::IForY, 6),
    (Slip::Order, 4),
    (Slip::Initial, 8),
    (Slip::MiddleDropped, 6),
    (Slip::Telex, 6),
    (Slip::Vni, 4),
    (Slip::Typing, 12),
    (Slip::RunTogether, 6),
    (Slip::TornApart, 3),
];

impl Slip {
    /// The name as the slip leaves it; `None` where it cannot happen to this name.
    pub(super) fn of(self, name: &str, draw: &mut Draw) -> Option<String> {
        let words: Vec<&str> = name.split(' ').collect();
        let other = match self {
            Slip::NoMarks => name.chars().map(plain).collect(),
            Slip::NoMarksInCapitals => {
                let plain: String = name.chars().map(plain).collect();
                plain.to_uppercase()
            }
            Slip::ToneDropped => one_word(&words, draw, |word, _| {
                word.chars()
                    .map(|c| of_vowel(c, |v, _| VOWELS[v].0[0]))
                    .collect()
            })?,
            Slip::ToneMoved => one_word(&words, draw, |word, _| moved(word))?,
            Slip::BarDropped => one_word(&words, draw, |word, _| {
                word.replace('đ', "d").replace('Đ', "D")
            })?,
            Slip::IForY => one_word(&words, draw, |word, _| i_for_y(word))?,
            Slip::Order => {
                let mut words = words.clone();
                if draw.chance(500) {
                    words.rotate_left(1);
                } else {
                    words.rotate_right(1);
                }
                words.join(" ")
            }
            Slip::Initial => initial(&words, draw),
            Slip::MiddleDropped if words.len() > 2 => {
                let mut words = words.clone();
                words.remove(1 + draw.below(words.len() as u32 - 2) as usize);
                words.join(" ")
            }
            Slip::MiddleDropped => return None,
            Slip::Telex => words
                .iter()
                .map(|w| keys(w, false))
                .collect::<Vec<_>>()
                .join(" "),
            Slip::Vni => words
                .iter()
                .map(|w| keys(w, true))
                .collect::<Vec<_>>()
                .join(" "),
            Slip::Typing => one_word(&words, draw, typed)?,
            Slip::RunTogether => {
                let at = draw.below(words.len() as u32 - 1) as usize;
                let mut text = words[..=at].join(" ");
                text.push_str(&words[at + 1..].join(" "));
                text
            }
            Slip::TornApart => one_word(&words, draw, torn)?,
        };
        (other != name).then_some(other)
    }
}

/// A letter in lower case through `change`, given its vowel and tone; other letters stay.
fn of_vowel(c: char, change: impl Fn(usize, usize) -> char) -> char {
    let lower = c.to_lowercase().next().unwrap_or(c);
    for (vowel, (tones, ..)) in VOWELS.iter().enumerate() {
        if let Some(tone) = tones.iter().position(|t| *t == lower) {
            let changed = change(vowel, tone);
            return if c == lower {
                changed
            } else {
                changed.to_uppercase().next().unwrap_or(changed)
            };
        }
    }
    c
}

fn plain(c: char) -> char {
    match c {
        'đ' => 'd',
        'Đ' => 'D',
        c => of_vowel(c, |vowel, _| VOWELS[vowel].1),
    }
}

/// Changes one of the words that `change` changes.
fn one_word(
    words: &[&str],
    draw: &mut Draw,
    change: impl Fn(&str, &mut Draw) -> String,
) -> Option<String> {
    let first = draw.below(words.len() as u32) as usize;
    for step in 0..words.len() {
        let place = (first + step) % words.len();
        let changed = change(words[place], draw);
        if changed != words[place] {
            let mut words: Vec<&str> = words.to_vec();
            words[place] = &changed;
            return Some(words.join(" "));
        }
    }
    None
}

/// The tone over the other vowel of a word that ends with `oa`, `oe` or `uy`.
fn moved(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let tone_of = |c: char| {
        let found = VOWELS.iter().find_map(|(tones, base, ..)| {
            tones
                .iter()
                .position(|t| *t == c)
                .map(|tone| (tones, *base, tone))
        });
        found.filter(|(tones, base, _)| tones[0] == *base)
    };
    if let [.., first, second] = letters.as_mut_slice()
        && let (Some((one, a, tone_a)), Some((two, b, tone_b))) =
            (tone_of(*first), tone_of(*second))
        && matches!((a, b), ('o', 'a') | ('o', 'e') | ('u', 'y'))
        && (tone_a == 0) != (tone_b == 0)
        && !word.starts_with(['Q', 'q'])
    {
        (*first, *second) = (one[tone_b], two[tone_a]);
    }
    letters.into_iter().collect()
}

/// `Lý` as `Lí`, `Mỹ` as `Mĩ`, `Quý` as `Quí`, or the other way round.
fn i_for_y(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let Some((last, before)) = letters.split_last() else {
        return word.to_owned();
    };
    let before: String = before.iter().collect::<String>().to_lowercase();
    if !["l", "k", "m", "t", "v", "h", "s", "th", "qu"].contains(&before.as_str()) {
        return word.to_owned();
    }
    let (i, y) = (5, 11);
    let other = of_vowel(*last, |vowel, tone| match vowel {
        v if v == i => VOWELS[y].0[tone],
        v if v == y => VOWELS[i].0[tone],
        v => VOWELS[v].0[tone],
    });
    let kept = word.strip_suffix(*last).unwrap_or(word);
    format!("{kept}{other}")
}

/// The family name or a middle name by its beginning.
fn initial(words: &[&str], draw: &mut Draw) -> String {
    let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let place = if words.len() > 2 && draw.chance(600) {
        1 + draw.below(words.len() as u32 - 2) as usize
    } else {
        0
    };
    let letters = if words[place].starts_with("Ng") && draw.chance(700) {
        2
    } else {
        1
    };
    let beginning: String = words[place].chars().take(letters).collect();
    words[place] = format!("{beginning}.");
    words.join(" ")
}

/// A word as its keys, the tone last.
fn keys(word: &str, vni: bool) -> String {
    let (mut typed, mut tone) = (String::new(), 0);
    for c in word.to_lowercase().chars() {
        let found = VOWELS.iter().find_map(|(tones, _, telex, number)| {
            let tone = tones.iter().position(|t| *t == c)?;
            Some((tone, if vni { number } else { telex }))
        });
        match (found, c) {
            (Some((toned, keys)), _) => {
                tone = tone.max(toned);
                typed.push_str(keys);
            }
            (None, 'đ') => typed.push_str(if vni { "d9" } else { "dd" }),
            (None, c) => typed.push(c),
        }
    }
    typed
        + if vni {
            VNI_TONES[tone]
        } else {
            TELEX_TONES[tone]
        }
}

/// A letter more, less, other or swapped with the next; the first letter stays.
fn typed(word: &str, draw: &mut Draw) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let at = 1 + draw.below(letters.len() as u32 - 1) as usize;
    match draw.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => {
            let next = if at + 1 < letters.len() {
                at + 1
            } else {
                at - 1
            };
            letters.swap(at, next);
        }
        _ => {
            let row = KEYS.iter().find(|row| row.contains(plain(letters[at])));
            let keys: Vec<char> = row.map_or(Vec::new(), |row| row.chars().collect());
            if let Some(key) = keys.iter().position(|key| *key == plain(letters[at])) {
                let near = if key + 1 < keys.len() {
                    key + 1
                } else {
                    key - 1
                };
                letters[at] = keys[near];
            }
        }
    }
    letters.into_iter().collect()
}

/// A space inside a word.
fn torn(word: &str, draw: &mut Draw) -> String {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 {
        return word.to_owned();
    }
    let at = 1 + draw.below(letters.len() as u32 - 2) as usize;
    let part = |letters: &[char]| letters.iter().collect::<String>();
    format!("{} {}", part(&letters[..at]), part(&letters[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_those_of_their_names() {
        let mut draw = Draw::new(1, 2, 3);
        for (slip, name, expected) in [
            (Slip::NoMarks, "Đặng Thị Thúy", "Dang Thi Thuy"),
            (Slip::NoMarksInCapitals, "Đỗ Ái", "DO AI"),
            (Slip::ToneMoved, "Lê Hòa", "Lê Hoà"),
            (Slip::ToneMoved, "Lê Thuý", "Lê Thúy"),
            (Slip::BarDropped, "Đỗ An", "Dỗ An"),
            (Slip::IForY, "Trần Mỹ", "Trần Mĩ"),
            (Slip::MiddleDropped, "Lê Thị An", "Lê An"),
            (Slip::Telex, "Nguyễn Đức", "nguyeenx dduwcs"),
            (Slip::Vni, "Nguyễn Đức", "nguye6n4 d9u7c1"),
        ] {
            assert_eq!(
                slip.of(name, &mut draw).as_deref(),
                Some(expected),
                "{slip:?}"
            );
        }
        assert_eq!(Slip::BarDropped.of("Lê An", &mut draw), None);
        assert_eq!(Slip::ToneMoved.of("Lê Quý", &mut draw), None);
        for (slip, _) in SLIPS {
            for name in ["Nguyễn Thị Minh Hằng", "Lê An", "Đỗ Quỳnh"] {
                assert_ne!(slip.of(name, &mut draw).as_deref(), Some(name));
            }
        }
    }
}
