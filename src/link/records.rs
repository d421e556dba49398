//! The records of one table or two, side by side.
//!
//! In: tables and the roles of their columns. Out: records numbered from the left table's first to
//! the right one's last, with their values by number. Must hold: equal values have one number, given
//! in the order in which they first come.

use hashbrown::HashMap;

use super::guess::words_of;
use super::pattern::Record;
use super::role::Role;
use super::schema::{Field, MOST_FIELDS, Schema};
use super::table::Table;
use super::value::Value;

/// Records, by field.
pub struct Records {
    /// What is compared of them.
    pub schema: Schema,
    /// How many are of the left table; the others are of the right one.
    pub left: usize,
    /// How many there are.
    pub len: usize,
    /// By field: 0 where nothing is known, else the number of the value and 1.
    numbers: Vec<Vec<u32>>,
    /// By field; exchanged fields share the values of the first.
    values: Vec<Vec<Value>>,
    two_tables: bool,
}

/// The columns of a table that make a field: one, or the parts of a name.
type Columns = Vec<usize>;

/// A field with its columns in each table.
struct Source {
    field: Field,
    columns: [Columns; 2],
}

impl Records {
    /// Lays tables side by side. Fields are the columns of equal role and name, then of equal role.
    pub fn new(left: &Table, left_roles: &[Role], right: Option<(&Table, &[Role])>) -> Self {
        let mut sources = match right {
            Some((right, right_roles)) => pair_columns(left, left_roles, right, right_roles),
            None => single_columns(left, left_roles),
        };
        sources.truncate(MOST_FIELDS);
        let schema = Schema::new(sources.iter().map(|source| source.field.clone()).collect());
        let len = left.len() + right.map_or(0, |(table, _)| table.len());
        let mut records = Self {
            left: left.len(),
            len,
            numbers: vec![Vec::with_capacity(len); sources.len()],
            values: vec![Vec::new(); sources.len()],
            two_tables: right.is_some(),
            schema,
        };
        for home in 0..sources.len() {
            if records.schema.home(home) == home {
                records.fill(home, &sources, left, right.map(|(table, _)| table));
            }
        }
        records
    }

    /// Fills the fields that share their values with `home`.
    fn fill(&mut self, home: usize, sources: &[Source], left: &Table, right: Option<&Table>) {
        let mut interner = Interner::default();
        for (place, source) in sources.iter().enumerate() {
            if self.schema.home(place) != home {
                continue;
            }
            for (table, columns) in [Some(left), right].into_iter().zip(&source.columns) {
                let Some(table) = table else { continue };
                interner.push(source.field.role, table, columns, &mut self.numbers[place]);
            }
        }
        self.values[home] = interner.values;
    }

    /// Whether there are two tables, whose records are linked with each other only.
    pub fn are_two_tables(&self) -> bool {
        self.two_tables
    }

    /// How many pairs of records could be linked.
    pub fn pairs(&self) -> f64 {
        let right = (self.len - self.left) as f64;
        let left = self.left as f64;
        if self.two_tables {
            left * right
        } else {
            left * (left - 1.0) / 2.0
        }
    }

    /// The value numbers of a field: 0 where nothing is known, else the number and 1.
    pub fn numbers(&self, field: usize) -> &[u32] {
        &self.numbers[field]
    }

    /// The values of a field, by number.
    pub fn values(&self, field: usize) -> &[Value] {
        &self.values[self.schema.home(field)]
    }

    /// A record.
    pub fn record(&self, number: u32) -> RecordRef<'_> {
        RecordRef {
            records: self,
            number: number as usize,
        }
    }
}

/// One of the [`Records`].
#[derive(Clone, Copy)]
pub struct RecordRef<'a> {
    records: &'a Records,
    number: usize,
}

impl Record for RecordRef<'_> {
    fn value(&self, field: usize) -> Option<&Value> {
        let number = self.records.numbers[field][self.number].checked_sub(1)?;
        self.records.values(field).get(number as usize)
    }
}

