//! A linkage model as it is stored, loaded and asked.
//!
//! In: JSON, or the figures of a training. Out: the weight of a pair of records and its probability.
//! Must hold: weights are integers, a weight is a pure function of two records and the model, equal
//! models have equal bytes, a model that loads cannot panic when asked, and none holds a value of a
//! record in clear.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::echo::{PARTS, echo};
use super::joint::{Joint, joints};
use super::level::{EXACT, Level, MISSING, MOST_LEVELS, compare, is_close, levels};
use super::pattern::{Pattern, Record};
use super::schema::{Field, MOST_FIELDS, Schema};
use super::value::Value;

/// The version of artefacts that this program writes and reads. It changes with the roles, their
/// levels, or how values are normalised.
pub const VERSION: u32 = 2;

/// Weights are thousandths of a bit: 1000 doubles the odds.
pub const BIT: f64 = 1000.0;

/// The greatest magnitude of a weight: sixty-four bits, so that sums cannot overflow.
const MOST: i32 = 64_000;

/// What a field's levels weigh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldWeights {
    /// The field.
    pub field: Field,
    /// By level, in thousandths of a bit: 0 for a missing value, then from agreement to disagreement.
    /// That of exact agreement is for a value that is rare.
    pub weights: Vec<i32>,
    /// What exact agreement on a common value weighs, by the digest of the value.
    #[serde(with = "hexadecimal")]
    pub common: HashMap<u64, i32>,
}

/// What it weighs that values come together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointWeights {
    /// What they are.
    pub name: String,
    /// The weight of values that are not common together: 0 or less.
    pub usual: i32,
    /// What it weighs that records disagree on all of them, beside each disagreement: 0 or more.
    pub apart: i32,
    /// The weights of values that are common together, by digest.
    #[serde(with = "hexadecimal")]
    pub common: HashMap<u64, i32>,
}

/// A Fellegi-Sunter model of records of one person.
///
/// Fellegi & Sunter: *A Theory for Record Linkage* (1969). A pair's weight is the sum of the logarithms
/// of how much likelier the level of each field is among records of one person than among others, and
/// of the prior odds. Agreement on a common value weighs less (Winkler 2000), and no near agreement
/// weighs more than agreement on the commoner of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct LinkModel {
    pub(super) schema: Schema,
    pub(super) prior: i32,
    pub(super) fields: Vec<FieldWeights>,
    /// By pair of exchanged fields: what it weighs that they are where they belong, and that they are
    /// exchanged.
    pub(super) exchanged: Vec<[i32; 2]>,
    /// What is known of the schema's joints, in their order.
    pub(super) joints: Vec<JointWeights>,
    pub(super) joint_parts: Vec<Joint>,
    /// What likeness of addresses says less where parts of the name agree, by parts from one on and by
    /// level: 0 or less.
    pub(super) echoes: [[i32; MOST_LEVELS]; PARTS],
    pub(super) records: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    records: u64,
    prior: i32,
    fields: Vec<FieldWeights>,
    exchanged: Vec<[i32; 2]>,
    joints: Vec<JointWeights>,
    echoes: [[i32; MOST_LEVELS]; PARTS],
}

impl TryFrom<Stored> for LinkModel {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!(
                "the model has version {}, but this program reads version {VERSION}: learn it anew",
                stored.version
            ));
        }
        if stored.fields.len() > MOST_FIELDS {
            return Err(format!("a model has at most {MOST_FIELDS} fields"));
        }
        let within = |weight: &i32| (-MOST..=MOST).contains(weight);
        for field in &stored.fields {
            let expected = levels(field.field.role).len();
            if field.weights.len() != expected {
                return Err(format!(
                    "a field of role {} has {expected} levels: learn the model anew",
                    field.field.role
                ));
            }
            if !field
                .weights
                .iter()
                .chain(field.common.values())
                .all(within)
            {
                return Err(format!("weights lie within {MOST} thousandths of a bit"));
            }
        }
        let schema = Schema::new(stored.fields.iter().map(|f| f.field.clone()).collect());
        let exchanged = stored.exchanged.len() == schema.exchanged().len();
        if !exchanged
            || !stored
                .exchanged
                .iter()
                .flatten()
                .chain([&stored.prior])
                .all(within)
        {
            return Err("the weights of exchanged fields do not fit the fields".to_owned());
        }
        let mut echoes = stored.echoes.iter().flatten();
        if !echoes.all(|weight| within(weight) && *weight <= 0) {
            return Err("echoes weigh nothing or less".to_owned());
        }
        let joint_parts = joints(&schema);
        let names = |joint: &JointWeights| joint.name.clone();
        let expected = joint_parts.iter().map(|joint| joint.name.to_owned());
        if !stored.joints.iter().map(names).eq(expected) {
            return Err("the joints do not fit the fields: learn the model anew".to_owned());
        }
        let mut weights = stored
            .joints
            .iter()
            .flat_map(|joint| joint.common.values().chain(std::iter::once(&joint.usual)));
        let apart = stored
            .joints
            .iter()
            .all(|j| within(&j.apart) && j.apart >= 0);
        if !apart || !weights.all(|weight| within(weight) && *weight <= 0) {
            return Err("joints weigh nothing or less, and nothing or more apart".to_owned());
        }
        Ok(Self {
            joints: stored.joints,
            joint_parts,
            echoes: stored.echoes,
            schema,
            prior: stored.prior,
            fields: stored.fields,
            exchanged: stored.exchanged,
            records: stored.records,
        })
    }
}

