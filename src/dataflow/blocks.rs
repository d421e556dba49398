//! Which participants are so alike that they are probably one person, kept up to date.
//!
//! ```text
//! entries by key ─▶ blocks ─ pairs in which one is doubted ─ hints ─ names, by place ─▶ pairs that are alike
//! ```
//! In: entries, one a participant and key. Out: the pairs whose weight is at least that asked for, and
//! what is behind their coming and going where it is neither of the two. Must hold: a pair is given out once,
//! while the first key that both share brings them together in a block within its bound; what a change costs
//! is bounded by the bound, whatever the size of the block; the names of two rows are read only where their
//! hints allow that they are alike.
//!
//! A block is a key and its entries. Entries that are few are slots of one flat table, fourteen bytes each;
//! those of a block beyond its bound, where nobody is compared, are a set of their own. Where nobody of a
//! block is doubted, which is nearly everywhere, a change only touches the table.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet, HashTable};
use serde::{Deserialize, Serialize};

use super::finding::Forgiving;
use super::likeness::{BlockEntry, ParticipantAt};
use super::linkage_work::LinkageWork;
use super::node::Node;
use super::row_ref::RowRef;
use super::state::{Size, State};
use crate::journal::Place;
use crate::link::{
    HINT_BITS, PersonHint, PersonKey, PersonKeyKind, PersonKeys, PersonLinkage, PersonRecord,
};
use crate::record::Packed;
use crate::rule::Reason;

/// Rows whose names are kept in case that others are compared with them.
const KNOWN: usize = 4096;
/// The most rows that are named as the cause of what a block's growing or shrinking does: as many as an
/// event lists.
const CAUSES: usize = 8;

/// One of two who are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Alike {
    pub(super) participant: Node,
    /// The personal id that its row names and that is not trusted.
    pub(super) doubted: Option<Node>,
}

/// What blocks give out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum BlockOutcome {
    /// Two who are alike, the lower participant first.
    Pair(Alike, Alike),
    /// In this epoch, the block of two grew beyond its bound or shrank below it: the participants that
    /// came or went.
    Behind(Forgiving),
}

/// An entry as the table holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Slot {
    key: PersonKey,
    row: [u8; 4],
    /// The hint, and the highest bit where the entry is doubted.
    hint: [u8; 5],
}

const DOUBTED: u8 = 1 << 7;
const _: () = assert!(size_of::<Slot>() == 14 && HINT_BITS < 39);

impl Slot {
    fn new(key: PersonKey, entry: &BlockEntry) -> Self {
        let mut bytes = Vec::with_capacity(5);
        entry.hint.pack(&mut bytes);
        let mut hint = [0; 5];
        hint.copy_from_slice(&bytes);
        hint[4] |= if entry.is_doubted { DOUBTED } else { 0 };
        Self {
            key,
            row: entry.row.0.to_le_bytes(),
            hint,
        }
    }

    fn entry(&self) -> BlockEntry {
        let mut hint = self.hint;
        hint[4] &= !DOUBTED;
        BlockEntry {
            row: Place(u32::from_le_bytes(self.row)),
            hint: PersonHint::unpack(&mut &hint[..]).expect("a slot packs a hint"),
            is_doubted: self.hint[4] & DOUBTED != 0,
        }
    }
}

/// Tables that share the slots, so that only a part of them moves at a time when they grow.
const TABLES: usize = 64;

/// The slots of all small blocks.
struct Slots([HashTable<Slot>; TABLES]);

impl Default for Slots {
    fn default() -> Self {
        Self(std::array::from_fn(|_| HashTable::new()))
    }
}

impl Slots {
    /// Those of a block, in no order.
    fn of(&self, key: PersonKey) -> impl Iterator<Item = &Slot> {
        let slots = self.0[Self::table(key)].iter_hash(key.spread());
        slots.filter(move |slot| slot.key == key)
    }

    fn insert(&mut self, slot: Slot) {
        let spread = slot.key.spread();
        self.0[Self::table(slot.key)].insert_unique(spread, slot, |slot| slot.key.spread());
    }

    /// Removes a slot; false where it is not there.
    fn remove(&mut self, slot: Slot) -> bool {
        let found = self.0[Self::table(slot.key)].find_entry(slot.key.spread(), |s| *s == slot);
        found.map(|found| found.remove()).is_ok()
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(HashTable::allocation_size).sum()
    }

