//! The review queue under work: many open alerts, and many reviewers at a time, against `fundwatch serve` over HTTP.
//!
//! In: the program (`FUNDWATCH`), how many alerts and reviewers, for how long, and how long a reviewer thinks between two
//! requests. Out: how long pages take and how large they are, and whether anything that was acknowledged is missing. It
//! is run by `benches/queue.sh`; `cargo bench` passes over it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fundwatch::access::{
    AccountPolicy, Accounts, NewToken, NewUser, ProvinceSet, Register, Role, StreamSet, TotpRule,
};
use fundwatch::language::Language;
use fundwatch::notice::{Clock, SystemClock};

const PASSWORD: &str = "kx7-qm2w-9rtz-bench";
/// What the page may take when nobody else asks.
const PAGE_MILLIS: f64 = 100.0;
/// What the page may weigh.
const PAGE_BYTES: f64 = 100_000.0;
/// What anything may take when all work at once.
const TOGETHER_MILLIS: f64 = 300.0;
/// Rows of a body.
const BODY: u32 = 5_000;

fn main() {
    let setting = |name: &str, usual: u64| {
        let value = std::env::var(name).ok();
        value.map_or(usual, |value| value.parse().expect("a number"))
    };
    let Ok(program) = std::env::var("FUNDWATCH") else {
        println!("queue: not run; see benches/queue.sh");
        return;
    };
    let alerts = u32::try_from(setting("ALERTS", 100_000)).expect("a small number");
    let reviewers = setting("REVIEWERS", 50);
    let lasts = Duration::from_secs(setting("WORK_SECONDS", 120));
    let think = Duration::from_millis(setting("THINK_MS", 1000));
    let directory = tempfile::tempdir().expect("a directory");
    let token = people(directory.path(), reviewers);
    let service = Service::start(&program, directory.path());
    fill(&service.address, &token, alerts);
    let mut over = Vec::new();
    one_at_a_time(&service.address, alerts, &mut over);
    let done = work(&service.address, reviewers, lasts, think, &mut over);
    verify(directory.path(), &done);
    assert!(over.is_empty(), "over budget: {over:?}");
}

/// Makes the accounts, and a token for rows.
fn people(data: &Path, reviewers: u64) -> String {
    let mut register = Register::open_or_create(data).expect("a register");
    let new = NewToken {
        name: Some("bench".to_owned()),
        role: Role::Feed,
        streams: StreamSet::ALL,
        expires_at: None,
    };
    let now = SystemClock.now();
    let token = register.create(&new, now).expect("a token");
    let codes: Vec<_> = (0..reviewers)
        .map(|number| {
            let new = NewUser {
                name: format!("reviewer{number}"),
                display_name: format!("Reviewer {number}"),
                role: Role::Reviewer,
                provinces: ProvinceSet::ALL,
                language: Language::Vietnamese,
            };
            register.add_user(&new, now).expect("a user").1
        })
        .collect();
    drop(register);
    let policy = AccountPolicy {
        totp: TotpRule::Optional,
        ..AccountPolicy::default()
    };
    let accounts = Accounts::open(data, policy, SystemClock).expect("accounts");
    for (code, number) in codes.iter().zip(0..) {
        let name = format!("reviewer{number}");
        accounts
            .finish_setup(&name, &code.reveal(), PASSWORD, None, None)
            .expect("set up");
    }
    token.reveal().to_string()
}

/// A running service, ended when it is dropped.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start(program: &str, data: &Path) -> Self {
        let settings = data.join("bench.toml");
        let text = "[accounts]\ntotp = \"optional\"\n[log]\nlevel = \"warn\"\n";
        std::fs::write(&settings, text).expect("written");
        let mut command = Command::new(program);
        command.arg("serve").arg("--data").arg(data);
        command.arg("--config").arg(&settings);
        command.args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("started");
        let mut line = String::new();
        let output = process.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).expect("an address");
        let address = address.split(',').next().expect("an address").to_owned();
        Self { process, address }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder();
    let config = config.http_status_as_error(false).max_redirects(0);
    config.build().new_agent()
}

/// Participants that name no citizen, of whom each is an alert.
fn fill(address: &str, token: &str, alerts: u32) {
    let agent = agent();
    let begun = Instant::now();
    for first in (0..alerts).step_by(BODY as usize) {
        let mut body = Vec::new();
        for number in first..(first + BODY).min(alerts) {
            let (year, sex) = (1940 + number % 70, 1 + number % 2);
            writeln!(
                body,
                r#"{{"si_number":"79{number:08}","full_name":"Nguyễn Mẫu {number}","birth_date":"{year}","sex":"{sex}"}}"#
            )
            .expect("memory");
        }
        loop {
            let sent = agent
                .post(format!("http://{address}/v1/streams/participants"))
                .header("Authorization", format!("Bearer {token}"))
                .header("Content-Type", "application/x-ndjson")
                .send(&body[..]);
            match sent.expect("an answer").status().as_u16() {
                200 => break,
                // It is starting, or full.
                429 | 503 => std::thread::sleep(Duration::from_millis(100)),
                status => panic!("the service does not take the rows: {status}"),
            }
        }
    }
    let mut reader = Reviewer::sign_in(address, 0);
    loop {
        let page = reader.get("/queue").1;
        let open = page.split("class=\"count\">").nth(1).unwrap_or_default();
        let open = open.split('<').next().unwrap_or_default();
        let open: String = open.chars().filter(char::is_ascii_digit).collect();
        if open.parse::<u32>().is_ok_and(|open| open >= alerts) {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(900),
            "the queue has {open} alerts"
        );
        std::thread::sleep(Duration::from_secs(1));
    }
    println!(
        "{alerts} open alerts after {:.1} s",
        begun.elapsed().as_secs_f64()
    );
}

