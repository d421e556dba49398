//! Which row each key holds, and the rows before it.

use std::hash::BuildHasher;
use std::io;
use std::path::Path;

use hashbrown::DefaultHashBuilder;

use super::key_index::KeyIndex;
use super::naming::{Named, Naming};
use super::row_log::{Place, RowLog};
use crate::record::{Instant, Key, Packed, pack_varint, take, unpack_varint};

/// A row as it was accepted, with what is kept of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<T> {
    /// Stream and key.
    pub key: Key,
    /// The place of the key's first row: a number for the key that never changes.
    pub number: Place,
    /// The row that this one took the place of.
    pub previous: Option<Place>,
    /// The first of the rows since which the key has held this content.
    pub since: Place,
    /// The epoch in which it became known, counted from 0 without gaps.
    pub epoch: u32,
    /// The file, by its place in the byte order of names.
    pub file: u32,
    /// 1-based record in the file.
    pub row: u64,
    /// Knowledge time.
    pub recorded_at: Instant,
    /// A fingerprint of every column, so that a re-sent equal row is known as such.
    pub fingerprint: u64,
    /// What its owner keeps beside the content, which nothing here looks at; 0 when the row removed its key.
    pub note: u64,
    /// What the dataflow needs of it; `None` when the row removed its key.
    pub content: Option<T>,
}

/// The bit that says that a row has content, beside how it came to its number.
const HAS_CONTENT: u8 = 2;
const HAS_PREVIOUS: u8 = 1;

impl<T: Packed> Row<T> {
    /// Adds the row: its key first, since that is asked for alone. The first row of a key has its own
    /// place as its number, which need not be kept.
    fn pack(&self, out: &mut Vec<u8>) {
        self.key.pack(out);
        let has_previous = if self.previous.is_some() {
            HAS_PREVIOUS
        } else {
            0
        };
        let has_content = if self.content.is_some() {
            HAS_CONTENT
        } else {
            0
        };
        out.push(has_previous | has_content);
        if let Some(previous) = self.previous {
            self.number.0.pack(out);
            previous.0.pack(out);
            self.since.0.pack(out);
        }
        pack_varint(self.epoch.into(), out);
        pack_varint(self.file.into(), out);
        pack_varint(self.row, out);
        self.recorded_at.pack(out);
        self.fingerprint.pack(out);
        if let Some(content) = &self.content {
            pack_varint(self.note, out);
            content.pack(out);
        }
    }

    /// The row that stands at a place.
    fn unpack(place: Place, mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let key = Key::unpack(bytes)?;
        let [has] = take(bytes)?;
        let mut place_of = || u32::unpack(bytes).map(Place);
        let (number, previous, since) = match has & HAS_PREVIOUS {
            0 => (place, None, place),
            _ => (place_of()?, Some(place_of()?), place_of()?),
        };
        let mut row = Self {
            key,
            number,
            previous,
            since,
            epoch: u32::try_from(unpack_varint(bytes)?).ok()?,
            file: u32::try_from(unpack_varint(bytes)?).ok()?,
            row: unpack_varint(bytes)?,
            recorded_at: Instant::unpack(bytes)?,
            fingerprint: u64::unpack(bytes)?,
            note: 0,
            content: None,
        };
        if has & HAS_CONTENT != 0 {
            row.note = unpack_varint(bytes)?;
            row.content = Some(T::unpack(bytes)?);
        }
        Some(row)
    }
}

fn damaged() -> io::Error {
    io::Error::other("the row log is damaged")
}

/// Hashes keys as the rows of one run do, on any thread.
#[derive(Clone)]
pub struct KeyHasher(DefaultHashBuilder);

impl KeyHasher {
    /// The hash of a key.
    pub fn hash(&self, key: &Key) -> u64 {
        self.0.hash_one(key)
    }
}