    fn table(key: PersonKey) -> usize {
        // Other bits than those by which a table finds its slots.
        (key.spread() >> 32) as usize % TABLES
    }
}

/// A block as it was before the epoch first touched it.
enum Before {
    /// Nobody of it was doubted, so that nobody was compared.
    Unasked,
    /// It was within its bound: its entries.
    Within(Vec<BlockEntry>),
    /// It was not; so many were doubted, and these have gone since.
    Crowded(u32, Vec<BlockEntry>),
}

/// The blocks, and what they gave.
pub(super) struct Blocks {
    slots: Slots,
    crowds: HashMap<PersonKey, HashSet<BlockEntry>>,
    /// Bytes of the crowds' sets.
    crowd_bytes: usize,
    /// How many of each block are doubted, where some are.
    doubted: HashMap<PersonKey, u32>,
    touched: HashMap<PersonKey, Before>,
    /// Entries that are taken back and have not come yet.
    owed: Vec<(PersonKey, BlockEntry)>,
    pairs: Pairs,
    size: Size,
}

impl Blocks {
    pub(super) fn new(
        linkage: Arc<PersonLinkage>,
        participant_at: ParticipantAt,
        work: LinkageWork,
        size: Size,
    ) -> Self {
        Self {
            slots: Slots::default(),
            crowds: HashMap::new(),
            crowd_bytes: 0,
            doubted: HashMap::new(),
            touched: HashMap::new(),
            owed: Vec::new(),
            pairs: Pairs {
                linkage,
                participant_at,
                work,
                known: HashMap::new(),
            },
            size,
        }
    }

    fn bound(&self, kind: PersonKeyKind) -> usize {
        self.pairs.linkage.bounds.of(kind)
    }

    /// The entries of a block, in order; nothing where they are more than its bound.
    fn within(&self, key: PersonKey, bound: usize) -> Option<Vec<BlockEntry>> {
        let mut entries: Vec<BlockEntry> = match self.crowds.get(&key) {
            Some(crowd) if crowd.len() > bound => return None,
            Some(crowd) => crowd.iter().copied().collect(),
            None => self.slots.of(key).map(Slot::entry).collect(),
        };
        entries.sort_unstable();
        Some(entries)
    }

    /// Keeps how a block was, where some of it are compared or will be.
    fn touch(&mut self, key: PersonKey, entry: &BlockEntry) {
        let doubted = self.doubted.get(&key).copied().unwrap_or(0);
        if doubted == 0 && !entry.is_doubted || self.touched.contains_key(&key) {
            return;
        }
        let before = match self.within(key, self.bound(entry.hint.kind())) {
            _ if doubted == 0 => Before::Unasked,
            Some(entries) => Before::Within(entries),
            None => Before::Crowded(doubted, Vec::new()),
        };
        self.touched.insert(key, before);
    }

    /// Applies an update, unless it takes back what is not there.
    fn try_update(&mut self, key: PersonKey, entry: &BlockEntry, diff: i32) -> bool {
        self.touch(key, entry);
        match diff {
            1 => self.add(key, entry),
            -1 => {
                if !self.remove(key, entry) {
                    return false;
                }
                if let Some(Before::Crowded(_, gone)) = self.touched.get_mut(&key) {
                    gone.push(*entry);
                }
            }
            _ => panic!("an entry of a block counts once"),
        }
        if entry.is_doubted {
            match self.doubted.entry(key) {
                Entry::Vacant(doubted) => drop(doubted.insert(1)),
                Entry::Occupied(mut doubted) => {
                    *doubted.get_mut() = doubted.get().wrapping_add_signed(diff);
                    if *doubted.get() == 0 {
                        doubted.remove();
                    }
                }
            }
        }
        self.size.add(diff as isize, 0, 0);
        true
    }

    fn add(&mut self, key: PersonKey, entry: &BlockEntry) {
        if let Some(crowd) = self.crowds.get_mut(&key) {
            self.crowd_bytes -= crowd.allocation_size();
            assert!(crowd.insert(*entry), "an entry of a block counts once");
            self.crowd_bytes += crowd.allocation_size();
            return;
        }
        let slot = Slot::new(key, entry);
        let mut size = 0;
        for held in self.slots.of(key) {
            assert!(*held != slot, "an entry of a block counts once");
            size += 1;
        }
        if size < self.bound(entry.hint.kind()) {
            self.slots.insert(slot);
            return;
        }
        let mut crowd: HashSet<BlockEntry> = self.slots.of(key).map(Slot::entry).collect();
        for entry in &crowd {
            self.slots.remove(Slot::new(key, entry));
        }
        crowd.insert(*entry);
        self.crowd_bytes += crowd.allocation_size();
        self.crowds.insert(key, crowd);
    }

