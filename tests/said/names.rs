//! Names of people in a text, however they are written.
//!
//! In: names; then texts. Out: the names that are in them. Must hold: neither case nor marks of tone nor what
//! an address makes of a blank hides a name.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Names, folded.
#[derive(Default)]
pub struct Names {
    folded: HashSet<String>,
    /// Words of the longest.
    longest: usize,
}

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.folded.len()
    }

    /// Adds a name. A single word is no name.
    pub fn add(&mut self, name: &str) {
        let words: Vec<String> = words(name).map(|(word, _)| word).collect();
        if words.len() >= 2 {
            self.longest = self.longest.max(words.len());
            self.folded.insert(words.join(" "));
        }
    }

    /// The names in a line.
    pub fn found(&self, line: &str) -> Vec<String> {
        let words: Vec<(String, bool)> = words(line).collect();
        let mut found = Vec::new();
        for begin in 0..words.len() {
            let mut name = words[begin].0.clone();
            for (word, follows) in words[begin + 1..].iter().take(self.longest - 1) {
                if !follows {
                    break;
                }
                name.push(' ');
                name.push_str(word);
                if self.folded.contains(&name) {
                    found.push(name.clone());
                }
            }
        }
        found
    }
}

/// The words of a text, folded, and whether each follows the one before as words of a name do.
fn words(text: &str) -> impl Iterator<Item = (String, bool)> {
    let folded: String = text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if matches!(c, 'đ' | 'Đ') { 'd' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    let mut words: Vec<(String, bool)> = Vec::new();
    let (mut word, mut between) = (String::new(), String::new());
    for c in folded.chars().chain(['\n']) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let joins = |c: char| matches!(c, ' ' | '\u{a0}' | '+' | '-' | '_' | '.');
            let follows = !between.is_empty() && between.chars().all(joins);
            words.push((std::mem::take(&mut word), follows));
            between.clear();
        }
        between.push(c);
    }
    words.into_iter()
}
