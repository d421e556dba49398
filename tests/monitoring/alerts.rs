//! From rows to metrics to alerts to people, and back, with real daemons.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::daemons::{self, Daemons};
use crate::files::text;
use crate::receiver::{Receiver, Told};
use crate::running::{Country, Data, Running, push, until};

/// A stream is silent after twice as long.
const CONFIG: &str = "[epoch]\nmax_wait = \"20ms\"\n[expected_interval]\nclaims = \"2s\"\n";
const SOON: Duration = Duration::from_secs(20);

/// A sender that pushes claims until it is stopped.
struct Feed {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Feed {
    fn start(service: &Running, data: &Data, rows: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, api) = (stop.clone(), service.api.clone());
        let (token, rows) = (data.token.clone(), rows.to_owned());
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Acquire) {
                let answer = push(&api, &token, "claims", &rows).expect("it answers");
                assert_eq!(answer.status, 200, "{}", answer.body);
                std::thread::sleep(Duration::from_millis(300));
            }
        });
        Self { stop, thread }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.join().expect("every push was taken");
    }
}

/// Waits until the last thing that is told of an alert is that it fires, or that it does not any more.
fn told(receiver: &Receiver, alert: &str, is_firing: bool) -> Told {
    until(&format!("{alert}, firing: {is_firing}"), SOON, || {
        let last = receiver.told(alert).pop();
        last.filter(|told| told.is_firing() == is_firing)
    })
}

/// Checks whom an alert is for, and that its runbook has a page for it.
fn is_for(told: &Told, team: &str, severity: &str, receiver: &str) {
    assert_eq!(told.label("team"), team, "{told:?}");
    assert_eq!(told.label("severity"), severity, "{told:?}");
    assert_eq!(told.receiver, receiver, "{told:?}");
    let url = told.alert["annotations"]["runbook_url"].as_str();
    let (_, anchor) = url.and_then(|url| url.split_once('#')).expect("an anchor");
    let runbooks = text("runbooks.md");
    let mut headings = runbooks.lines().filter_map(|line| line.strip_prefix("## "));
    assert!(
        headings.any(|heading| heading.to_lowercase() == anchor),
        "runbooks.md has no #{anchor}"
    );
}

#[test]
fn silence_and_death_of_the_service_reach_those_on_duty() {
    if !daemons::are_installed() {
        return;
    }
    let (data, receiver) = (Data::new(), Receiver::start());
    let mut service = Running::start(&data, CONFIG).ready();
    let country = Country::new(1_500);
    service.push_all(&country);
    let claims = country.rows("claims");
    let one = claims.lines().next().expect("a claim");
    let feed = Feed::start(&service, &data, one);
    let daemons = Daemons::start(&service.ops, &receiver);

    // What came in and what came of it is to be asked for.
    let is_positive = |query: &str| {
        until(query, SOON, || {
            daemons.value(query).filter(|value| *value > 0.0)
        });
    };
    is_positive("up{job=\"fundwatch\"}");
    is_positive("fundwatch_input_records_total{stream=\"claims\",outcome=\"accepted\"}");
    is_positive("sum(fundwatch_alerts_opened_total)");
    // Prometheus is told to warn when it has more than 3,000 samples of a scrape.
    let samples = "scrape_samples_post_metric_relabeling{job=\"fundwatch\"}";
    assert!(
        daemons
            .value(samples)
            .is_some_and(|samples| samples < 3_000.0)
    );
    is_for(
        &told(&receiver, "FundwatchWatchdog", true),
        "platform",
        "none",
        "watchdog",
    );
    assert!(receiver.told("FundwatchSourceSilent").is_empty());

    feed.stop();
    let silent = told(&receiver, "FundwatchSourceSilent", true);
    assert_eq!(silent.label("stream"), "claims");
    is_for(&silent, "platform", "warning", "platform");

    let feed = Feed::start(&service, &data, one);
    told(&receiver, "FundwatchSourceSilent", false);
    feed.stop();
    assert!(receiver.told("FundwatchDown").is_empty());

    service.process.kill();
    let down = told(&receiver, "FundwatchDown", true);
    assert_eq!(down.label("instance"), service.ops);
    is_for(&down, "platform", "critical", "platform_page");
}