impl From<LinkModel> for Stored {
    fn from(model: LinkModel) -> Self {
        Self {
            version: VERSION,
            records: model.records,
            prior: model.prior,
            fields: model.fields,
            exchanged: model.exchanged,
            joints: model.joints,
            echoes: model.echoes,
        }
    }
}

/// Digests as text, in order: a number of 64 bits is not safe in every JSON.
mod hexadecimal {
    use std::collections::BTreeMap;

    use hashbrown::HashMap;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        common: &HashMap<u64, i32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let texts = common
            .iter()
            .map(|(digest, weight)| (format!("{digest:016x}"), *weight));
        texts.collect::<BTreeMap<_, _>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashMap<u64, i32>, D::Error> {
        let texts = BTreeMap::<String, i32>::deserialize(deserializer)?;
        let number = |(text, weight): (String, i32)| {
            let digest = u64::from_str_radix(&text, 16);
            digest
                .map(|digest| (digest, weight))
                .map_err(D::Error::custom)
        };
        texts.into_iter().map(number).collect()
    }
}

/// What a field says of a pair of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldEvidence {
    /// The field.
    pub field: Field,
    /// The level of agreement.
    pub level: &'static str,
    /// What it weighs, in thousandths of a bit.
    pub weight: i32,
    /// Whether it was compared with the field that it is exchanged with.
    pub exchanged: bool,
}

