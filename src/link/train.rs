//! Learning a linkage model without labels.
//!
//! In: records, candidate pairs and their patterns. Out: a model. Must hold: a function of the records
//! alone; values that are absent say nothing; few pairs of one person, or none, give sensible weights.
//!
//! Pairs are of two classes, of one person or not, and fields are independent in each (Fellegi &
//! Sunter). How often levels come among pairs that are not of one person is taken from all pairs: by
//! counting equal values, and by drawing pairs at random. How often they come among pairs of one person
//! is learned by expectation and maximisation over the candidates, where pairs that no block brought
//! together are taken not to be of one person. The pairs of one person are then taken off the counts of
//! all pairs, which matters where a file is small or has many copies.

use hashbrown::HashMap;

use super::dependence::{Dependence, dependences};
use super::echo::Echo;
use super::frequency::Frequencies;
use super::joint::Part;
use super::level::{EXACT, MOST_LEVELS, different, is_close};
use super::model::{FieldWeights, JointWeights, LinkModel, quantised};
use super::pattern::Pattern;
use super::prior::{self, chances, told};
use super::records::Records;
use super::role::Role;
use super::sample;
use super::schema::MOST_FIELDS;

/// How often frequencies are taken anew.
const ROUNDS: usize = 4;
/// How often the chances are taken anew between.
const STEPS: usize = 4;
/// Below this a pair says nothing of the pairs of one person.
const LEAST: f64 = 1e-6;

/// What is known of levels, by field.
pub(super) type Table = Vec<[f64; MOST_LEVELS]>;

/// The pairs that are learned from: a share of the candidates.
pub struct TrainingPairs<'a> {
    /// The pairs.
    pub pairs: &'a [(u32, u32)],
    /// The pattern of each.
    pub patterns: &'a [Pattern],
    /// How many candidates one of them stands for.
    pub each_stands_for: f64,
}

/// Learns a model.
pub fn train(records: &Records, training: &TrainingPairs<'_>, threads: usize) -> LinkModel {
    let sampled = sample::levels(records, threads);
    let mut learner = Learner::new(records, training, &sampled);
    for _ in 0..ROUNDS {
        learner.weigh_values();
        for _ in 0..STEPS {
            learner.expect();
            learner.maximise();
        }
        learner.take_off(&sampled);
    }
    learner.model()
}

/// Training pairs by pattern.
struct Groups {
    /// The pattern, and its end in the order.
    patterns: Vec<(Pattern, usize)>,
    order: Vec<u32>,
}

impl Groups {
    fn new(patterns: &[Pattern]) -> Self {
        let mut order: Vec<u32> = (0..patterns.len() as u32).collect();
        order.sort_unstable_by_key(|&pair| (patterns[pair as usize], pair));
        let mut end = 0;
        let same = |a: &u32, b: &u32| patterns[*a as usize] == patterns[*b as usize];
        let groups = order.chunk_by(same).map(|group| {
            end += group.len();
            (patterns[group[0] as usize], end)
        });
        Self {
            patterns: groups.collect(),
            order,
        }
    }

    /// Each pattern with its pairs.
    fn iter(&self) -> impl Iterator<Item = (Pattern, &[u32])> {
        let starts = std::iter::once(0).chain(self.patterns.iter().map(|(_, end)| *end));
        let patterns = self.patterns.iter().zip(starts);
        patterns.map(|((pattern, end), start)| (*pattern, &self.order[start..*end]))
    }
}

struct Learner<'a> {
    records: &'a Records,
    training: &'a TrainingPairs<'a>,
    groups: Groups,
    frequencies: Frequencies,
    dependences: Vec<Dependence>,
    echo: Echo,
    /// Chances of levels among pairs of one person, and among others.
    m: Table,
    u: Table,
    /// The chance that a pair of exchanged fields is exchanged, in a pair of one person.
    exchanged: Vec<f64>,
    /// Pairs of one person.
    matches: f64,
    /// By training pair: what its values add to its weight, in nats; the chance that it is of one
    /// person.
    by_values: Vec<f64>,
    chance: Vec<f64>,
    /// By pattern: the sum of the chances.
    sums: Vec<f64>,
}

