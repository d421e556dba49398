//! The most that two rows can weigh that share a key, by what is known without reading them.
//!
//! In: an artefact, two hints. Out: a weight. Must hold: no pair with such hints weighs more.
//!
//! A name is read from a disk, which takes longer than all else that is done with a pair. Rows that share
//! a date of birth and a family name mostly have other letters in the given name, and rows that share a
//! name and a year another day, so that nearly all of them need not be read.

use super::level::{EXACT, Level, compare, levels};
use super::model::{FieldWeights, LinkModel};
use super::person::Column;
use super::person_keys::{PersonHint, PersonKeyKind, ProvinceHint};
use super::role::Role;
use super::value::Value;

/// Letters that differ between two names that are one slip apart: one goes, another comes.
const ONE_SLIP: u32 = 2;

/// Greatest weights, in thousandths of a bit.
#[derive(Clone, Debug)]
pub(super) struct Ceiling {
    /// Of what does not depend on the values.
    always: i32,
    /// Of names whose words are the same but for marks.
    same_name: i32,
    /// Of names whose letters allow one slip, and of others.
    names: [i32; 2],
    /// Of dates that are the same, of others of one year, and where one is not known to the day.
    same_date: i32,
    same_year: i32,
    partial: i32,
    /// By the numbers of two sexes.
    sexes: [[i32; 4]; 4],
    /// Of provinces that are the same, by code and 1; of codes that differ; where one is no code.
    same_province: Box<[i32; 128]>,
    other_province: i32,
    any_province: i32,
}

impl Ceiling {
    /// The ceilings of a model whose fields are some columns.
    pub(super) fn new(model: &LinkModel, columns: &[Column]) -> Self {
        let field = |column: Column| {
            let place = columns.iter().position(|of_field| *of_field == column)?;
            model.fields().get(place)
        };
        let most = |column: Column, told: &[Level]| field(column).map_or(0, |f| most(f, told));
        let exact = |column: Column, text: &str| field(column).map_or(0, |f| exact(f, text));
        let (name, date) = (Column::FullName, Column::BirthDate);
        let every_name: Vec<Level> = (EXACT..levels(Role::FullName).len() as Level).collect();
        let (close, far) = every_name.split_at(4);
        debug_assert_eq!(far[0], 5, "one letter apart is the last level of a slip");
        let sex = |a: usize, b: usize| {
            let texts = [a, b].map(|number| number.to_string());
            let values = texts.each_ref().map(|text| Value::parse(Role::Sex, text));
            match compare(Role::Sex, values[0].as_ref(), values[1].as_ref()) {
                EXACT => exact(Column::Sex, &texts[0]),
                level => most(Column::Sex, &[level]),
            }
        };
        let mut same_province = Box::new([0; 128]);
        for (number, weight) in (0u8..).zip(same_province.iter_mut()) {
            if let Some(code) = ProvinceHint(number).code() {
                *weight = exact(Column::Province, &code);
            }
        }
        let every_code: Vec<Level> = (EXACT..levels(Role::Province).len() as Level).collect();
        Self {
            always: model.prior() + model.most_together(),
            same_name: most(name, &every_name[..3]),
            names: [most(name, close).max(most(name, far)), most(name, far)],
            same_date: most(date, &[EXACT]),
            same_year: most(date, &[2, 3, 4]),
            partial: most(date, &[EXACT, 2, 3, 4, 5, 6]),
            sexes: std::array::from_fn(|a| std::array::from_fn(|b| sex(a, b))),
            same_province,
            // Two codes of two digits are never a letter apart: they are too short for it.
            other_province: most(Column::Province, &[every_code[every_code.len() - 1]]),
            any_province: most(Column::Province, &every_code).max(0),
        }
    }

    /// The most that rows of two hints weigh.
    pub(super) fn of(&self, a: PersonHint, b: PersonHint) -> i32 {
        let (name, date) = match a.kind() {
            PersonKeyKind::NameAndYear => (self.same_name, self.dates(a, b)),
            _ => {
                let apart = (a.letters() ^ b.letters()).count_ones();
                (self.names[usize::from(apart > ONE_SLIP)], self.same_date)
            }
        };
        let sex = self.sexes[a.sex()][b.sex()];
        self.always + name + date + sex + self.provinces(a.province(), b.province())
    }

    fn dates(&self, a: PersonHint, b: PersonHint) -> i32 {
        let (x, y) = (a.birthday(), b.birthday());
        let is_whole = |(_, day): (u32, u32)| day != 0;
        match x == y {
            true => self.same_date,
            false if is_whole(x) && is_whole(y) => self.same_year,
            false => self.partial,
        }
    }

    fn provinces(&self, a: ProvinceHint, b: ProvinceHint) -> i32 {
        match (a, b) {
            (ProvinceHint(0), _) | (_, ProvinceHint(0)) => 0,
            (ProvinceHint::OTHER, _) | (_, ProvinceHint::OTHER) => self.any_province,
            (a, b) if a == b => self.same_province[usize::from(a.0)],
            _ => self.other_province,
        }
    }
}

/// The most that a field weighs at one of some levels.
fn most(field: &FieldWeights, told: &[Level]) -> i32 {
    let weights = told.iter().map(|level| field.weights[usize::from(*level)]);
    let common = field.common.values().copied();
    let common = common.filter(|_| told.contains(&EXACT));
    weights.chain(common).max().unwrap_or(0)
}

/// What agreement on a value weighs.
fn exact(field: &FieldWeights, text: &str) -> i32 {
    let value = Value::parse(field.field.role, text);
    let common = value.and_then(|value| field.common.get(&value.digest).copied());
    common.unwrap_or(field.weights[usize::from(EXACT)])
}
