//! What ties the numbers of an alert, as a picture and as a list that says the same.
//!
//! In: numbers and ties. Out: an SVG element without style or script, its parts named by classes, and a line a tie. Must
//! hold: a tie has the same number in both; a bridge is told by its form and in words, not by colour alone; names and
//! numbers that people wrote are escaped.

use std::fmt::Write as _;

use super::told::told;
use crate::case::{Compared, IdentityKind, IdentityNode, IdentityPath, Tie};
use crate::language::{Language, PageMessages};
use crate::record::Stream;

const BOX_WIDTH: f64 = 140.0;
const BOX_HEIGHT: f64 = 46.0;
/// Between two columns: room for the number of a tie, and for a tie within a column.
const GAP: f64 = 80.0;
const ROW: f64 = 74.0;
const MARGIN: f64 = 12.0;
/// Left of the first column, for ties within it.
const LEFT: f64 = 64.0;
/// How far a tie within a column stands out, for each row that it passes.
const BULGE: f64 = 26.0;
const WIDEST_BULGE: f64 = 60.0;
/// Where the number of a tie is, of its length.
const PLACE: f64 = 0.5;

/// A tie in words.
pub(super) struct TieRow {
    pub number: usize,
    pub from: String,
    pub to: String,
    pub evidence: String,
    pub is_bridge: bool,
}

/// The picture and the list.
pub(super) struct IdentityDrawing {
    pub svg: String,
    pub ties: Vec<TieRow>,
    /// Whether one of them is a bridge.
    pub has_bridge: bool,
}

/// Draws a path.
pub(super) fn identity_drawing(path: &IdentityPath, language: Language) -> IdentityDrawing {
    let t = language.page_messages();
    let ties = path.links.iter().zip(1..).map(|(link, number)| TieRow {
        number,
        from: name(&path.nodes[link.from], language),
        to: name(&path.nodes[link.to], language),
        evidence: evidence(link.tie, language),
        is_bridge: link.is_bridge,
    });
    IdentityDrawing {
        svg: svg(path, language, t),
        ties: ties.collect(),
        has_bridge: path.links.iter().any(|link| link.is_bridge),
    }
}

fn kind(kind: IdentityKind, language: Language) -> &'static str {
    match kind {
        IdentityKind::Claim => language.record(Stream::Claims),
        IdentityKind::Card => language.record(Stream::Cards),
        IdentityKind::Participant => language.record(Stream::Participants),
        IdentityKind::Citizen => language.record(Stream::Citizens),
        IdentityKind::OldId => language.page_messages().identity_old_id,
    }
}

