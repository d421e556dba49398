//! Which rows of the log were replaced.
//!
//! In: places. Out: whether a place came. Must hold: memory is a 256th of the log at most, and none is taken for the parts of it
//! whose rows all hold.

use super::Place;

/// The places that a chunk has a bit for: those of a mebibyte of the log.
const A_CHUNK: usize = 1 << 15;
const WORD: usize = u64::BITS as usize;

/// A set of places.
#[derive(Default)]
pub(super) struct Replaced {
    chunks: Vec<Option<Box<[u64; A_CHUNK / WORD]>>>,
}

/// The chunk of a place, the word of the chunk, and the bit of the word.
fn spot(place: Place) -> (usize, usize, u64) {
    let place = place.0 as usize;
    (place / A_CHUNK, place % A_CHUNK / WORD, 1 << (place % WORD))
}

impl Replaced {
    /// Adds a place; false where it was there.
    pub(super) fn insert(&mut self, place: Place) -> bool {
        let (chunk, word, bit) = spot(place);
        if self.chunks.len() <= chunk {
            self.chunks.resize(chunk + 1, None);
        }
        let chunk = self.chunks[chunk].get_or_insert_with(|| Box::new([0; A_CHUNK / WORD]));
        let is_new = chunk[word] & bit == 0;
        chunk[word] |= bit;
        is_new
    }

    /// Whether a place is there.
    pub(super) fn has(&self, place: Place) -> bool {
        let (chunk, word, bit) = spot(place);
        let chunk = self.chunks.get(chunk).and_then(Option::as_ref);
        chunk.is_some_and(|chunk| chunk[word] & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_like_a_set(places in prop::collection::vec(0u32..200_000, 0..300)) {
            let (mut replaced, mut set) = (Replaced::default(), BTreeSet::new());
            for place in &places {
                prop_assert_eq!(replaced.insert(Place(*place)), set.insert(*place));
            }
            let near = places.iter().flat_map(|place| place.saturating_sub(70)..place + 70);
            for place in near.chain([u32::MAX]) {
                prop_assert_eq!(replaced.has(Place(place)), set.contains(&place));
            }
        }
    }
}
