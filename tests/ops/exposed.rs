//! What the service exposes, and whether a query asks for that.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fundwatch::metric::{
    Arrival, Digest, Frontier, Kind, Label, LabelNames, Method, Metrics, ModelRole, Name, Names,
    Route,
};
use fundwatch::record::{Instant, Stream};

use crate::query::{grouped_by, selectors};

/// Labels that Prometheus adds.
const ADDED: [&str; 4] = ["job", "instance", "le", "__name__"];

/// Metrics with some of each name, of which everything was told that is absent at first.
pub fn told() -> Metrics {
    let name = |text| Name::new(text).expect("a name that is allowed");
    let names = Names {
        sources: vec![name("push"), name("kafka-claims")],
        kafka_sources: vec![name("kafka-claims")],
        webhooks: vec![name("case-system")],
        arrangements: vec!["labels", "citizens"],
        operators: vec!["labels"],
        routes: vec![Route {
            method: Method::Post,
            template: "/v1/streams/{stream}",
        }],
        ..Names::default()
    };
    let metrics = Metrics::new(&names).expect("names that are allowed");
    let at = Instant::from_nanos(1_700_000_000_000_000_000);
    for stream in Stream::ALL {
        let arrival = Arrival {
            stream: *stream,
            arrived_at: at,
            recorded_at: at,
        };
        let input = metrics.input();
        input.accepted(arrival);
        input.set_expected_interval(*stream, Some(Duration::from_secs(900)));
        input.set_dead_letters_waiting(*stream, 1, Some(at));
    }
    for stage in Frontier::ALL {
        metrics.flow().set_frontier(*stage, at);
    }
    metrics.flow().set_compaction(at);
    metrics.journal().set_snapshot(1, at);
    metrics.audit().set_checkpoint(at);
    metrics.self_replay().set_mismatched(0);
    let minute = Duration::from_secs(60);
    metrics.self_replay().set_last(at, 1.0, minute);
    metrics.running().set_memory_limit(1 << 33);
    for place in fundwatch::review::WorkPlace::ALL {
        metrics.work().set_waiting(*place, 1, Some(at));
    }
    let webhook = metrics.webhook(&name("case-system"));
    webhook.expect("it was named").set_oldest(Some(at));
    for role in ModelRole::ALL {
        let digest = Digest([0x3f, 0x9c, 0x1a, 0xb2]);
        metrics
            .running()
            .set_rules(*role, &name("2026.03-2"), digest);
        metrics.running().set_model(*role, &name("builtin"), digest);
    }
    metrics
}

/// Families by name, with the values of each label where they are known; none of those of the process.
pub struct Exposed {
    pub families: BTreeMap<String, BTreeMap<String, Option<BTreeSet<String>>>>,
    histograms: BTreeSet<String>,
}

impl Exposed {
    /// What the exposition has; the page tells the rest.
    pub fn new() -> Self {
        let metrics = told();
        let text = String::from_utf8(metrics.render()).expect("UTF-8");
        let named = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let named: BTreeSet<&str> = named
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        let mut families = BTreeMap::new();
        let mut histograms = BTreeSet::new();
        for family in metrics.families() {
            assert!(
                named.contains(family.name),
                "{} is not exposed",
                family.name
            );
            let labels = family.labels.iter().map(|(label, values)| {
                let values = match values {
                    LabelNames::Known(values) => {
                        Some(values.iter().map(|value| (*value).to_owned()).collect())
                    }
                    LabelNames::AtStart(_) => None,
                };
                ((*label).to_owned(), values)
            });
            families.insert(family.name.to_owned(), labels.collect());
            if family.kind == Kind::Histogram {
                histograms.insert(family.name.to_owned());
            }
        }
        for name in named
            .into_iter()
            .filter(|name| name.starts_with("process_"))
        {
            families.insert(name.to_owned(), BTreeMap::new());
        }
        Self {
            families,
            histograms,
        }
    }

    /// The family of a name in a query.
    pub fn family(&self, metric: &str) -> Option<&str> {
        if let Some((name, _)) = self.families.get_key_value(metric) {
            return (!self.histograms.contains(name)).then_some(name);
        }
        let parts = ["_bucket", "_sum", "_count"].iter();
        let base = parts.filter_map(|part| metric.strip_suffix(part));
        let base = base.filter_map(|base| self.histograms.get(base)).next();
        base.map(String::as_str)
    }

    /// Checks that a query asks for what there is, and gives the families that it asks for.
    pub fn check(
        &self,
        place: &str,
        query: &str,
        recorded: &BTreeMap<String, BTreeSet<String>>,
    ) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for selector in selectors(query) {
            let metric = &selector.metric;
            let labels = if metric.contains(':') {
                let labels = recorded.get(metric);
                let labels = labels.unwrap_or_else(|| panic!("{place}: no rule records {metric}"));
                labels.iter().map(|label| (label.clone(), None)).collect()
            } else {
                let family = self.family(metric);
                let family = family.unwrap_or_else(|| panic!("{place}: {metric} is not exposed"));
                used.insert(family.to_owned());
                self.families[family].clone()
            };
            for matcher in &selector.matchers {
                let (label, value) = (&matcher.label, &matcher.value);
                if ADDED.contains(&label.as_str()) {
                    continue;
                }
                let values = labels.get(label);
                let values = values.unwrap_or_else(|| panic!("{place}: {metric} has no {label}"));
                if let Some(values) = values.as_ref().filter(|_| matcher.is_equality) {
                    assert!(
                        values.contains(value),
                        "{place}: {metric} never has {label}=\"{value}\""
                    );
                }
            }
        }
        let labels: BTreeSet<&str> = self
            .families
            .values()
            .flat_map(|labels| labels.keys().map(String::as_str))
            .chain(ADDED)
            .collect();
        for label in grouped_by(query).into_iter().flatten() {
            assert!(labels.contains(label.as_str()), "{place}: no label {label}");
        }
        used
    }
}
