//! Dates of birth as they are typed, also wrong ones.
//!
//! In: a cell. Out: eight digits, year first, where the cell reads as a date, or else its digits.
//! Must hold: a slip in a digit leaves the other digits where they were, so that it can be seen.

/// The digits of a date: `YYYYMMDD` where that is known, with `00` for what is not given.
pub fn digits(cell: &str) -> Option<String> {
    // A time of day is no part of a date of birth.
    let day = cell.split(['T', ' ']).find(|part| !part.is_empty())?;
    let parts: Vec<&str> = day.split(|c: char| !c.is_ascii_digit()).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            Some(format!("{year}{month:0>2}{day:0>2}"))
        }
        [day, month, year] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            // Day first, as most of the world writes, unless that cannot be.
            let exchanged = month > &"12" && month.len() == 2;
            let (day, month) = if exchanged {
                (month, day)
            } else {
                (day, month)
            };
            Some(format!("{year}{month:0>2}{day:0>2}"))
        }
        [year, month] if year.len() == 4 && month.len() <= 2 => {
            Some(format!("{year}{month:0>2}00"))
        }
        [month, year] if year.len() == 4 && month.len() <= 2 => {
            Some(format!("{year}{month:0>2}00"))
        }
        [year] if year.len() == 4 => Some(format!("{year}0000")),
        [] => None,
        parts => Some(parts.concat()),
    }
}

/// Whether a cell is written as a date with a year of people who live.
pub fn is_date(cell: &str) -> bool {
    let separators = cell
        .chars()
        .filter(|c| matches!(c, '-' | '/' | '.'))
        .count();
    let plain = cell.len() == 8 && cell.bytes().all(|b| b.is_ascii_digit());
    if separators != 2 && !plain {
        return false;
    }
    let Some(digits) = digits(cell).filter(|digits| digits.len() == 8) else {
        return false;
    };
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|d| d.parse().ok());
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    year.is_some_and(|y: u32| (1850..2100).contains(&y))
        && month.is_some_and(|m| (1..=12).contains(&m))
        && day.is_some_and(|d| (1..=31).contains(&d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_any_usual_order() {
        for (cell, expected) in [
            ("1971-06-24", "19710624"),
            ("1971-6-4", "19710604"),
            ("19710624", "19710624"),
            ("24/06/1971", "19710624"),
            ("06/24/1971", "19710624"),
            ("4.6.1971", "19710604"),
            ("1971-06-24T00:00:00Z", "19710624"),
            ("1971", "19710000"),
            ("1971-06", "19710600"),
            ("06/1971", "19710600"),
            ("1971062", "1971062"),
        ] {
            assert_eq!(digits(cell).as_deref(), Some(expected), "{cell}");
        }
        assert_eq!(digits("tháng sáu"), None);
    }

    #[test]
    fn numbers_are_no_dates() {
        assert!(is_date("1971-06-24") && is_date("19710624") && is_date("24/06/1971"));
        assert!(!is_date("7316005") && !is_date("1971-13-24") && !is_date("19711324"));
        assert!(!is_date("1.2") && !is_date("12345678"));
    }
}
