//! `fundwatch demo` as a user meets it: every test runs the real binary on a small country.
//!
//! In: arguments and environment. Out: the page, the files, the exit code. Must hold: nothing is left
//! behind outside of temporary directories.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
#[path = "../support/said.rs"]
mod said;

use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use binary::fundwatch;
use console::measure_text_width;
use said::Kind;
use serde_json::Value;

/// A demo of a small country.
fn demo(output: &Path) -> Command {
    let mut command = fundwatch();
    command.env("COLUMNS", "80");
    command.args(["demo", "--citizens", "2000", "--report-only", "--output"]);
    command.arg(output);
    command
}

/// What a successful demo printed.
fn page(command: &mut Command) -> String {
    let told = command.output().unwrap();
    said::told(&told);
    assert_eq!(told.status.code(), Some(0), "{}", stderr(&told));
    let stderr = stderr(&told);
    assert!(!stderr.contains("warning"), "{stderr}");
    String::from_utf8(told.stdout).unwrap()
}

fn stderr(told: &Output) -> String {
    String::from_utf8(told.stderr.clone()).unwrap()
}

/// The alerts of a run, worst first.
fn alerts(output: &Path) -> Vec<Value> {
    let text = fs::read_to_string(output.join("run/alerts.ndjson")).unwrap();
    let mut alerts: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    alerts.sort_by(|a, b| {
        let number = |alert: &Value, member| alert[member].as_f64().unwrap_or(-1.0);
        let id = |alert: &Value| alert["alert_id"].as_str().unwrap().to_owned();
        (number(b, "priority").total_cmp(&number(a, "priority")))
            .then(number(b, "score").total_cmp(&number(a, "score")))
            .then(id(a).cmp(&id(b)))
    });
    alerts
}

/// The subjects that the truth is about, as kind and id.
fn subjects_of_truth(output: &Path) -> HashSet<(String, String)> {
    let text = fs::read_to_string(output.join("country/truth.csv")).unwrap();
    let cells = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    let rows = text.lines().skip(1).map(cells);
    rows.map(|row| (row[1].clone(), row[2].clone())).collect()
}

/// The ten worst alerts are told in order, each with its evidence, and with the truth where it is
/// known; and no identifier is told.
fn assert_tells_the_worst(page: &str, output: &Path, truth: &str) {
    let alerts = alerts(output);
    assert!(!alerts.is_empty());
    let truths = subjects_of_truth(output);
    let mut rest = page;
    let mut after = |what: &str| {
        let place = rest.find(what);
        rest = &rest[place.unwrap_or_else(|| panic!("{what} is not told in its place:\n{rest}"))..];
    };
    let mut known = 0;
    for (alert, rank) in alerts.iter().take(10).zip(1..) {
        after(&format!("\n{rank:>2}. "));
        after(&alert["alert_id"].as_str().unwrap()[..8]);
        for row in alert["evidence"].as_array().unwrap() {
            after(&format!("{}:{}", row["file"].as_str().unwrap(), row["row"]));
        }
        let of = |member: &str| alert["subject"][member].as_str().unwrap().to_owned();
        if truths.contains(&(of("kind"), of("id"))) {
            after(truth);
            known += 1;
        }
    }
    assert_eq!(page.matches(truth).count(), known);
    assert!(
        known > 0,
        "the worst alerts of a country are among those made on purpose"
    );
    assert!(!page.contains("\n11. "));

    let runs = page.split(|c: char| !c.is_ascii_digit()).map(str::len);
    assert!(runs.max() < Some(9), "an identifier is told:\n{page}");
    assert!(page.contains("•••"));
    for line in page
        .lines()
        .filter(|line| !line.contains(" replay --input "))
    {
        assert!(
            measure_text_width(line) <= 80 || line.contains(path(output)),
            "{line}"
        );
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_demo_in_english() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    let page = page(demo(&output).args(["--language", "en"]));
    assert_tells_the_worst(&page, &output, "Truth file: ");
    for text in ["Alerts by reason", "VND ", "What next", "truth.csv"] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    // The command told finds the same alerts.
    let again = parent.path().join("again");
    let told = fundwatch()
        .args(["replay", "--input"])
        .arg(output.join("country"))
        .arg("--output")
        .arg(&again)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(0));
    let alerts = |run: &Path| fs::read(run.join("alerts.ndjson")).unwrap();
    assert!(alerts(&again) == alerts(&output.join("run")));
}

