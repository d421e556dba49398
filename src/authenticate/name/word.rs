//! A word of a name, taken apart into letters, marks and tones.
//!
//! In: a word in lower case. Out: its letters without marks, the mark of each, its tones in order.
//! Must hold: composed and decomposed texts, and a tone over either vowel (`hòa`, `hoà`), give the
//! same word; any text gives one.

use unicode_normalization::UnicodeNormalization;

/// What makes a letter of the Vietnamese alphabet of one of the Latin alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    None,
    /// `â ê ô`.
    Circumflex,
    /// `ă`.
    Breve,
    /// `ơ ư`.
    Horn,
    /// `đ`.
    Bar,
}

/// The tone of a syllable; the level tone is written by none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Grave,
    Acute,
    Hook,
    Tilde,
    Dot,
}

/// A letter and its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) base: char,
    pub(super) mark: Mark,
}

/// A word of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) letters: Vec<Letter>,
    /// In order; a syllable has one at most, words that were run together more.
    pub(super) tones: Vec<Tone>,
}

/// How the marks of two words of the same letters compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// They are the same.
    Same,
    /// One word lacks what the other has, or has it elsewhere, or hook and tilde are confused.
    Slip,
    /// They contradict each other.
    Other,
}

impl Word {
    /// Takes a word in lower case apart. What is neither letter nor digit is left out.
    pub(super) fn new(text: &str) -> Self {
        let mut word = Self::default();
        for c in text.nfd() {
            let (base, mark) = match c {
                '\u{300}' => {
                    word.tones.push(Tone::Grave);
                    continue;
                }
                '\u{301}' => {
                    word.tones.push(Tone::Acute);
                    continue;
                }
                '\u{303}' => {
                    word.tones.push(Tone::Tilde);
                    continue;
                }
                '\u{309}' => {
                    word.tones.push(Tone::Hook);
                    continue;
                }
                '\u{323}' => {
                    word.tones.push(Tone::Dot);
                    continue;
                }
                '\u{302}' => {
                    word.mark(Mark::Circumflex);
                    continue;
                }
                '\u{306}' => {
                    word.mark(Mark::Breve);
                    continue;
                }
                '\u{31b}' => {
                    word.mark(Mark::Horn);
                    continue;
                }
                // The Icelandic and the African letter look the same, and are what some keyboards give.
                'đ' | 'ð' | 'ɖ' => ('d', Mark::Bar),
                _ => (c, Mark::None),
            };
            if base.is_alphanumeric() {
                word.letters.push(Letter { base, mark });
            }
        }
        word
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(letter) = self.letters.last_mut() {
            letter.mark = mark;
        }
    }

    /// The word with `i` where `y` is as good: `lý` and `lí`, `quý` and `quí`, `yến` and `iến`. Not
    /// after another vowel, where they are other sounds: `mai` and `may`.
    pub(super) fn with_i_for_y(mut self) -> Self {
        let bases: Vec<char> = self.letters.iter().map(|letter| letter.base).collect();
        let last = bases.len().saturating_sub(1);
        for (place, letter) in self.letters.iter_mut().enumerate() {
            let glide = place >= 2 && bases[place - 2..place] == ['q', 'u'];
            let after_vowel = place >= 1 && is_vowel(bases[place - 1]) && !glide;
            let before_e = place == 0 && bases.get(1) == Some(&'e');
            if letter.base == 'y' && !after_vowel && (place == last || before_e || glide) {
                letter.base = 'i';
            }
        }
        self
    }

