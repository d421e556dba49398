//! Which field of XML1 and XML0 is which column, and the row that a record reads.
//!
//! Must hold: the columns stand in the stream's own order, so that a column's number is its place.
//! The names are the same in Decisions 130, 4750 and 3176.

use std::cell::Cell as Mutable;

use super::table::{Fields, Table, XML0, XML1};
use super::value::Form;
use crate::record::{CardNumber, Cell, ErrorCode, Row, RowError, Stream};

/// How a table becomes rows of a stream.
pub(super) struct Mapping {
    pub(super) table: &'static Table,
    pub(super) stream: Stream,
    /// A column, its field, and how the field is written.
    columns: &'static [(&'static str, &'static str, Form)],
}

/// Lists that stand beside `MA_THE_BHYT`, item for item.
const CARD_LISTS: [&str; 3] = ["MA_DKBD", "GT_THE_TU", "GT_THE_DEN"];

/// XML1.
pub(super) const CLAIM: Mapping = Mapping {
    table: &XML1,
    stream: Stream::Claims,
    columns: &[
        ("facility", "MA_CSKCB", Form::Plain),
        ("visit_id", "MA_LK", Form::Plain),
        ("cards", "MA_THE_BHYT", Form::List),
        ("personal_id", "SO_CCCD", Form::Plain),
        ("full_name", "HO_TEN", Form::Plain),
        ("birth_date", "NGAY_SINH", Form::BirthDate),
        ("sex", "GIOI_TINH", Form::Plain),
        ("blood_group", "NHOM_MAU", Form::BloodGroup),
        ("visit_type", "MA_LOAI_KCB", Form::VisitType),
        ("object_code", "MA_DOITUONG_KCB", Form::Plain),
        ("main_diagnosis", "MA_BENH_CHINH", Form::Plain),
        ("other_diagnoses", "MA_BENH_KT", Form::List),
        ("admitted_at", "NGAY_VAO", Form::Time),
        ("inpatient_at", "NGAY_VAO_NOI_TRU", Form::Time),
        ("discharged_at", "NGAY_RA", Form::Time),
        ("outcome", "KET_QUA_DTRI", Form::Plain),
        ("discharge_type", "MA_LOAI_RV", Form::Plain),
        ("copay_exempt_from", "NGAY_MIEN_CCT", Form::Date),
        ("referred_from", "MA_NOI_DI", Form::Plain),
        ("referred_to", "MA_NOI_DEN", Form::Plain),
        ("department", "MA_KHOA", Form::Plain),
        ("cost_drugs", "T_THUOC", Form::Plain),
        ("cost_supplies", "T_VTYT", Form::Plain),
        ("cost_total", "T_TONGCHI_BV", Form::Plain),
        ("cost_covered", "T_TONGCHI_BH", Form::Plain),
        ("paid_by_fund", "T_BHTT", Form::Plain),
        ("copay", "T_BNCCT", Form::Plain),
        ("self_paid", "T_BNTT", Form::Plain),
        ("other_sources", "T_NGUONKHAC", Form::Plain),
        // `lines`, the last column, is counted in XML2 and XML3.
    ],
};

/// XML0.
pub(super) const CHECK_IN: Mapping = Mapping {
    table: &XML0,
    stream: Stream::CheckIns,
    columns: &[
        ("facility", "MA_CSKCB", Form::Plain),
        ("visit_id", "MA_LK", Form::Plain),
        ("cards", "MA_THE_BHYT", Form::List),
        ("personal_id", "SO_CCCD", Form::Plain),
        ("full_name", "HO_TEN", Form::Plain),
        ("birth_date", "NGAY_SINH", Form::BirthDate),
        ("sex", "GIOI_TINH", Form::Plain),
        ("visit_type", "MA_LOAI_KCB", Form::VisitType),
        ("admitted_at", "NGAY_VAO", Form::Time),
    ],
};

impl Mapping {
    /// The fields to read from the table.
    pub(super) fn wanted(&self) -> Vec<&'static str> {
        let columns = self.columns.iter().map(|(_, field, _)| *field);
        columns.chain(CARD_LISTS).collect()
    }
}

/// One row of a mapped table.
pub(super) struct MappedRow<'a> {
    mapping: &'static Mapping,
    fields: Fields<'a>,
    /// The column read last: a parser stops at the first bad one.
    last: Mutable<usize>,
}

/// Columns before the stream's own: `recorded_at` and `op`, which come from the envelope.
const COMMON: usize = 2;

impl<'a> MappedRow<'a> {
    /// A row of the fields that [`Mapping::wanted`] names.
    pub(super) fn new(mapping: &'static Mapping, fields: Fields<'a>) -> Self {
        Self {
            mapping,
            fields,
            last: Mutable::new(0),
        }
    }

    /// The visit that it belongs to, as text.
    pub(super) fn visit(&self) -> [Option<&str>; 2] {
        [self.field(0), self.field(1)]
    }

    /// Tells an error of the record's parser in the terms of the table.
    pub(super) fn locate(&self, error: RowError) -> RowError {
        let column = self.last.get().checked_sub(COMMON);
        let message = match column.and_then(|c| self.mapping.columns.get(c)) {
            Some((_, field, _)) => format!("field `{field}`: {}", error.message),
            None => error.message,
        };
        let located = RowError::new(error.code, message);
        self.mapping.table.locate(located)
    }

    /// Checks the lists beside `MA_THE_BHYT`: where one is filled and there are cards, it has an
    /// item a card, and only a force card's may be empty (its validity may be left out). Without a
    /// card, these fields tell of the visit.
    pub(super) fn check_card_lists(&self, cards: &[CardNumber]) -> Result<(), RowError> {
        if cards.is_empty() {
            return Ok(());
        }
        let first = self.mapping.columns.len();
        for (place, field) in CARD_LISTS.iter().enumerate() {
            let Some(text) = self.field(first + place) else {
                continue;
            };
            let mut items: Vec<&str> = text.split(';').map(str::trim).collect();
            if items.len() == cards.len() + 1 && items.last() == Some(&"") {
                items.pop();
            }
            let aligned = items.len() == cards.len()
                && items
                    .iter()
                    .zip(cards)
                    .all(|(item, card)| !item.is_empty() || card.is_force_card());
            if !aligned {
                let error = RowError::new(
                    ErrorCode::CardListMismatch,
                    format!("field `{field}`: expected one item for each card of MA_THE_BHYT"),
                );
                return Err(self.mapping.table.locate(error));
            }
        }
        Ok(())
    }

    fn field(&self, place: usize) -> Option<&str> {
        self.fields.get(place)?.as_deref()
    }
}

impl Row for MappedRow<'_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
        self.last.set(column);
        let Some(place) = column.checked_sub(COMMON) else {
            return Ok(Cell::Null);
        };
        match (self.mapping.columns.get(place), self.field(place)) {
            (Some((_, _, form)), Some(text)) => form.cell(text),
            _ => Ok(Cell::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_stand_in_the_streams_order() {
        for (mapping, not_mapped) in [(CLAIM, &["lines"][..]), (CHECK_IN, &[])] {
            let mut names: Vec<&str> = mapping.columns.iter().map(|c| c.0).collect();
            names.extend(not_mapped);
            let expected: Vec<&str> = mapping.stream.columns().iter().map(|c| c.name).collect();
            assert_eq!(names, expected);
        }
    }
}
