//! The metrics of the process: the names that labels have, and what the listeners tell.

use std::sync::Arc;
use std::time::Duration;

use super::{ServerError, options};
use crate::config::{Config, HTTP_SOURCE};
use crate::dataflow::{LAYOUTS, TABLES};
use crate::detector::Detector;
use crate::hex::{hex, unhex};
use crate::metric::{
    Build, Digest, Method, Metrics, ModelRole, Name, Names, OPS_ROUTES, Refusal, Role, Route,
};
use crate::record::Stream;
use crate::rule::catalogue_digest;
use crate::service::Breakers;
use crate::web::{self, Event, Observation, ROUTES};

/// The routes by which rows are pushed.
const PUSHES: [&str; 2] = ["/v1/streams/{stream}", "/v1/claims/xml"];

/// Every metric, at zero.
///
/// # Errors
/// When a name of the configuration cannot be a label.
pub(super) fn metrics(config: &Config) -> Result<Metrics, ServerError> {
    let configured = |error: &dyn std::fmt::Display| ServerError::Configured(error.to_string());
    let sources = options::source_names(config);
    let sources = sources
        .iter()
        .map(|name| Name::new(name))
        .collect::<Result<_, _>>();
    let of_kafka = options::kafka_source_names(config);
    let of_kafka = of_kafka
        .iter()
        .map(|name| Name::new(name))
        .collect::<Result<_, _>>();
    let webhooks = config
        .webhooks()
        .iter()
        .map(|receiver| Name::new(&receiver.name))
        .collect::<Result<_, _>>();
    let arrangements: Vec<&'static str> = LAYOUTS.iter().map(|(name, _)| *name).collect();
    let ops = OPS_ROUTES.map(|template| Route {
        method: Method::Get,
        template,
    });
    let api = ROUTES.iter().map(|route| Route {
        method: Method::from_name(route.method),
        template: route.template,
    });
    let metrics = Metrics::new(&Names {
        build: Build::default(),
        sources: sources.map_err(|error| configured(&error))?,
        kafka_sources: of_kafka.map_err(|error| configured(&error))?,
        webhooks: webhooks.map_err(|error| configured(&error))?,
        operators: arrangements.clone(),
        arrangements: arrangements.into_iter().chain(TABLES).collect(),
        routes: api.chain(ops).collect(),
    });
    let metrics = metrics.map_err(|error| configured(&error))?;
    let limit = config.memory().limit.as_ref().map(|limit| limit.0);
    if let Some(limit) = limit.or_else(crate::persons::memory_limit) {
        metrics.running().set_memory_limit(limit);
    }
    tell_expected_intervals(&metrics, config);
    Ok(metrics)
}

/// Tells how often rows of each stream are expected.
pub(super) fn tell_expected_intervals(metrics: &Metrics, config: &Config) {
    for stream in Stream::ALL {
        let interval = config.expected_interval().of(*stream).map(|span| span.0);
        metrics.input().set_expected_interval(*stream, interval);
    }
}

/// Tells what decides: of rules, the file, or the catalogue where there is none.
pub(super) fn tell_detector(metrics: &Metrics, detector: &Detector) {
    let running = metrics.running();
    let named = |name: &str| Name::new(name).expect("a word is a name");
    let (rules, rules_digest) = match detector.rules.source() {
        Some(file) => ("file", digest(&file.sha256)),
        None => ("catalogue", digest(&hex(&catalogue_digest()))),
    };
    running.set_rules(ModelRole::Live, &named(rules), rules_digest);
    let model = detector.models.digest(detector.models.initial());
    running.set_model(ModelRole::Live, &named("outlier"), digest(model));
    if let Some(shadow) = &detector.shadow_model {
        running.set_model(
            ModelRole::Shadow,
            &named("outlier"),
            digest(&shadow.digest()),
        );
    }
}

/// The first bytes of what is a SHA-256 in hexadecimal digits.
fn digest(hexadecimal: &str) -> Digest {
    let first = hexadecimal.get(..8).and_then(unhex);
    Digest(first.expect("a SHA-256 has 64 digits"))
}

/// What the listeners tell, as metrics.
pub(super) struct Measuring {
    metrics: Metrics,
    breakers: Arc<Breakers>,
}

impl Measuring {
    pub(super) fn new(metrics: Metrics, breakers: Arc<Breakers>) -> Self {
        Self { metrics, breakers }
    }

    /// Tells of a push that was turned away.
    fn refused(&self, status: u16) {
        let why = match status {
            401 => Refusal::Unauthenticated,
            403 => Refusal::Forbidden,
            413 => Refusal::TooLarge,
            415 => Refusal::Unsupported,
            429 => Refusal::Full,
            503 if self.breakers.is_paused(HTTP_SOURCE) => Refusal::Paused,
            503 => Refusal::Unavailable,
            _ => return,
        };
        let name = Name::new(HTTP_SOURCE).expect("a word is a name");
        if let Some(source) = self.metrics.source(&name) {
            source.refused(why);
        }
    }
}

impl web::Metrics for Measuring {
    fn render(&self) -> Vec<u8> {
        self.metrics.render()
    }

    fn observe(&self, observation: &Observation<'_>) {
        let http = self.metrics.http();
        if PUSHES.contains(&observation.route) {
            self.refused(observation.status);
        }
        let took = Duration::try_from_secs_f64(observation.seconds).unwrap_or_default();
        http.route(Method::from_name(observation.method), observation.route)
            .answered(observation.status, took);
    }

    fn count(&self, event: Event) {
        if let Event::Denied(role) = event {
            self.metrics.http().denied(Role::from_name(role));
        } else if event == Event::Unauthenticated {
            self.metrics.http().denied(Role::None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rule::Rules;

    /// The series of rules in force.
    fn told(metrics: &Metrics) -> Vec<String> {
        let page = String::from_utf8(metrics.render()).expect("UTF-8");
        let lines = page.lines();
        lines
            .filter(|line| line.starts_with("fundwatch_ruleset_info{"))
            .map(str::to_owned)
            .collect()
    }

    fn with(text: &str) -> Detector {
        let rules = Rules::parse(Path::new("rules.toml"), text).expect("rules");
        Detector {
            rules: Arc::new(rules),
            ..Detector::default()
        }
    }

    #[test]
    fn the_digest_of_the_rules_is_that_of_what_decides() {
        let metrics = Metrics::new(&Names::default()).expect("metrics");
        let tell = |detector: &Detector| {
            tell_detector(&metrics, detector);
            let [told] = <[String; 1]>::try_from(told(&metrics)).expect("one series");
            told
        };
        let catalogue = tell(&Detector::default());
        // What manifests and the page of rules call `rules_sha256`.
        let whole = hex(&catalogue_digest());
        assert!(
            catalogue.contains(&format!("digest=\"{}\"", &whole[..8])),
            "{catalogue}"
        );
        assert!(catalogue.contains("ruleset=\"catalogue\""), "{catalogue}");
        assert!(!catalogue.contains("00000000"), "{catalogue}");
        let minutes = |minutes: u32| format!("[overlapping_stay]\noverlap_minutes = {minutes}\n");
        let file = tell(&with(&minutes(180)));
        assert!(file.contains("ruleset=\"file\""), "{file}");
        let changed = tell(&with(&minutes(181)));
        assert_ne!(file, changed);
        assert_eq!(tell(&Detector::default()), catalogue);
    }
}
