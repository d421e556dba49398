//! Every way in which a row can be bad that CSV and NDJSON can express, with the code that it gets.
//!
//! In: a good row. Out: the bytes of the spoiled line. Must hold: a spoiled line is one line.

use std::borrow::Cow;

use fundwatch::record::ErrorCode::{self, *};
use fundwatch::record::Stream::{self, *};
use fundwatch::source::ROW_LIMIT;

use crate::tables::json_value;

/// A mistake.
pub struct Fault {
    pub stream: Stream,
    pub edit: Edit,
    pub code: ErrorCode,
}

/// How a good row is spoiled.
pub enum Edit {
    /// Another text in a cell, in both formats.
    Cell(&'static str, &'static str),
    /// Another text in a cell of a CSV file, as it stands there.
    Csv(&'static str, &'static str),
    /// Another value of a member, as it stands there.
    Json(&'static str, &'static str),
    /// A member left out.
    Absent(&'static str),
    /// Another line in a CSV file.
    CsvLine(fn(&str) -> Vec<u8>),
    /// Another line in an NDJSON file.
    JsonLine(fn(&str) -> Vec<u8>),
    /// A line beyond the limit, in both formats.
    TooLarge,
}

use Edit::{Absent, Cell, Csv, CsvLine, Json, JsonLine, TooLarge};

const fn fault(stream: Stream, edit: Edit, code: ErrorCode) -> Fault {
    Fault { stream, edit, code }
}

/// All of them.
pub const FAULTS: &[Fault] = &[
    // The line.
    fault(Claims, TooLarge, RowTooLarge),
    fault(Claims, CsvLine(bad_utf8), BadUtf8),
    fault(Claims, CsvLine(|l| cut(l, ',')), BadCsv),
    fault(Claims, CsvLine(|l| format!("{l},more").into()), BadCsv),
    fault(Claims, CsvLine(|_| b"no row at all".into()), BadCsv),
    fault(Claims, CsvLine(|_| b"\"".into()), BadCsv),
    fault(Claims, CsvLine(|l| l.replace(',', ";").into()), BadCsv),
    fault(Claims, CsvLine(|_| vec![0; 40]), BadCsv),
    fault(Claims, Csv("full_name", "\"Nguyễn Mẫu"), BadCsv),
    fault(Claims, Csv("full_name", "\"Nguyễn\" Mẫu"), BadCsv),
    fault(Claims, Csv("full_name", "Nguyễn, Mẫu"), BadCsv),
    fault(Cards, Csv("op", "\""), BadCsv),
    fault(Claims, JsonLine(bad_utf8), BadUtf8),
    fault(Claims, JsonLine(|l| cut(l, '"')), BadJson),
    fault(Claims, JsonLine(|l| l[1..].into()), BadJson),
    fault(Claims, JsonLine(|l| format!("[{l}]").into()), BadJson),
    fault(Claims, JsonLine(|l| format!("{l}{l}").into()), BadJson),
    fault(Claims, JsonLine(|l| format!("{l},").into()), BadJson),
    fault(Claims, JsonLine(|l| l.replace('"', "'").into()), BadJson),
    fault(Claims, JsonLine(|l| l.replace("}", ",}").into()), BadJson),
    fault(Claims, JsonLine(|_| b"01001,V1,a CSV row".into()), BadJson),
    fault(Claims, JsonLine(|_| b"\"text\"".into()), BadJson),
    fault(Claims, JsonLine(|_| b"17".into()), BadJson),
    fault(Claims, JsonLine(|_| vec![0; 40]), BadJson),
    fault(Claims, JsonLine(|_| b"[".repeat(200_000)), BadJson),
    fault(Claims, Json("full_name", "\"a\u{0}b\""), BadJson),
    fault(Claims, Json("full_name", "\"\\ud800\""), BadJson),
    fault(Claims, Json("copay", "01"), BadJson),
    fault(Claims, Json("copay", "NaN"), BadJson),
    fault(
        Claims,
        JsonLine(|_| br#"{"payload":{"op":"u"}}"#.into()),
        BadEnvelope,
    ),
    fault(
        Claims,
        JsonLine(|_| br#"{"op":"u","after":null,"ts_ms":1}"#.into()),
        BadEnvelope,
    ),
    fault(
        Claims,
        JsonLine(|_| br#"{"op":"d","before":{},"ts_ms":1}"#.into()),
        BadEnvelope,
    ),
    fault(Claims, JsonLine(|_| b"{}".into()), MissingColumn),
    // Required values.
    fault(Claims, Cell("facility", ""), MissingColumn),
    fault(Claims, Cell("full_name", ""), MissingColumn),
    fault(Claims, Cell("paid_by_fund", ""), MissingColumn),
    fault(Claims, Cell("recorded_at", ""), MissingColumn),
    fault(Claims, Absent("main_diagnosis"), MissingColumn),
    fault(Claims, Absent("recorded_at"), MissingColumn),
    fault(Cards, Cell("valid_from", ""), MissingColumn),
    // Columns of all streams.
    fault(Claims, Cell("recorded_at", "yesterday"), BadRecordedAt),
    fault(
        Claims,
        Cell("recorded_at", "2025-02-30T08:00:00+07:00"),
        BadRecordedAt,
    ),
    fault(
        Claims,
        Cell("recorded_at", "2025-03-01T08:00:00"),
        BadRecordedAt,
    ),
    fault(Claims, Cell("recorded_at", "2025-03-01"), BadRecordedAt),
    fault(Claims, Json("recorded_at", "1735689600"), BadRecordedAt),
    fault(Claims, Cell("op", "insert"), BadOp),
    fault(Claims, Cell("op", "DELETE"), BadOp),
    // Identifiers.
    fault(Claims, Cell("facility", "0100"), BadFacility),
    fault(Claims, Cell("facility", "01\u{0}01"), BadFacility),
    fault(Claims, Cell("cards", "DN401000000001"), BadCardNumber),
    fault(Claims, Cell("cards", "DN6010000000001"), BadCardNumber),
    fault(Claims, Cell("cards", "dn4010000000001"), BadCardNumber),
    fault(Claims, Cell("cards", "DN4010000000001;XX"), BadCardNumber),
    fault(
        Claims,
        Json("cards", "[\"DN4010000000001\",7]"),
        BadCardNumber,
    ),
    fault(
        Cards,
        Cell("card_number", "DN40100000000011"),
        BadCardNumber,
    ),
    fault(Citizens, Cell("personal_id", "00108000001"), BadPersonalId),
    fault(Citizens, Cell("personal_id", "٠٠١٠٨٠٠٠٠٠٠١"), BadPersonalId),
    fault(Citizens, Cell("superseded_by", "none"), BadPersonalId),
    fault(Citizens, Cell("old_id", "12345678"), BadOldId),
    fault(Participants, Cell("si_number", "12345"), BadSiNumber),
    fault(
        Participants,
        Cell("personal_id", "001080 00001"),
        BadPersonalId,
    ),
    // Dates and times.
    fault(Cards, Cell("valid_from", "2025-02-30"), BadDate),
    fault(Cards, Cell("status_date", "2025-02"), BadDate),
    fault(Claims, Cell("copay_exempt_from", "2025-1-1"), BadDate),
    fault(Claims, Cell("birth_date", "1980-13"), BadPartialDate),
    fault(Claims, Cell("birth_date", "01/02/1980"), BadPartialDate),
    fault(Citizens, Cell("death_date", "2025-02-29"), BadPartialDate),
    fault(Claims, Cell("admitted_at", "2025-01-01"), BadTime),
    fault(Claims, Cell("admitted_at", "2025-01-01T24:00"), BadTime),
    fault(Claims, Cell("discharged_at", "2025-13-01T08:00"), BadTime),
    // Amounts and counts.
    fault(Claims, Cell("cost_total", "1000.0001"), BadMoney),
    fault(Claims, Cell("cost_total", "1.000.000"), BadMoney),
    fault(Claims, Cell("cost_total", "1,000"), BadMoney),
    fault(Claims, Cell("cost_total", "1e6"), BadMoney),
    fault(Claims, Cell("cost_total", "9999999999999999999"), BadMoney),
    fault(Claims, Json("cost_total", "1000.0001"), BadMoney),
    fault(Claims, Json("cost_total", "1e300"), BadMoney),
    fault(Beneficiaries, Cell("monthly_amount", "three"), BadMoney),
    fault(Claims, Cell("lines", "-1"), BadCount),
    fault(Claims, Cell("lines", "2.5"), BadCount),
    // Words and digits.
    fault(Claims, Cell("sex", "0"), BadSex),
    fault(Participants, Cell("sex", "nam"), BadSex),
    fault(Citizens, Cell("life_status", "deceased"), BadLifeStatus),
    fault(DeathReports, Cell("source", "rumour"), BadSource),
    fault(Cards, Cell("status", "Valid"), BadStatus),
    fault(Claims, Cell("blood_group", "C"), BadBloodGroup),
    fault(Claims, Cell("visit_type", "00"), BadVisitType),
    fault(Claims, Cell("visit_type", "17"), BadVisitType),
    fault(Claims, Cell("visit_type", "1"), BadVisitType),
    fault(Claims, Cell("outcome", "9"), BadOutcome),
    fault(Claims, Cell("discharge_type", "6"), BadDischargeType),
    // Types.
    fault(Claims, Json("visit_type", "[\"01\"]"), BadType),
    fault(Claims, Json("full_name", "{}"), BadType),
    fault(Claims, Json("sex", "true"), BadType),
    fault(
        Claims,
        Json("cards", "{\"0\":\"DN4010000000001\"}"),
        BadType,
    ),
    fault(Claims, Json("cards", "[[\"DN4010000000001\"]]"), BadType),
    // Contradictions.
    fault(
        Claims,
        Cell("discharged_at", "2000-01-01T08:00"),
        DischargedBeforeAdmitted,
    ),
    fault(
        Cards,
        Cell("valid_to", "1999-12-31"),
        ValidToBeforeValidFrom,
    ),
    fault(Employments, Cell("to", "1999-12-31"), ToBeforeFrom),
    fault(Beneficiaries, Cell("to", "1999-12-31"), ToBeforeFrom),
];

impl Fault {
    /// The spoiled line of a row, if the format can express it.
    pub fn line(&self, names: &[String], cells: &[String], as_json: bool) -> Option<Vec<u8>> {
        let line = |edited: &[(Cow<'_, str>, Cow<'_, str>)]| -> String {
            if as_json {
                let members = edited
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            } else {
                edited
                    .iter()
                    .map(|(_, cell)| &**cell)
                    .collect::<Vec<_>>()
                    .join(",")
            }
        };
        let mut row: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
        for (name, cell) in names.iter().zip(cells) {
            let value = match as_json {
                true => json_value(self.stream, name, cell).into(),
                false => Cow::Borrowed(cell.as_str()),
            };
            row.push((name.into(), value));
        }
        let mut set = |column: &str, value: String| {
            let member = row.iter_mut().find(|(name, _)| name == column);
            member.expect("the stream has the column").1 = value.into();
        };
        match self.edit {
            Cell(column, text) if as_json => set(
                column,
                match text {
                    "" => "null".to_owned(),
                    text => serde_json::to_string(text).unwrap(),
                },
            ),
            Cell(column, text) => set(
                column,
                match text.contains(',') {
                    true => format!("\"{text}\""),
                    false => text.to_owned(),
                },
            ),
            Csv(column, text) if !as_json => set(column, text.to_owned()),
            Json(column, value) if as_json => set(column, value.to_owned()),
            Absent(column) if as_json => row.retain(|(name, _)| name != column),
            CsvLine(edit) if !as_json => return Some(edit(&line(&row))),
            JsonLine(edit) if as_json => return Some(edit(&line(&row))),
            TooLarge if as_json => set("full_name", format!("\"{}\"", "ă".repeat(ROW_LIMIT / 2))),
            TooLarge => set("full_name", "ă".repeat(ROW_LIMIT / 2)),
            _ => return None,
        }
        Some(line(&row).into_bytes())
    }
}

/// The first half of a line, up to a character.
fn cut(line: &str, before: char) -> Vec<u8> {
    let half = line.ceil_char_boundary(line.len() / 2);
    let end = half + line[half..].find(before).unwrap();
    line.as_bytes()[..end].to_vec()
}

/// A line with a byte that no UTF-8 text has.
fn bad_utf8(line: &str) -> Vec<u8> {
    let mut bytes = line.as_bytes().to_vec();
    let place = bytes.iter().position(|byte| *byte > 0x7f).unwrap();
    bytes[place] = 0xff;
    bytes
}
