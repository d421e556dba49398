//! Whether letters are a syllable of Vietnamese.
//!
//! In: a word, with marks or without. Out: whether some Vietnamese syllable is written so, but for
//! marks and tones that it may lack. A typing error seldom gives one, another name nearly always is one; so this tells `Mimh`, an
//! error for `Minh`, from `Linh`, another name, without a list of names that would never be whole.

use super::word::{Letter, Mark, Word};

/// Consonants that begin a syllable, longest first so that the first that fits is the right one.
const ONSETS: [&str; 29] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "g", "h",
    "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", "y", "",
];

/// What follows: vowels and the consonants that end a syllable, without marks.
const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay \
    e ec ech em en eng enh eo ep et eu \
    i ia ic ich iec iem ien ieng iep iet ieu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot \
    u ua uan uang uat uay ue uech uenh uc ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu \
    uy uya uych uyen uyet uynh uyt uyu \
    y yem yen yet yeu ";

/// What follows `qu`, whose `u` is part of the consonant.
const RIMES_OF_QU: &str = " a ac ach ai am an ang anh ao at au ay e en eo et e ech enh eu \
    i in inh it o oc oi on ot y ych yen yet yn ynh yt yu ";

/// Whether some syllable of Vietnamese is written so, with all its marks or with fewer.
pub(super) fn is_syllable(word: &Word) -> bool {
    let last = word.letters.last();
    // `ă` and `â` are always followed by something, and no marked vowel is doubled.
    let is_open = last.is_some_and(|last| last.base == 'a' && last.mark != Mark::None);
    let is_doubled = |pair: &[Letter]| pair[0] == pair[1] && pair[0].mark != Mark::None;
    if is_open || word.letters.windows(2).any(is_doubled) {
        return false;
    }
    let letters: String = word.bases().collect();
    // The longest syllable is `nghiêng`.
    if letters.is_empty() || letters.len() > 7 || !letters.is_ascii() {
        return false;
    }
    ONSETS.iter().any(|onset| {
        let Some(rest) = letters.strip_prefix(onset) else {
            return false;
        };
        match *onset {
            "qu" => is_in(RIMES_OF_QU, rest),
            "q" => false,
            // `gì`, `giếng` and `gìn`, of which the vowel is also the consonant's.
            "gi" if rest.is_empty() => true,
            "y" => false,
            _ => is_in(RIMES, rest),
        }
    })
}

fn is_in(list: &str, rime: &str) -> bool {
    let found = |place: usize| list[place + rime.len()..].starts_with(' ');
    !rime.is_empty()
        && list
            .match_indices(rime)
            .any(|(place, _)| list[..place].ends_with(' ') && found(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_syllables_and_typing_errors_are_not() {
        for name in [
            "nguyen", "tran", "le", "pham", "huynh", "hoang", "phan", "vu", "vo", "dang", "bui",
            "do", "ho", "ngo", "duong", "ly", "thi", "van", "quynh", "quoc", "quan", "giang",
            "gia", "nghia", "phuong", "khanh", "uyen", "yen", "oanh", "an", "y", "tuyet", "thuy",
            "hien", "xuan", "dieu", "khoa", "hieu", "huong", "quyen", "quy", "luu", "tien", "lưu",
            "trân",
        ] {
            assert!(is_syllable(&Word::new(name)), "{name}");
        }
        for typed in [
            "nguyeen", "nguyne", "mimh", "hoanh1", "thij", "phm", "vna", "trna", "hungg", "q", "",
            "ddang", "trầ", "vă", "thưư", "noong", "nguyn", "lynh", "nguyenx", "lann", "phuopng",
            "wan",
        ] {
            assert!(!is_syllable(&Word::new(typed)), "{typed}");
        }
    }
}
