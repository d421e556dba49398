//! Prometheus and Alertmanager with the configuration of `ops/`, faster and on ports of this machine alone.
//!
//! What a test changes of `ops/`: addresses; how often it is scraped, evaluated and told (seconds); `for` of every
//! alert is 1 s. Queries, thresholds, labels, routes and inhibitions stay as they are.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::files::{text, yaml};
use crate::ports;
use crate::receiver::Receiver;
use crate::running::{Process, get, until};

const PROMETHEUS: &str = "prometheus";
const ALERTMANAGER: &str = "prometheus-alertmanager";
/// Time for a daemon to listen.
const START: Duration = Duration::from_secs(20);
/// Attempts to get a port that nobody else took meanwhile.
const ATTEMPTS: u32 = 3;

/// Whether the daemons are installed; says loudly where they are not.
pub fn are_installed() -> bool {
    for daemon in [PROMETHEUS, ALERTMANAGER] {
        let started = Command::new(daemon).arg("--version").output();
        if started.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            let is_required = std::env::var_os("FUNDWATCH_REQUIRE_PROMETHEUS").is_some();
            assert!(
                !is_required,
                "{daemon} is not installed: apt-get install prometheus prometheus-alertmanager"
            );
            // Past the test harness, which keeps back what a test that passes prints.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: {daemon} is not installed, so that NO ALERT WAS RAISED END TO END"
            );
            return false;
        }
    }
    true
}

/// Both daemons.
pub struct Daemons {
    _prometheus: Process,
    _alertmanager: Process,
    prometheus: String,
    _directory: tempfile::TempDir,
}

impl Daemons {
    /// Starts them to scrape a service, and to tell a receiver.
    pub fn start(ops: &str, receiver: &Receiver) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        let write =
            |name: &str, text: &str| std::fs::write(path.join(name), text).expect("written");
        write("alertmanager.yml", &alertmanager(receiver));
        write("rules.yml", &rules());
        let (alerts_to, alertmanager) = daemon(path, ALERTMANAGER, "/-/ready", |address| {
            vec![
                "--config.file=alertmanager.yml".to_owned(),
                "--storage.path=alertmanager".to_owned(),
                // No cluster: nothing listens beside the port.
                "--cluster.listen-address=".to_owned(),
                format!("--web.listen-address={address}"),
            ]
        });
        let (address, prometheus) = daemon(path, PROMETHEUS, "/-/ready", |address| {
            write(
                "prometheus.yml",
                &self::prometheus(ops, &alerts_to, address),
            );
            vec![
                "--config.file=prometheus.yml".to_owned(),
                "--storage.tsdb.path=prometheus".to_owned(),
                // What it tells before it has found Alertmanager is lost, and told again after this.
                "--rules.alert.resend-delay=1s".to_owned(),
                format!("--web.listen-address={address}"),
            ]
        });
        Self {
            _prometheus: prometheus,
            _alertmanager: alertmanager,
            prometheus: address,
            _directory: directory,
        }
    }

    /// What a query gives now: the first value, none where there are no series.
    pub fn value(&self, query: &str) -> Option<f64> {
        let url = format!("http://{}/api/v1/query", self.prometheus);
        let answer = get(&url, &[("query", query)])
            .expect("Prometheus answers")
            .json();
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let value = answer["data"]["result"].get(0)?["value"][1].as_str();
        Some(value.expect("a value").parse().expect("a number"))
    }
}

/// Starts a daemon on a port, and waits until it listens there.
fn daemon(
    directory: &Path,
    program: &str,
    probe: &str,
    arguments: impl Fn(&str) -> Vec<String>,
) -> (String, Process) {
    let log = directory.join(format!("{program}.log"));
    for _ in 0..ATTEMPTS {
        let address = ports::free_address().to_string();
        let mut command = Command::new(program);
        command.args(arguments(&address)).current_dir(directory);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(&log).expect("a log"));
        let mut process = Process(command.spawn().expect("it starts"));
        let url = format!("http://{address}{probe}");
        let is_up = until(program, START, || {
            let has_ended = process.0.try_wait().expect("it was started here").is_some();
            let answers = get(&url, &[]).is_some_and(|answer| answer.status == 200);
            (has_ended || answers).then_some(!has_ended)
        });
        if is_up {
            return (address, process);
        }
    }
    let log = std::fs::read_to_string(&log).unwrap_or_default();
    panic!("{program} does not start:\n{log}")
}

fn written(value: &Value) -> String {
    serde_norway::to_string(value).expect("YAML")
}

/// `prometheus.yml` for a service, an Alertmanager and itself.
fn prometheus(ops: &str, alertmanager: &str, itself: &str) -> String {
    let mut config = yaml("prometheus/prometheus.yml");
    config["global"] = json!({"scrape_interval": "1s", "evaluation_interval": "1s"});
    config["alerting"]["alertmanagers"] =
        json!([{"static_configs": [{"targets": [alertmanager]}]}]);
    let jobs = config["scrape_configs"].as_array_mut().expect("a list");
    for (job, target) in jobs.iter_mut().zip([ops, itself]) {
        job["static_configs"] = json!([{"targets": [target]}]);
    }
    written(&config)
}

/// `rules.yml`, in which an alert waits for a second before it fires.
fn rules() -> String {
    let text = text("prometheus/rules.yml");
    let mut shortened = 0;
    let lines = text
        .lines()
        .map(|line| match line.trim_start().strip_prefix("for: ") {
            None => line.to_owned(),
            Some(duration) => {
                shortened += 1;
                line.replace(duration, "1s")
            }
        });
    let rules = lines.collect::<Vec<_>>().join("\n");
    assert!(shortened > 10, "rules wait before they fire");
    rules
}

/// `alertmanager.yml`, in which every receiver is called here, and soon.
fn alertmanager(receiver: &Receiver) -> String {
    fn hasten(route: &mut Value) {
        let route = route.as_object_mut().expect("a route");
        for (key, soon) in [("group_wait", "0s"), ("group_interval", "1s")] {
            if route.contains_key(key) {
                route.insert(key.to_owned(), json!(soon));
            }
        }
        let within = route.get_mut("routes").and_then(Value::as_array_mut);
        within.into_iter().flatten().for_each(hasten);
    }
    let mut config = yaml("alertmanager/alertmanager.yml");
    hasten(&mut config["route"]);
    for told in config["receivers"].as_array_mut().expect("a list") {
        let name = told["name"].as_str().expect("a name").to_owned();
        // Instead of mail, which no test sends.
        let webhook = json!({"url": receiver.url(&name), "send_resolved": true});
        *told = json!({"name": name, "webhook_configs": [webhook]});
    }
    written(&config)
}
