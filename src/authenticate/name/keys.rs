//! What was typed while the input method was off: Telex (`nguyeenx`) and VNI (`nguye6n4`).
//!
//! In: a word as it was stored. Out: the word that the keys stand for, where they stand for one.
//! Free order is understood, as input methods do: `nguyenxe` is `nguyễn`. The caller decides whether
//! a word is to be read so; `Long` is also Telex for nothing, `Thái` typed as `Thais` is not a word.

use super::word::{Letter, Mark, Tone, Word, is_vowel};

/// The word that keys stand for; `None` where no key stands for a mark or a tone.
pub(super) fn typed(keys: &Word) -> Option<Word> {
    let mut word = Word {
        letters: Vec::with_capacity(keys.letters.len()),
        tones: keys.tones.clone(),
    };
    let mut read = false;
    for key in &keys.letters {
        let taken = key.mark == Mark::None && (word.tone_key(key.base) || word.mark_key(key.base));
        if taken {
            read = true;
        } else {
            word.letters.push(*key);
        }
    }
    read.then_some(word)
}

impl Word {
    /// Takes a key for a tone, which comes after a vowel: no syllable ends with one of these letters.
    fn tone_key(&mut self, key: char) -> bool {
        let tone = match key {
            's' | '1' => Tone::Acute,
            'f' | '2' => Tone::Grave,
            'r' | '3' => Tone::Hook,
            'x' | '4' => Tone::Tilde,
            'j' | '5' => Tone::Dot,
            _ => return false,
        };
        if !self.letters.iter().any(|letter| is_vowel(letter.base)) {
            return false;
        }
        // As in an input method, the last one counts.
        self.tones = vec![tone];
        true
    }

    /// Takes a key for a mark on a letter that came before.
    fn mark_key(&mut self, key: char) -> bool {
        match key {
            'a' | 'e' | 'o' => self.put(Mark::Circumflex, &[key]),
            '6' => self.put(Mark::Circumflex, &['a', 'e', 'o']),
            'd' | '9' => self.put(Mark::Bar, &['d']),
            '8' => self.put(Mark::Breve, &['a']),
            '7' => self.horn(),
            'w' => self.horn() || self.put(Mark::Breve, &['a']) || self.horned_u(),
            _ => false,
        }
    }

    /// Marks the last plain one of these letters.
    fn put(&mut self, mark: Mark, bases: &[char]) -> bool {
        let plain =
            |letter: &&mut Letter| letter.mark == Mark::None && bases.contains(&letter.base);
        let found = self.letters.iter_mut().rev().find(plain);
        found.map(|letter| letter.mark = mark).is_some()
    }

    /// `ơ`, `ư`, or both in `ươ`, by one key.
    fn horn(&mut self) -> bool {
        let last = self
            .letters
            .iter()
            .rposition(|l| matches!(l.base, 'u' | 'o'));
        let Some(last) = last.filter(|last| self.letters[*last].mark == Mark::None) else {
            return false;
        };
        self.letters[last].mark = Mark::Horn;
        if self.letters[last].base == 'o' && last > 0 && self.letters[last - 1].base == 'u' {
            self.letters[last - 1].mark = Mark::Horn;
        }
        true
    }

    /// `w` alone is `ư`.
    fn horned_u(&mut self) -> bool {
        self.letters.push(Letter {
            base: 'u',
            mark: Mark::Horn,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_for_words() {
        for (keys, word) in [
            ("nguyeenx", "nguyễn"),
            ("nguyenxe", "nguyễn"),
            ("nguye6n4", "nguyễn"),
            ("ddawng", "đăng"),
            ("dawngd", "đăng"),
            ("d9a8ng", "đăng"),
            ("thij", "thị"),
            ("huwowng", "hương"),
            ("huowng", "hương"),
            ("hu7o7ng", "hương"),
            ("dduwcs", "đức"),
            ("hoaf", "hoà"),
            ("swn", "sưn"),
            ("tra62n", "trần"),
        ] {
            assert_eq!(typed(&Word::new(keys)), Some(Word::new(word)), "{keys}");
        }
        assert_eq!(typed(&Word::new("linh")), None);
        assert_eq!(typed(&Word::new("sinh")), None);
    }
}
