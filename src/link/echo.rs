//! E-mail addresses that are made of names.
//!
//! In: a pattern; for learning, records. Out: what agreement of addresses says less where names agree.
//! Must hold: a pure function of the pattern; a correction never adds weight.
//!
//! People of one name have like addresses - `lan.tran@` and `lan.tran7@` - so that a likeness of
//! addresses says the same as the names once more. How often addresses are alike among different people
//! of one name, or of one part of it, is drawn from the records that share it.

use super::block_keys::mixed;
use super::level::{Level, MISSING, MOST_LEVELS, is_close};
use super::pattern::Pattern;
use super::records::Records;
use super::role::Role;
use super::schema::Schema;

/// How many parts of a name may agree.
pub const PARTS: usize = 2;
/// How many pairs are drawn for each thing that records share.
const DRAWN: usize = 8_000;
/// As many pairs the belief counts as, that addresses have nothing to do with names.
const BELIEVED: f64 = 10.0;

/// The corrections: by parts of the name that agree, from one on, and by level of the addresses.
pub type Corrections = [[f64; MOST_LEVELS]; PARTS];

/// How many parts of the name agree in a pattern, and the level of the addresses, if both say anything.
pub fn echo(schema: &Schema, pattern: Pattern) -> Option<(usize, Level)> {
    let fields = schema.fields();
    let address = fields.iter().position(|field| field.role == Role::Email)?;
    let level = pattern.level(address);
    if level == MISSING {
        return None;
    }
    let mut agreeing = 0;
    for (place, field) in fields.iter().enumerate() {
        if is_close(field.role, pattern.level(place)) {
            agreeing += match field.role {
                Role::GivenName | Role::Surname => 1,
                Role::FullName => PARTS,
                _ => 0,
            };
        }
    }
    let more = agreeing.checked_sub(1)?;
    Some((more.min(PARTS - 1), level))
}

/// Pairs that share a name or a part of it, by pattern.
pub(super) struct Echo {
    patterns: Vec<Pattern>,
    /// In nats.
    corrections: Corrections,
}

impl Echo {
    /// Draws pairs; none where there are no addresses or no names.
    pub(super) fn new(records: &Records) -> Self {
        let fields = records.schema.fields();
        let names: Vec<usize> = (0..fields.len())
            .filter(|&f| fields[f].role.is_name())
            .collect();
        let mut patterns = Vec::new();
        if fields.iter().any(|field| field.role == Role::Email) {
            // What is shared: each part, then all of them.
            let mut shared: Vec<&[usize]> = names.chunks(1).collect();
            shared.extend((names.len() > 1).then_some(names.as_slice()));
            for parts in shared {
                draw(records, parts, &mut patterns);
            }
        }
        Self {
            patterns,
            corrections: [[0.0; MOST_LEVELS]; PARTS],
        }
    }

    /// The pairs that were drawn.
    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Learns the corrections, where `chance` tells how likely a pattern is of one person, and `usual`
    /// how often levels of addresses come among any two people.
    pub(super) fn learn(
        &mut self,
        schema: &Schema,
        usual: &[f64; MOST_LEVELS],
        chance: impl Fn(Pattern) -> f64,
    ) {
        let mut counts = [[0.0; MOST_LEVELS]; PARTS];
        for pattern in &self.patterns {
            if let Some((parts, level)) = echo(schema, *pattern) {
                counts[parts][usize::from(level)] += 1.0 - chance(*pattern);
            }
        }
        for (corrections, counts) in self.corrections.iter_mut().zip(&counts) {
            let all: f64 = counts.iter().sum();
            for ((correction, count), usual) in corrections.iter_mut().zip(counts).zip(usual) {
                let share = (count + BELIEVED * usual) / (all + BELIEVED);
                *correction = if share > 0.0 {
                    (usual / share).ln().min(0.0)
                } else {
                    0.0
                };
            }
        }
    }

    /// The correction of a pattern, in nats.
    pub(super) fn correction(&self, schema: &Schema, pattern: Pattern) -> f64 {
        let echo = echo(schema, pattern);
        echo.map_or(0.0, |(parts, level)| {
            self.corrections[parts][usize::from(level)]
        })
    }

    /// All corrections, in nats.
    pub(super) fn corrections(&self) -> &Corrections {
        &self.corrections
    }
}

/// Draws pairs of records that share all of some fields.
fn draw(records: &Records, fields: &[usize], patterns: &mut Vec<Pattern>) {
    let values = |record: u32| {
        fields
            .iter()
            .map(move |f| records.numbers(*f)[record as usize])
    };
    let everyone = 0..records.len as u32;
    let mut order: Vec<u32> = everyone
        .filter(|record| values(*record).all(|v| v != 0))
        .collect();
    order.sort_by(|a, b| values(*a).cmp(values(*b)).then(a.cmp(b)));
    let step = (order.len() / DRAWN).max(1);
    let mut start = 0;
    for group in order.chunk_by(|a, b| values(*a).eq(values(*b))) {
        for (place, record) in group.iter().enumerate() {
            if (start + place) % step != 0 || group.len() < 2 {
                continue;
            }
            // Another one of the group.
            let random = mixed(u64::from(*record)) % (group.len() as u64 - 1);
            let other = (place + 1 + random as usize) % group.len();
            let (a, b) = (records.record(*record), records.record(group[other]));
            patterns.push(Pattern::of(&records.schema, &a, &b));
        }
        start += group.len();
    }
}
