//! Months with the services of a group: who went where on which day, as far as alerts and their rows tell.
//!
//! In: months, days of services with their facilities, and the visits that rows are of. Out: weeks of seven days, each with
//! its marks. Must hold: a visit has a mark on the day of arrival; a stay, one on every day from arrival to departure, also
//! where it began in another month; a day is in one week of its month.

use super::told::told;
use crate::language::Language;
use crate::record::{Day, PartialDate};
use crate::review::{Month, ServiceDay};
use crate::web::cases::Visit;

/// Marks of a day, beyond which they are counted.
const MARKS: usize = 4;

/// A month.
pub(super) struct MonthShown {
    pub caption: String,
    pub weeks: Vec<Vec<Option<DayShown>>>,
}

/// A day.
pub(super) struct DayShown {
    pub number: u32,
    pub marks: Vec<Mark>,
    /// How many more there are.
    pub more: Option<String>,
}

/// A visit, or a day of a stay.
pub(super) struct Mark {
    pub class: &'static str,
    pub text: String,
    /// What it is, in words.
    pub says: &'static str,
}

/// The names of the days of a week, from Monday on.
pub(super) fn weekdays(language: Language) -> Vec<&'static str> {
    language.page_messages().weekdays.split(' ').collect()
}

/// A visit a day at a facility, where no row tells of it.
pub(super) fn with_days(mut visits: Vec<Visit>, days: &[ServiceDay]) -> Vec<Visit> {
    for day in days {
        let is_it = |visit: &Visit| visit.from == day.day && visit.facility == day.facility;
        if !visits.iter().any(is_it) {
            visits.push(Visit {
                facility: day.facility.clone(),
                from: day.day,
                to: day.day,
                is_stay: false,
            });
        }
    }
    visits.sort_by(|a, b| (a.from, &a.facility, a.to).cmp(&(b.from, &b.facility, b.to)));
    visits
}

/// The months, with what each day has: a mark a visit.
pub(super) fn of_visits(months: &[Month], visits: &[Visit], language: Language) -> Vec<MonthShown> {
    let t = language.page_messages();
    let mark = |visit: &Visit, day: Day| {
        let (class, says) = match (visit.is_stay, day == visit.from, day == visit.to) {
            (false, true, _) => ("visit", t.calendar_visit),
            (true, true, true) => ("stay begins ends", t.calendar_stay),
            (true, true, false) => ("stay begins", t.calendar_stay_begins),
            (true, false, true) => ("stay ends", t.calendar_stay_ends),
            (true, false, false) if visit.from < day && day < visit.to => {
                ("stay", t.calendar_stay_goes_on)
            }
            _ => return None,
        };
        Some(Mark {
            class,
            text: visit.facility.clone(),
            says,
        })
    };
    let marks = |day: Day| visits.iter().filter_map(|visit| mark(visit, day)).collect();
    shown(months, language, marks)
}

/// The months of a facility, with how many alerts each day has.
pub(super) fn of_counts(
    months: &[Month],
    days: &[ServiceDay],
    language: Language,
) -> Vec<MonthShown> {
    let says = language.page_messages().alerts;
    let marks = |day: Day| {
        let alerts: u64 = { days.iter() }
            .filter(|own| own.day == day)
            .map(|own| own.alerts)
            .sum();
        let mark = Mark {
            class: "visit",
            text: language.count(alerts),
            says,
        };
        Some(mark).filter(|_| alerts > 0).into_iter().collect()
    };
    shown(months, language, marks)
}

fn shown(
    months: &[Month],
    language: Language,
    marks: impl Fn(Day) -> Vec<Mark>,
) -> Vec<MonthShown> {
    let month = |month: &Month| {
        let (first, last) = (month.first()?, month.last()?);
        // 1970-01-01 was a Thursday, three days after a Monday.
        let before = (first.number() + 3).rem_euclid(7);
        let mut cells: Vec<Option<DayShown>> = (0..before).map(|_| None).collect();
        for (number, day) in (1..).zip(first.number()..=last.number()) {
            let mut marks = marks(Day::from_number(day));
            let beyond = marks.len().saturating_sub(MARKS);
            marks.truncate(MARKS);
            let count = language.count(beyond as u64);
            let more = told(language.page_messages().calendar_more, &[("count", &count)]);
            cells.push(Some(DayShown {
                number,
                marks,
                more: (beyond > 0).then_some(more),
            }));
        }
        while !cells.len().is_multiple_of(7) {
            cells.push(None);
        }
        let mut weeks = Vec::new();
        while !cells.is_empty() {
            let rest = cells.split_off(7);
            weeks.push(std::mem::replace(&mut cells, rest));
        }
        Some(MonthShown {
            caption: caption(*month, language),
            weeks,
        })
    };
    months.iter().filter_map(month).collect()
}

