//! A reliability diagram: what was expected of alerts beside what they were.
//!
//! In: an evaluation. Out: SVG that needs nothing else, legible in light and dark. Must hold: the same
//! evaluation gives the same bytes.

use std::fmt::Write;

use super::report::{Evaluation, ReliabilityBin};

const SIDE: f64 = 320.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 40.0;

/// The diagram (DeGroot & Fienberg, The Statistician 32, 1983): a point for each tenth of probabilities, its
/// area by the number of alerts, beside the diagonal on which a calibrated model's points lie; bars are 95 %
/// intervals of the observed share (Wilson, JASA 22, 1927).
pub fn reliability_diagram(evaluation: &Evaluation) -> String {
    let mut svg = String::new();
    write_diagram(&mut svg, evaluation).expect("a text can always be written to");
    svg
}

fn x(share: f64) -> f64 {
    LEFT + share * SIDE
}

fn y(share: f64) -> f64 {
    TOP + (1.0 - share) * SIDE
}

fn write_diagram(out: &mut String, evaluation: &Evaluation) -> std::fmt::Result {
    let (width, height) = (LEFT + SIDE + 24.0, TOP + SIDE + 56.0);
    writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="Reliability diagram" font-family="system-ui, sans-serif" font-size="12">
<style>text{{fill:#1f2933}}.line{{stroke:#9aa5b1}}.grid{{stroke:#e4e7eb}}.point{{fill:#0b6bcb;fill-opacity:.75}}.bar{{stroke:#0b6bcb}}@media(prefers-color-scheme:dark){{text{{fill:#e4e7eb}}.grid{{stroke:#323f4b}}.point{{fill:#63b3ff}}.bar{{stroke:#63b3ff}}}}</style>
<text x="{LEFT}" y="22" font-size="14" font-weight="600">Misuse expected and found, {} alerts</text>"##,
        evaluation
            .reliability
            .iter()
            .map(|bin| bin.alerts)
            .sum::<usize>()
    )?;
    for tenth in 0..=5 {
        let share = f64::from(tenth) / 5.0;
        writeln!(
            out,
            r#"<path class="grid" d="M{:.1} {:.1}H{:.1}M{:.1} {:.1}V{:.1}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{:.0}%</text><text x="{:.1}" y="{:.1}" text-anchor="middle">{:.0}%</text>"#,
            x(0.0),
            y(share),
            x(1.0),
            x(share),
            y(0.0),
            y(1.0),
            x(0.0) - 8.0,
            y(share) + 4.0,
            share * 100.0,
            x(share),
            y(0.0) + 18.0,
            share * 100.0
        )?;
    }
    writeln!(
        out,
        r#"<path class="line" stroke-dasharray="4 4" d="M{:.1} {:.1}L{:.1} {:.1}"/>"#,
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    )?;
    let most = evaluation
        .reliability
        .iter()
        .map(|bin| bin.alerts)
        .max()
        .unwrap_or(1);
    for bin in &evaluation.reliability {
        let (low, high) = interval(bin);
        let radius = 4.0 + 10.0 * (bin.alerts as f64 / most as f64).sqrt();
        writeln!(
            out,
            r#"<path class="bar" d="M{0:.1} {1:.1}V{2:.1}"/><circle class="point" cx="{0:.1}" cy="{3:.1}" r="{radius:.1}"><title>{4} alerts: {5:.1}% expected, {6:.1}% found</title></circle>"#,
            x(bin.expected),
            y(low),
            y(high),
            y(bin.observed),
            bin.alerts,
            bin.expected * 100.0,
            bin.observed * 100.0
        )?;
    }
    writeln!(
        out,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">probability of misuse</text><text transform="translate(16 {:.1}) rotate(-90)" text-anchor="middle">share that was misuse</text>"#,
        x(0.5),
        y(0.0) + 42.0,
        y(0.5)
    )?;
    out.write_str("</svg>\n")
}

/// The 95 % interval of the observed share.
fn interval(bin: &ReliabilityBin) -> (f64, f64) {
    const Z: f64 = 1.96;
    let (n, share) = (bin.alerts as f64, bin.observed);
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_the_share() {
        for (alerts, observed) in [(1, 0.0), (1, 1.0), (1000, 0.5)] {
            let (low, high) = interval(&ReliabilityBin {
                alerts,
                expected: 0.5,
                observed,
            });
            assert!(low <= observed + 1e-9 && observed - 1e-9 <= high);
        }
        let (low, high) = interval(&ReliabilityBin {
            alerts: 1000,
            expected: 0.5,
            observed: 0.5,
        });
        assert!((low - 0.469).abs() < 0.001 && (high - 0.531).abs() < 0.001);
    }

    #[test]
    fn it_is_well_formed() {
        let svg = reliability_diagram(&Evaluation::of(Vec::new(), Vec::new()));
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        let mut reader = quick_xml::Reader::from_str(&svg);
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                _ => continue,
            }
        }
    }
}