#[test]
fn a_demo_in_vietnamese() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    let page = page(demo(&output).args(["--language", "vi"]));
    assert_tells_the_worst(&page, &output, "Đáp án: ");
    for text in ["Cảnh báo theo lý do", " đ", "Dữ liệu căn cứ", "Xem tiếp"] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    for english in [
        "VND",
        "Evidence",
        "citizen ",
        "priority",
        "facility",
        "known",
        "examination",
        " stay",
    ] {
        assert!(!page.contains(english), "{english}:\n{page}");
    }
}

#[test]
fn without_a_language_the_locale_decides() {
    let output = tempfile::tempdir().unwrap();
    let heading = "Cảnh báo theo lý do";
    assert!(!page(&mut demo(output.path())).contains(heading));
    assert!(page(demo(output.path()).env("LANG", "vi_VN.UTF-8")).contains(heading));
    let mut posix = demo(output.path());
    posix.env("LANG", "vi_VN.UTF-8").env("LC_ALL", "C");
    assert!(!page(&mut posix).contains(heading));
}

#[test]
fn a_second_demo_takes_the_place_of_the_first() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    let first = page(demo(&output).args(["--workers", "2"]));
    fs::write(output.join("country/claims-left-over.csv"), "x").unwrap();
    fs::write(output.join("notes.txt"), "mine").unwrap();
    let second = page(&mut demo(&output));
    // The headline tells the time it took.
    let tables = |page: &str| page.split_once("\n\n").unwrap().1.to_owned();
    assert_eq!(tables(&first), tables(&second));
    assert!(!output.join("country/claims-left-over.csv").exists());
    assert!(output.join("notes.txt").exists());
}

#[test]
fn what_no_demo_wrote_is_refused_and_left_as_it_is() {
    let foreign = tempfile::tempdir().unwrap();
    fs::create_dir(foreign.path().join("country")).unwrap();
    fs::write(foreign.path().join("country/claims.csv"), "mine").unwrap();
    let file = foreign.path().join("country/claims.csv");
    for output in [foreign.path(), &file] {
        let told = demo(output).output().unwrap();
        assert_eq!(told.status.code(), Some(2));
        assert!(stderr(&told).contains("--output"), "{}", stderr(&told));
        assert!(told.stdout.is_empty());
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        assert_eq!(fs::read_dir(foreign.path()).unwrap().count(), 1);
    }
}

#[test]
fn wrong_calls_have_exit_code_2_and_write_nothing() {
    for (arguments, remedy) in [
        (["--language", "fr"], "`vi` or `en`"),
        (["--citizens", "0"], "1000"),
        (["--days", "0"], "3650"),
        (["--workers", "0"], "1..=1024"),
        (["--listen", "8080"], "socket address"),
        (["--day", "0s"], "500ms"),
        (["--day", "10ms"], "at least one second"),
    ] {
        let parent = tempfile::tempdir().unwrap();
        let output = parent.path().join("demo");
        let mut command = fundwatch();
        command.env("COLUMNS", "80");
        command
            .arg("demo")
            .arg("--output")
            .arg(&output)
            .args(arguments);
        let told = command.output().unwrap();
        assert_eq!(told.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&told).contains(remedy), "{}", stderr(&told));
        assert!(!output.exists());
    }
}

/// A demo that serves, killed when it is dropped.
struct Serving {
    process: Child,
    lines: Receiver<String>,
}

