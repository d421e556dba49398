//! Inputs, runs, outboxes and sinks in a directory of their own.
//!
//! In: rows. Out: what the binary wrote and said. Must hold: what it says holds no number of a person.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub use crate::binary::fundwatch;
use crate::said;

/// The secret that receivers of the tests share with the program: 32 bytes of 7.
pub const SECRET: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// Its bytes.
pub const SECRET_BYTES: [u8; 32] = [7; 32];

/// When rows of the tests became known, unless they say otherwise.
const KNOWN: &str = "2025-03-03T08:00:00+07:00";

/// A directory with an input, runs, an outbox and a sinks file.
pub struct Files {
    directory: TempDir,
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Files {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let files = Self { directory };
        fs::create_dir(files.path("input")).unwrap();
        fs::write(files.path("secret"), SECRET).unwrap();
        files
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Writes a stream of the input: a header, and rows without `recorded_at`.
    pub fn stream(&self, name: &str, header: &str, rows: &[String]) {
        let mut content = format!("recorded_at,{header}\n");
        for row in rows {
            content.push_str(&format!("{KNOWN},{row}\n"));
        }
        self.write(&format!("input/{name}.csv"), &content);
    }

    /// Cards of dead people, `count` of them: as many notices of the insurance database.
    pub fn stale_cards(&self, count: usize) {
        let card = |n| format!("DN479{},2024-01-01,,valid", si(n));
        self.stream(
            "cards",
            "card_number,valid_from,valid_to,status",
            &rows(count, card),
        );
        let death = |n| format!("R{n},{},2025-02-03,court", si(n));
        self.stream(
            "death_reports",
            "report_id,si_number,death_date,source",
            &rows(count, death),
        );
    }

    /// Replays the input.
    pub fn replay(&self, run: &str, more: &[&str]) {
        let mut command = fundwatch();
        command.arg("replay").arg("--input").arg(self.path("input"));
        command.arg("--output").arg(self.path(run)).args(more);
        let told = command.output().unwrap();
        said::told(&told);
        said::people_in(&self.path("input"));
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    }

    /// The lines of a run's notices.
    pub fn notices(&self, run: &str) -> Vec<Value> {
        let lines = fs::read_to_string(self.path(run).join("notices.ndjson")).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// `notices COMMAND` on the outbox.
    pub fn command(&self, command: &str, more: &[&str]) -> Command {
        let mut notices = fundwatch();
        notices
            .args(["notices", command, "--outbox"])
            .arg(self.path("notices.db"))
            .args(more);
        notices.current_dir(self.directory.path());
        notices
    }

    /// Runs it, and holds that it says no number of a person.
    pub fn notices_told(&self, command: &str, more: &[&str]) -> Output {
        let told = self.command(command, more).output().unwrap();
        said::told(&told);
        for said in [&told.stdout, &told.stderr] {
            let said = text(said);
            let words = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            // Keys are hexadecimal digits, some of them a number by chance.
            let words = words.filter(|word| !word.starts_with("ntc_"));
            let runs = words.flat_map(|word| word.split(|c: char| !c.is_ascii_digit()));
            let longest = runs.map(str::len).max();
            assert!(
                longest.unwrap_or(0) < 9 || more.contains(&"--reveal"),
                "{said}"
            );
        }
        told
    }

    /// Runs it to an exit code, and gives what it said on standard output.
    pub fn run(&self, code: i32, command: &str, more: &[&str]) -> String {
        let told = self.notices_told(command, more);
        let stderr = text(&told.stderr);
        assert_eq!(
            told.status.code(),
            Some(code),
            "{command} {more:?}: {stderr}"
        );
        text(&told.stdout)
    }

    /// Reconciles with a run.
    pub fn reconcile(&self, run: &str) -> String {
        self.run(0, "reconcile", &["--run", run])
    }

    /// Delivers, to an exit code.
    pub fn deliver(&self, code: i32, more: &[&str]) -> String {
        let mut arguments = vec!["--sinks", "sinks.toml"];
        arguments.extend(more);
        self.run(code, "deliver", &arguments)
    }

    /// Starts a delivery until the outbox is empty.
    pub fn start_delivery(&self) -> Child {
        let mut command = self.command("deliver", &["--sinks", "sinks.toml", "--until-empty"]);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    }

    /// What is listed, as JSON.
    pub fn list(&self, more: &[&str]) -> Value {
        let mut arguments = vec!["--json", "--limit", "100000"];
        arguments.extend(more);
        serde_json::from_str(&self.run(0, "list", &arguments)).unwrap()
    }

    /// The keys of the notices in a state.
    pub fn keys(&self, state: &str) -> Vec<String> {
        let listed = self.list(&["--state", state]);
        let notices = listed["notices"].as_array().unwrap();
        notices
            .iter()
            .map(|notice| notice["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// How many deliveries the only sink has in a state.
    pub fn count(&self, state: &str) -> u64 {
        self.list(&[])["sinks"][0][state].as_u64().unwrap()
    }

    /// Writes a sinks file with one webhook of the insurance database that is tried again soon.
    pub fn webhook(&self, url: &str, more: &str) {
        self.write(
            "sinks.toml",
            &format!(
                "[[sink]]\nname = \"hub\"\ndatabase = \"insurance\"\nkind = \"webhook\"\nurl = \"{url}\"\n\
                 secret_file = \"secret\"\nfirst_retry = \"20ms\"\nlongest_retry = \"200ms\"\n\
                 first_pause = \"50ms\"\nlongest_pause = \"200ms\"\n{more}\n"
            ),
        );
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }
}

/// A social-insurance number of the tests.
pub fn si(n: usize) -> String {
    format!("79{n:08}")
}

pub fn rows(count: usize, row: impl Fn(usize) -> String) -> Vec<String> {
    (1..=count).map(row).collect()
}
