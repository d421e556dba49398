//! How alike two words of two names are.
//!
//! In: a word of a name as it is stored. Out: what could turn it into another word. Must hold: the
//! answer is the same the other way round.

use super::keys::typed;
use super::syllable::is_syllable;
use super::word::{Marks, Word};

use crate::edits::edits;

/// A word of a name, as it is and as its keys may have been meant.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    /// As it is, with `i` for `y` where either is good.
    pub(super) word: Word,
    /// As its keys were meant, where it is no syllable as it is.
    meant: Option<Word>,
    /// It ends with a point.
    pointed: bool,
}

/// How alike two words are; what comes later is less alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// The same word, misspelt, with this many slips of the keyboard beyond marks and tones.
    Spelt(usize),
    /// One is the beginning of the other.
    Initial,
    /// The same letters with marks that contradict each other: `Hà`, `Hạ`.
    OtherMarks,
    /// A letter more, less or other, and both are syllables: `Minh`, `Linh`; and how many letters the
    /// shorter has.
    OtherLetter(usize),
    /// Another word.
    Unlike,
}

/// Keys of a syllable, with room: `nghieengsz` has ten.
const MOST_KEYS: usize = 16;
/// Letters of a word in which two slips may be.
const LETTERS_OF_TWO_SLIPS: usize = 5;

impl Token {
    /// A word in lower case.
    pub(super) fn new(text: &str) -> Self {
        let raw = Word::new(text);
        let meant = if raw.letters.len() > MOST_KEYS || is_syllable(&raw) {
            None
        } else {
            let meant = typed(&raw).filter(is_syllable);
            meant.map(Word::with_i_for_y)
        };
        Self {
            text: text.to_owned(),
            word: raw.with_i_for_y(),
            meant,
            pointed: text.ends_with('.'),
        }
    }

    /// Letters of the word.
    pub(super) fn len(&self) -> usize {
        self.word.letters.len()
    }

    fn readings(&self) -> impl Iterator<Item = &Word> {
        std::iter::once(&self.word).chain(&self.meant)
    }

    /// How alike two words are.
    pub(super) fn likeness(&self, other: &Self) -> Likeness {
        if self.is_initial_of(other) || other.is_initial_of(self) {
            return Likeness::Initial;
        }
        let pairs = self
            .readings()
            .flat_map(|a| other.readings().map(move |b| likeness(a, b)));
        pairs.min().unwrap_or(Likeness::Unlike)
    }

    /// Whether it is short for another word: a letter, or the beginning with a point.
    fn is_initial_of(&self, whole: &Self) -> bool {
        (self.pointed || self.len() == 1)
            && self.len() < whole.len()
            && (self.word.bases().zip(whole.word.bases())).all(|(a, b)| a == b)
            && self.len() > 0
    }
}

fn likeness(a: &Word, b: &Word) -> Likeness {
    let letters = |word: &Word| -> Vec<char> { word.bases().collect() };
    let (letters_a, letters_b) = (letters(a), letters(b));
    let most = 2;
    let slips = edits(&letters_a, &letters_b, most).unwrap_or(most + 1);
    if slips == 0 {
        return match a.marks(b) {
            Marks::Same | Marks::Slip => Likeness::Spelt(0),
            Marks::Other => Likeness::OtherMarks,
        };
    }
    let both = is_syllable(a) && is_syllable(b);
    let (shorter, longer) = (
        letters_a.len().min(letters_b.len()),
        letters_a.len().max(letters_b.len()),
    );
    match slips {
        1 if !both && longer > 1 => Likeness::Spelt(1),
        1 if both => Likeness::OtherLetter(shorter),
        2 if !both && longer >= LETTERS_OF_TWO_SLIPS => Likeness::Spelt(2),
        _ => Likeness::Unlike,
    }
}
