//! A replay that is interrupted or killed.
//!
//! Must hold: the output directory is as it was; what a killed run leaves, the next one removes.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::country::country;
use crate::support::{OUTPUTS, contents, replay_command, replay_into, text};
use crate::tables::Written;

/// So many claims that a run takes far longer than any wait below.
const CLAIMS: usize = 300_000;

/// An input that is busy for a while, made once.
fn long_input() -> &'static Path {
    static INPUT: OnceLock<TempDir> = OnceLock::new();
    let made = INPUT.get_or_init(|| country(20_000, CLAIMS).write(Written::Plain));
    made.path()
}

/// A run that has made its staging directory.
fn started(output: &Path) -> Child {
    let no_more: [&str; 0] = [];
    let mut command = replay_command(long_input(), output, &no_more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while staging(output, child.id()).is_empty() {
        assert!(Instant::now() < deadline, "no staging directory appears");
        assert_eq!(child.try_wait().unwrap(), None, "the run goes on");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// The staging directories of a process.
fn staging(output: &Path, process: u32) -> Vec<String> {
    let mine = format!(".fundwatch-{process}-");
    let entries = fs::read_dir(output).into_iter().flatten();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(&mine)).collect()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

fn interrupt(output: &Path, name: &str, after: Duration) {
    let before = contents(output);
    let child = started(output);
    std::thread::sleep(after);
    signal(&child, name);
    let told = child.wait_with_output().unwrap();
    let stderr = text(&told.stderr);
    assert_eq!(
        told.status.code(),
        Some(1),
        "{name} after {after:?}: {stderr}"
    );
    assert!(stderr.contains("interrupted"), "{stderr}");
    assert!(stderr.contains("as it was"), "{stderr}");
    assert_eq!(text(&told.stdout), "", "nothing is claimed to be done");
    let after_it = contents(output);
    let names: Vec<_> = after_it.keys().collect();
    assert_eq!(names, before.keys().collect::<Vec<_>>(), "{name} {after:?}");
    assert!(after_it == before, "{name} after {after:?}: other bytes");
}

#[test]
fn an_interrupted_run_leaves_the_output_directory_as_it_was() {
    let empty = tempfile::tempdir().unwrap();
    let used = tempfile::tempdir().unwrap();
    let small = country(50, 500).write(Written::Plain);
    replay_into(small.path(), used.path(), &[]);
    fs::write(used.path().join("notes.txt"), "mine").unwrap();
    // At once, while files are digested, and while rows are replayed.
    for (name, millis) in [("INT", 0), ("TERM", 30), ("INT", 120), ("TERM", 300)] {
        for output in [&empty, &used] {
            interrupt(output.path(), name, Duration::from_millis(millis));
        }
    }
    assert!(contents(empty.path()).is_empty());
    // The next run works, and what is not its own stays.
    fs::remove_file(used.path().join("notes.txt")).unwrap();
    for output in [&empty, &used] {
        replay_into(small.path(), output.path(), &[]);
    }
}

#[test]
fn what_a_killed_run_leaves_the_next_one_removes() {
    let output = tempfile::tempdir().unwrap();
    let small = country(50, 500).write(Written::Plain);
    replay_into(small.path(), output.path(), &[]);
    let before = contents(output.path());
    let mut left = Vec::new();
    for millis in [0, 150] {
        let mut child = started(output.path());
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it was killed");
        left = staging(output.path(), child.id());
        assert_eq!(left.len(), 1, "a killed run cannot tidy up");
        for name in OUTPUTS {
            let now = fs::read(output.path().join(name)).unwrap();
            assert!(now == before[name], "{name} is as it was");
        }
    }
    // The helper holds that nothing but the outputs is there afterwards.
    replay_into(small.path(), output.path(), &[]);
    assert!(!output.path().join(&left[0]).exists());
    let after = contents(output.path());
    for name in &OUTPUTS[..5] {
        assert!(after[*name] == before[*name], "{name} is the same again");
    }
}

#[test]
fn a_run_beside_another_leaves_its_staging_directory_alone() {
    let output = tempfile::tempdir().unwrap();
    let mut running = started(output.path());
    let staged = staging(output.path(), running.id());
    let small = country(50, 500).write(Written::Plain);
    let no_more: [&str; 0] = [];
    let told = replay_command(small.path(), output.path(), &no_more)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert_eq!(running.try_wait().unwrap(), None, "the other run goes on");
    assert_eq!(staging(output.path(), running.id()), staged);
    signal(&running, "TERM");
    assert_eq!(running.wait().unwrap().code(), Some(1));
}