#[derive(Default)]
struct Interner {
    numbers: HashMap<Value, u32>,
    values: Vec<Value>,
}

impl Interner {
    fn push(&mut self, role: Role, table: &Table, columns: &Columns, numbers: &mut Vec<u32>) {
        if let [column] = columns.as_slice() {
            let column = &table.columns[*column];
            let cells: Vec<u32> = column.cells.iter().map(|c| self.number(role, c)).collect();
            numbers.extend(column.records.iter().map(|&cell| cells[cell as usize]));
            return;
        }
        let mut joined = String::new();
        for record in 0..table.len() {
            joined.clear();
            for &column in columns {
                let column = &table.columns[column];
                joined.push_str(&column.cells[column.records[record] as usize]);
                joined.push(' ');
            }
            numbers.push(self.number(role, &joined));
        }
    }

    fn number(&mut self, role: Role, cell: &str) -> u32 {
        let Some(value) = Value::parse(role, cell) else {
            return 0;
        };
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        self.values.push(value.clone());
        let number = self.values.len() as u32;
        self.numbers.insert(value, number);
        number
    }
}

fn places(roles: &[Role], role: Role) -> impl Iterator<Item = usize> {
    (0..roles.len()).filter(move |&place| roles[place] == role)
}

/// The columns of a table that make its full names: that of the role, or its parts, surname first.
fn full_name(roles: &[Role]) -> Columns {
    if let Some(place) = places(roles, Role::FullName).next() {
        return vec![place];
    }
    let surnames = places(roles, Role::Surname);
    surnames.chain(places(roles, Role::GivenName)).collect()
}

fn has_parts(roles: &[Role]) -> bool {
    roles.contains(&Role::GivenName) && roles.contains(&Role::Surname)
}

fn single_columns(table: &Table, roles: &[Role]) -> Vec<Source> {
    let mut sources = Vec::new();
    for role in Role::ALL {
        // A full name says nothing more than its parts.
        let again = role == Role::FullName && has_parts(roles);
        if role == Role::Ignore || again {
            continue;
        }
        sources.extend(places(roles, role).map(|place| Source {
            field: Field {
                name: table.columns[place].name.clone(),
                role,
            },
            columns: [vec![place], Vec::new()],
        }));
    }
    sources
}

fn pair_columns(
    left: &Table,
    left_roles: &[Role],
    right: &Table,
    right_roles: &[Role],
) -> Vec<Source> {
    let mut sources = Vec::new();
    let parts = has_parts(left_roles) && has_parts(right_roles);
    let full = !parts
        && [left_roles, right_roles]
            .iter()
            .any(|roles| roles.contains(&Role::FullName));
    for role in Role::ALL {
        if role == Role::Ignore || (full && role.is_name() && role != Role::FullName) {
            continue;
        }
        if role == Role::FullName {
            let columns = [full_name(left_roles), full_name(right_roles)];
            if full && columns.iter().all(|columns| !columns.is_empty()) {
                let name = role.name().to_owned();
                let field = Field { name, role };
                sources.push(Source { field, columns });
            }
            continue;
        }
        let mut of_right: Vec<usize> = places(right_roles, role).collect();
        let mut pending = Vec::new();
        for place in places(left_roles, role) {
            let name = words_of(&left.columns[place].name);
            let same = |&other: &usize| words_of(&right.columns[other].name) == name;
            match of_right.iter().position(same) {
                Some(found) => pending.push((place, Some(of_right.remove(found)))),
                None => pending.push((place, None)),
            }
        }
        let mut rest = of_right.into_iter();
        for (place, found) in pending {
            // Two columns of free text say the same thing only if their names do.
            let other = found.or_else(|| {
                if role == Role::Text {
                    None
                } else {
                    rest.next()
                }
            });
            let Some(other) = other else { continue };
            sources.push(Source {
                field: Field {
                    name: left.columns[place].name.clone(),
                    role,
                },
                columns: [vec![place], vec![other]],
            });
        }
    }
    sources
}