/// A number as it is called in the list, with the place of its row.
fn name(node: &IdentityNode, language: Language) -> String {
    let text = format!("{} {}", kind(node.kind, language), node.masked);
    let row = node.row.map(|row| {
        let row = language.count(row as u64);
        told(language.page_messages().identity_row, &[("row", &row)])
    });
    [Some(text), row]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a tie rests on.
fn evidence(tie: Tie, language: Language) -> String {
    let t = language.page_messages();
    let (tie, compared) = match tie {
        Tie::Presented => (t.tie_presented.to_owned(), None),
        Tie::NamedOnClaim => (t.tie_named.to_owned(), None),
        Tie::Holder => (t.tie_holder.to_owned(), None),
        Tie::PersonalId(compared) => (t.tie_personal_id.to_owned(), Some(compared)),
        Tie::Superseded(compared) => (t.tie_superseded.to_owned(), Some(compared)),
        Tie::OldId => (t.tie_old_id.to_owned(), None),
        Tie::Alike(share, compared) => {
            let percent = language.decimal(f64::from(share) / 100.0);
            let percent = format!("{percent}\u{a0}%");
            (told(t.tie_alike, &[("percent", &percent)]), Some(compared))
        }
    };
    let compared = compared.map(|compared| match compared {
        Compared::Agrees => t.compared_agrees.to_owned(),
        Compared::Differs(cause) => cause.text(language).to_owned(),
        Compared::Unknown => t.compared_unknown.to_owned(),
    });
    [Some(tie), compared]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Where the numbers are: the left upper corner of each.
struct Layout {
    at: Vec<(f64, f64)>,
    columns: Vec<usize>,
    width: f64,
    height: f64,
}

fn layout(path: &IdentityPath) -> Layout {
    let mut kinds: Vec<IdentityKind> = path.nodes.iter().map(|node| node.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let column = |node: &IdentityNode| {
        let found = kinds.iter().position(|kind| *kind == node.kind);
        found.unwrap_or_default()
    };
    let columns: Vec<usize> = path.nodes.iter().map(column).collect();
    // A tie that passes over columns runs below them, into a row that is nobody else's.
    let is_below = |place: usize| {
        let mut links = path.links.iter();
        links.any(|link| link.to == place && columns[link.to] > columns[link.from] + 1)
    };
    let of_column = |number: usize, below: bool| -> Vec<usize> {
        let nodes = 0..path.nodes.len();
        let nodes = nodes.filter(|place| columns[*place] == number && is_below(*place) == below);
        nodes.collect()
    };
    let most = (0..kinds.len()).map(|number| of_column(number, false).len());
    let most = most.max().unwrap_or_default();
    let mut at = vec![(0.0, 0.0); path.nodes.len()];
    let mut rows = most;
    for number in 0..kinds.len() {
        let x = LEFT + count(number) * (BOX_WIDTH + GAP);
        let own = of_column(number, false);
        // In the middle of the highest column.
        let down = (count(most) - count(own.len())) / 2.0;
        for (row, place) in own.into_iter().enumerate() {
            at[place] = (x, MARGIN + (count(row) + down) * ROW);
        }
        for place in of_column(number, true) {
            at[place] = (x, MARGIN + count(rows) * ROW);
            rows += 1;
        }
    }
    Layout {
        at,
        columns,
        width: LEFT + count(kinds.len()) * (BOX_WIDTH + GAP),
        height: 2.0 * MARGIN + count(rows) * ROW - (ROW - BOX_HEIGHT),
    }
}

/// A few, as a number to be drawn with.
fn count(number: usize) -> f64 {
    f64::from(u16::try_from(number).unwrap_or(u16::MAX))
}

fn svg(path: &IdentityPath, language: Language, t: &PageMessages) -> String {
    let layout = layout(path);
    let (width, height) = (layout.width, layout.height);
    let mut svg = format!(
        "<svg class=\"identities\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{}\">",
        escaped(t.identity_help)
    );
    let lines: Vec<Line> = (path.links.iter())
        .map(|link| line(&layout, link.from, link.to))
        .collect();
    // Writing to a text does not fail.
    for (line, link) in lines.iter().zip(&path.links) {
        let class = if link.is_bridge { "tie bridge" } else { "tie" };
        let _ = write!(svg, "<path class=\"{class}\" d=\"{}\"/>", line.path);
    }
    for (node, at) in path.nodes.iter().zip(&layout.at) {
        draw(&mut svg, node, *at, language);
    }
    for ((line, link), number) in lines.iter().zip(&path.links).zip(1..) {
        let (x, y) = line.middle;
        let class = if link.is_bridge {
            "tie-mark bridge"
        } else {
            "tie-mark"
        };
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{:.0}\" y=\"{:.0}\" width=\"20\" height=\"18\" rx=\"3\"/>\
             <text class=\"tie-mark-number\" x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{number}</text>",
            x - 10.0,
            y - 9.0,
            y + 4.0,
        );
    }
    svg.push_str("</svg>");
    svg
}

fn draw(svg: &mut String, node: &IdentityNode, (x, y): (f64, f64), language: Language) {
    let initials = node.initials.as_deref().unwrap_or_default();
    let text = [&*node.masked, initials].join(" ");
    let class = if node.row.is_some() {
        "node"
    } else {
        "node named"
    };
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\"/>\
         <text class=\"tick\" x=\"{:.0}\" y=\"{:.0}\">{}</text>\
         <text class=\"name\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        x + 10.0,
        y + 18.0,
        escaped(kind(node.kind, language)),
        x + 10.0,
        y + 36.0,
        escaped(text.trim()),
    );
    if let Some(row) = node.row {
        let (x, y) = (x + BOX_WIDTH - 15.0, y + 15.0);
        let _ = write!(
            svg,
            "<circle class=\"mark\" cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"9\"/>\
             <text class=\"mark-number\" x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{row}</text>",
            y + 4.0,
        );
    }
}

/// A tie as it is drawn, and where its number is.
struct Line {
    path: String,
    middle: (f64, f64),
}

fn line(layout: &Layout, from: usize, to: usize) -> Line {
    let ((x1, y1), (x2, y2)) = (layout.at[from], layout.at[to]);
    let half = BOX_HEIGHT / 2.0;
    let columns = (layout.columns[from], layout.columns[to]);
    if columns.0 == columns.1 {
        let (a, b) = (y1 + half, y2 + half);
        let bulge = (BULGE * ((b - a).abs() / ROW)).min(WIDEST_BULGE);
        // On the left, where no other tie comes to the first column; else on the right.
        let (x, out) = match columns.0 {
            0 => (x1, x1 - bulge),
            _ => (x1 + BOX_WIDTH, x1 + BOX_WIDTH + bulge),
        };
        return Line {
            path: format!("M{x:.0} {a:.0}C{out:.0} {a:.0} {out:.0} {b:.0} {x:.0} {b:.0}"),
            // The middle of the curve.
            middle: (0.25 * x + 0.75 * out, (a + b) / 2.0),
        };
    }
    if columns.1 > columns.0 + 1 {
        let (x, a, b) = (x1 + BOX_WIDTH / 2.0, y1 + BOX_HEIGHT, y2 + half);
        return Line {
            path: format!("M{x:.0} {a:.0}V{b:.0}H{x2:.0}"),
            middle: (x + PLACE * (x2 - x), b),
        };
    }
    let ((a, b), (c, d)) = ((x1 + BOX_WIDTH, y1 + half), (x2, y2 + half));
    Line {
        path: format!("M{a:.0} {b:.0}L{c:.0} {d:.0}"),
        middle: (a + PLACE * (c - a), b + PLACE * (d - b)),
    }
}

/// A text within an element or an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::IdentityLink;

    fn node(kind: IdentityKind, masked: &str) -> IdentityNode {
        IdentityNode {
            kind,
            masked: masked.to_owned(),
            initials: Some("<.\"".to_owned()),
            row: Some(3),
        }
    }

    fn path(links: &[(usize, usize)]) -> IdentityPath {
        let link = |(from, to): &(usize, usize)| IdentityLink {
            from: *from,
            to: *to,
            tie: Tie::Alike(9_512, Compared::Agrees),
            is_bridge: *from == 0,
        };
        IdentityPath {
            nodes: vec![
                node(IdentityKind::Claim, "S01"),
                node(IdentityKind::Card, "•••001"),
                node(IdentityKind::Participant, "•••002"),
                node(IdentityKind::Participant, "•••003"),
                node(IdentityKind::Citizen, "•••004"),
                node(IdentityKind::Citizen, "•••005"),
            ],
            links: links.iter().map(link).collect(),
        }
    }

    #[test]
    fn the_picture_and_the_list_have_the_same_ties() {
        let path = path(&[(0, 1), (1, 2), (2, 3), (2, 4), (0, 5)]);
        for language in Language::ALL {
            let drawn = identity_drawing(&path, language);
            assert_eq!(drawn.svg.matches("<path ").count(), 5);
            assert_eq!(drawn.svg.matches("class=\"tie bridge\"").count(), 2);
            assert_eq!(drawn.svg.matches("class=\"node\"").count(), 6);
            assert!(drawn.has_bridge && drawn.ties.len() == 5);
            for (row, number) in drawn.ties.iter().zip(1..) {
                assert_eq!(row.number, number);
                assert!(drawn.svg.contains(&format!(">{number}</text>")));
                assert!(row.evidence.contains("95"), "{}", row.evidence);
            }
            assert!(!drawn.svg.contains("style=") && !drawn.svg.contains("NaN"));
            assert!(drawn.svg.contains("&lt;.&quot;"));
        }
    }

    #[test]
    fn boxes_lie_apart_and_inside() {
        let path = path(&[(0, 1), (1, 2), (1, 3), (2, 4), (0, 5)]);
        let layout = layout(&path);
        for (place, (x, y)) in layout.at.iter().enumerate() {
            assert!(*x >= 0.0 && x + BOX_WIDTH <= layout.width, "{place}");
            assert!(*y >= 0.0 && y + BOX_HEIGHT <= layout.height, "{place}");
            for (other_x, other_y) in &layout.at[place + 1..] {
                let apart = (x - other_x).abs() >= BOX_WIDTH || (y - other_y).abs() >= BOX_HEIGHT;
                assert!(apart, "{place}");
            }
        }
        // What passes over columns runs below everything that is in them.
        let lane = layout.at[5].1;
        assert!(layout.at[1..5].iter().all(|(_, y)| y + BOX_HEIGHT <= lane));
    }
}