impl<'a> Learner<'a> {
    fn new(
        records: &'a Records,
        training: &'a TrainingPairs<'a>,
        sampled: &sample::Sampled,
    ) -> Self {
        let fields = records.schema.fields();
        let groups = Groups::new(training.patterns);
        let mut learner = Self {
            records,
            training,
            frequencies: Frequencies::new(records),
            dependences: dependences(records),
            echo: Echo::new(records),
            m: fields.iter().map(|field| chances(field.role)).collect(),
            u: vec![[0.0; MOST_LEVELS]; fields.len()],
            exchanged: vec![prior::EXCHANGED; records.schema.exchanged().len()],
            matches: (records.len as f64 / 10.0).max(1.0),
            by_values: vec![0.0; training.pairs.len()],
            chance: vec![0.0; training.pairs.len()],
            sums: vec![0.0; groups.patterns.len()],
            groups,
        };
        learner.take_off(sampled);
        learner
    }

    /// What the values of each pair add: the rarity of those that agree.
    fn weigh_values(&mut self) {
        let fields = self.records.schema.fields();
        for (pattern, pairs) in self.groups.iter() {
            let mut say = [(0, false); MOST_FIELDS];
            let mut count = 0;
            for (place, field) in fields.iter().enumerate() {
                let level = pattern.level(place);
                if is_close(field.role, level) {
                    say[count] = (place, level == EXACT);
                    count += 1;
                }
            }
            for &pair in pairs {
                let (a, b) = self.training.pairs[pair as usize];
                let mut sum = 0.0;
                for &(place, exact) in &say[..count] {
                    let rarity = self.rarity(pattern, place, a, b, exact);
                    if exact {
                        sum += rarity;
                    } else {
                        let level = usize::from(pattern.level(place));
                        let near = (self.m[place][level] / self.u[place][level]).ln();
                        sum += (self.m[place][1].ln() + rarity - near).min(0.0);
                    }
                }
                let corrections = self.dependences.iter();
                sum += corrections.map(|joint| joint.correction(a, b)).sum::<f64>();
                self.by_values[pair as usize] = sum;
            }
        }
    }

    /// The negative logarithm of how often others have the values that two records agree on.
    fn rarity(&self, pattern: Pattern, field: usize, a: u32, b: u32, exact: bool) -> f64 {
        let number = |field: usize, record: u32| self.records.numbers(field)[record as usize];
        let pair = self.records.schema.exchanged().iter().enumerate();
        let mut pair = pair.filter(|(number, (i, j))| {
            pattern.is_exchanged(*number) && (*i == field || *j == field)
        });
        let share = match pair.next() {
            None => {
                let share = |record| self.frequencies.share(field, number(field, record));
                if exact {
                    share(a)
                } else {
                    share(a).max(share(b))
                }
            }
            Some((_, &(i, j))) => {
                let share = |value| {
                    let of = |field| self.frequencies.share(field, value);
                    of(i).max(of(j))
                };
                let crossed = [(number(i, a), number(j, b)), (number(j, a), number(i, b))];
                let known = crossed.iter().filter(|(x, y)| *x != 0 && *y != 0);
                // Agreement of both, or of the one that agrees.
                let agreeing = known.filter(|(x, y)| !exact || x == y);
                agreeing
                    .map(|(x, y)| share(*x).max(share(*y)))
                    .fold(0.0, f64::max)
            }
        };
        -share.max(1e-12).ln()
    }

    /// The chance of each training pair.
    fn expect(&mut self) {
        let prior = self.prior();
        let patterns = self.groups.iter();
        let weights = patterns.map(|(pattern, _)| prior + self.weight(pattern, |_| 1.0));
        let weights: Vec<f64> = weights.collect();
        let groups = self.groups.iter().zip(&mut self.sums);
        for (((_, pairs), sum), weight) in groups.zip(weights) {
            *sum = 0.0;
            for &pair in pairs {
                let odds = (weight + self.by_values[pair as usize]).exp();
                let chance = odds / (1.0 + odds);
                let chance = if chance.is_nan() { 1.0 } else { chance };
                let chance = if chance < LEAST { 0.0 } else { chance };
                self.chance[pair as usize] = chance;
                *sum += chance;
            }
        }
    }