    /// Removes an entry; false where it is not there.
    fn remove(&mut self, key: PersonKey, entry: &BlockEntry) -> bool {
        let bound = self.bound(entry.hint.kind());
        let Some(crowd) = self.crowds.get_mut(&key) else {
            return self.slots.remove(Slot::new(key, entry));
        };
        if !crowd.remove(entry) {
            return false;
        }
        // Not as soon as it is within the bound: one that comes and goes is to cost no more than itself.
        if crowd.len() <= bound / 2 {
            self.crowd_bytes -= crowd.allocation_size();
            for entry in self.crowds.remove(&key).into_iter().flatten() {
                self.slots.insert(Slot::new(key, &entry));
            }
        }
        true
    }

    /// Tells what the epoch changed of a block that it touched.
    fn end_block(
        &mut self,
        key: PersonKey,
        before: Before,
        tell: &mut impl FnMut(BlockOutcome, i32),
    ) {
        let doubted = self.doubted.get(&key).copied().unwrap_or(0);
        let kind = match &before {
            Before::Within(entries) => entries.first(),
            Before::Crowded(_, gone) => gone.first(),
            Before::Unasked => None,
        };
        let kind = kind.map(|entry| entry.hint.kind());
        let Some(kind) = kind.or_else(|| self.kind(key)) else {
            return;
        };
        let after = match doubted {
            0 => Some(Vec::new()),
            _ => self.within(key, self.bound(kind)),
        };
        let was_left_out = match before {
            Before::Crowded(doubted, _) => doubted,
            _ => 0,
        };
        let is_left_out = if after.is_none() { doubted } else { 0 };
        (self.pairs.work).leave_out(kind, was_left_out, is_left_out);
        let pairs = &mut self.pairs;
        match (before, after) {
            (Before::Unasked, Some(after)) => {
                pairs.among(kind, &after, &after, |pair| tell(pair, 1));
            }
            (Before::Within(before), Some(after)) => {
                let differs = |these: &[BlockEntry], those: &[BlockEntry]| -> Vec<BlockEntry> {
                    let differs = these.iter().filter(|e| those.binary_search(e).is_err());
                    differs.copied().collect()
                };
                let gone = differs(&before, &after);
                pairs.among(kind, &gone, &before, |pair| tell(pair, -1));
                let come = differs(&after, &before);
                pairs.among(kind, &come, &after, |pair| tell(pair, 1));
            }
            (Before::Within(before), None) => {
                let mut ended = Vec::new();
                pairs.among(kind, &before, &before, |pair| ended.push(pair));
                let crowd = self.crowds.get(&key).into_iter().flatten();
                let was_there: HashSet<Place> = before.iter().map(|entry| entry.row).collect();
                let come = crowd.filter(|entry| !was_there.contains(&entry.row));
                let behind = pairs.behind(&ended, come.map(|entry| entry.row));
                behind.into_iter().for_each(|behind| tell(behind, 1));
                ended.into_iter().for_each(|pair| tell(pair, -1));
            }
            (Before::Crowded(_, gone), Some(after)) => {
                let mut begun = Vec::new();
                pairs.among(kind, &after, &after, |pair| begun.push(pair));
                let is_there: HashSet<Place> = after.iter().map(|entry| entry.row).collect();
                let gone = gone.iter().filter(|entry| !is_there.contains(&entry.row));
                let behind = pairs.behind(&begun, gone.map(|entry| entry.row));
                behind.into_iter().for_each(|behind| tell(behind, 1));
                begun.into_iter().for_each(|pair| tell(pair, 1));
            }
            (_, None) => {}
        }
    }

    fn kind(&self, key: PersonKey) -> Option<PersonKeyKind> {
        let of_crowd = self.crowds.get(&key).and_then(|crowd| crowd.iter().next());
        let entry = of_crowd.copied();
        let entry = entry.or_else(|| self.slots.of(key).next().map(Slot::entry));
        entry.map(|entry| entry.hint.kind())
    }
}

