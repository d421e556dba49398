//! The timeline of an alert as a picture with two axes: when something was, and when it became known.
//!
//! In: the rows behind an alert. Out: an SVG element without style or script, and its parts named by classes. Must
//! hold: a row is a point, or a bar where it lasts, with the number that it has in the list of rows; what was known
//! on the day that it happened lies on the diagonal.

use std::fmt::Write as _;

use crate::language::{Language, PageMessages};
use crate::record::Day;
use crate::web::cases::RowTold;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 52.0;
/// Days that are marked on an axis.
const TICKS: i32 = 4;
/// The longest that a row is drawn beyond the others: cards are valid for years.
const LONGEST_DAYS: i32 = 60;
/// Days beyond the first and the last that are drawn.
const MARGIN: i32 = 3;

/// A row as it is drawn.
struct Mark {
    number: usize,
    from: i32,
    to: i32,
    /// Whether it began before the picture does.
    goes_on: bool,
    /// Where it is drawn, and the day, where that is another.
    known: i32,
    known_on: Option<i32>,
}

struct Scale {
    first: i32,
    last: i32,
}

impl Scale {
    fn x(&self, day: i32) -> f64 {
        LEFT + self.share(day) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, day: i32) -> f64 {
        HEIGHT - BOTTOM - self.share(day) * (HEIGHT - TOP - BOTTOM)
    }

    fn share(&self, day: i32) -> f64 {
        f64::from(day - self.first) / f64::from((self.last - self.first).max(1))
    }
}

/// The picture, or none where no row has a time.
pub(super) fn timeline(rows: &[RowTold], language: Language) -> Option<String> {
    let marks = marks(rows);
    let valid = scale(marks.iter().flat_map(|mark| [mark.from, mark.to]))?;
    let known = scale(marks.iter().map(|mark| mark.known))?;
    let t = language.page_messages();
    let mut svg = format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        t.timeline_help
    );
    axes(&mut svg, &valid, &known, language, t);
    for mark in &marks {
        draw(
            &mut svg,
            mark,
            (&valid, &known),
            marks_at(&marks, mark),
            language,
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// The rows that have a time, cut to where those are that last for days and not for years.
fn marks(rows: &[RowTold]) -> Vec<Mark> {
    let days = |row: &RowTold| {
        let (from, to) = row.valid?;
        let known = row.known_at.day().number();
        Some((from.number(), to.map_or(i32::MAX, Day::number), known))
    };
    let timed: Vec<(usize, (i32, i32, i32))> = (1..)
        .zip(rows)
        .filter_map(|(number, row)| Some((number, days(row)?)))
        .collect();
    let is_short = |(from, to, _): &(i32, i32, i32)| to.saturating_sub(*from) <= LONGEST_DAYS;
    let mut near: Vec<(i32, i32, i32)> = timed.iter().map(|(_, days)| *days).collect();
    if near.iter().any(is_short) {
        near.retain(is_short);
    } else {
        // All last for years: they are drawn from where they begin.
        near.iter_mut().for_each(|(from, to, _)| *to = *from);
    }
    let least = |of: fn(&(i32, i32, i32)) -> i32| near.iter().map(of).min();
    let most = |of: fn(&(i32, i32, i32)) -> i32| near.iter().map(of).max();
    let valid = (least(|days| days.0), most(|days| days.1));
    let known = (least(|days| days.2), most(|days| days.2));
    let ((Some(first), Some(last)), (Some(known_first), Some(known_last))) = (valid, known) else {
        return Vec::new();
    };
    let (first, last) = (first - MARGIN, last + MARGIN);
    let (known_first, known_last) = (known_first - MARGIN, known_last + MARGIN);
    let mark = |(number, (from, to, known)): (usize, (i32, i32, i32))| Mark {
        number,
        from: from.clamp(first, last),
        to: to.clamp(first, last),
        goes_on: from < first,
        known: known.clamp(known_first, known_last),
        known_on: (known < known_first || known > known_last).then_some(known),
    };
    timed.into_iter().map(mark).collect()
}

fn scale(days: impl Iterator<Item = i32>) -> Option<Scale> {
    let days: Vec<i32> = days.collect();
    let (first, last) = (*days.iter().min()?, *days.iter().max()?);
    // A single day still has a width.
    let margin = ((last - first) / 12).max(1);
    Some(Scale {
        first: first - margin,
        last: last + margin,
    })
}

/// How many marks before this one lie at the same point: they are moved aside.
fn marks_at(marks: &[Mark], own: &Mark) -> usize {
    let is_before = |mark: &&Mark| mark.number < own.number;
    let is_same = |mark: &&Mark| (mark.from, mark.known) == (own.from, own.known);
    marks.iter().filter(is_before).filter(is_same).count()
}

fn axes(svg: &mut String, valid: &Scale, known: &Scale, language: Language, t: &PageMessages) {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    // Writing to a text does not fail.
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>"
    );
    let first = valid.first.max(known.first);
    let last = valid.last.min(known.last);
    if first < last {
        let (x1, y1) = (valid.x(first), known.y(first));
        let (x2, y2) = (valid.x(last), known.y(last));
        let _ = write!(
            svg,
            "<path class=\"diagonal\" d=\"M{x1:.0} {y1:.0}L{x2:.0} {y2:.0}\"/>\
             <text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
            if x1 > WIDTH - 200.0 {
                x1 - 130.0
            } else {
                x1 + 26.0
            },
            (y1 - 4.0).min(bottom - 6.0),
            t.axis_diagonal
        );
    }
    for day in ticks(valid) {
        let x = valid.x(day);
        // The last would be cut off if it were centred.
        let anchor = if x > WIDTH - 60.0 { "end" } else { "middle" };
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{x:.0} {TOP}V{bottom}\"/>\
             <text class=\"tick\" x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"{anchor}\">{}</text>",
            bottom + 16.0,
            language.day(Day::from_number(day))
        );
    }
    for day in ticks(known) {
        let y = known.y(day);
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.0}H{right}\"/>\
             <text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 4.0,
            language.day(Day::from_number(day))
        );
    }
    let _ = write!(
        svg,
        "<text class=\"name\" x=\"{right}\" y=\"{:.0}\" text-anchor=\"end\">{} →</text>\
         <text class=\"name\" x=\"{:.0}\" y=\"{:.0}\">↑ {}</text>",
        HEIGHT - 8.0,
        t.axis_valid,
        LEFT + 6.0,
        TOP + 6.0,
        t.axis_known
    );
}

