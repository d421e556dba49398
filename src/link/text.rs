//! Normal forms of text, for comparison.
//!
//! In: text as people type it. Out: its toned form (NFC, lower case, one space between words, no
//! punctuation) and its folded form (the toned form without tone marks and accents, `đ` as `d`).
//! Must hold: both are idempotent, and texts that differ only in Unicode composition, case or
//! spacing have equal forms.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// NFC, lower case, words apart by one space; apostrophes and points vanish, other punctuation parts
/// words.
pub fn toned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        push_words(text.chars().map(|c| c.to_ascii_lowercase()), &mut out);
        return out;
    }
    push_words(text.nfkc().flat_map(char::to_lowercase), &mut out);
    // Lower case may decompose (`İ`), and punctuation that vanished may have stood between a letter
    // and its marks, so composition comes last.
    if is_nfc(&out) {
        out
    } else {
        out.nfc().collect()
    }
}

fn push_words(chars: impl Iterator<Item = char>, out: &mut String) {
    let mut apart = false;
    for c in chars {
        if c.is_alphanumeric() || is_combining_mark(c) {
            if apart && !out.is_empty() {
                out.push(' ');
            }
            apart = false;
            out.push(c);
        } else if !matches!(c, '\'' | '\u{2019}' | '`' | '.') {
            apart = true;
        }
    }
}

/// A toned form without tone marks and accents, `đ` as `d`.
pub fn folded(toned: &str) -> String {
    if toned.is_ascii() {
        return toned.to_owned();
    }
    let plain = toned.nfd().filter(|c| !is_combining_mark(*c));
    plain.map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

/// Whether a cell says that nothing is known.
pub fn is_missing(cell: &str) -> bool {
    const WORDS: [&str; 7] = ["null", "none", "nan", "n/a", "-", "?", "unknown"];
    cell.is_empty() || WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vietnamese_names_are_the_same_however_they_are_typed() {
        let composed = "Nguyễn  Văn Đức";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(toned(composed), "nguyễn văn đức");
        assert_eq!(toned(&decomposed), toned(composed));
        assert_eq!(toned("NGUYỄN VĂN ĐỨC"), toned(composed));
        assert_eq!(folded(&toned(composed)), "nguyen van duc");
    }

    #[test]
    fn punctuation_parts_words_and_apostrophes_do_not() {
        assert_eq!(toned(" O'Brien-Smith, J. "), "obrien smith j");
        assert_eq!(toned("--"), "");
        assert_eq!(toned("e'\u{302}"), "ê", "a mark finds its letter");
        assert_eq!(
            toned("\u{fe20}'\u{c55}"),
            "\u{c55}\u{fe20}",
            "marks have one order"
        );
    }

    #[test]
    fn placeholders_are_missing() {
        assert!(["", "NULL", "n/a", "-"].into_iter().all(is_missing));
        assert!(!is_missing("Na"), "a name");
    }

    proptest! {
        #[test]
        fn forms_are_idempotent(text in "\\PC{0,20}") {
            let once = toned(&text);
            prop_assert_eq!(&toned(&once), &once);
            let bare = folded(&once);
            prop_assert_eq!(&folded(&bare), &bare);
        }
    }
}
