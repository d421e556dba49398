//! How a word sounds, roughly, so that misspellings meet.
//!
//! In: a folded word. Out: a code of up to four classes of consonants, in the manner of Soundex. Must
//! hold: the code is a function of the word; vowels and doubled letters do not matter.

/// The code of a folded word: its first letter's class and up to three more.
///
/// Unlike Soundex the first letter is classed too, since `ph` and `f`, `d` and `gi`, `c` and `k` begin
/// the same name.
pub fn sound(word: &str) -> u32 {
    let mut code = 0;
    let mut length = 0;
    let mut last = 0;
    let mut vowel_first = false;
    for (place, c) in word.chars().enumerate() {
        let class = class(c);
        if place == 0 && class == 0 {
            vowel_first = true;
        }
        if class != 0 && class != last {
            code = code * 16 + class;
            length += 1;
            if length == 4 {
                break;
            }
        }
        // Unlike in Soundex vowels do not part equal classes, for letters are doubled by slips.
        if class != 0 {
            last = class;
        }
    }
    code * 2 + u32::from(vowel_first)
}

fn class(c: char) -> u32 {
    match c {
        'b' | 'f' | 'p' | 'v' => 1,
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => 2,
        'd' | 't' => 3,
        'l' => 4,
        'm' | 'n' => 5,
        'r' => 6,
        '0'..='9' => 7,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_sound_alike_meet() {
        for (a, b) in [
            ("robert", "rupert"),
            ("catherine", "katherine"),
            ("phillip", "filip"),
            ("xuan", "suan"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("robert"), sound("roger"));
        assert_ne!(sound("anna"), sound("nna"));
    }
}
