//! Every metric in words: the page `docs/metrics.md`.

use std::fmt::{self, Write};

use super::bounds::{BoundsError, Names};
use super::family::{Family, LabelNames};
use super::label::Label;
use super::{Metrics, PROCESS};
use crate::record::Stream;
use crate::rule::Reason;

const HEAD: &str = "\
# Metrics

What `/metrics` on the ops listener tells Prometheus, in its text format 0.0.4. Every combination of the label values below is
there from the start, at 0, but for families that are said to be absent. No label has a value of a person, a card, a visit, a
facility or a user. A source, a webhook, an arrangement, an operator and a route have a place of their own when they are known at the
start. Alerts on these metrics are in `ops/prometheus/rules.yml`, what to do about them in `ops/runbooks.md`, dashboards in
`ops/grafana/`. This page is made from the program's declarations (`FUNDWATCH_BLESS=1 cargo test --test ops`).
";

/// The page, in Markdown.
///
/// # Errors
/// When two families have one name.
pub fn describe() -> Result<String, BoundsError> {
    let metrics = Metrics::new(&Names::default())?;
    let mut page = String::from(HEAD);
    write(&mut page, metrics.families()).expect("a text has room");
    Ok(page)
}

fn write(page: &mut String, families: &[Family]) -> fmt::Result {
    let mut subject = "";
    for family in families {
        if family.subject != subject {
            subject = family.subject;
            head(page, subject)?;
        }
        let name = family.name;
        let (kind, unit) = (family.kind.as_str(), family.unit.as_str());
        let labels: Vec<String> = family.labels.iter().map(label).collect();
        let labels = labels.join("<br>");
        write!(
            page,
            "| `{name}` | {kind} | {unit} | {labels} | {}",
            family.help
        )?;
        if !family.buckets.is_empty() {
            let buckets: Vec<String> = family.buckets.iter().map(f64::to_string).collect();
            write!(page, " Classes end at {}.", buckets.join(", "))?;
        }
        page.push_str(" |\n");
    }
    head(page, "Process")?;
    for (name, kind, unit, help) in PROCESS {
        writeln!(page, "| `{name}` | {kind} | {unit} | | {help} |")?;
    }
    page.push_str("\nThe families of the process are told on Linux alone.\n");
    Ok(())
}

fn head(page: &mut String, subject: &str) -> fmt::Result {
    writeln!(
        page,
        "\n## {subject}\n\n| metric | kind | unit | labels | meaning |\n|---|---|---|---|---|"
    )
}

fn label((name, values): &(&'static str, LabelNames)) -> String {
    match values {
        LabelNames::AtStart(words) => format!("`{name}`: {words}"),
        LabelNames::Known(values) if values.len() == Reason::ALL.len() => {
            format!("`{name}`: the reasons of [rules.md](rules.md)")
        }
        LabelNames::Known(values) if *name == Stream::NAME => {
            format!("`{name}`: the {} streams", values.len())
        }
        LabelNames::Known(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            format!("`{name}`: {}", values.join(" "))
        }
    }
}
