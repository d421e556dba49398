//! The roles of a table's columns.
//!
//! In: a table and what was said of its columns. Out: a role a column. Must hold: what was said beats
//! any guess.

use super::guess::{SAMPLE, guess};
use super::role::Role;
use super::table::{Column, Table};

/// The roles of a table's columns, in order.
pub fn roles(table: &Table, said: &[(String, Role)]) -> Vec<Role> {
    let of = |(place, column): (usize, &Column)| {
        let named = said
            .iter()
            .rev()
            .find(|(name, _)| table.column(name) == Some(place));
        named.map_or_else(|| guessed(column), |(_, role)| *role)
    };
    table.columns.iter().enumerate().map(of).collect()
}

fn guessed(column: &Column) -> Role {
    // A column that says nothing in its first records may do so later.
    let step = (column.records.len() / (4 * SAMPLE)).max(1);
    let records = column.records.iter().step_by(step);
    guess(
        &column.name,
        records.map(|cell| &*column.cells[*cell as usize]),
    )
}
