//! A replay whose dataflow several processes share.
//!
//! Must hold: what is written equals what one process writes, to the byte; where a process is lost - killed, or stopped - the
//! others end with an error that names it, the output directory is as it was, and the same commands succeed afterwards.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::country::country;
use crate::ports;
use crate::said;
use crate::support::{OUTPUTS, Replayed, contents, fundwatch, replay, replay_command, text};
use crate::tables::Written;

/// What ends later than this hangs.
pub const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// A synthetic country with every reason in it, of people that linkage compares.
fn synthetic() -> &'static Path {
    static INPUT: OnceLock<TempDir> = OnceLock::new();
    let made = INPUT.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let mut command = fundwatch();
        command.args([
            "synth",
            "--citizens",
            "3000",
            "--days",
            "120",
            "--seed",
            "5",
            "--output",
        ]);
        let told = command.arg(directory.path()).output().unwrap();
        assert!(told.status.success(), "{}", text(&told.stderr));
        directory
    });
    made.path()
}

/// So much that a run takes longer than it takes to disturb it.
fn long_input() -> &'static Path {
    static INPUT: OnceLock<TempDir> = OnceLock::new();
    let made = INPUT.get_or_init(|| country(20_000, 300_000).write(Written::Plain));
    made.path()
}

/// Processes of one run, started together.
struct Together {
    directory: TempDir,
    children: Vec<Child>,
}

impl Together {
    fn start(input: &Path, output: &Path, processes: usize, more: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let hosts = directory.path().join("hosts.txt");
        fs::write(&hosts, ports::free_addresses(processes).join("\n")).unwrap();
        let mut children = Vec::new();
        for process in 0..processes {
            let mut command = replay_command(input, output, more);
            command.arg("--processes").arg(processes.to_string());
            command.arg("--process").arg(process.to_string());
            command.arg("--hosts").arg(&hosts);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            children.push(command.spawn().unwrap());
        }
        Self {
            directory,
            children,
        }
    }

