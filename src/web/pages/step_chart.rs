//! How many alerts each value of a threshold would come to, as a picture.
//!
//! In: values with their counts. Out: an SVG element without style or script, its parts named by classes. Must hold: a
//! bar is as long as its count, all of them to one scale that begins with 0; what the picture says stands in the table
//! beside it as well.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 40.0;
const SIDE: f64 = 12.0;

/// A bar.
pub(super) struct Bar {
    /// What stands under it.
    pub name: String,
    /// What stands over it.
    pub count: String,
    /// How long it is.
    pub alerts: u64,
    pub mark: Mark,
}

/// Which value it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Asked,
    InForce,
    Other,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::InForce => "in-force",
            Self::Other => "other",
        }
    }
}

/// The picture under a name; none where there is no bar. Names and counts are numbers, and not to be escaped.
pub(super) fn chart(name: &str, bars: &[Bar]) -> Option<String> {
    let most = bars.iter().map(|bar| bar.alerts).max()?.max(1);
    let slot = (WIDTH - 2.0 * SIDE) / bars.len() as f64;
    let bottom = HEIGHT - BOTTOM;
    let mut svg = format!(
        "<svg class=\"steps\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{name}\">"
    );
    for (place, bar) in bars.iter().enumerate() {
        let left = SIDE + slot * place as f64;
        let (middle, width) = (left + slot / 2.0, slot * 0.7);
        let height = (bottom - TOP) * (bar.alerts as f64 / most as f64);
        // Writing to a text does not fail.
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\
             <text class=\"tick\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"name\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bar.mark.class(),
            left + slot * 0.15,
            bottom - height,
            bottom - height - 6.0,
            bar.count,
            bottom + 18.0,
            bar.name,
        );
    }
    let right = WIDTH - SIDE;
    let _ = write!(
        svg,
        "<path class=\"axis\" d=\"M{SIDE} {bottom}H{right}\"/></svg>"
    );
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_to_one_scale() {
        let bar = |alerts: u64, mark| Bar {
            name: "1".to_owned(),
            count: alerts.to_string(),
            alerts,
            mark,
        };
        let svg = chart("so", &[bar(400, Mark::Other), bar(100, Mark::Asked)]).expect("a chart");
        let heights: Vec<&str> = svg
            .split(" height=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().expect("a chart"))
            .collect();
        assert_eq!(heights, ["176.0", "44.0"]);
        assert_eq!(chart("so", &[]), None);
        let nothing = chart("so", &[bar(0, Mark::InForce)]).expect("a chart");
        assert!(nothing.contains(" height=\"0.0\""));
    }
}
