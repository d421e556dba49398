//! Alerts as the machine has them.

use serde_json::json;

use super::operation::Operation;
use super::shape::{list, named, number, object, or_null, text};

pub(super) fn operations() -> Vec<Operation> {
    let lines = || json!({"type": "string"});
    let page = object(
        vec![
            ("alerts", list(named("Alert"))),
            ("next_page", or_null(text())),
        ],
        Vec::new(),
    );
    vec![
        Operation::new(
            ("GET", "/v1/alerts"),
            ("alerts", "list_alerts"),
            "Alerts by priority, the highest first.",
            page,
        )
        .description(
            "Numbers of people are masked. A caller who is bound to provinces is told those of theirs, so that a page may have \
             fewer than `limit` and more may follow.",
        )
        .query("reason", named("Reason"), "Only this reason.")
        .query("class", named("Class"), "Only this class.")
        .query("state", named("EvidenceState"), "Only in this state.")
        .query("min_priority", number(), "Only of this priority, or higher.")
        .paged(),
        Operation::new(
            ("GET", "/v1/alerts.ndjson"),
            ("alerts", "export_alerts"),
            "The alerts that hold: the lines of `alerts.ndjson` of a replay.",
            lines(),
        )
        .answers("One JSON object a line.", "application/x-ndjson"),
        Operation::new(
            ("GET", "/v1/history.ndjson"),
            ("alerts", "export_history"),
            "Every raise, change and withdrawal: the lines of `history.ndjson` of a replay.",
            lines(),
        )
        .answers("One JSON object a line.", "application/x-ndjson"),
    ]
}
