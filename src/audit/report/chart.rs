//! Bars, as pictures.
//!
//! In: names with counts and what is said of each. Out: an SVG element that needs nothing beside it. Must hold: bars
//! are to one scale that begins with 0; the picture has a title and a description that a screen reader tells, and says
//! nothing that the table beside it does not; texts are escaped.

use std::fmt::Write as _;

const WIDTH: f64 = 680.0;
/// What a row with its name over the bar takes.
const TALL: f64 = 40.0;
/// What a row with its name beside the bar takes.
const SHORT: f64 = 22.0;
/// Where bars begin beside their names.
const BESIDE: f64 = 92.0;
/// What is left for what is said of a bar.
const SAID: f64 = 230.0;
/// Names of up to so many characters stand beside their bars.
const SHORT_NAME: usize = 11;

/// A bar.
pub struct Bar {
    /// Its name.
    pub name: String,
    /// What is said of it.
    pub said: String,
    /// How long it is; none where that is not told.
    pub count: Option<u64>,
}

/// A picture; none where there is no bar. `id` is its own on the page.
pub fn chart(id: &str, title: &str, description: &str, bars: &[Bar]) -> Option<String> {
    let most = bars.iter().filter_map(|bar| bar.count).max()?.max(1);
    let is_short = bars
        .iter()
        .all(|bar| bar.name.chars().count() <= SHORT_NAME);
    let (row, left) = if is_short {
        (SHORT, BESIDE)
    } else {
        (TALL, 0.0)
    };
    let height = row * bars.len() as f64 + 4.0;
    let (title, description) = (escaped(title), escaped(description));
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\
         <title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc>"
    );
    for (place, bar) in bars.iter().enumerate() {
        let top = row * place as f64;
        let share = bar.count.unwrap_or(0) as f64 / most as f64;
        let width = (WIDTH - left - SAID) * share;
        let (name, said) = (escaped(&bar.name), escaped(&bar.said));
        let (name_y, bar_y, bar_height) = if is_short {
            (top + 15.5, top + 3.0, 16.0)
        } else {
            (top + 14.0, top + 19.0, 15.0)
        };
        let (said_x, said_y) = (left + width + 6.0, bar_y + 12.0);
        // Writing to a text does not fail.
        let _ = write!(
            svg,
            "<text class=\"name\" x=\"0\" y=\"{name_y:.1}\">{name}</text>\
             <rect x=\"{left:.1}\" y=\"{bar_y:.1}\" width=\"{width:.1}\" height=\"{bar_height:.1}\"/>\
             <text class=\"said\" x=\"{said_x:.1}\" y=\"{said_y:.1}\">{said}</text>"
        );
    }
    if is_short {
        let _ = write!(svg, "<path d=\"M{left:.1} 0V{height}\"/>");
    }
    svg.push_str("</svg>");
    Some(svg)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, count: Option<u64>) -> Bar {
        Bar {
            name: name.to_owned(),
            said: "<5".to_owned(),
            count,
        }
    }

    #[test]
    fn bars_are_to_one_scale_and_texts_are_escaped() {
        let bars = [bar("a & b", Some(400)), bar("c", Some(100)), bar("d", None)];
        let svg = chart("by", "Title", "Said <here>", &bars).expect("a chart");
        let widths: Vec<f64> = svg
            .split("<rect ")
            .skip(1)
            .filter_map(|rest| {
                rest.split(" width=\"")
                    .nth(1)?
                    .split('"')
                    .next()?
                    .parse()
                    .ok()
            })
            .collect();
        assert_eq!(widths[0], widths[1] * 4.0);
        assert_eq!(widths[2], 0.0);
        assert!(svg.contains("a &amp; b") && svg.contains("&lt;5") && svg.contains("&lt;here&gt;"));
        assert_eq!(chart("by", "t", "d", &[]), None);
        assert_eq!(chart("by", "t", "d", &[bar("a", None)]), None);
    }
}