/// Days of an axis, evenly, each once.
fn ticks(scale: &Scale) -> Vec<i32> {
    let length = scale.last - scale.first;
    let step = (length / TICKS).max(1);
    let mut days: Vec<i32> = (0..=TICKS).map(|n| scale.first + step * n).collect();
    days.retain(|day| *day <= scale.last);
    days.dedup();
    days
}

fn draw(
    svg: &mut String,
    mark: &Mark,
    (valid, known): (&Scale, &Scale),
    before: usize,
    language: Language,
) {
    let (from, to) = (valid.x(mark.from), valid.x(mark.to));
    let aside = 20.0 * f64::from(u16::try_from(before).unwrap_or(0));
    let y = (known.y(mark.known) - aside).max(TOP);
    if mark.from != mark.to {
        let _ = write!(
            svg,
            "<path class=\"span\" d=\"M{from:.0} {y:.0}H{to:.0}\"/>"
        );
    }
    if mark.goes_on {
        let x = from - 24.0;
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{x:.0}\" y=\"{y:.0}\">…</text>"
        );
    }
    let x = from.min(WIDTH - 12.0);
    let _ = write!(
        svg,
        "<circle class=\"mark\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"9\"/>\
         <text class=\"mark-number\" x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
        y + 4.0,
        mark.number
    );
    if let Some(day) = mark.known_on {
        let day_text = language.day(Day::from_number(day));
        let arrow = if day < mark.known { '↓' } else { '↑' };
        let _ = write!(
            svg,
            "<text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\">{arrow} {day_text}</text>",
            x + 14.0,
            y - 5.0
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Instant, Stream, Value};

    fn row(from: &str, to: Option<&str>, known: &str) -> RowTold {
        let day = |text: &str| Day::from_text(text).expect("a day");
        RowTold {
            stream: Stream::Claims,
            valid: Some((day(from), to.map(day))),
            known_at: Instant::from_text(&format!("{known}T08:00:00+07:00")).expect("a time"),
            place: String::new(),
            texts: None,
            fields: Vec::new(),
        }
    }

    #[test]
    fn what_is_known_later_lies_higher() {
        let rows = [
            row("2026-03-02", Some("2026-03-02"), "2026-03-15"),
            row("2026-03-10", Some("2026-03-12"), "2026-03-12"),
            row("2020-01-01", None, "2026-03-01"),
        ];
        let marks = marks(&rows);
        assert_eq!(marks.len(), 3);
        assert!(marks[2].goes_on && marks[2].from < marks[0].from);
        let known = scale(marks.iter().map(|mark| mark.known)).expect("days");
        assert!(known.y(marks[0].known) < known.y(marks[1].known));
        let svg = timeline(&rows, Language::Vietnamese).expect("a picture");
        assert_eq!(svg.matches("class=\"mark\"").count(), 3);
        assert!(!svg.contains("style=") && !svg.contains("NaN"));
    }

    #[test]
    fn one_day_and_no_day_are_drawn_or_not() {
        let one = row("2026-03-02", Some("2026-03-02"), "2026-03-02");
        assert!(timeline(&[one.clone(), one], Language::English).is_some());
        let mut none = row("2026-03-02", None, "2026-03-02");
        none.valid = None;
        assert_eq!(timeline(&[none], Language::English), None);
        assert_eq!(timeline(&[], Language::English), None);
    }
}
