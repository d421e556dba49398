//! Whether two names are equal, one name misspelt, or two names.
//!
//! In: two names as registers store them. Out: a [`NameAgreement`]. Must hold: it is the same the
//! other way round; equal texts agree; no text makes it panic; nothing of a name leaves it.
//!
//! A name is misspelt where each of its words can be told to be the other's: without marks or tones,
//! or with the tone over the other vowel; `i` for `y`; as keys with the input method off; shortened
//! to its beginning; in another order; run together or torn apart; without a middle word; or with a
//! slip or two of the keyboard. A slip is told from another name by Vietnamese itself: what it gives
//! is seldom a syllable. The given name comes last and tells people of a family apart,
//! so it is held to more than the words before it.

mod family;
mod keys;
mod syllable;
mod token;
mod word;

use unicode_normalization::UnicodeNormalization;

use family::is_family;
use token::{Likeness, Token};
use word::{Marks, Word};

/// How two names compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameAgreement {
    /// Equal in NFC but for case and repeated spaces.
    Equal,
    /// One name, of which one spelling is wrong.
    Spelling,
    /// Two names.
    Different,
}

/// Words and letters of a name beyond which it is compared as a text only, so that no text that
/// somebody sends takes long.
const MOST_WORDS: usize = 12;
const MOST_LETTERS: usize = 120;
/// Letters of a name, of which most have 10 to 20, from which on it may have two slips.
const LETTERS_OF_TWO_SLIPS: usize = 10;
/// Letters of a middle word, or words of a name, from which on a slip that gives another syllable is
/// still taken for one.
const LETTERS_OF_A_SLIP: usize = 4;
const WORDS_OF_A_SLIP: usize = 4;
/// Words that may be missing in the middle.
const MOST_MISSING: usize = 2;

/// A name as texts are compared: NFC, lower case, single spaces.
pub fn canonical(name: &str) -> String {
    let lower: String = name.nfc().flat_map(char::to_lowercase).nfc().collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ")
}

/// The letters of a name in alphabetical order, without marks: equal for most misspellings of one
/// name, and so a key under which a register finds them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(compact_str::CompactString);

impl NameKey {
    /// The key of a name.
    pub fn of(name: &str) -> Self {
        let words = tokens(&canonical(name));
        let mut letters: Vec<char> = words.iter().flat_map(|token| token.word.bases()).collect();
        letters.sort_unstable();
        Self(letters.into_iter().collect())
    }
}

impl std::fmt::Debug for NameKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

