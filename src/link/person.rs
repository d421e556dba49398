//! The persons of a register, of whom two are linked at a time.
//!
//! In: an artefact whose fields are the columns of a participant, and those columns of two rows. Out:
//! what the rows weigh. Must hold: the weight is that which [`super::link`] gives the same cells, before
//! it looks at other records; it is a pure, symmetric function of the two rows and the artefact.

use super::model::LinkModel;
use super::person_ceiling::Ceiling;
use super::person_keys::PersonHint;
use super::role::Role;
use super::value::Value;

/// The columns of a person that can be compared, as a register writes them.
#[derive(Clone, Copy)]
pub struct PersonColumns<'a> {
    /// Full name.
    pub full_name: &'a str,
    /// Date of birth, or its year, or its year and month.
    pub birth_date: &'a str,
    /// Sex: `1`, `2` or `3`.
    pub sex: &'a str,
    /// Province code.
    pub province: Option<&'a str>,
}

/// A column that a field of the artefact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    FullName,
    BirthDate,
    Sex,
    Province,
}

/// The columns by name, with their roles.
const COLUMNS: [(&str, Role, Column); 4] = [
    ("full_name", Role::FullName, Column::FullName),
    ("birth_date", Role::DateOfBirth, Column::BirthDate),
    ("sex", Role::Sex, Column::Sex),
    ("province", Role::Province, Column::Province),
];

/// A person's values, by field of the artefact.
pub struct PersonRecord(Box<[Option<Value>]>);

/// A model of which rows are of one person.
#[derive(Clone, Debug)]
pub struct PersonModel {
    model: LinkModel,
    columns: Box<[Column]>,
    ceiling: Ceiling,
}

impl PersonModel {
    /// The model of an artefact.
    ///
    /// # Errors
    /// If it compares something that is no column of a participant, or neither name nor birth date.
    pub fn new(model: LinkModel) -> Result<Self, String> {
        let fields = model.schema().fields();
        let mut columns = Vec::with_capacity(fields.len());
        for field in fields {
            let known = COLUMNS.iter().find(|(name, ..)| *name == field.name);
            match known {
                Some((_, role, column)) if *role == field.role && !columns.contains(column) => {
                    columns.push(*column);
                }
                _ => {
                    let known: Vec<String> = COLUMNS
                        .iter()
                        .map(|(name, role, _)| format!("{name} as {role}"))
                        .collect();
                    return Err(format!(
                        "the model compares `{}` as {}, but participants are compared by {}; learn it \
                         from these columns",
                        field.name,
                        field.role,
                        known.join(", ")
                    ));
                }
            }
        }
        for needed in [Column::FullName, Column::BirthDate] {
            if !columns.contains(&needed) {
                let told = "the model compares no full_name, or no birth_date: learn it from both";
                return Err(told.to_owned());
            }
        }
        Ok(Self {
            ceiling: Ceiling::new(&model, &columns),
            columns: columns.into(),
            model,
        })
    }

    /// The artefact.
    pub fn artefact(&self) -> &LinkModel {
        &self.model
    }

    /// A person's record.
    pub fn record(&self, columns: PersonColumns<'_>) -> PersonRecord {
        let fields = self.model.schema().fields();
        let values = self.columns.iter().zip(fields).map(|(column, field)| {
            let cell = match column {
                Column::FullName => columns.full_name,
                Column::BirthDate => columns.birth_date,
                Column::Sex => columns.sex,
                Column::Province => columns.province?,
            };
            Value::parse(field.role, cell)
        });
        PersonRecord(values.collect())
    }

    /// The weight of two records: the logarithm of the odds that they are of one person, in thousandths
    /// of a bit.
    pub fn weight(&self, a: &PersonRecord, b: &PersonRecord) -> i32 {
        self.model.weight(&*a.0, &*b.0)
    }

    /// No less than two records can weigh that share a key, by their hints of it.
    pub fn at_most(&self, a: PersonHint, b: PersonHint) -> i32 {
        self.ceiling.of(a, b)
    }
}
