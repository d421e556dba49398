//! The forms of the national claim format, turned into the contract's.
//!
//! In: the trimmed text of a field. Out: a cell that the record's own parser then checks. Must
//! hold: a form that is not the field's is refused here, never passed on to be read as something
//! else.

use std::borrow::Cow;

use crate::record::{BloodGroup, Cell, Day, ErrorCode, Instant, RowError, Value};

/// How a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the contract writes it.
    Plain,
    /// Values separated by `;`.
    List,
    /// `yyyymmdd` or `yyyymmddHHMM`, of which the date counts.
    Date,
    /// `yyyymmdd` or `yyyymmddHHMM`; a month and day, or a day, of zeros are unknown.
    BirthDate,
    /// `yyyymmddHHMM`.
    Time,
    /// `01`…`16`; Decision 130 had a number, `1`.
    VisitType,
    /// Free text in every version: what is not a blood group is not known.
    BloodGroup,
}

impl Form {
    /// The cell of a text that is not empty.
    pub(super) fn cell<'a>(self, text: &'a str) -> Result<Cell<'a>, RowError> {
        let (code, expected, cell) = match self {
            Form::Plain => return Ok(Cell::Text(Cow::Borrowed(text))),
            Form::List => {
                let items = text.split(';').map(|item| Cow::Borrowed(item.trim()));
                return Ok(Cell::List(items.collect()));
            }
            Form::BloodGroup => return Ok(blood_group(text)),
            Form::VisitType if text.len() == 1 && digits(text, &[1]) => {
                return Ok(Cell::Number(Cow::Borrowed(text)));
            }
            Form::VisitType => return Ok(Cell::Text(Cow::Borrowed(text))),
            Form::Date => (
                ErrorCode::BadDate,
                "expected a date yyyymmdd or yyyymmddHHMM",
                date(text),
            ),
            Form::BirthDate => (
                ErrorCode::BadPartialDate,
                "expected a date yyyymmdd or yyyymmddHHMM, with zeros for an unknown month and day",
                birth_date(text),
            ),
            Form::Time => (
                ErrorCode::BadTime,
                "expected a time yyyymmddHHMM",
                time(text),
            ),
        };
        match cell {
            Some(text) => Ok(Cell::Text(Cow::Owned(text))),
            None => Err(RowError::new(code, expected)),
        }
    }
}

/// `NGAYLAP`: the knowledge time of an envelope is its day at 23:59.
pub(super) fn created_at(text: &str) -> Option<Instant> {
    if !digits(text, &[8, 10, 12, 14]) {
        return None;
    }
    let day = Day::from_text(&date(&text[..8])?)?;
    Instant::on(day, 23 * 3600 + 59 * 60).filter(|at| *at <= Instant::MAX)
}

/// Whether the text is ASCII digits of one of these lengths.
fn digits(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn date(text: &str) -> Option<String> {
    digits(text, &[8, 12]).then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]))
}

fn birth_date(text: &str) -> Option<String> {
    let date = date(text)?;
    Some(match (&date[5..7], &date[8..]) {
        ("00", "00") => date[..4].to_owned(),
        (_, "00") => date[..7].to_owned(),
        _ => date,
    })
}

fn time(text: &str) -> Option<String> {
    if !digits(text, &[12]) {
        return None;
    }
    Some(format!(
        "{}T{}:{}",
        date(text)?,
        &text[8..10],
        &text[10..12]
    ))
}

/// Reads `A`, `o +`, `AB Rh(+)`, `B RhD-` and the like.
fn blood_group(text: &str) -> Cell<'static> {
    let mut plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')'))
        .map(|c| match c {
            '\u{2212}' | '\u{2013}' => '-',
            other => other.to_ascii_uppercase(),
        })
        .collect();
    for factor in ["RHD", "RH"] {
        plain = plain.replace(factor, "");
    }
    // A zero where the letter belongs is how the group is called in part of the world.
    if let Some(rest) = plain.strip_prefix('0') {
        plain = format!("O{rest}");
    }
    match BloodGroup::from_text(&plain) {
        Some(group) => Cell::Text(Cow::Borrowed(group.as_str())),
        None => Cell::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Form, text: &str) -> Option<String> {
        match form.cell(text) {
            Ok(Cell::Text(text)) => Some(text.into_owned()),
            Ok(Cell::Number(text)) => Some(format!("number {text}")),
            _ => None,
        }
    }

    #[test]
    fn dates_and_times_take_the_contracts_form() {
        let cases = [
            (Form::Date, "20250701", Some("2025-07-01")),
            (Form::Date, "202507010830", Some("2025-07-01")),
            (Form::Date, "2025-07-01", None),
            (Form::Date, "2025070108", None),
            (Form::BirthDate, "198003020000", Some("1980-03-02")),
            (Form::BirthDate, "19800302", Some("1980-03-02")),
            (Form::BirthDate, "198003000000", Some("1980-03")),
            (Form::BirthDate, "19800000", Some("1980")),
            (Form::BirthDate, "1980", None),
            (Form::BirthDate, "1980-03-02", None),
            (Form::Time, "202507012359", Some("2025-07-01T23:59")),
            (Form::Time, "20250701", None),
            (Form::Time, "2025-07-01T10:00", None),
            (Form::Time, "٢٠٢٥", None),
            (Form::VisitType, "1", Some("number 1")),
            (Form::VisitType, "01", Some("01")),
            (Form::VisitType, "+1", Some("+1")),
        ];
        for (form, text, expected) in cases {
            assert_eq!(read(form, text).as_deref(), expected, "{form:?} {text}");
        }
        // A month of zeros with a day is passed on, for the record's parser to refuse.
        assert_eq!(
            read(Form::BirthDate, "19800002").as_deref(),
            Some("1980-00-02")
        );
    }

    #[test]
    fn blood_groups_lose_their_decoration() {
        for (text, group) in [
            ("A", Some("A")),
            ("o +", Some("O+")),
            ("AB Rh(+)", Some("AB+")),
            ("B RhD-", Some("B-")),
            ("0\u{2212}", Some("O-")),
            ("chưa rõ", None),
            ("+", None),
        ] {
            assert_eq!(read(Form::BloodGroup, text).as_deref(), group, "{text}");
        }
    }

    #[test]
    fn an_envelope_is_known_at_the_end_of_its_day() {
        let at = |text| created_at(text).map(|at| at.to_string());
        assert_eq!(at("20250701").as_deref(), Some("2025-07-01T23:59:00+07:00"));
        assert_eq!(at("20250701153012"), at("20250701"));
        for bad in ["", "20250231", "2025070", "99991231", "20250701T"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