/// Compares two names.
pub fn compare(a: &str, b: &str) -> NameAgreement {
    if a == b {
        return NameAgreement::Equal;
    }
    let (a, b) = (canonical(a), canonical(b));
    if a == b {
        return NameAgreement::Equal;
    }
    let (a, b) = (tokens(&a), tokens(&b));
    let is_name = |words: &[Token]| {
        !words.is_empty() && words.len() <= MOST_WORDS && letters(words) <= MOST_LETTERS
    };
    if !is_name(&a) || !is_name(&b) {
        return NameAgreement::Different;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let slips = allowed_slips(&short, &long);
    let one_name = run_together_alike(&short, &long)
        || if short.len() == long.len() {
            in_order(&short, &long, slips) || in_other_order(&short, &long)
        } else {
            without_middle(&short, &long, slips) || torn_apart(&short, &long, slips)
        };
    if one_name {
        NameAgreement::Spelling
    } else {
        NameAgreement::Different
    }
}

/// The words of a name in canonical form; a point or a hyphen ends one as a space does.
fn tokens(canonical: &str) -> Vec<Token> {
    canonical
        .split([' ', '-', '_', ','])
        .flat_map(|part| part.split_inclusive('.'))
        .map(Token::new)
        .filter(|token| token.len() > 0)
        .collect()
}

fn letters(words: &[Token]) -> usize {
    words.iter().map(Token::len).sum()
}

fn allowed_slips(a: &[Token], b: &[Token]) -> usize {
    1 + usize::from(letters(a).min(letters(b)) >= LETTERS_OF_TWO_SLIPS)
}

/// Whether the names have the same letters in the same order, wherever their spaces are.
fn run_together_alike(a: &[Token], b: &[Token]) -> bool {
    let joined = |words: &[Token]| {
        let words: Vec<&Word> = words.iter().map(|token| &token.word).collect();
        Word::joined(&words)
    };
    let (joined_a, joined_b) = (joined(a), joined(b));
    a.len() != b.len()
        && joined_a.bases().eq(joined_b.bases())
        && joined_a.marks(&joined_b) != Marks::Other
}

/// Whether each word is the other's, and the given name surely.
fn in_order(a: &[Token], b: &[Token], mut slips: usize) -> bool {
    let given = a.len() - 1;
    let (mut other_in_middle, mut whole) = (false, false);
    for (place, (a, b)) in a.iter().zip(b).enumerate() {
        let is_middle = place > 0 && place < given;
        match a.likeness(b) {
            Likeness::Spelt(count) if count <= slips => {
                slips -= count;
                whole = true;
            }
            Likeness::Initial => {}
            // Nobody is told apart by a family name alone, of which there are few.
            Likeness::OtherMarks if place == 0 && place < given => {}
            Likeness::OtherLetter(_) if place == 0 && place < given && slips > 0 => {
                // Of two families' names neither is the other's slip.
                if is_family(a.word.bases()) == is_family(b.word.bases()) {
                    return false;
                }
                slips -= 1;
            }
            Likeness::OtherMarks if is_middle && !other_in_middle => other_in_middle = true,
            Likeness::OtherLetter(letters)
                if is_middle
                    && !other_in_middle
                    && (letters >= LETTERS_OF_A_SLIP || given + 1 >= WORDS_OF_A_SLIP) =>
            {
                other_in_middle = true;
            }
            _ => return false,
        }
    }
    whole
}

/// Whether the words are the same in another order: a perfect matching, found by augmenting paths, so
/// that no repetition of words makes it long.
fn in_other_order(a: &[Token], b: &[Token]) -> bool {
    fn place(
        word: usize,
        same: &[Vec<bool>],
        tried: &mut [bool],
        of: &mut [Option<usize>],
    ) -> bool {
        (0..of.len()).any(|other| {
            if !same[word][other] || std::mem::replace(&mut tried[other], true) {
                return false;
            }
            let is_free = of[other].is_none_or(|earlier| place(earlier, same, tried, of));
            if is_free {
                of[other] = Some(word);
            }
            is_free
        })
    }
    let likenesses = |a: &Token| {
        let is_same = |b: &Token| a.likeness(b) == Likeness::Spelt(0);
        b.iter().map(is_same).collect()
    };
    let same: Vec<Vec<bool>> = a.iter().map(likenesses).collect();
    let mut of = vec![None; b.len()];
    (0..a.len()).all(|word| place(word, &same, &mut vec![false; b.len()], &mut of))
}

/// Whether the longer name has a middle word more, or two.
fn without_middle(short: &[Token], long: &[Token], slips: usize) -> bool {
    fn middle(short: &[Token], long: &[Token], slips: usize) -> bool {
        let (Some((first, rest)), Some((skipped, others))) =
            (short.split_first(), long.split_first())
        else {
            return short.is_empty();
        };
        let taken = match first.likeness(skipped) {
            Likeness::Spelt(count) if count <= slips => middle(rest, others, slips - count),
            Likeness::Initial => middle(rest, others, slips),
            _ => false,
        };
        taken || (long.len() > short.len() && middle(short, others, slips))
    }
    if short.len() < 2 || long.len() - short.len() > MOST_MISSING {
        return false;
    }
    let (last_short, last_long) = (short.len() - 1, long.len() - 1);
    let Likeness::Spelt(given) = short[last_short].likeness(&long[last_long]) else {
        return false;
    };
    let family = match short[0].likeness(&long[0]) {
        Likeness::Spelt(count) => count,
        Likeness::Initial => 0,
        _ => return false,
    };
    given + family <= slips
        && middle(
            &short[1..last_short],
            &long[1..last_long],
            slips - given - family,
        )
}

/// Whether words of the longer name, run together, are words of the shorter one.
fn torn_apart(short: &[Token], long: &[Token], slips: usize) -> bool {
    if long.len() - short.len() > MOST_MISSING {
        return false;
    }
    (1..long.len()).any(|place| {
        let mut joined: Vec<Token> = long[..place - 1].to_vec();
        let (a, b) = (&long[place - 1].text, &long[place].text);
        joined.push(Token::new(&format!("{a}{b}")));
        joined.extend_from_slice(&long[place + 1..]);
        if joined.len() == short.len() {
            in_order(short, &joined, slips)
        } else {
            torn_apart(short, &joined, slips)
        }
    })
}

#[cfg(test)]
mod tests;