    /// The odds before anything is compared, in nats.
    fn prior(&self) -> f64 {
        let rest = (self.records.pairs() - self.matches).max(1.0);
        (self.matches / rest).ln()
    }

    /// What a pattern weighs, in nats, where `exact` tells how often two people agree on a field.
    fn weight(&self, pattern: Pattern, exact: impl Fn(usize) -> f64) -> f64 {
        let schema = &self.records.schema;
        let mut weight = self.echo.correction(schema, pattern);
        for (field, (m, u)) in self.m.iter().zip(&self.u).enumerate() {
            match usize::from(pattern.level(field)) {
                0 => {}
                1 => weight += (m[1] / exact(field)).ln(),
                level => weight += (m[level] / u[level]).ln(),
            }
        }
        for (number, chance) in self.exchanged.iter().enumerate() {
            weight += if pattern.is_exchanged(number) {
                chance.ln()
            } else {
                (1.0 - chance).ln()
            };
        }
        for joint in &self.dependences {
            if joint.joint().is_apart(schema, pattern) {
                weight += joint.apart();
            }
        }
        weight
    }

    /// Learns what addresses that are made of names say less.
    fn hear_echoes(&mut self) {
        let fields = self.records.schema.fields();
        let address = fields.iter().position(|field| field.role == Role::Email);
        let Some(address) = address else { return };
        let prior = self.prior();
        let chances: HashMap<Pattern, f64> = {
            let patterns = self.echo.patterns().iter();
            let chance = |pattern: &Pattern| {
                let exact = |field: usize| self.u[field][usize::from(EXACT)];
                let odds = (prior + self.weight(*pattern, exact)).exp();
                (*pattern, 1.0 - 1.0 / (1.0 + odds))
            };
            patterns.map(chance).collect()
        };
        let usual = self.u[address];
        self.echo.learn(&self.records.schema, &usual, |pattern| {
            chances.get(&pattern).copied().unwrap_or(0.0)
        });
    }

    /// The expected counts of levels among pairs of one person.
    fn expected(&self) -> Table {
        let fields = self.records.schema.fields().len();
        let mut expected = vec![[0.0; MOST_LEVELS]; fields];
        for ((pattern, _), sum) in self.groups.iter().zip(&self.sums) {
            if *sum > 0.0 {
                for (field, counts) in expected.iter_mut().enumerate() {
                    counts[usize::from(pattern.level(field))] += sum;
                }
            }
        }
        for count in expected.iter_mut().flatten() {
            *count *= self.training.each_stands_for;
        }
        expected
    }

    fn maximise(&mut self) {
        let expected = self.expected();
        let fields = self.records.schema.fields();
        for ((field, counts), m) in fields.iter().zip(&expected).zip(&mut self.m) {
            let believed = chances(field.role);
            let told = told(field.role);
            let sum: f64 = told.clone().map(|level| counts[level]).sum();
            for level in told {
                m[level] = (counts[level] + prior::PAIRS * believed[level]) / (sum + prior::PAIRS);
            }
        }
        let stands_for = self.training.each_stands_for;
        let all: f64 = self.sums.iter().sum::<f64>() * stands_for;
        for (number, chance) in self.exchanged.iter_mut().enumerate() {
            let sums = self.groups.iter().zip(&self.sums);
            let exchanged = sums.filter(|((pattern, _), _)| pattern.is_exchanged(number));
            let exchanged: f64 = exchanged.map(|(_, sum)| sum * stands_for).sum();
            *chance = (exchanged + prior::PAIRS * prior::EXCHANGED) / (all + prior::PAIRS);
        }
        self.matches = all.max(1.0);
        self.disagree();
    }