impl LinkModel {
    /// Reads an artefact.
    ///
    /// # Errors
    /// If it is not JSON of the expected form, has another version or is inconsistent.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The artefact, byte for byte the same for equal models.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("a model is made of numbers, lists and texts") + "\n"
    }

    /// What is compared.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What two records weigh before they are compared.
    pub fn prior(&self) -> i32 {
        self.prior
    }

    /// The weights of each field.
    pub fn fields(&self) -> &[FieldWeights] {
        &self.fields
    }

    /// What it weighs that each pair of exchanged fields is where it belongs, and that it is not.
    pub fn exchanged(&self) -> &[[i32; 2]] {
        &self.exchanged
    }

    /// The most that it weighs beside each field that values come together.
    pub(super) fn most_together(&self) -> i32 {
        self.joints.iter().map(|joint| joint.apart).sum()
    }

    /// The model with only those common values that weigh so much less than a rare one, in thousandths of
    /// a bit, or so much more: a smaller artefact, by which others weigh as rare ones do.
    #[must_use]
    pub fn coarse(mut self, least: i32) -> Self {
        for field in &mut self.fields {
            let rare = field.weights[usize::from(EXACT)];
            field
                .common
                .retain(|_, weight| (*weight - rare).abs() >= least);
        }
        for joint in &mut self.joints {
            let usual = joint.usual;
            joint
                .common
                .retain(|_, weight| (*weight - usual).abs() >= least);
        }
        self
    }

    /// The weight of two records, in thousandths of a bit: the logarithm of the odds that they are of
    /// one person.
    pub fn weight<R: Record + ?Sized>(&self, a: &R, b: &R) -> i32 {
        let pattern = Pattern::of(&self.schema, a, b);
        self.weight_of(pattern, a, b)
    }

    /// The same, for a pattern that is known.
    pub(super) fn weight_of<R: Record + ?Sized>(&self, pattern: Pattern, a: &R, b: &R) -> i32 {
        let mut weight = self.prior;
        self.each(pattern, a, b, |_, _, w, _| weight += w);
        for (number, weights) in self.exchanged.iter().enumerate() {
            weight += weights[usize::from(pattern.is_exchanged(number))];
        }
        let together = self.together(pattern, a, b);
        weight + together.map(|(_, weight)| weight).sum::<i32>()
    }

    /// The joints that two records have in common, and what they weigh.
    fn together<R: Record + ?Sized>(
        &self,
        pattern: Pattern,
        a: &R,
        b: &R,
    ) -> impl Iterator<Item = (&str, i32)> {
        let joints = self.joints.iter().zip(&self.joint_parts);
        let together = joints.filter_map(move |(weights, joint)| {
            if joint.is_apart(&self.schema, pattern) {
                return Some((weights.name.as_str(), weights.apart));
            }
            let key = joint.common(pattern, a, b)?;
            let weight = weights.common.get(&key).copied();
            Some((weights.name.as_str(), weight.unwrap_or(weights.usual)))
        });
        let echo = echo(&self.schema, pattern).map(|(parts, level)| {
            let weight = self.echoes[parts][usize::from(level)];
            ("e-mail address made of the name", weight)
        });
        together.chain(echo)
    }

    /// What it weighs beside each field that values of two records come together, where it does.
    pub fn explain_together<R: Record + ?Sized>(&self, a: &R, b: &R) -> Vec<(String, i32)> {
        let pattern = Pattern::of(&self.schema, a, b);
        let together = self.together(pattern, a, b);
        together
            .map(|(name, weight)| (name.to_owned(), weight))
            .collect()
    }

    /// What each field says of two records, and whether they are exchanged.
    pub fn explain<R: Record + ?Sized>(&self, a: &R, b: &R) -> Vec<FieldEvidence> {
        let pattern = Pattern::of(&self.schema, a, b);
        let mut evidence = Vec::new();
        self.each(pattern, a, b, |field, level, weight, exchanged| {
            let of = &self.fields[field].field;
            evidence.push(FieldEvidence {
                field: of.clone(),
                level: levels(of.role)[usize::from(level)],
                weight,
                exchanged,
            });
        });
        evidence
    }

    fn each<R: Record + ?Sized>(
        &self,
        pattern: Pattern,
        a: &R,
        b: &R,
        mut tell: impl FnMut(usize, Level, i32, bool),
    ) {
        let mut exchanged = 0_u32;
        for (number, &(i, j)) in self.schema.exchanged().iter().enumerate() {
            if !pattern.is_exchanged(number) {
                continue;
            }
            exchanged |= 1 << i | 1 << j;
            let role = self.fields[i].field.role;
            let crossed = [(i, j), (j, i)].map(|(i, j)| {
                let (x, y) = (a.value(i), b.value(j));
                (compare(role, x, y), x, y)
            });
            let [mut first, mut second] = crossed;
            // As the pattern has it: the better level first.
            if first.0 == MISSING || (second.0 != MISSING && second.0 < first.0) {
                std::mem::swap(&mut first, &mut second);
            }
            for (field, (level, x, y)) in [(i, first), (j, second)] {
                // A value is as common as in that of the two fields where it is commoner.
                let exact = |value: &Value| self.exact(i, value).min(self.exact(j, value));
                let weight = self.field_weight(field, level, x, y, exact);
                tell(field, level, weight, true);
            }
        }
        for field in 0..self.fields.len() {
            if exchanged >> field & 1 == 0 {
                let level = pattern.level(field);
                let (x, y) = (a.value(field), b.value(field));
                let exact = |value: &Value| self.exact(field, value);
                tell(
                    field,
                    level,
                    self.field_weight(field, level, x, y, exact),
                    false,
                );
            }
        }
    }

    fn field_weight(
        &self,
        field: usize,
        level: Level,
        x: Option<&Value>,
        y: Option<&Value>,
        exact: impl Fn(&Value) -> i32,
    ) -> i32 {
        let of = &self.fields[field];
        let weight = of.weights.get(usize::from(level)).copied().unwrap_or(0);
        let (Some(x), Some(y)) = (x, y) else {
            return 0;
        };
        if level == EXACT {
            exact(x)
        } else if is_close(of.field.role, level) {
            weight.min(exact(x)).min(exact(y))
        } else {
            weight
        }
    }

    /// What exact agreement on a value weighs.
    fn exact(&self, field: usize, value: &Value) -> i32 {
        let of = &self.fields[field];
        let rare = of.weights[usize::from(EXACT)];
        of.common.get(&value.digest).copied().unwrap_or(rare)
    }
}

/// The probability that a weight stands for.
pub fn probability(weight: i32) -> f64 {
    1.0 / (1.0 + (-f64::from(weight) / BIT).exp2())
}

/// The weight that a probability is, within what a weight can be.
pub fn weight_of_probability(probability: f64) -> i32 {
    let odds = probability / (1.0 - probability);
    quantised(odds.log2())
}

/// Bits as a weight.
pub(super) fn quantised(bits: f64) -> i32 {
    (bits * BIT)
        .round()
        .clamp(f64::from(-MOST), f64::from(MOST)) as i32
}
