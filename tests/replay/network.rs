//! Processes on hosts of their own: network namespaces with a switch between them, of which a cable is pulled.
//!
//! Must hold: they write what one process writes; where a link is cut, every process ends with an error that names another, the
//! output directory is as it was, and the same commands succeed when the link is back.
//!
//! It takes root and `ip` of iproute2. Where namespaces cannot be made, the test says that it is skipped; with
//! `FUNDWATCH_REQUIRE_NETWORK=1` it fails instead.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::country::country;
use crate::processes::{ENDS_WITHIN, ended, written};
use crate::support::{OUTPUTS, contents, fundwatch, replay, text};
use crate::tables::Written;

fn ip(arguments: &str) -> Result<(), String> {
    let told = Command::new("ip")
        .args(arguments.split_whitespace())
        .output();
    let told = told.map_err(|error| format!("ip: {error}"))?;
    if told.status.success() {
        Ok(())
    } else {
        Err(format!("ip {arguments}: {}", text(&told.stderr)))
    }
}

/// Hosts with a switch between them; they are gone when it is dropped.
struct Network {
    name: String,
    hosts: usize,
}

impl Network {
    fn new(hosts: usize) -> Result<Self, String> {
        let network = Self {
            name: format!("fw{}", std::process::id()),
            hosts,
        };
        let switch = network.switch();
        ip(&format!("netns add {switch}"))?;
        ip(&format!("-n {switch} link add switch type bridge"))?;
        ip(&format!("-n {switch} link set switch up"))?;
        for host in 0..hosts {
            let (name, address) = (network.host(host), Self::address(host));
            ip(&format!("netns add {name}"))?;
            ip(&format!(
                "-n {switch} link add port{host} type veth peer name eth0 netns {name}"
            ))?;
            ip(&format!("-n {switch} link set port{host} master switch"))?;
            ip(&format!("-n {switch} link set port{host} up"))?;
            ip(&format!("-n {name} addr add {address}/24 dev eth0"))?;
            ip(&format!("-n {name} link set eth0 up"))?;
            ip(&format!("-n {name} link set lo up"))?;
        }
        Ok(network)
    }

    fn switch(&self) -> String {
        format!("{}-switch", self.name)
    }

    fn host(&self, host: usize) -> String {
        format!("{}-{host}", self.name)
    }

    fn address(host: usize) -> String {
        format!("10.213.7.{}", host + 1)
    }

    fn link(&self, host: usize, state: &str) {
        ip(&format!("-n {} link set port{host} {state}", self.switch())).unwrap();
    }

    /// A replay of all hosts, each of which has a process.
    fn start(&self, input: &Path, output: &Path, hosts: &Path) -> Vec<Child> {
        let program = fundwatch();
        let started = (0..self.hosts).map(|host| {
            let mut command = Command::new("ip");
            command
                .args(["netns", "exec", &self.host(host)])
                .arg(program.get_program());
            command
                .arg("replay")
                .arg("--input")
                .arg(input)
                .arg("--output")
                .arg(output);
            command.args([
                "--processes",
                &self.hosts.to_string(),
                "--process",
                &host.to_string(),
            ]);
            command.arg("--hosts").arg(hosts);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        });
        started.collect()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for host in 0..self.hosts {
            // It may not have come so far.
            let _ = ip(&format!("netns del {}", self.host(host)));
        }
        let _ = ip(&format!("netns del {}", self.switch()));
    }
}

#[test]
fn a_link_that_is_cut_stops_all_and_they_start_again() {
    let network = match Network::new(3) {
        Ok(network) => network,
        Err(why) if std::env::var_os("FUNDWATCH_REQUIRE_NETWORK").is_none_or(|is| is != "1") => {
            eprintln!("SKIPPED: network namespaces cannot be made: {why}");
            return;
        }
        Err(why) => panic!("network namespaces cannot be made: {why}"),
    };
    let input = country(20_000, 300_000).write(Written::Plain);
    let directory = tempfile::tempdir().unwrap();
    let (output, hosts) = (
        directory.path().join("out"),
        directory.path().join("hosts.txt"),
    );
    let addresses: Vec<String> = (0..3)
        .map(|host| format!("{}:2101", Network::address(host)))
        .collect();
    fs::write(&hosts, addresses.join("\n")).unwrap();
    fs::create_dir(&output).unwrap();
    fs::write(output.join("alerts.ndjson"), "of an earlier run\n").unwrap();
    let before = contents(&output);

    let mut children = network.start(input.path(), &output, &hosts);
    let until = Instant::now() + ENDS_WITHIN;
    while written(&output) == 0 {
        assert!(Instant::now() < until, "the run does not begin");
        assert_eq!(children[0].try_wait().unwrap(), None, "process 0 goes on");
        std::thread::sleep(Duration::from_millis(2));
    }
    network.link(1, "down");
    let cut = ended(children);
    for (process, told) in cut.iter().enumerate() {
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(1), "process {process}: {stderr}");
        let lost = if process == 0 { 1 } else { 0 };
        let lost = format!("process {lost} at {} was lost: ", addresses[lost]);
        assert!(stderr.contains(&lost), "process {process}: {stderr}");
        assert!(!stderr.contains("panicked"), "process {process}: {stderr}");
    }
    assert!(
        contents(&output) == before,
        "the output directory is as it was"
    );

    network.link(1, "up");
    for told in ended(network.start(input.path(), &output, &hosts)) {
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    }
    let one = replay(input.path(), &[]);
    for name in &OUTPUTS[..6] {
        assert!(
            one.bytes(name) == fs::read(output.join(name)).unwrap(),
            "{name} differs"
        );
    }
}