    /// Waits until process 0 has let the others begin.
    fn begun(&mut self, output: &Path) {
        let until = Instant::now() + ENDS_WITHIN;
        // The history is being written as soon as there are epochs.
        while written(output) == 0 {
            assert!(Instant::now() < until, "the run does not begin");
            let ended = self.children[0].try_wait().unwrap();
            assert_eq!(ended, None, "process 0 goes on");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn end(self) -> Vec<Output> {
        let ended = ended(self.children);
        drop(self.directory);
        ended
    }
}

/// Waits for all processes of a run.
pub fn ended(mut children: Vec<Child>) -> Vec<Output> {
    let until = Instant::now() + ENDS_WITHIN;
    for (process, child) in children.iter_mut().enumerate() {
        while child.try_wait().unwrap().is_none() {
            if Instant::now() >= until {
                child.kill().unwrap();
                panic!("process {process} hangs");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let ended = children
        .into_iter()
        .map(|child| child.wait_with_output().unwrap());
    ended.inspect(said::told).collect()
}

/// Bytes of the history that is being written.
pub fn written(output: &Path) -> u64 {
    let entries = fs::read_dir(output).into_iter().flatten().flatten();
    let histories = entries.map(|entry| entry.path().join("history.ndjson"));
    let sizes = histories.filter_map(|path| fs::metadata(path).ok());
    sizes.map(|file| file.len()).max().unwrap_or(0)
}

/// Replays with several processes, all of which succeed.
fn shared(input: &Path, processes: usize, more: &[&str]) -> Replayed {
    let output = tempfile::tempdir().unwrap();
    let mut ended = Together::start(input, output.path(), processes, more).end();
    for (process, told) in ended.iter().enumerate() {
        assert_eq!(
            told.status.code(),
            Some(0),
            "process {process}: {}",
            text(&told.stderr)
        );
    }
    let first = ended.remove(0);
    for (process, told) in ended.iter().enumerate() {
        let (stderr, number) = (text(&told.stderr), process + 1);
        assert_eq!(text(&told.stdout), "", "process 0 tells what came out");
        assert!(
            stderr.contains(&format!("process {number}: done, with ")),
            "{stderr}"
        );
    }
    Replayed {
        output,
        stdout: text(&first.stdout),
        stderr: text(&first.stderr),
    }
}

#[test]
fn several_processes_write_what_one_writes() {
    let one = replay(synthetic(), &[]);
    for (processes, more) in [(2, &[][..]), (3, &[]), (2, &["--workers", "2"])] {
        let several = shared(synthetic(), processes, more);
        one.assert_same_bytes(&several, &format!("{processes} processes, {more:?}"));
        let sizes = |of: &Replayed| {
            let arrangements = of.document("summary.json")["arrangements"].take();
            let records = arrangements.as_array().unwrap().iter();
            records
                .filter(|size| size["name"] == "facts by person")
                .map(|size| size["records"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            sizes(&one),
            sizes(&several),
            "what all of them held together"
        );
        let linkage = |of: &Replayed| of.document("summary.json")["linkage"]["left_out"].take();
        assert_eq!(linkage(&one), linkage(&several));
    }
}

#[test]
fn one_epoch_of_several_processes_is_one_epoch_of_one() {
    let more = ["--epoch", "all"];
    let one = replay(synthetic(), &more);
    one.assert_same_bytes(&shared(synthetic(), 3, &more), "3 processes");
}

/// Disturbs a process of three, and holds all of them to a clean stop, from which the same commands go on.
fn disturbed(process: usize, signal: &str) -> Vec<Output> {
    let output = tempfile::tempdir().unwrap();
    fs::write(output.path().join("alerts.ndjson"), "of an earlier run\n").unwrap();
    let before = contents(output.path());
    let mut together = Together::start(long_input(), output.path(), 3, &[]);
    together.begun(output.path());
    let disturbed = together.children[process].id().to_string();
    let sent = Command::new("kill")
        .args(["-s", signal, &disturbed])
        .status();
    assert!(sent.unwrap().success());
    if signal == "STOP" {
        // The others stop by themselves; the one that stands still is ended when they have.
        let others = (0..3).filter(|other| *other != process);
        for other in others {
            let until = Instant::now() + ENDS_WITHIN;
            while together.children[other].try_wait().unwrap().is_none() {
                assert!(Instant::now() < until, "process {other} hangs");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        together.children[process].kill().unwrap();
    }
    let ended = together.end();
    if process != 0 {
        assert!(
            contents(output.path()) == before,
            "the output directory is as it was"
        );
    }
    let again = Together::start(long_input(), output.path(), 3, &[]).end();
    for told in &again {
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    }
    let one = replay(long_input(), &[]);
    for name in &OUTPUTS[..6] {
        let several = fs::read(output.path().join(name)).unwrap();
        assert!(
            one.bytes(name) == several,
            "{name} differs after process {process} was lost"
        );
    }
    ended
}

fn assert_lost(told: &Output, process: usize, how: &str) {
    let stderr = text(&told.stderr);
    assert_eq!(told.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains(&format!("process {process} at 127.0.0.1:")),
        "{stderr}"
    );
    assert!(stderr.contains(&format!("was lost: {how}; ")), "{stderr}");
    assert!(stderr.contains("start them again"), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn when_a_process_is_killed_all_stop_and_start_again() {
    let ended = disturbed(1, "KILL");
    assert_lost(&ended[0], 1, "it ended");
    assert_lost(&ended[2], 0, "it ended");
}

#[test]
fn when_process_0_is_killed_all_stop_and_start_again() {
    let ended = disturbed(0, "KILL");
    assert_lost(&ended[1], 0, "it ended");
    assert_lost(&ended[2], 0, "it ended");
}

#[test]
fn when_a_process_stands_still_all_stop_and_start_again() {
    let ended = disturbed(2, "STOP");
    assert_lost(&ended[0], 2, "nothing was heard of it for 15 s");
    assert_lost(&ended[1], 0, "it ended");
}

#[test]
fn what_is_wrong_with_the_processes_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let hosts = directory.path().join("hosts.txt");
    fs::write(&hosts, "127.0.0.1:2101\n8.8.8.8:2101\n").unwrap();
    let output = directory.path().join("out");
    for (arguments, code, told) in [
        (&["--processes", "2"][..], 2, "--process <I>"),
        (&["--process", "1"], 2, "--processes <N>"),
        (
            &["--processes", "3", "--process", "0", "--hosts", "HOSTS"],
            2,
            "2 addresses for --processes 3",
        ),
        (
            &["--processes", "2", "--process", "2", "--hosts", "HOSTS"],
            2,
            "--process 2: the processes have the numbers from 0 to 1",
        ),
        (
            &["--processes", "2", "--process", "0", "--hosts", "HOSTS"],
            1,
            "8.8.8.8:2101 is a public address",
        ),
        (
            &["--processes", "2", "--process", "1", "--hosts", "HOSTS"],
            1,
            "8.8.8.8:2101 is a public address",
        ),
    ] {
        let shown = hosts.to_str().unwrap();
        let arguments = arguments.iter().map(|argument| {
            if *argument == "HOSTS" {
                shown
            } else {
                argument
            }
        });
        let arguments: Vec<&str> = arguments.collect();
        let ended = replay_command(synthetic(), &output, &arguments)
            .output()
            .unwrap();
        let stderr = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
        assert!(!output.exists(), "{arguments:?}");
    }
}
