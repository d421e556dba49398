//! What one HOSO says: a claim, or a check-in.
//!
//! In: the text of a HOSO. Out: one change, or why not and for which stream. XML1 makes a claim,
//! with what XML2 and XML3 add up to; XML0 makes a check-in where there is no XML1; XML4 to XML15
//! are passed over.

use super::mapping::{CHECK_IN, CLAIM, MappedRow, Mapping};
use super::section::{Section, sections};
use super::table::{Table, XML0, XML1, XML2, XML3};
use crate::record::{
    Change, Count, ErrorCode, Instant, LineTotals, Money, Operation, Record, RowError, Stream,
    Value,
};

/// Why a HOSO was not accepted, and the stream that it was read for.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) stream: Stream,
    pub(super) error: RowError,
}

/// Reads a HOSO known at `recorded_at`.
pub(super) fn change(hoso: &str, recorded_at: Instant) -> Result<Change, Refusal> {
    let refuse = |stream: Stream| move |error: RowError| Refusal { stream, error };
    let sections = sections(hoso).map_err(refuse(Stream::Claims))?;
    match only(&sections, &XML1).map_err(refuse(Stream::Claims))? {
        Some(summary) => claim(&sections, summary, recorded_at).map_err(refuse(Stream::Claims)),
        None => {
            let begun: Vec<&Section<'_>> = holding(&sections, &XML0).collect();
            if begun.is_empty() {
                return Err(refuse(Stream::Claims)(bad_xml1(
                    "the HOSO has neither XML1, which makes a claim, nor XML0, a check-in",
                )));
            }
            check_in(&begun, recorded_at).map_err(refuse(Stream::CheckIns))
        }
    }
}

fn holding<'a, 'b>(
    sections: &'b [Section<'a>],
    table: &'static Table,
) -> impl Iterator<Item = &'b Section<'a>> {
    sections.iter().filter(|s| s.holds(table.name))
}

/// The section of a table that may come once.
fn only<'a, 'b>(
    sections: &'b [Section<'a>],
    table: &'static Table,
) -> Result<Option<&'b Section<'a>>, RowError> {
    let mut all = holding(sections, table);
    let first = all.next();
    match all.next() {
        None => Ok(first),
        Some(_) => Err(bad_xml1(
            "the HOSO has more than one XML1: send one HOSO a visit",
        )),
    }
}

fn claim(
    sections: &[Section<'_>],
    summary: &Section<'_>,
    recorded_at: Instant,
) -> Result<Change, RowError> {
    let document = summary.document()?;
    let mut fields = None;
    let mut rows = 0u32;
    XML1.rows(&document, &CLAIM.wanted(), |row| {
        rows = rows.saturating_add(1);
        fields = Some(row);
        Ok(())
    })?;
    let fields = match fields {
        Some(fields) if rows == 1 => fields,
        _ => return Err(bad_xml1("XML1 must hold one TONG_HOP")),
    };
    let mut change = parse(&CLAIM, &MappedRow::new(&CLAIM, fields), recorded_at)?;
    if let Operation::Upsert(Record::Claims(claim)) = &mut change.operation
        && let Some(totals) = line_totals(sections)?
    {
        claim.lines = Some(Count(totals.lines));
        claim.line_totals = Some(totals);
    }
    Ok(change)
}

fn check_in(sections: &[&Section<'_>], recorded_at: Instant) -> Result<Change, RowError> {
    let wanted = CHECK_IN.wanted();
    // A row a service given so far: all tell of one visit, and the first one tells enough.
    let mut visit: Option<[Option<String>; 2]> = None;
    let mut change = None;
    for section in sections {
        XML0.rows(&section.document()?, &wanted, |fields| {
            let row = MappedRow::new(&CHECK_IN, fields);
            let this = row.visit().map(|part| part.map(str::to_owned));
            match &visit {
                None => {
                    change = Some(parse(&CHECK_IN, &row, recorded_at)?);
                    visit = Some(this);
                    Ok(())
                }
                Some(first) if *first == this => Ok(()),
                Some(_) => Err(XML0.locate(RowError::new(
                    ErrorCode::BadXml,
                    "its rows are of more than one visit: send one HOSO a visit",
                ))),
            }
        })?;
    }
    change.ok_or_else(|| {
        XML0.locate(RowError::new(
            ErrorCode::BadXml,
            "it holds no TRANG_THAI_KCB",
        ))
    })
}

/// Reads one row by the record's own parser.
fn parse(mapping: &Mapping, row: &MappedRow<'_>, recorded_at: Instant) -> Result<Change, RowError> {
    let change = mapping
        .stream
        .parse(row, recorded_at)
        .map_err(|e| row.locate(e))?;
    let cards = match &change.operation {
        Operation::Upsert(Record::Claims(claim)) => &claim.cards[..],
        Operation::Upsert(Record::CheckIns(check_in)) => &check_in.cards[..],
        _ => &[],
    };
    row.check_card_lists(cards)?;
    Ok(change)
}

/// The amounts of a line in the hospital's price and within insurance, and what marks a supply.
const LINE: [&str; 3] = ["THANH_TIEN_BV", "THANH_TIEN_BH", "MA_VAT_TU"];

/// What XML2 and XML3 add up to; `None` when the claim came with neither.
fn line_totals(sections: &[Section<'_>]) -> Result<Option<LineTotals>, RowError> {
    let mut totals = LineTotals::default();
    for section in sections {
        let (table, drugs) = if section.holds(XML2.name) {
            totals.has_drugs = true;
            (&XML2, true)
        } else if section.holds(XML3.name) {
            totals.has_services = true;
            (&XML3, false)
        } else {
            continue;
        };
        let mut line = 0u32;
        table.rows(&section.document()?, &LINE, |fields| {
            line = line.saturating_add(1);
            let money = |place: usize| {
                let text: &str = fields[place].as_deref().unwrap_or_default();
                Money::from_text(text).ok_or_else(|| {
                    let message =
                        format!("line {line}, field `{}`: {}", LINE[place], Money::EXPECTED);
                    table.locate(RowError::new(Money::CODE, message))
                })
            };
            let (total, covered) = (money(0)?, money(1)?);
            totals.total += total;
            totals.covered += covered;
            if drugs {
                totals.drugs += total;
            } else if fields[2].is_some() {
                totals.supplies += total;
            }
            Ok(())
        })?;
        totals.lines = totals.lines.saturating_add(line);
    }
    Ok((totals.has_drugs || totals.has_services).then_some(totals))
}

fn bad_xml1(message: &str) -> RowError {
    RowError::new(ErrorCode::BadXml1, message)
}
