//! The runbooks: a page for each alert, by one template.

use std::collections::BTreeSet;

use crate::files::{alerts, rules, string, text};

/// The parts of a page, in order.
const PARTS: [&str; 6] = [
    "**What you see.**",
    "**What it means for claims.**",
    "**Look at.**",
    "**Do.**",
    "**How to know it worked.**",
    "**Who may be told.**",
];

/// The headings that are no alert's.
const OTHERS: [&str; 2] = ["Before first use", "What may be said"];

/// The page under each heading.
pub fn pages() -> Vec<(String, String)> {
    let text = text("runbooks.md");
    let pages = text.split("\n## ").skip(1);
    pages
        .map(|page| {
            let (heading, body) = page.split_once('\n').expect("a body");
            (heading.to_owned(), body.to_owned())
        })
        .collect()
}

/// The queries of a page.
pub fn queries(page: &str) -> Vec<String> {
    let blocks = page.split("```promql\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().expect("a block"));
    blocks
        .flat_map(|block| block.lines().map(str::to_owned))
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn every_alert_has_a_page_and_every_page_an_alert() {
    let headings: Vec<String> = pages().into_iter().map(|(heading, _)| heading).collect();
    let distinct: BTreeSet<String> = headings.iter().cloned().collect();
    assert_eq!(distinct.len(), headings.len(), "a heading is there twice");
    let mut expected = alerts();
    expected.extend(OTHERS.map(str::to_owned));
    assert_eq!(distinct, expected);
}

#[test]
fn every_page_has_all_parts_in_order() {
    for (heading, page) in pages() {
        if OTHERS.contains(&heading.as_str()) {
            continue;
        }
        let places: Vec<usize> = PARTS
            .iter()
            .map(|part| {
                page.find(part)
                    .unwrap_or_else(|| panic!("{heading}: {part}"))
            })
            .collect();
        assert!(places.is_sorted(), "{heading}: the order of its parts");
        let ends = places[1..].iter().copied().chain([page.len()]);
        for (part, (start, end)) in PARTS.iter().zip(places.iter().zip(ends)) {
            let body = page[start + part.len()..end].trim();
            assert!(body.len() > 10, "{heading}: {part} says nothing");
        }
        assert!(!queries(&page).is_empty(), "{heading}: no query");
        assert!(page.contains("\n- "), "{heading}: nothing to do, by cause");
    }
}

#[test]
fn links_lead_to_headings() {
    let text = text("runbooks.md");
    let anchors: BTreeSet<String> = pages()
        .iter()
        .map(|(heading, _)| heading.to_lowercase().replace(' ', "-"))
        .collect();
    let links: Vec<&str> = text.split("](#").skip(1).collect();
    assert!(!links.is_empty());
    for link in links {
        let anchor = link.split(')').next().expect("a link is closed");
        assert!(anchors.contains(anchor), "#{anchor}");
    }
}

#[test]
fn the_page_tells_how_to_replace_the_address_of_all_rules() {
    let rules = rules();
    let alert = rules.iter().find(|rule| rule.is_alert).expect("an alert");
    let url = string(&alert.whole["annotations"]["runbook_url"]);
    let base = url.split("/runbooks.md#").next().expect("a base");
    if base == "https://fundwatch.example.org/ops" {
        let (_, page) = &pages()[0];
        assert!(page.contains(&format!("s#{base}#$base#g")), "{base}");
    }
}
