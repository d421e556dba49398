//! Times as the lines of the log have them: UTC, to the millisecond, and the month that names a file.

use crate::record::Day;

const DAY: i64 = 86_400_000;

/// `2026-11-27T12:04:46.123Z`.
pub(super) fn time_text(millis: i64) -> String {
    let (year, month, day) = civil(millis);
    let in_day = millis.rem_euclid(DAY);
    let (second, millis) = (in_day / 1000, in_day % 1000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The time of such a text; nothing where it is written in any other way.
pub(super) fn millis_of(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    let day = Day::from_civil(number(0..4)? as i32, number(5..7)?, number(8..10)?)?;
    let [hour, minute, second] = [number(11..13)?, number(14..16)?, number(17..19)?];
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    let millis = i64::from(day.number()) * DAY + seconds * 1000 + i64::from(number(20..23)?);
    (time_text(millis) == text).then_some(millis)
}

/// The UTC month of a time: `2026-11`.
pub(super) fn month_text(millis: i64) -> String {
    let (year, month, _) = civil(millis);
    format!("{year:04}-{month:02}")
}

fn civil(millis: i64) -> (i32, u32, u32) {
    // 64 bits of nanoseconds end in 2262.
    let days = millis.div_euclid(DAY);
    Day::from_number(i32::try_from(days).unwrap_or(i32::MAX / 2)).civil()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read() {
        for (millis, text, month) in [
            (0, "1970-01-01T00:00:00.000Z", "1970-01"),
            (1_764_244_799_999, "2025-11-27T11:59:59.999Z", "2025-11"),
            (1_764_547_199_999, "2025-11-30T23:59:59.999Z", "2025-11"),
            (1_764_547_200_000, "2025-12-01T00:00:00.000Z", "2025-12"),
        ] {
            assert_eq!(time_text(millis), text);
            assert_eq!(millis_of(text), Some(millis));
            assert_eq!(month_text(millis), month);
        }
        for text in [
            "",
            "2025-11-27T11:59:59Z",
            "2025-11-27T11:59:59.999+07:00",
            "2025-11-27T24:00:00.000Z",
            "2025-02-30T00:00:00.000Z",
            "2025-11-27t11:59:59.999Z",
            "2025-11-27T11:59:59.+99Z",
        ] {
            assert_eq!(millis_of(text), None, "{text}");
        }
    }
}