impl Serving {
    fn start(output: &Path) -> Self {
        let mut command = fundwatch();
        command.args([
            "demo",
            "--citizens",
            "1000",
            "--day",
            "1s",
            "--language",
            "en",
        ]);
        command.args([
            "--listen",
            "127.0.0.1:0",
            "--ops-listen",
            "127.0.0.1:0",
            "--output",
        ]);
        command
            .arg(output)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (told, lines) = channel();
        // Standard output has the password; what is logged is on the other.
        for (stream, is_log) in [
            (
                Box::new(process.stdout.take().unwrap()) as Box<dyn Read + Send>,
                false,
            ),
            (Box::new(process.stderr.take().unwrap()), true),
        ] {
            let told = told.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines() {
                    let line = line.unwrap();
                    if is_log {
                        said::keep(Kind::Log, &line);
                    }
                    let _ = told.send(line);
                }
            });
        }
        Self { process, lines }
    }

    /// The next line with this in it, or the end of it after what was looked for.
    fn line(&self, with: &str) -> String {
        let within = Duration::from_secs(180);
        loop {
            let line = self.lines.recv_timeout(within);
            let line = line.unwrap_or_else(|_| panic!("{with} is not told"));
            if let Some(place) = line.find(with) {
                return line[place + with.len()..].to_owned();
            }
        }
    }

    /// Interrupts it, and gives its exit code.
    fn interrupt(mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        self.process.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser, as far as it keeps one cookie.
struct Browser {
    agent: ureq::Agent,
    origin: String,
    cookie: String,
}

impl Browser {
    fn new(address: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: config.new_agent(),
            origin: format!("http://{}", address.trim_end_matches('/')),
            cookie: String::new(),
        }
    }

    fn take(&mut self, path: &str, mut answer: ureq::http::Response<ureq::Body>) -> (u16, String) {
        for value in answer.headers().get_all("set-cookie") {
            let cookie = value
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            self.cookie = if self.cookie.is_empty() {
                cookie
            } else {
                format!("{}; {cookie}", self.cookie)
            };
        }
        let status = answer.status().as_u16();
        let body = answer.body_mut().read_to_string().unwrap();
        let location = answer.headers().get("location");
        let location = location.map(|value| value.to_str().unwrap());
        said::answered(path, status, location, &body);
        (status, body)
    }

    fn get(&mut self, path: &str) -> (u16, String) {
        let request = self.agent.get(format!("{}{path}", self.origin));
        let answer = request.header("Cookie", &self.cookie).call().unwrap();
        self.take(path, answer)
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let request = self.agent.post(format!("{}{path}", self.origin));
        let request = request
            .header("Cookie", &self.cookie)
            .header("Origin", &self.origin);
        let answer = request.send_form(fields.iter().copied()).unwrap();
        self.take(path, answer)
    }
}

/// The value of a hidden field.
fn field(page: &str, name: &str) -> String {
    let place = page.find(&format!("name=\"{name}\" value=\""));
    let rest = &page[place.unwrap_or_else(|| panic!("no field {name}"))..];
    rest.split('"').nth(3).unwrap().to_owned()
}

#[test]
fn it_serves_pages_to_its_accounts_until_it_is_interrupted_and_again() {
    let parent = tempfile::tempdir().unwrap();
    let output = parent.path().join("demo");
    for _ in 0..2 {
        let serving = Serving::start(&output);
        let address = serving.line("  http://");
        let password = serving.line("The password of all of them, for this run: ");
        serving.line("The country is on ");
        let mut browser = Browser::new(&address);
        let (status, page) = browser.get("/sign-in");
        assert_eq!(status, 200);
        let csrf = field(&page, "csrf");
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", "reviewer"),
            ("password", &password),
        ];
        let (status, page) = browser.post("/sign-in", &fields);
        assert_eq!(status, 303, "{page}");
        // Alerts are brought to the desk a moment after they are stored.
        let begun = std::time::Instant::now();
        let page = loop {
            let (status, page) = browser.get("/queue");
            assert_eq!(status, 200);
            if page.contains("/alerts/") {
                break page;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the queue stays empty"
            );
            std::thread::sleep(Duration::from_millis(200));
        };
        let place = page.find("/alerts/").unwrap();
        let alert = page[place..].split(['"', '?']).next().unwrap().to_owned();
        let (status, page) = browser.get(&alert);
        assert_eq!(status, 200);
        let fields: Vec<(&str, String)> = ["csrf", "version", "digest"]
            .map(|name| (name, field(&page, name)))
            .into();
        let mut fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        fields.push(("action", "take"));
        let (status, page) = browser.post(&format!("{alert}/act"), &fields);
        assert_eq!(status, 303, "{page}");
        let (_, page) = browser.get("/mine");
        assert!(page.contains(&alert));
        serving.line("A new day: ");
        said::people_in(&output.join("country"));
        assert_eq!(serving.interrupt(), Some(0));
    }
}