/// The rows of every key.
///
/// The index holds a place and some bytes of a hash a key; hashes that agree are told apart by the key in the log.
pub struct Rows<T> {
    log: RowLog,
    index: KeyIndex,
    hasher: KeyHasher,
    /// What rows name beside their keys, where somebody asks for it.
    naming: Option<Naming<T>>,
    content: std::marker::PhantomData<T>,
}

impl<T: Packed> Rows<T> {
    /// No rows; the log is made in `scratch`.
    ///
    /// # Errors
    /// When the scratch file cannot be made.
    pub fn create(scratch: &Path) -> io::Result<Self> {
        Ok(Self {
            log: RowLog::create(scratch)?,
            index: KeyIndex::new(),
            hasher: KeyHasher(DefaultHashBuilder::default()),
            naming: None,
            content: std::marker::PhantomData,
        })
    }

    /// As [`Rows::create`], with an index of the numbers that `names` tells of content: [`Rows::naming`] asks it. It takes
    /// 8 bytes of memory a number and 16 bytes of the scratch directory a naming.
    ///
    /// # Errors
    /// When a scratch file cannot be made.
    pub fn create_with_names(scratch: &Path, names: fn(&T) -> Named) -> io::Result<Self> {
        Ok(Self {
            naming: Some(Naming::create(scratch, names)?),
            ..Self::create(scratch)?
        })
    }

    /// Whether it is known which keys name a number.
    pub fn has_names(&self) -> bool {
        self.naming.is_some()
    }