impl State<PersonKey, BlockEntry, BlockOutcome> for Blocks {
    fn look_ahead<'a>(&self, keys: impl Iterator<Item = &'a PersonKey>) {
        let found = |key: &&PersonKey| self.slots.of(**key).next().is_some();
        std::hint::black_box(keys.filter(found).count());
    }

    fn update(&mut self, key: PersonKey, entry: &BlockEntry, diff: i32) {
        if !self.try_update(key, entry, diff) {
            self.owed.push((key, *entry));
        }
    }

    fn end_epoch(&mut self, mut tell: impl FnMut(BlockOutcome, i32)) {
        for (key, entry) in std::mem::take(&mut self.owed) {
            let is_done = self.try_update(key, &entry, -1);
            assert!(is_done, "an entry is taken back that was held");
        }
        for (key, before) in std::mem::take(&mut self.touched) {
            self.end_block(key, before, &mut tell);
        }
        self.pairs.known.clear();
        let maps = self.crowds.allocation_size() + self.doubted.allocation_size();
        let bytes = self.slots.bytes() + self.crowd_bytes + maps;
        self.size.tell(bytes);
    }
}

/// What is known of a participant whose row was read.
struct Known {
    participant: Node,
    citizen: Option<Node>,
    keys: PersonKeys,
    record: PersonRecord,
}

/// Compares participants.
struct Pairs {
    linkage: Arc<PersonLinkage>,
    participant_at: ParticipantAt,
    work: LinkageWork,
    known: HashMap<Place, Rc<Known>>,
}

impl Pairs {
    /// Tells the pairs of some entries of a block with all of it. Both are in order.
    fn among(
        &mut self,
        kind: PersonKeyKind,
        some: &[BlockEntry],
        all: &[BlockEntry],
        mut tell: impl FnMut(BlockOutcome),
    ) {
        for (place, one) in some.iter().enumerate() {
            for other in all {
                // Two of `some` are met twice.
                let is_met_again = || *other <= *one && some[..=place].binary_search(other).is_ok();
                if (one.is_doubted || other.is_doubted) && !is_met_again() {
                    self.pair(kind, one, other).into_iter().for_each(&mut tell);
                }
            }
        }
    }

    /// The pair, where it is alike and this is where it is looked for.
    fn pair(
        &mut self,
        kind: PersonKeyKind,
        a: &BlockEntry,
        b: &BlockEntry,
    ) -> Option<BlockOutcome> {
        let least = self.linkage.least();
        if self.linkage.model.at_most(a.hint, b.hint) < least {
            self.work.rule_out();
            return None;
        }
        self.work.compare();
        let (x, y) = (self.known(a.row), self.known(b.row));
        let is_one_citizen = x.citizen.is_some() && x.citizen == y.citizen;
        if is_one_citizen || x.keys.first_shared(&y.keys) != Some(kind) {
            return None;
        }
        if self.linkage.model.weight(&x.record, &y.record) < least {
            return None;
        }
        let alike = |known: &Known, entry: &BlockEntry| Alike {
            participant: known.participant,
            doubted: known.citizen.filter(|_| entry.is_doubted),
        };
        let (one, other) = (alike(&x, a), alike(&y, b));
        Some(BlockOutcome::Pair(one.min(other), one.max(other)))
    }

    fn known(&mut self, row: Place) -> Rc<Known> {
        if let Some(known) = self.known.get(&row) {
            return known.clone();
        }
        if self.known.len() == KNOWN {
            self.known.clear();
        }
        let content = (self.participant_at)(row);
        let record = content.with_columns(|columns| self.linkage.model.record(columns));
        let known = Rc::new(Known {
            participant: Node::participant(content.si),
            citizen: content.citizen.map(Node::citizen),
            keys: content
                .likeness
                .as_ref()
                .map(|likeness| likeness.keys)
                .expect("it is kept where linkage is wanted"),
            record,
        });
        self.known.insert(row, known.clone());
        known
    }

