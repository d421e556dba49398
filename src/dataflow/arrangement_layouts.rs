//! How wide the records of each arrangement are.
//!
//! A batch holds each key once and, behind it, its values: a key costs itself and a 4-byte offset to
//! its values, a value itself and a 4-byte offset to its times and counts. A value whose one time and
//! count are those of the value before, which compaction makes the rule, costs nothing more.

use super::blocks::Alike;
use super::employer::Employer;
use super::fact::{CardFact, CeasedFact, DeathFact};
use super::finding::Finding;
use super::node::Node;
use super::presented::Part;
use super::view::{BenefitEnd, Excluded, ForgivingPart, Member};
use crate::journal::Place;
use crate::record::Day;

/// Two who are alike.
type AlikePair = (Alike, Alike);

/// Bytes of an offset, as long as a batch has less than 2^32 of what it counts.
const OFFSET: usize = 4;

/// The widths of an arrangement's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bytes of a key.
    pub key: usize,
    /// Bytes of a value; 0 where there are only keys.
    pub value: usize,
    /// Whether a value may also have memory of its own, which is not counted here.
    pub boxed: bool,
}

impl Layout {
    const fn of<K, V>() -> Self {
        Self {
            key: size_of::<K>(),
            value: size_of::<V>(),
            boxed: std::mem::needs_drop::<V>(),
        }
    }

    /// Bytes of so many records under so many keys.
    pub fn bytes(self, keys: u64, records: u64) -> u64 {
        let widths = |bytes: usize| (bytes + OFFSET) as u64;
        match self.value {
            0 => records * widths(self.key),
            value => keys * widths(self.key) + records * widths(value),
        }
    }
}

/// The tables that are held beside the dataflow. They tell their bytes themselves.
pub const TABLES: [&str; 5] = [
    "facts by person",
    "facts by citizen",
    "citizens by old id",
    "identities by citizen",
    "participants by key",
];

/// The layout of every arrangement of the graph, by name; tables are none.
pub const LAYOUTS: &[(&str, Layout)] = &[
    (
        "Arrange: distinct citizens of claims without a card",
        Layout::of::<Node, ()>(),
    ),
    (
        "distinct citizens of claims without a card",
        Layout::of::<Node, ()>(),
    ),
    (
        "participants of claims without a card",
        Layout::of::<Node, Node>(),
    ),
    ("deaths of citizens", Layout::of::<Node, DeathFact>()),
    ("deaths of participants", Layout::of::<Node, DeathFact>()),
    ("employees by employer", Layout::of::<Employer, Node>()),
    ("ceased enterprises", Layout::of::<Employer, CeasedFact>()),
    ("listings, by card", Layout::of::<u64, Place>()),
    ("listed cards", Layout::of::<u64, CardFact>()),
    (
        "parts of claims of several cards",
        Layout::of::<u32, Part>(),
    ),
    (
        "Arrange: distinct linked citizens",
        Layout::of::<Node, ()>(),
    ),
    ("distinct linked citizens", Layout::of::<Node, ()>()),
    (
        "Arrange: distinct nodes of clusters",
        Layout::of::<Node, ()>(),
    ),
    ("distinct nodes of clusters", Layout::of::<Node, ()>()),
    ("edges of clusters", Layout::of::<Node, Node>()),
    ("labels in progress", Layout::of::<Node, Node>()),
    ("Arrange: smallest label", Layout::of::<Node, Node>()),
    ("smallest label", Layout::of::<Node, Node>()),
    ("labels", Layout::of::<Node, Node>()),
    ("members of clusters", Layout::of::<Node, Member>()),
    ("Arrange: distinct nodes of pairs", Layout::of::<Node, ()>()),
    ("distinct nodes of pairs", Layout::of::<Node, ()>()),
    ("edges of pairs", Layout::of::<Node, Node>()),
    ("labels of pairs in progress", Layout::of::<Node, Node>()),
    (
        "Arrange: smallest label of pairs",
        Layout::of::<Node, Node>(),
    ),
    ("smallest label of pairs", Layout::of::<Node, Node>()),
    ("labels of pairs", Layout::of::<Node, Node>()),
    ("pairs by participant", Layout::of::<Node, AlikePair>()),
    ("pairs by cluster", Layout::of::<Node, AlikePair>()),
    (
        "other citizen, by holder",
        Layout::of::<Node, (Node, Finding)>(),
    ),
    (
        "other citizen, by citizen",
        Layout::of::<Node, (Node, Finding)>(),
    ),
    (
        "clusters that may forgive",
        Layout::of::<Node, ForgivingPart>(),
    ),
    (
        "ends of benefits by citizen",
        Layout::of::<Node, BenefitEnd>(),
    ),
    ("excluded by benefit", Layout::of::<u32, Excluded>()),
    (
        "deaths reported of participants, by citizen",
        Layout::of::<Node, DeathFact>(),
    ),
    ("deaths by benefit", Layout::of::<u32, DeathFact>()),
    ("candidates by day", Layout::of::<Day, Finding>()),
    ("days passed", Layout::of::<Day, ()>()),
];

/// The layout of an arrangement, by name.
pub fn layout(name: &str) -> Option<Layout> {
    let of_it = LAYOUTS.iter().find(|(known, _)| *known == name);
    of_it.map(|(_, layout)| *layout)
}