    /// The first rows of keys whose content names a number, or has named it, or another number by chance: at most `most`,
    /// those first that have named it last. None where names are not kept.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn naming(&self, number: u64, most: usize) -> io::Result<Vec<Place>> {
        let naming = self.naming.as_ref();
        naming.map_or(Ok(Vec::new()), |naming| naming.of(number, most))
    }

    /// How many keys have ever held a row.
    pub fn keys(&self) -> usize {
        self.index.len()
    }

    /// The latest row of a key, and its place.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn latest(&self, key: &Key) -> io::Result<Option<(Place, Row<T>)>> {
        self.latest_hashed(key, self.hasher.hash(key))
    }

    /// As [`Rows::latest`], where the hash of the key is known.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn latest_hashed(&self, key: &Key, hash: u64) -> io::Result<Option<(Place, Row<T>)>> {
        for place in self.index.places(hash) {
            let row = self.at(place)?;
            if row.key == *key {
                return Ok(Some((place, row)));
            }
        }
        Ok(None)
    }

    /// Brings the entries of keys that are asked for next into the nearest cache. Each is a wait for memory; here none depends on
    /// another, so that they overlap.
    pub fn touch(&self, hashes: impl Iterator<Item = u64>) {
        self.index.touch(hashes);
    }

    /// Brings the entries of keys that will be asked for nearer, and has the rows of those that are known fetched from the scratch
    /// file, so that the waits for the disk overlap.
    pub fn look_ahead(&self, hashes: impl Iterator<Item = u64> + Clone) {
        self.touch(hashes.clone());
        for place in hashes.flat_map(|hash| self.index.places(hash)) {
            self.log.read_ahead(place);
        }
    }

    /// Whether the row at a place is the latest of its key.
    fn is_latest(&self, key: &Key, place: Place) -> bool {
        let mut places = self.index.places(self.hasher.hash(key));
        places.any(|latest| latest == place)
    }

    /// Tells the latest row of each key, in the order in which they came.
    ///
    /// # Errors
    /// With the first error of `tell`, or with what `unreadable` makes of it when the scratch file cannot
    /// be read.
    pub fn each_latest<E>(
        &self,
        unreadable: fn(io::Error) -> E,
        mut tell: impl FnMut(&Row<T>) -> Result<(), E>,
    ) -> Result<(), E> {
        let damaged = || unreadable(damaged());
        let mut every = self.log.every_row();
        while let Some((place, bytes)) = every.next().map_err(unreadable)? {
            let key = Key::unpack(&mut &*bytes).ok_or_else(damaged)?;
            if self.is_latest(&key, place) {
                tell(&Row::unpack(place, bytes).ok_or_else(damaged)?)?;
            }
        }
        Ok(())
    }

    /// Tells the latest row of each key that is wanted, among so many rows from a place on. Gives the place to go
    /// on from, if rows are left: who adds rows need not wait for more than that.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn latest_of_block(
        &self,
        (from, count): (Place, usize),
        is_wanted: impl Fn(&Key) -> bool,
        mut tell: impl FnMut(&Row<T>),
    ) -> io::Result<Option<Place>> {
        let mut rows = self.log.rows_from(from);
        for _ in 0..count {
            let Some((place, bytes)) = rows.next()? else {
                return Ok(None);
            };
            let key = Key::unpack(&mut &*bytes).ok_or_else(damaged)?;
            if is_wanted(&key) && self.is_latest(&key, place) {
                tell(&Row::unpack(place, bytes).ok_or_else(damaged)?);
            }
        }
        Ok(rows.place())
    }

    /// The row at a place.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn at(&self, place: Place) -> io::Result<Row<T>> {
        self.log
            .read(place, |bytes| Row::unpack(place, bytes))?
            .ok_or_else(damaged)
    }

    /// The key whose first row stands at a place.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn key(&self, number: Place) -> io::Result<Key> {
        self.log
            .read(number, |mut bytes| Key::unpack(&mut bytes))?
            .ok_or_else(damaged)
    }

    /// The row that a key held at the end of an epoch.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn as_of_epoch(&self, key: &Key, epoch: u32) -> io::Result<Option<Row<T>>> {
        let mut row = self.latest(key)?.map(|(_, row)| row);
        while let Some(later) = row.as_ref().filter(|row| row.epoch > epoch) {
            row = later.previous.map(|place| self.at(place)).transpose()?;
        }
        Ok(row)
    }

    /// The key whose first row stands at a place, and the row that it held at the end of an epoch: most
    /// keys have one row, which is then read once.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn numbered_as_of_epoch(
        &self,
        number: Place,
        epoch: u32,
    ) -> io::Result<(Key, Option<Row<T>>)> {
        let first = self.at(number)?;
        if !self.is_latest(&first.key, number) {
            return Ok((first.key.clone(), self.as_of_epoch(&first.key, epoch)?));
        }
        let key = first.key.clone();
        Ok((key, Some(first).filter(|row| row.epoch <= epoch)))
    }

    /// Whether a row, the last of its key in its epoch, changed what the key holds: it is not equal to
    /// the row before the epoch.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn is_change(&self, after: &Row<T>) -> io::Result<bool> {
        let mut before = after.previous.map(|place| self.at(place)).transpose()?;
        while let Some(same) = before.as_ref().filter(|row| row.epoch == after.epoch) {
            before = same.previous.map(|place| self.at(place)).transpose()?;
        }
        let held = |row: &Row<T>| row.content.is_some().then_some(row.fingerprint);
        Ok(held(after) != before.as_ref().and_then(held))
    }

    /// The place that the next row will have.
    ///
    /// # Errors
    /// When the log is full.
    pub fn next_place(&self) -> io::Result<Place> {
        self.log.end()
    }

    /// Adds a row as the latest of its key. `row.previous` and `row.number` must be what `latest`
    /// and `next_place` gave for it.
    ///
    /// # Errors
    /// When the scratch file cannot be written.
    pub fn push(&mut self, row: &Row<T>) -> io::Result<()> {
        self.push_hashed(row, self.hasher.hash(&row.key))
    }

    /// As [`Rows::push`], where the hash of the key is known.
    ///
    /// # Errors
    /// When the scratch file cannot be written.
    pub fn push_hashed(&mut self, row: &Row<T>, hash: u64) -> io::Result<()> {
        let place = self.log.end()?;
        if let Some(mut naming) = self.naming.take() {
            let before = row.previous.map(|place| self.at(place)).transpose();
            let noted = before.and_then(|before| {
                let before = before.and_then(|row| row.content);
                naming.note(row.number, before.as_ref(), row.content.as_ref())
            });
            self.naming = Some(naming);
            noted?;
        }
        self.log.append(|out| row.pack(out))?;
        match row.previous {
            Some(previous) => {
                let is_replaced = self.index.replace(hash, previous, place);
                assert!(
                    is_replaced,
                    "the row that is replaced is the latest of its key"
                );
            }
            None => self.index.insert(hash, place),
        }
        Ok(())
    }

    /// What hashes the keys, for those who make rows on other threads.
    pub fn key_hasher(&self) -> KeyHasher {
        self.hasher.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{SiNumber, Text, Value};
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn key(n: u64) -> Key {
        let si = SiNumber::new(n / 2).expect("in range");
        if n.is_multiple_of(2) {
            Key::Participant(si)
        } else {
            Key::DeathReport(Text::from_text(&format!("report {n}")).expect("text"))
        }
    }

    proptest! {
        #[test]
        fn rows_answer_like_a_map_of_histories(
            steps in prop::collection::vec((0u64..6, 0u32..3, prop::option::of(0u64..3)), 1..60)
        ) {
            let directory = tempfile::tempdir().expect("a scratch directory");
            let mut rows = Rows::<u64>::create(directory.path()).expect("rows");
            let mut histories: HashMap<u64, Vec<(u32, Option<u64>)>> = HashMap::new();
            let mut epoch = 0;
            for (n, later, content) in steps {
                epoch += later;
                let latest = rows.latest(&key(n)).expect("read");
                let history = histories.entry(n).or_default();
                prop_assert_eq!(latest.as_ref().map(|(_, r)| r.content), history.last().map(|h| h.1));
                let place = rows.next_place().expect("not full");
                rows.push(&Row {
                    key: key(n),
                    number: latest.as_ref().map_or(place, |(_, row)| row.number),
                    since: match &latest {
                        Some((_, row)) if row.content == content => row.since,
                        _ => place,
                    },
                    previous: latest.map(|(previous, _)| previous),
                    epoch, file: 0, row: 1,
                    recorded_at: Instant::from_nanos(0),
                    fingerprint: content.unwrap_or(0),
                    note: content.unwrap_or(0),
                    content,
                }).expect("pushed");
                history.push((epoch, content));
            }
            let mut latest: HashMap<Key, Option<u64>> = HashMap::new();
            rows.each_latest(|error| error, |row| {
                assert!(latest.insert(row.key.clone(), row.content).is_none(), "told once");
                Ok(())
            }).expect("read");
            let held = histories.iter().map(|(n, history)| (key(*n), history.last().expect("one").1));
            prop_assert_eq!(latest, held.collect::<HashMap<_, _>>());
            for (n, history) in &histories {
                prop_assert_eq!(&rows.key(rows.latest(&key(*n)).expect("read").expect("held").1.number).expect("read"), &key(*n));
                for at in 0..=epoch {
                    let held = |until: u32| history.iter().rev().find(|h| h.0 <= until).and_then(|h| h.1);
                    let row = rows.as_of_epoch(&key(*n), at).expect("read");
                    prop_assert_eq!(row.as_ref().and_then(|r| r.content), held(at));
                    let number = rows.latest(&key(*n)).expect("read").expect("held").1.number;
                    let numbered = rows.numbered_as_of_epoch(number, at).expect("read");
                    let in_epoch = row.as_ref().filter(|row| row.epoch == at);
                    let changed = in_epoch.is_some_and(|row| rows.is_change(row).expect("read"));
                    prop_assert_eq!(numbered, (key(*n), row));
                    let before = if at == 0 { None } else { held(at - 1) };
                    prop_assert_eq!(changed, held(at) != before);
                }
            }
        }
    }
}
