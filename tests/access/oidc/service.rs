//! A service that runs, whose people sign in by a provider.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use fundwatch::access::{NewUser, ProvinceSet, Register, Role};
use fundwatch::language::Language;
use fundwatch::notice::{Clock, SystemClock};
use serde_json::Value;

use super::provider::SECRET;
use crate::binary::fundwatch;
use crate::ports;

pub struct Service {
    process: Child,
    pub origin: String,
    data: tempfile::TempDir,
}

const GROUPS: &str = r#"
[[oidc_group]]
name = "fund-admins"
role = "admin"

[[oidc_group]]
name = "fund-reviewers"
role = "reviewer"
provinces = ["01", "79"]

[[oidc_group]]
name = "fund-auditors"
role = "auditor"
"#;

impl Service {
    pub fn start(issuer: &str) -> Self {
        Self::start_with(issuer, "")
    }

    /// With more keys of `[oidc]`.
    pub fn start_with(issuer: &str, more: &str) -> Self {
        Self::start_at(Self::free_origin(), issuer, more)
    }

    /// Where a service can be reached that is started later.
    pub fn free_origin() -> String {
        format!("http://{}", ports::free_address())
    }

    /// At a place of its own.
    pub fn start_at(origin: String, issuer: &str, more: &str) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let file = data.path().join("fundwatch.toml");
        std::fs::write(data.path().join("oidc.secret"), SECRET).expect("written");
        let config = format!(
            "[http]\npublic_origin = \"{origin}\"\n[oidc]\nissuer = \"{issuer}\"\nname = \"VSS ID\"\n\
             client_id = \"fundwatch\"\nclient_secret_file = \"oidc.secret\"\n{more}\n{GROUPS}"
        );
        std::fs::write(&file, config).expect("written");
        let log = File::create(data.path().join("serve.log")).expect("a log");
        let mut command = fundwatch();
        command.args(["serve", "--ops-listen", "127.0.0.1:0", "--listen"]);
        command.arg(origin.trim_start_matches("http://"));
        command.arg("--data").arg(data.path().join("data"));
        command.arg("--config").arg(&file);
        command.stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().expect("it starts");
        let stdout = process.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let service = Self {
            process,
            origin,
            data,
        };
        assert!(line.contains("http://"), "{line}{}", service.log());
        service
    }

    pub fn data(&self) -> std::path::PathBuf {
        self.data.path().join("data")
    }

    /// What the service has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("serve.log")).expect("read")
    }

    /// The entries of the access log, as `actor role action`.
    pub fn entries(&self) -> Vec<String> {
        let mut entries = Vec::new();
        for line in lines(&self.data().join("access-log")) {
            let Ok(entry) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            let text = |name: &str| entry[name].as_str().map(str::to_owned);
            if let (Some(actor), Some(role), Some(action)) =
                (text("actor"), text("role"), text("action"))
            {
                entries.push(format!("{actor} {role} {action}"));
            }
        }
        entries
    }

    /// What `user list` says, by name.
    pub fn user(&self, name: &str) -> Option<Value> {
        let mut command = fundwatch();
        command
            .args(["user", "list", "--json", "--data"])
            .arg(self.data());
        let output = command.output().expect("it runs");
        let users: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
        users.into_iter().find(|user| user["name"] == name)
    }

    /// Runs `fundwatch user` with these words; gives the exit code.
    pub fn user_command(&self, words: &[&str]) -> i32 {
        let mut command = fundwatch();
        let (first, rest) = words.split_first().expect("a word");
        command
            .args(["user", first, "--data"])
            .arg(self.data())
            .args(rest);
        let output = command.output().expect("it runs");
        output.status.code().expect("a code")
    }

    /// Makes a user with a setup code, as an administrator at the command line does.
    pub fn add(&self, name: &str, role: Role) -> String {
        let mut register = Register::open(&self.data()).expect("a register");
        let new = NewUser {
            name: name.to_owned(),
            display_name: format!("Mẫu {name}"),
            role,
            provinces: ProvinceSet::ALL,
            language: Language::English,
        };
        let (_, code) = register.add_user(&new, SystemClock.now()).expect("made");
        code.reveal().to_string()
    }
}

/// Every line of the files in a directory.
fn lines(directory: &Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).expect("read");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