    /// What is behind pairs that come or go because rows of others came or went.
    fn behind(
        &mut self,
        pairs: &[BlockOutcome],
        rows: impl Iterator<Item = Place>,
    ) -> Option<BlockOutcome> {
        let mut subjects: BTreeSet<Node> = BTreeSet::new();
        for pair in pairs {
            if let BlockOutcome::Pair(one, other) = pair {
                subjects.extend([one.participant, other.participant]);
            }
        }
        if subjects.is_empty() {
            return None;
        }
        let mut causes: BTreeSet<Node> = BTreeSet::new();
        for row in rows {
            causes.insert(self.known(row).participant);
            if causes.len() > CAUSES {
                causes.pop_last();
            }
        }
        let rows = |nodes: BTreeSet<Node>| -> Box<[RowRef]> {
            let participants = nodes.into_iter().filter_map(Node::as_participant);
            participants.map(RowRef::participant).collect()
        };
        Some(BlockOutcome::Behind(Forgiving {
            reason: Reason::ProbableDuplicate,
            subjects: rows(subjects),
            rows: rows(causes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::content::ParticipantContent;
    use super::super::identity::IdentityContent;
    use super::super::likeness::LikenessContent;
    use super::*;
    use crate::link::{PersonBounds, PersonKeyKind};
    use crate::record::{Name, PartialDate, PersonalId, Sex, SiNumber, Value as _};

    const NAMES: [&str; 3] = ["Nguyễn Văn Mẫu", "Nguyễn Văn Mậu", "Nguyễn Vănn Mẫu"];
    const BOUNDS: PersonBounds = PersonBounds {
        name_and_year: 4,
        date_and_name: 4,
    };

    /// A participant: its number, its name, whether it names citizen 1, and whether it is doubted.
    type Person = (u64, usize, bool, bool);

    fn content((si, name, has_id, _): Person) -> ParticipantContent {
        let birth_date = PartialDate::from_text("1980-02-05").expect("a date");
        let name = NAMES[name];
        ParticipantContent {
            si: SiNumber::new(si).expect("10 digits"),
            citizen: has_id.then(|| PersonalId::new(1).expect("12 digits")),
            identity: Some(IdentityContent::new(
                Name::from_text(name).expect("a name"),
                birth_date,
                Sex::new(1).expect("a sex"),
            )),
            likeness: Some(LikenessContent {
                province: None,
                keys: PersonKeys::of(name, birth_date),
            }),
        }
    }

    fn blocks(rows: &Arc<std::sync::Mutex<Vec<Person>>>, work: &LinkageWork) -> Blocks {
        let artefact = PersonLinkage::builtin().model.artefact().clone();
        let mut linkage = PersonLinkage::new(artefact, 0.2).expect("a probability");
        linkage.bounds = BOUNDS;
        let rows = rows.clone();
        let at = move |place: Place| {
            let rows = rows.lock().expect("nobody panicked");
            content(rows[place.0 as usize])
        };
        Blocks::new(linkage.into(), Arc::new(at), work.clone(), Size::untold())
    }

    /// The first key that two share.
    fn shared(a: Person, b: Person) -> Option<(PersonKeyKind, PersonKey)> {
        let keys = |person| content(person).likeness.expect("it is kept").keys;
        let (x, y) = (keys(a), keys(b));
        let kind = x.first_shared(&y)?;
        x.each().find(|(of, _)| *of == kind)
    }

    /// Who are alike among some, by comparing all: those of other names than each other's, too, are alike
    /// enough here.
    fn naive(people: &BTreeMap<u64, (Place, Person)>) -> BTreeSet<(u64, u64)> {
        let having = |(kind, key): (PersonKeyKind, PersonKey)| {
            let has = |person: Person| {
                let keys = content(person).likeness.expect("it is kept").keys;
                keys.each().any(|own| own == (kind, key))
            };
            people.values().filter(|(_, person)| has(*person)).count()
        };
        let mut pairs = BTreeSet::new();
        for (_, a) in people.values() {
            for (_, b) in people.values().filter(|(_, b)| a.0 < b.0) {
                let is_looked_for = a.3 || b.3;
                let is_one_citizen = a.2 && b.2;
                let Some(shared) = shared(*a, *b) else {
                    continue;
                };
                if is_looked_for && !is_one_citizen && having(shared) <= 4 {
                    pairs.insert((a.0, b.0));
                }
            }
        }
        pairs
    }

    /// What came and went in an epoch, and who is behind something.
    fn end(blocks: &mut Blocks, held: &mut BTreeMap<(u64, u64), i32>) -> BTreeSet<u64> {
        let mut behind = BTreeSet::new();
        let number = |node: Node| node.as_participant().expect("a participant").number();
        blocks.end_epoch(|outcome, diff| match outcome {
            BlockOutcome::Pair(one, other) => {
                let pair = (number(one.participant), number(other.participant));
                *held.entry(pair).or_default() += diff;
            }
            BlockOutcome::Behind(of) => {
                assert_eq!(diff, 1);
                assert!(!of.rows.is_empty(), "nobody is behind it");
                behind.extend(of.subjects.iter().map(|row| match row.referent() {
                    super::super::row_ref::Referent::Packed(
                        super::super::row_ref::PackedKey::Participant(si),
                    ) => si.number(),
                    _ => panic!("a participant"),
                }));
            }
        });
        held.retain(|_, count| *count != 0);
        behind
    }

    proptest! {
        #[test]
        fn pairs_are_those_of_a_naive_search_after_every_epoch(
            epochs in prop::collection::vec(
                prop::collection::vec(
                    (0u64..9, prop::option::weighted(0.7, (0usize..3, prop::bool::weighted(0.2), prop::bool::weighted(0.4)))),
                    0..6),
                1..12),
        ) {
            let rows = Arc::new(std::sync::Mutex::new(Vec::new()));
            let work = LinkageWork::default();
            let mut blocks = blocks(&rows, &work);
            let mut people: BTreeMap<u64, (Place, Person)> = BTreeMap::new();
            let mut held = BTreeMap::new();
            for epoch in epochs {
                let before = people.clone();
                let mut updates = Vec::new();
                for (si, become_of) in epoch {
                    if let Some((place, person)) = people.remove(&si) {
                        let entries = content(person);
                        updates.extend(entries.entries(place, person.3).map(|entry| (entry, -1)));
                    }
                    if let Some((name, has_id, is_doubted)) = become_of {
                        let person = (si, name, has_id, is_doubted);
                        let mut rows = rows.lock().expect("nobody panicked");
                        let place = Place(rows.len() as u32);
                        rows.push(person);
                        drop(rows);
                        people.insert(si, (place, person));
                        let entries = content(person);
                        updates.extend(entries.entries(place, is_doubted).map(|entry| (entry, 1)));
                    }
                }
                // In an epoch, updates come in any order.
                for ((key, entry), diff) in updates.into_iter().rev() {
                    blocks.update(key, &entry, diff);
                }
                let was: BTreeSet<(u64, u64)> = held.keys().copied().collect();
                let behind = end(&mut blocks, &mut held);
                prop_assert!(held.values().all(|count| *count == 1));
                let is: BTreeSet<(u64, u64)> = held.keys().copied().collect();
                prop_assert_eq!(&is, &naive(&people));
                // Where neither of two changed, somebody is named who did.
                for (a, b) in was.symmetric_difference(&is) {
                    let is_own = [a, b].iter().any(|si| before.get(si) != people.get(si));
                    prop_assert!(is_own || (behind.contains(a) && behind.contains(b)));
                }
            }
        }
    }

    #[test]
    fn a_crowd_costs_no_more_than_its_members() {
        let rows = Arc::new(std::sync::Mutex::new(Vec::new()));
        let work = LinkageWork::default();
        let mut blocks = blocks(&rows, &work);
        let mut held = BTreeMap::new();
        let mut entries = Vec::new();
        for si in 0..2_000 {
            let person = (si, 0, false, true);
            rows.lock().expect("nobody panicked").push(person);
            let place = Place(si as u32);
            let content = content(person);
            for (key, entry) in content.entries(place, true) {
                blocks.update(key, &entry, 1);
                entries.push((key, entry));
            }
            end(&mut blocks, &mut held);
        }
        let name = work.left_out(PersonKeyKind::NameAndYear);
        assert_eq!((name.blocks, name.participants), (1, 2_000));
        assert!(
            held.is_empty() && work.compared() < 100,
            "{}",
            work.compared()
        );
        for (key, entry) in &entries[6..] {
            blocks.update(*key, entry, -1);
        }
        assert_eq!(end(&mut blocks, &mut held).len(), 2);
        assert_eq!(work.left_out(PersonKeyKind::NameAndYear).blocks, 0);
        assert_eq!(held.keys().collect::<Vec<_>>(), [&(0, 1)]);
    }
}
