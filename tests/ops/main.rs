//! What operators get - rules, their tests, dashboards, runbooks, the page of metrics - fits the metrics that
//! the service exposes, and the tools of Prometheus accept it.
//!
//! The tools are `promtool` and `amtool` (Debian: `prometheus`, `prometheus-alertmanager`). Without them
//! their tests say so loudly and pass, unless `FUNDWATCH_REQUIRE_PROMETHEUS=1`.
//! `FUNDWATCH_BLESS=1 cargo test --test ops` writes `docs/metrics.md` anew.

#[path = "../common/binary.rs"]
mod binary;
mod dashboards;
mod exposed;
mod files;
mod installed;
mod query;
mod rules;
mod runbooks;
mod tools;
mod usage;

#[test]
fn the_published_page_of_metrics_is_the_generated_one() {
    let path = files::root().join("docs/metrics.md");
    let generated = fundwatch::metric::describe().expect("every family has its own name");
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the page");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "{} is out of date: run FUNDWATCH_BLESS=1 cargo test --test ops",
        path.display()
    );
}