    /// Takes the pairs of one person off the counts of all pairs.
    fn take_off(&mut self, sampled: &sample::Sampled) {
        let expected = self.expected();
        for (field, u) in self.u.iter_mut().enumerate() {
            *u = sampled.chances(self.records, field, &expected[field]);
        }
        let pairs = self.training.pairs.iter().zip(&self.chance);
        let likely = pairs.filter(|(_, chance)| **chance > 0.01);
        let stands_for = self.training.each_stands_for;
        let likely = likely.map(|(pair, chance)| (*pair, *chance * stands_for));
        self.frequencies.take_off(self.records, likely.clone());
        for joint in &mut self.dependences {
            joint.take_off(likely.clone());
        }
        self.hear_echoes();
    }

    /// Learns how often records of one person disagree on all parts of a joint.
    fn disagree(&mut self) {
        let schema = &self.records.schema;
        for dependence in &mut self.dependences {
            let joint = dependence.joint();
            let (mut told, mut apart) = (0.0, 0.0);
            for ((pattern, _), sum) in self.groups.iter().zip(&self.sums) {
                told += if joint.is_told(pattern) { *sum } else { 0.0 };
                apart += if joint.is_apart(schema, pattern) {
                    *sum
                } else {
                    0.0
                };
            }
            let chance = |part: &Part| {
                let (Part::Whole(field) | Part::Year(field)) = *part;
                self.m[field][usize::from(different(schema.fields()[field].role))]
            };
            let independent: f64 = joint.parts.iter().map(chance).product();
            let pairs = prior::PAIRS;
            let together = (apart + pairs * independent) / (told + pairs);
            dependence.give_back((together / independent).ln().max(0.0));
        }
    }

    fn model(&self) -> LinkModel {
        let records = self.records;
        let fields = records.schema.fields().iter().enumerate();
        let fields = fields.map(|(place, field)| {
            let (m, u) = (&self.m[place], &self.u[place]);
            let exact = |share: f64| quantised((m[usize::from(EXACT)] / share).log2());
            let rare = exact(self.frequencies.rare(place));
            let mut weights = vec![0; told(field.role).end];
            for level in told(field.role) {
                weights[level] = quantised((m[level] / u[level]).log2());
            }
            weights[usize::from(EXACT)] = rare;
            let last = usize::from(different(field.role));
            weights[last] = weights[last].min(0);
            let mut common = HashMap::new();
            for (number, value) in records.values(place).iter().enumerate() {
                let weight = exact(self.frequencies.share(place, number as u32 + 1));
                if self.frequencies.count(place, number as u32 + 1) > 0.0
                    && (weight - rare).abs() >= 50
                {
                    common.insert(value.digest, weight);
                }
            }
            FieldWeights {
                field: field.clone(),
                weights,
                common,
            }
        });
        let exchanged = self.exchanged.iter();
        let bits = |nats: f64| quantised(nats / std::f64::consts::LN_2);
        let echoes = self.echo.corrections().map(|levels| levels.map(bits));
        let joints = self.dependences.iter().map(|joint| {
            let (usual, known) = joint.corrections();
            let usual = bits(usual);
            let known = known.map(|(key, nats)| (key, bits(nats)));
            JointWeights {
                name: joint.joint().name.to_owned(),
                usual,
                apart: bits(joint.apart()),
                common: known
                    .filter(|(_, weight)| (weight - usual).abs() >= 50)
                    .collect(),
            }
        });
        LinkModel {
            echoes,
            joints: joints.collect(),
            joint_parts: self
                .dependences
                .iter()
                .map(|joint| joint.joint().clone())
                .collect(),
            schema: records.schema.clone(),
            prior: quantised((self.matches / (records.pairs() - self.matches).max(1.0)).log2()),
            fields: fields.collect(),
            exchanged: exchanged
                .map(|chance| [quantised((1.0 - chance).log2()), quantised(chance.log2())])
                .collect(),
            records: records.len as u64,
        }
    }
}
