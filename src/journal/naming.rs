//! Which keys hold, or have held, content that names a number: the way from a person to rows of theirs whose keys are others.
//!
//! In: numbers that the content of rows names - what they are, its owner says - and the numbers of the keys. Out: the keys
//! that have named a number, which whoever asks holds against what they hold now. Must hold: memory grows by 8 bytes a
//! number, and 16 bytes a naming are in a scratch file that vanishes with the process; neither has what is named, only 32
//! bits of a digest under a key of the process; a key is noted once for as long as it goes on naming the same.
//!
//! ```text
//! digest ─▶ (hash, last) ─▶ (before, key) ─▶ (before, key) ─▶ …
//!            in memory       in the file
//! ```

use std::hash::BuildHasher;
use std::io;
use std::path::Path;

use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::SmallVec;

use super::row_log::{Place, RowLog};
use crate::record::Packed;

/// The numbers that a row names.
pub type Named = SmallVec<[u64; 4]>;

/// Before the first naming of a number.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Head {
    hash: u32,
    last: Place,
}

impl Head {
    fn spread(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Which keys name which numbers.
pub(super) struct Naming<T> {
    names: fn(&T) -> Named,
    heads: HashTable<Head>,
    log: RowLog,
    hasher: DefaultHashBuilder,
}

impl<T> Naming<T> {
    /// Of no keys yet; the file is made in `scratch`. `names` tells what content names.
    pub(super) fn create(scratch: &Path, names: fn(&T) -> Named) -> io::Result<Self> {
        Ok(Self {
            names,
            heads: HashTable::new(),
            log: RowLog::create(scratch)?,
            hasher: DefaultHashBuilder::default(),
        })
    }

    /// Notes what the content of a key names that its content before did not.
    pub(super) fn note(
        &mut self,
        number: Place,
        before: Option<&T>,
        content: Option<&T>,
    ) -> io::Result<()> {
        let Some(content) = content else {
            return Ok(());
        };
        let known = before.map(self.names).unwrap_or_default();
        let mut named = (self.names)(content);
        named.sort_unstable();
        named.dedup();
        for name in named.iter().filter(|name| !known.contains(name)) {
            self.add(*name, number)?;
        }
        Ok(())
    }

    fn hash(&self, name: u64) -> u32 {
        (self.hasher.hash_one(name) >> 32) as u32
    }

    fn add(&mut self, name: u64, number: Place) -> io::Result<()> {
        let hash = self.hash(name);
        let place = self.log.end()?;
        let spread = Head::spread(hash);
        let head = self.heads.find_mut(spread, |head| head.hash == hash);
        let before = head.as_ref().map_or(NONE, |head| head.last.0);
        match head {
            Some(head) => head.last = place,
            None => {
                let head = Head { hash, last: place };
                self.heads
                    .insert_unique(spread, head, |head| Head::spread(head.hash));
            }
        }
        self.log.append(|out| {
            before.pack(out);
            number.0.pack(out);
        })
    }

    /// The numbers of keys that have named a number, and of others whose digests agree by chance: the last first, at most
    /// `most` namings, each key once.
    pub(super) fn of(&self, name: u64, most: usize) -> io::Result<Vec<Place>> {
        let hash = self.hash(name);
        let head = self
            .heads
            .find(Head::spread(hash), |head| head.hash == hash);
        let mut next = head.map(|head| head.last);
        let mut keys = Vec::new();
        for _ in 0..most {
            let Some(place) = next else { break };
            let damaged = || io::Error::other("the file of who is named is damaged");
            let (before, key) = self
                .log
                .read(place, |mut bytes| {
                    Some((u32::unpack(&mut bytes)?, u32::unpack(&mut bytes)?))
                })?
                .ok_or_else(damaged)?;
            if !keys.contains(&Place(key)) {
                keys.push(Place(key));
            }
            next = (before != NONE).then_some(Place(before));
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[expect(
        clippy::ptr_arg,
        reason = "what is asked for is a function of the content as it is kept"
    )]
    fn names(content: &Vec<u64>) -> Named {
        content.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn every_key_that_names_a_number_is_found(
            steps in prop::collection::vec((0u32..8, prop::option::of(prop::collection::vec(0u64..6, 0..4))), 0..60)
        ) {
            let directory = tempfile::tempdir().expect("a scratch directory");
            let mut naming = Naming::create(directory.path(), names).expect("made");
            let mut held: BTreeMap<u32, Option<Vec<u64>>> = BTreeMap::new();
            let mut ever: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for (key, content) in steps {
                let before = held.insert(key, content.clone()).flatten();
                naming.note(Place(key), before.as_ref(), content.as_ref()).expect("noted");
                for name in content.iter().flatten() {
                    ever.entry(*name).or_default().insert(key);
                }
            }
            for name in 0..6 {
                let found = naming.of(name, usize::MAX).expect("read");
                let found: BTreeSet<u32> = found.into_iter().map(|key| key.0).collect();
                let expected = ever.get(&name).cloned().unwrap_or_default();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn what_is_found_is_bounded_and_the_last_comes_first() {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let mut naming = Naming::create(directory.path(), names).expect("made");
        for key in 0..100 {
            naming
                .note(Place(key), None, Some(&vec![7]))
                .expect("noted");
        }
        let found = naming.of(7, 3).expect("read");
        assert_eq!(found, [Place(99), Place(98), Place(97)]);
        assert!(naming.of(8, 3).expect("read").is_empty());
    }
}
