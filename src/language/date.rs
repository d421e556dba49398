//! Dates and times as each language writes them: `20/02/2025 08:30` and `20 Feb 2025 08:30`.
//!
//! Times are local (UTC+7). A space inside a date is a no-break space.

use super::Language;
use crate::record::{Day, Instant, LocalTime, PartialDate};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Language {
    /// A calendar day.
    pub fn day(self, day: Day) -> String {
        let (year, month, day) = day.civil();
        match self {
            Self::English => format!("{day}\u{a0}{}", month_and_year(year, month)),
            Self::Vietnamese => format!("{day:02}/{month:02}/{year:04}"),
        }
    }

    /// A date to its precision: the day, the month or only the year.
    pub fn partial_date(self, date: PartialDate) -> String {
        let (first, last) = (date.earliest_day(), date.latest_day());
        let (year, month, _) = first.civil();
        if date.is_whole() {
            return self.day(first);
        }
        if last.civil().1 != month {
            return format!("{year:04}");
        }
        match self {
            Self::English => month_and_year(year, month),
            Self::Vietnamese => format!("{month:02}/{year:04}"),
        }
    }

    /// The time of a visit.
    pub fn time(self, time: LocalTime) -> String {
        format!("{}\u{a0}{}", self.day(time.day()), clock(time))
    }

    /// From the time of arrival to that of departure; a day is said once.
    pub fn times(self, from: LocalTime, to: LocalTime) -> String {
        let to_text = if from.day() == to.day() {
            clock(to)
        } else {
            self.time(to)
        };
        format!("{}\u{a0}– {to_text}", self.time(from))
    }

    /// A knowledge time, to the minute.
    pub fn instant(self, at: Instant) -> String {
        let minutes = at.local_nanos().div_euclid(60_000_000_000);
        self.time(LocalTime::from_minutes(minutes))
    }
}

fn clock(time: LocalTime) -> String {
    let minute = time.minutes().rem_euclid(1440);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn month_and_year(year: i32, month: u32) -> String {
    let name = month.checked_sub(1).and_then(|m| MONTHS.get(m as usize));
    format!("{}\u{a0}{year:04}", name.unwrap_or(&"?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;
    use Language::{English, Vietnamese};

    #[test]
    fn dates_are_told_to_their_precision() {
        let told = |language: Language, text| {
            let date = PartialDate::from_text(text).expect("a date");
            language.partial_date(date).replace('\u{a0}', " ")
        };
        assert_eq!(told(English, "2025-02-09"), "9 Feb 2025");
        assert_eq!(told(Vietnamese, "2025-02-09"), "09/02/2025");
        assert_eq!(told(English, "2025-12"), "Dec 2025");
        assert_eq!(told(Vietnamese, "2025-02"), "02/2025");
        assert_eq!(told(Vietnamese, "2025"), "2025");
    }

    #[test]
    fn a_day_is_said_once() {
        let time = |text| LocalTime::from_text(text).expect("a time");
        let (from, to) = (time("2025-02-20T08:05"), time("2025-02-20T09:00"));
        assert_eq!(
            Vietnamese.times(from, to),
            "20/02/2025\u{a0}08:05\u{a0}– 09:00"
        );
        assert_eq!(
            English.times(from, time("2025-03-01T00:00")),
            "20\u{a0}Feb\u{a0}2025\u{a0}08:05\u{a0}– 1\u{a0}Mar\u{a0}2025\u{a0}00:00"
        );
    }

    #[test]
    fn knowledge_times_are_local() {
        let at = Instant::from_text("2025-01-01T23:30:59Z").expect("a time");
        assert_eq!(Vietnamese.instant(at), "02/01/2025\u{a0}06:30");
    }
}