    /// The letters without marks.
    pub(super) fn bases(&self) -> impl Iterator<Item = char> + Clone + '_ {
        self.letters.iter().map(|letter| letter.base)
    }

    /// The words run together.
    pub(super) fn joined(words: &[&Self]) -> Self {
        let letters = words.iter().flat_map(|word| word.letters.iter().copied());
        let tones = words.iter().flat_map(|word| word.tones.iter().copied());
        Self {
            letters: letters.collect(),
            tones: tones.collect(),
        }
    }

    /// How the marks and tones compare with those of a word of the same letters.
    pub(super) fn marks(&self, other: &Self) -> Marks {
        if self == other {
            return Marks::Same;
        }
        // Which of the two lacks something: a slip drops marks from one of them.
        let (mut self_lacks, mut other_lacks) = (false, false);
        let sorted = |word: &Self| {
            let mut marks: Vec<Mark> = word.letters.iter().map(|letter| letter.mark).collect();
            marks.sort_unstable();
            marks
        };
        // `uơ` and `ưo` have the same marks, in other places.
        if sorted(self) != sorted(other) {
            for (a, b) in self.letters.iter().zip(&other.letters) {
                match (a.mark, b.mark) {
                    (a, b) if a == b => {}
                    // A keyboard that has no `đ` may have everything else.
                    (Mark::Bar, _) | (_, Mark::Bar) => {}
                    (Mark::None, _) => self_lacks = true,
                    (_, Mark::None) => other_lacks = true,
                    _ => return Marks::Other,
                }
            }
        }
        match self.tones.len().cmp(&other.tones.len()) {
            std::cmp::Ordering::Less if is_among(&self.tones, &other.tones) => self_lacks = true,
            std::cmp::Ordering::Greater if is_among(&other.tones, &self.tones) => {
                other_lacks = true;
            }
            std::cmp::Ordering::Equal
                if (self.tones.iter())
                    .zip(&other.tones)
                    .all(|(a, b)| sound_alike(*a, *b)) => {}
            _ => return Marks::Other,
        }
        if self_lacks && other_lacks {
            Marks::Other
        } else {
            Marks::Slip
        }
    }
}

/// Whether tones are equal, or the two that most of the country does not tell apart.
fn sound_alike(a: Tone, b: Tone) -> bool {
    a == b
        || matches!(
            (a, b),
            (Tone::Hook, Tone::Tilde) | (Tone::Tilde, Tone::Hook)
        )
}

/// Whether tones come in another list of them, in order.
fn is_among(few: &[Tone], many: &[Tone]) -> bool {
    let mut many = many.iter();
    few.iter()
        .all(|tone| many.any(|other| sound_alike(*tone, *other)))
}

/// Whether a letter without marks is a vowel.
pub(super) fn is_vowel(base: char) -> bool {
    matches!(base, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(text: &str) -> String {
        Word::new(text).with_i_for_y().bases().collect()
    }

    #[test]
    fn words_are_taken_apart() {
        assert_eq!(Word::new("hòa"), Word::new("hoà"));
        assert_eq!(Word::new("nguyễn"), Word::new("nguye\u{302}\u{303}n"));
        assert_eq!(Word::new("h'đơk").letters.len(), 4);
        for (text, folded) in [
            ("lý", "li"),
            ("quý", "qui"),
            ("quỳnh", "quinh"),
            ("yến", "ien"),
            ("ý", "i"),
            ("thúy", "thuy"),
            ("may", "may"),
            ("nguyễn", "nguyen"),
            ("mỹ", "mi"),
        ] {
            assert_eq!(bases(text), folded, "{text}");
        }
    }

    #[test]
    fn marks_that_are_lacking_are_told_from_others() {
        use Marks::{Other, Same, Slip};
        for (a, b, expected) in [
            ("hòa", "hoà", Same),
            ("thành", "thanh", Slip),
            ("hùng", "hung", Slip),
            ("hưng", "hung", Slip),
            ("hùng", "hưng", Other),
            ("hà", "hạ", Other),
            ("mỹ", "mỷ", Slip),
            ("đung", "dung", Slip),
            ("dương", "dưong", Slip),
            ("dưong", "duơng", Slip),
            ("trần", "trân", Slip),
            ("trấn", "trần", Other),
            ("cân", "căn", Other),
        ] {
            let (a, b) = (Word::new(a), Word::new(b));
            assert_eq!(a.marks(&b), expected, "{a:?} {b:?}");
            assert_eq!(b.marks(&a), expected, "{a:?} {b:?}");
        }
    }
}
