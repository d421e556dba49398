//! Everything that is asked for is exposed, and everything that is exposed is asked for.

use std::collections::BTreeSet;

use crate::exposed::Exposed;
use crate::files::{dashboards, list, rules, string};
use crate::{dashboards as boards, rules as recording, runbooks};

/// Families that nothing asks for, and why.
const UNUSED: &[(&str, &str)] = &[(
    "process_virtual_memory_bytes",
    "address space is reserved and not used; memory in use is what counts",
)];

#[test]
fn what_is_asked_for_is_exposed_and_what_is_exposed_is_used() {
    let exposed = Exposed::new();
    let recorded = recording::recorded();
    let mut used = BTreeSet::new();
    for rule in rules() {
        used.extend(exposed.check(&rule.name, &rule.query, &recorded));
    }
    for (name, board) in dashboards() {
        for (title, query) in boards::queries(&board) {
            let place = format!("{name}, {title}");
            used.extend(exposed.check(&place, &query, &recorded));
        }
        for variable in list(&board["templating"]["list"]) {
            let query = string(&variable["query"]["query"]);
            exposed.check(&name, &query, &recorded);
        }
    }
    for (heading, page) in runbooks::pages() {
        for query in runbooks::queries(&page) {
            used.extend(exposed.check(&heading, &query, &recorded));
        }
        // Names in the text, between backticks.
        for part in page
            .split('`')
            .filter(|part| part.starts_with("fundwatch_"))
        {
            used.extend(exposed.check(&heading, part, &recorded));
        }
    }
    let unused: BTreeSet<&str> = exposed
        .families
        .keys()
        .map(String::as_str)
        .filter(|name| !used.contains(*name))
        .collect();
    let expected: BTreeSet<&str> = UNUSED.iter().map(|(name, _)| *name).collect();
    assert_eq!(unused, expected, "families that nothing asks for");
}

/// A check that could not fail would be none.
#[test]
fn a_query_for_what_is_not_there_is_found() {
    let wrong = [
        "fundwatch_input_record_total",
        "fundwatch_processing_latency_seconds > 1",
        r#"fundwatch_alerts{state="closed"}"#,
        r#"fundwatch_alerts{queue="central"}"#,
        "sum by (facility) (fundwatch_alerts)",
        "job:fundwatch_nothing:sum",
    ];
    for query in wrong {
        let recorded = recording::recorded();
        let check = move || Exposed::new().check("here", query, &recorded);
        let result = std::panic::catch_unwind(check);
        assert!(result.is_err(), "{query}");
    }
}
