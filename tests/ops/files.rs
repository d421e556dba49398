//! The files under `ops/`, as the tests read them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// The project's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of `ops/`.
pub fn text(name: &str) -> String {
    let path = root().join("ops").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A YAML file of `ops/`.
pub fn yaml(name: &str) -> Value {
    serde_norway::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The dashboards, by file name.
pub fn dashboards() -> Vec<(String, Value)> {
    let folder = root().join("ops/grafana");
    let mut dashboards: Vec<(String, Value)> = fs::read_dir(&folder)
        .expect("ops/grafana")
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            let name = name.to_string_lossy().into_owned();
            let text = text(&format!("grafana/{name}"));
            let board = serde_json::from_str(&text);
            let board = board.unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, board)
        })
        .collect();
    dashboards.sort_by(|a, b| a.0.cmp(&b.0));
    dashboards
}

/// A rule, recording or alerting.
pub struct Rule {
    /// The alert's name, or the name of what is recorded.
    pub name: String,
    pub is_alert: bool,
    pub query: String,
    /// The rule as it stands.
    pub whole: Value,
}

pub fn rules() -> Vec<Rule> {
    let file = yaml("prometheus/rules.yml");
    let groups = list(&file["groups"]);
    let rules = groups.iter().flat_map(|group| list(&group["rules"]));
    rules
        .map(|rule| {
            let is_alert = rule.get("alert").is_some();
            let name = &rule[if is_alert { "alert" } else { "record" }];
            Rule {
                name: string(name),
                is_alert,
                query: string(&rule["expr"]),
                whole: rule.clone(),
            }
        })
        .collect()
}

pub fn alerts() -> BTreeSet<String> {
    let rules = rules().into_iter().filter(|rule| rule.is_alert);
    rules.map(|rule| rule.name).collect()
}

/// The text of a value that has to be one.
pub fn string(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("a text, not {value}"))
        .to_owned()
}

/// The items of a value that has to be a list.
pub fn list(value: &Value) -> &Vec<Value> {
    let items = value.as_array();
    items.unwrap_or_else(|| panic!("a list, not {value}"))
}