/// Somebody who works.
struct Reviewer {
    agent: ureq::Agent,
    origin: String,
    cookie: String,
    took: Vec<(&'static str, Duration)>,
}

impl Reviewer {
    fn sign_in(address: &str, number: u64) -> Self {
        let mut reviewer = Self {
            agent: agent(),
            origin: format!("http://{address}"),
            cookie: String::new(),
            took: Vec::new(),
        };
        let (_, page) = reviewer.get("/sign-in");
        let csrf = field(&page, "csrf").expect("a form");
        let name = format!("reviewer{number}");
        let fields = [("csrf", &*csrf), ("name", &name), ("password", PASSWORD)];
        // Few sign in at a time.
        for _ in 0..100 {
            if reviewer.post("sign in", "/sign-in", &fields).0 == 303 {
                return reviewer;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        panic!("nobody can sign in");
    }

    fn taken(
        &mut self,
        what: &'static str,
        begun: Instant,
        mut answer: ureq::http::Response<ureq::Body>,
    ) -> (u16, String) {
        let body = answer.body_mut().read_to_string().expect("a page");
        self.took.push((what, begun.elapsed()));
        for value in answer.headers().get_all("set-cookie") {
            let cookie = value
                .to_str()
                .expect("text")
                .split(';')
                .next()
                .unwrap_or_default();
            let name = cookie.split('=').next().unwrap_or_default();
            let others = self
                .cookie
                .split("; ")
                .filter(|one| !one.is_empty() && !one.starts_with(&format!("{name}=")));
            self.cookie = others.chain([cookie]).collect::<Vec<_>>().join("; ");
        }
        (answer.status().as_u16(), body)
    }

    fn get_as(&mut self, what: &'static str, path: &str) -> (u16, String) {
        let begun = Instant::now();
        let request = self.agent.get(format!("{}{path}", self.origin));
        let answer = request
            .header("Cookie", &self.cookie)
            .call()
            .expect("an answer");
        self.taken(what, begun, answer)
    }

    fn get(&mut self, path: &str) -> (u16, String) {
        self.get_as("queue", path)
    }

    fn post(&mut self, what: &'static str, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let begun = Instant::now();
        let request = self.agent.post(format!("{}{path}", self.origin));
        let request = request
            .header("Cookie", &self.cookie)
            .header("Origin", &self.origin);
        let answer = request
            .send_form(fields.iter().copied())
            .expect("an answer");
        self.taken(what, begun, answer)
    }

    /// Does something about an alert as its page shows it; tells whether it was done.
    fn act(&mut self, alert: &str, what: &'static str, more: &[(&str, &str)]) -> bool {
        let (status, page) = self.get_as("alert", alert);
        assert_eq!(status, 200, "{page}");
        let fields = ["csrf", "version", "digest"].map(|name| (name, field(&page, name)));
        if fields.iter().any(|(_, value)| value.is_none()) {
            // Somebody else has it.
            return false;
        }
        let mut form: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &fields {
            form.push((name, value.as_deref().unwrap_or_default()));
        }
        form.push(("action", what));
        form.extend_from_slice(more);
        let (status, page) = self.post("act", &format!("{alert}/act"), &form);
        assert!(matches!(status, 303 | 409 | 422 | 403), "{status}: {page}");
        status == 303
    }
}

/// The value of a hidden field.
fn field(page: &str, name: &str) -> Option<String> {
    let rest = &page[page.find(&format!("name=\"{name}\" value=\""))?..];
    rest.split('"').nth(3).map(str::to_owned)
}

fn links(page: &str) -> Vec<String> {
    let links = page.split("href=\"/alerts/").skip(1);
    let mut links: Vec<String> = links
        .filter_map(|rest| rest.get(..32))
        .map(|id| format!("/alerts/{id}"))
        .collect();
    links.dedup();
    links
}

/// How long pages take when nobody else asks, and how large they are.
fn one_at_a_time(address: &str, alerts: u32, over: &mut Vec<String>) {
    let mut reviewer = Reviewer::sign_in(address, 0);
    reviewer.took.clear();
    let mut bytes = 0;
    for _ in 0..100 {
        bytes = bytes.max(reviewer.get("/queue").1.len());
    }
    let mut took: Vec<Duration> = reviewer.took.iter().map(|(_, took)| *took).collect();
    println!(
        "queue page of {alerts} open alerts, one at a time: {}, {} KB",
        percentiles(&mut took),
        bytes.div_ceil(1000)
    );
    let page = within(&mut took, 0.99);
    hold(over, "p99 of the page, ms", page, PAGE_MILLIS);
    hold(over, "bytes of the page", bytes as f64, PAGE_BYTES);
}

/// The time, in milliseconds, within which a share of what was asked for is answered.
fn within(took: &mut [Duration], share: f64) -> f64 {
    took.sort_unstable();
    let place = ((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1));
    took.get(place)
        .map_or(0.0, |took| took.as_secs_f64() * 1000.0)
}

fn percentiles(took: &mut [Duration]) -> String {
    format!(
        "{} requests, p50 {:.0} ms, p99 {:.0} ms, longest {:.0} ms",
        took.len(),
        within(took, 0.5),
        within(took, 0.99),
        within(took, 1.0)
    )
}

/// Takes note of what is over its budget, in the unit of both.
fn hold(over: &mut Vec<String>, what: &str, measured: f64, budget: f64) {
    if measured > budget {
        over.push(format!("{what}: {measured:.0} and not {budget:.0}"));
    }
}

/// What was acknowledged, by alert.
type Done = HashMap<String, Vec<(u64, &'static str)>>;

/// Reviewers work: take, note, close, wait.
fn work(
    address: &str,
    reviewers: u64,
    lasts: Duration,
    think: Duration,
    over: &mut Vec<String>,
) -> Done {
    let done: Mutex<Done> = Mutex::default();
    let took: Mutex<Vec<(&'static str, Duration)>> = Mutex::default();
    let late = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..reviewers {
            let (done, took, late) = (&done, &took, late.clone());
            scope.spawn(move || {
                let mut reviewer = Reviewer::sign_in(address, number);
                reviewer.took.clear();
                let mut turn = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let mut next = || {
                    turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    turn >> 33
                };
                while begun.elapsed() < lasts {
                    std::thread::sleep(think.mul_f64(0.5 + (next() % 1000) as f64 / 1000.0));
                    let page = reviewer.get("/queue").1;
                    let open = links(&page);
                    let Some(alert) = open.get((next() % open.len().max(1) as u64) as usize) else {
                        continue;
                    };
                    let mut acknowledged = Vec::new();
                    if reviewer.act(alert, "take", &[]) {
                        acknowledged.push((number, "take"));
                        std::thread::sleep(think);
                        if reviewer.act(alert, "note", &[("note", "đã xem hồ sơ")]) {
                            acknowledged.push((number, "note"));
                        }
                        std::thread::sleep(think);
                        if reviewer.act(alert, "close", &[("verdict", "duplicate")]) {
                            acknowledged.push((number, "close"));
                        }
                    } else {
                        late.fetch_add(1, Ordering::Relaxed);
                    }
                    let mut done = done.lock().expect("nobody panicked");
                    done.entry(alert["/alerts/".len()..].to_owned())
                        .or_default()
                        .extend(acknowledged);
                }
                took.lock()
                    .expect("nobody panicked")
                    .append(&mut reviewer.took);
            });
        }
    });
    let took = took.into_inner().expect("nobody panicked");
    println!(
        "{reviewers} reviewers for {:.0} s, {} ms of thought: {:.0} requests/s, {} came second",
        lasts.as_secs_f64(),
        think.as_millis(),
        took.len() as f64 / begun.elapsed().as_secs_f64(),
        late.load(Ordering::Relaxed)
    );
    for what in ["queue", "alert", "act"] {
        let of = took.iter().filter(|(one, _)| *one == what);
        let mut of: Vec<Duration> = of.map(|(_, took)| *took).collect();
        println!("  {what}: {}", percentiles(&mut of));
    }
    let mut all: Vec<Duration> = took.iter().map(|(_, took)| *took).collect();
    println!("  all: {}", percentiles(&mut all));
    let together = within(&mut all, 0.99);
    hold(over, "p99 of all at once, ms", together, TOGETHER_MILLIS);
    done.into_inner().expect("nobody panicked")
}

/// Whatever was acknowledged is in the database, once, and nothing else.
fn verify(data: &Path, done: &Done) {
    let database = rusqlite::Connection::open(data.join("review.db")).expect("opened");
    let query = "SELECT alert_id, actor, action FROM event ORDER BY number";
    let mut query = database.prepare(query).expect("a query");
    let mut stored: HashMap<String, Vec<(String, String)>> = HashMap::new();
    let rows = query.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
    for row in rows.expect("rows") {
        let (alert, event): (String, (String, String)) = row.expect("a row");
        stored.entry(alert).or_default().push(event);
    }
    let (mut acknowledged, mut wrong) = (0, 0);
    for (alert, events) in done {
        let expected: Vec<(String, String)> = events
            .iter()
            .map(|(number, action)| (format!("reviewer{number}"), (*action).to_owned()))
            .collect();
        acknowledged += expected.len();
        wrong += usize::from(stored.remove(alert).unwrap_or_default() != expected);
    }
    wrong += stored.len();
    println!("{acknowledged} acts acknowledged and stored in order; {wrong} alerts with others");
    assert_eq!(wrong, 0, "an update was lost, or came unasked");
}