/// A month as people write it.
pub(super) fn caption(month: Month, language: Language) -> String {
    let whole = || {
        let (year, month) = (
            u16::try_from(month.year).ok()?,
            u8::try_from(month.month).ok()?,
        );
        PartialDate::new(year, Some(month), None)
    };
    whole().map_or_else(|| month.to_string(), |date| language.partial_date(date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value as _;

    fn day(text: &str) -> Day {
        Day::from_text(text).expect("a day")
    }

    fn visit(facility: &str, from: &str, to: &str, is_stay: bool) -> Visit {
        Visit {
            facility: facility.to_owned(),
            from: day(from),
            to: day(to),
            is_stay,
        }
    }

    /// The days of a month that have marks, with their classes.
    fn marked(month: &MonthShown) -> Vec<(u32, Vec<&'static str>)> {
        let days = month.weeks.iter().flatten().flatten();
        let marked = days.filter(|day| !day.marks.is_empty());
        marked
            .map(|day| {
                (
                    day.number,
                    day.marks.iter().map(|mark| mark.class).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn stays_go_on_over_the_end_of_a_month() {
        let months = ["2026-03", "2026-02"].map(|text| Month::from_text(text).expect("a month"));
        let visits = [
            visit("79001", "2026-02-27", "2026-03-02", true),
            visit("79002", "2026-03-02", "2026-03-09", false),
            visit("79003", "2026-03-02", "2026-03-02", true),
        ];
        let shown = of_visits(&months, &visits, Language::Vietnamese);
        assert_eq!(
            marked(&shown[0]),
            [
                (1, vec!["stay"]),
                (2, vec!["stay ends", "visit", "stay begins ends"])
            ]
        );
        assert_eq!(
            marked(&shown[1]),
            [(27, vec!["stay begins"]), (28, vec!["stay"])]
        );
        assert_eq!(shown[0].caption, "03/2026");
        // 1 March 2026 was a Sunday.
        assert!(shown[0].weeks[0][..6].iter().all(Option::is_none));
        assert!(
            shown
                .iter()
                .all(|month| month.weeks.iter().all(|week| week.len() == 7))
        );
    }

    #[test]
    fn every_day_is_there_once() {
        for text in ["2024-02", "2026-02", "2026-03", "2026-12"] {
            let month = Month::from_text(text).expect("a month");
            let shown = of_counts(&[month], &[], Language::English);
            let days = shown[0].weeks.iter().flatten().flatten();
            let days: Vec<u32> = days.map(|day| day.number).collect();
            let (.., last) = month.last().expect("a day").civil();
            assert_eq!(days, (1..=last).collect::<Vec<_>>());
        }
        for language in Language::ALL {
            assert_eq!(weekdays(language).len(), 7);
        }
    }

    #[test]
    fn days_that_no_row_tells_of_are_shown_and_many_are_counted() {
        let own = |facility: &str, alerts| ServiceDay {
            day: day("2026-03-05"),
            facility: facility.to_owned(),
            alerts,
        };
        let days = [own("79001", 2), own("79002", 1)];
        let visits = with_days(
            vec![visit("79001", "2026-03-05", "2026-03-05", false)],
            &days,
        );
        assert_eq!(visits.len(), 2);
        let month = [Month::from_text("2026-03").expect("a month")];
        let count = of_counts(&month, &days, Language::English);
        let shown = count[0].weeks.iter().flatten().flatten();
        let shown: Vec<&DayShown> = shown.filter(|day| !day.marks.is_empty()).collect();
        assert_eq!((shown.len(), &*shown[0].marks[0].text), (1, "3"));
        let many: Vec<Visit> = (1..=6)
            .map(|n| visit(&format!("7900{n}"), "2026-03-05", "2026-03-05", false))
            .collect();
        let shown = of_visits(&month, &many, Language::English);
        let days = shown[0].weeks.iter().flatten().flatten();
        let full: Vec<&DayShown> = days.filter(|day| day.more.is_some()).collect();
        assert_eq!((full.len(), full[0].marks.len()), (1, MARKS));
        assert!(
            full[0]
                .more
                .as_deref()
                .is_some_and(|more| more.contains('2'))
        );
    }
}
