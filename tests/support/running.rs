//! A running `fundwatch serve`, as a process of its own, and rows that are pushed to it.
//!
//! Must hold: it listens on ports that were free, writes into a temporary directory alone, and has ended when
//! the test has, however that ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::fundwatch;
use crate::said::{self, Kind};

/// What an HTTP server answers.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        let json = serde_json::from_str(&self.body);
        json.unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)));
    config.build().new_agent()
}

fn answer(url: &str, mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let content_type = response.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let answer = Answer {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: response.body_mut().read_to_string().expect("a text"),
    };
    said::answered(url, answer.status, None, &answer.body);
    if url.ends_with("/metrics") {
        said::keep(Kind::Metrics, &answer.body);
    }
    answer
}

/// Asks; none where nobody listens.
pub fn get(url: &str, parameters: &[(&str, &str)]) -> Option<Answer> {
    let parameters = parameters.iter().copied();
    agent()
        .get(url)
        .query_pairs(parameters)
        .call()
        .ok()
        .map(|response| answer(url, response))
}

/// What an address answers to a token, whole.
pub fn get_as(token: &str, url: &str) -> String {
    let request = agent()
        .get(url)
        .header("authorization", format!("Bearer {token}"));
    let mut response = request.call().expect("it answers");
    assert_eq!(response.status().as_u16(), 200, "{url}");
    let body = response.body_mut().with_config().limit(1 << 28);
    body.read_to_string().expect("a text")
}

/// What an address answers to a token and a document.
pub fn post_as(token: &str, url: &str, document: &Value) -> Answer {
    let request = agent()
        .post(url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let sent = request.send(document.to_string());
    answer(url, sent.expect("it answers"))
}

/// Waits until something is there.
///
/// # Panics
/// When it is not in time.
pub fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A process that does not outlive the test.
pub struct Process(pub Child);

impl Process {
    /// Asks it to end, as service managers do.
    pub fn terminate(&self) {
        let id = self.0.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(sent.expect("kill").success());
    }

    /// Kills it, as a machine that fails would.
    pub fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it was started here");
    }

    /// Waits until it has ended.
    pub fn ended(&mut self, within: Duration) -> ExitStatus {
        until("the end of a process", within, || {
            self.0.try_wait().expect("it was started here")
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It fails where it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A data directory with a token for a feed.
pub struct Data {
    directory: tempfile::TempDir,
    pub token: String,
}

impl Drop for Data {
    fn drop(&mut self) {
        said::access_log_of(self.directory.path());
    }
}

impl Data {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let token = token(directory.path(), "feed");
        Self { directory, token }
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// A token of another role.
    pub fn token(&self, role: &str) -> String {
        token(self.directory.path(), role)
    }
}

fn token(data: &Path, role: &str) -> String {
    let mut command = fundwatch();
    command.args(["token", "create", "--role", role, "--data"]);
    let output = command.arg(data).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let token = String::from_utf8(output.stdout).expect("UTF-8");
    token.trim().to_owned()
}

/// A service.
pub struct Running {
    pub process: Process,
    /// HOST:PORT of the API.
    pub api: String,
    /// HOST:PORT of metrics and probes.
    pub ops: String,
    token: String,
    log: PathBuf,
}

impl Running {
    /// Starts it with this configuration, and returns once it listens.
    pub fn start(data: &Data, config: &str) -> Self {
        let file = data.path().join("fundwatch.toml");
        std::fs::write(&file, config).expect("written");
        let log = said::log_file(&data.path().join("serve.log"));
        let mut command = fundwatch();
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ops-listen",
            "127.0.0.1:0",
        ]);
        command.arg("--data").arg(data.path());
        command.arg("--config").arg(&file);
        command.stdout(Stdio::piped()).stderr(log);
        let mut process = Process(command.spawn().expect("it starts"));
        let stdout = process.0.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let mut addresses = line.split("http://").skip(1).map(|part| {
            let end = part.find([',', '\n']).unwrap_or(part.len());
            part[..end].to_owned()
        });
        let (Some(api), Some(ops)) = (addresses.next(), addresses.next()) else {
            let log = std::fs::read_to_string(data.path().join("serve.log"));
            panic!("`{line}` says no addresses: {log:?}");
        };
        Self {
            process,
            api,
            ops,
            token: data.token.clone(),
            log: data.path().join("serve.log"),
        }
    }

    /// Asks the listener of operators; none where it does not answer.
    pub fn ops(&self, path: &str) -> Option<Answer> {
        get(&format!("http://{}{path}", self.ops), &[])
    }

    /// Waits until it takes rows.
    pub fn ready(self) -> Self {
        let end = Instant::now() + Duration::from_secs(30);
        let is_ready = || self.ops("/readyz").filter(|answer| answer.status == 200);
        while is_ready().is_none() {
            if Instant::now() > end {
                let (log, answer) = (std::fs::read_to_string(&self.log), self.ops("/readyz"));
                let log = log.unwrap_or_default();
                let told: Vec<&str> = log
                    .lines()
                    .filter(|line| !line.contains("/readyz"))
                    .collect();
                panic!("not ready: {answer:?}\n{}", told.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self
    }

    /// What /metrics says.
    pub fn metrics(&self) -> Answer {
        let answer = self.ops("/metrics").expect("it answers");
        assert_eq!(answer.status, 200);
        answer
    }

    /// Pushes rows of a stream, and gives the receipt.
    pub fn push(&self, stream: &str, rows: &str) -> Value {
        let answer = push(&self.api, &self.token, stream, rows).expect("it answers");
        assert_eq!(answer.status, 200, "{stream}: {}", answer.body);
        answer.json()
    }

    /// Pushes a whole country, stream by stream.
    pub fn push_all(&self, country: &Country) {
        for stream in STREAMS {
            self.push(stream, &country.rows(stream));
        }
    }
}

/// Pushes rows to an API; none where nobody listens.
pub fn push(api: &str, token: &str, stream: &str, rows: &str) -> Option<Answer> {
    let url = format!("http://{api}/v1/streams/{stream}");
    let request = agent()
        .post(&url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/x-ndjson");
    request.send(rows).ok().map(|sent| answer(&url, sent))
}

/// The streams; registers first, so that claims meet the people that they are of.
pub const STREAMS: [&str; 10] = [
    "citizens",
    "death_reports",
    "participants",
    "cards",
    "enterprises",
    "employments",
    "beneficiaries",
    "health_profiles",
    "claims",
    "check_ins",
];

/// A synthetic country, as rows to push.
pub struct Country(tempfile::TempDir);

impl Country {
    pub fn new(citizens: u32) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut command = fundwatch();
        command.args(["synth", "--format", "ndjson", "--seed", "5", "--days", "30"]);
        command.args(["--flagged-per-million", "30000", "--overwrite"]);
        command.args(["--citizens", &citizens.to_string(), "--output"]);
        let output = command.arg(directory.path()).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        said::people_in(directory.path());
        Self(directory)
    }

    /// The rows of a stream.
    pub fn rows(&self, stream: &str) -> String {
        let path = self.0.path().join(format!("{stream}.ndjson"));
        std::fs::read_to_string(path).expect("a stream")
    }
}
