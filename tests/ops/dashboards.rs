//! Dashboards: valid for Grafana 10 and later, told in words, and linked to the runbooks.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::files::{alerts, dashboards, list, rules, string};

/// The variables that there may be.
const VARIABLES: [&str; 4] = ["job", "instance", "reason", "stream"];

/// The queries of a dashboard, each with the title of its panel.
pub fn queries(board: &Value) -> Vec<(String, String)> {
    let panels = list(&board["panels"]).iter().filter(|panel| !is_row(panel));
    let queries = panels.flat_map(|panel| {
        let title = string(&panel["title"]);
        let targets = list(&panel["targets"]).iter();
        targets.map(move |target| (title.clone(), string(&target["expr"])))
    });
    queries.collect()
}

fn is_row(panel: &Value) -> bool {
    panel["type"] == "row"
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("a number, not {value}"))
}

#[test]
fn there_are_four_and_each_has_a_name_of_its_own() {
    let boards = dashboards();
    let names: Vec<&str> = boards.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "detector.json",
        "operations.json",
        "queue.json",
        "sources.json",
    ];
    assert_eq!(names, expected);
    let distinct = |key: &str| -> usize {
        let values = boards.iter().map(|(_, board)| string(&board[key]));
        values.collect::<BTreeSet<String>>().len()
    };
    assert_eq!((distinct("uid"), distinct("title")), (4, 4));
}

#[test]
fn they_are_of_the_form_that_grafana_10_reads() {
    for (name, board) in dashboards() {
        assert!(number(&board["schemaVersion"]) >= 38, "{name}");
        assert!(string(&board["uid"]).len() <= 40, "{name}");
        assert!(
            board.get("id").is_none(),
            "{name}: a number of another Grafana"
        );
        let mut ids = BTreeSet::new();
        let mut cells = BTreeSet::new();
        for panel in list(&board["panels"]) {
            let title = string(&panel["title"]);
            assert!(ids.insert(number(&panel["id"])), "{name}, {title}: its id");
            let at = &panel["gridPos"];
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| number(&at[key]));
            assert!(x + w <= 24 && w > 0 && h > 0, "{name}, {title}: {at}");
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(cells.insert(cell), "{name}, {title}: overlaps at {cell:?}");
            }
            if is_row(panel) {
                continue;
            }
            assert!(
                panel["datasource"].is_null(),
                "{name}, {title}: the default"
            );
            let targets = list(&panel["targets"]);
            let letters: BTreeSet<String> = targets
                .iter()
                .map(|target| string(&target["refId"]))
                .collect();
            assert_eq!(letters.len(), targets.len(), "{name}, {title}");
        }
    }
}

#[test]
fn every_panel_has_unit_description_and_runbook() {
    let rules = rules();
    let alert = rules.iter().find(|rule| rule.is_alert).expect("an alert");
    let url = string(&alert.whole["annotations"]["runbook_url"]);
    let (base, _) = url.split_once('#').expect("an anchor");
    let anchors: BTreeSet<String> = alerts().iter().map(|name| name.to_lowercase()).collect();
    for (name, board) in dashboards() {
        for panel in list(&board["panels"]).iter().filter(|panel| !is_row(panel)) {
            let title = string(&panel["title"]);
            let unit = string(&panel["fieldConfig"]["defaults"]["unit"]);
            assert!(!unit.is_empty(), "{name}, {title}");
            let words = string(&panel["description"]);
            assert!(words.ends_with('.'), "{name}, {title}: {words}");
            let links = list(&panel["links"]);
            assert!(!links.is_empty(), "{name}, {title}");
            for link in links {
                let url = string(&link["url"]);
                let (of, anchor) = url.split_once('#').expect("an anchor");
                assert_eq!(of, base, "{name}, {title}: the same address as the rules");
                assert!(anchors.contains(anchor), "{name}, {title}: #{anchor}");
            }
        }
    }
}

#[test]
fn variables_are_few_and_declared() {
    for (name, board) in dashboards() {
        let declared: BTreeSet<String> = list(&board["templating"]["list"])
            .iter()
            .map(|variable| string(&variable["name"]))
            .collect();
        for variable in &declared {
            assert!(
                VARIABLES.contains(&variable.as_str()),
                "{name}: ${variable}"
            );
        }
        let mut used = BTreeSet::new();
        for (title, query) in queries(&board) {
            for part in query.split('$').skip(1) {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let variable = &part[..end.unwrap_or(part.len())];
                if variable == "__rate_interval" {
                    continue;
                }
                assert!(declared.contains(variable), "{name}, {title}: ${variable}");
                used.insert(variable.to_owned());
            }
        }
        assert_eq!(used, declared, "{name}: variables that are used");
    }
}
