//! `fundwatch keys`, as a user would run it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use fundwatch::journal::{
    Directory, Entry, Journal, JournalReader, KeyState, Keys, MasterKey, Month, OpenedText, Options,
};

use crate::said;
use crate::support::{DAY, MARCH};

fn run(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fundwatch"))
        .arg("keys")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary runs");
    said::told(&output);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn keys(data: &Path, master: Option<u8>) -> Arc<Keys> {
    let master = master.map(|byte| MasterKey::from_bytes(&[byte; 32]).expect("32 bytes"));
    let directory = Directory::create(&data.join("keys")).expect("a directory");
    Arc::new(Keys::new(Arc::new(directory), master))
}

fn journal(data: &Path) -> Arc<Directory> {
    Arc::new(Directory::create(&data.join("journal")).expect("a directory"))
}

/// Epochs of March, April and May 2026.
fn written(data: &Path, master: Option<u8>) -> Journal {
    let opened = Journal::open(journal(data), keys(data, master), Options::default());
    let (mut journal, _) = opened.expect("opened");
    for (number, at) in [(1, MARCH), (2, MARCH + 35 * DAY), (3, MARCH + 66 * DAY)] {
        let entry = Entry {
            at,
            plain: b"p",
            secret: b"rows",
        };
        journal.append(number, entry).expect("appended");
    }
    journal
}

fn readable(data: &Path, master: Option<u8>) -> Result<Vec<bool>, String> {
    let reader = JournalReader::open(journal(data), keys(data, master)).expect("a journal");
    let frames = reader.frames(1).expect("a journal");
    frames
        .map(|frame| {
            let frame = frame.map_err(|error| error.to_string())?;
            Ok(frame.secret.is_some())
        })
        .collect()
}

#[test]
fn a_month_is_asked_for_kept_and_written_off() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    drop(written(data, None));
    let (code, out, err) = run(data, &["list"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out.lines().count(), 4, "{out}");
    assert!(out.contains("2026-04  kept        bare     -"), "{out}");

    // Nothing is done by mistake.
    let (code, _, err) = run(data, &["destroy", "2026-04"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("erases 2026-04 for ever; add --yes"), "{err}");
    let (code, _, err) = run(data, &["destroy", "2026-02", "--yes"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there is no key of 2026-02"), "{err}");
    let (code, _, err) = run(data, &["destroy", "2026-4", "--yes"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("a month is written like 2026-03"), "{err}");
    let (code, _, err) = run(data, &["write-off", "2026-04", "--yes"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("is there, and not lost"), "{err}");
    assert_eq!(readable(data, None), Ok(vec![true; 3]));

    let april: Month = "2026-04".parse().expect("a month");
    let state = || keys(data, None).months().expect("listed")[&april];
    let (code, out, _) = run(data, &["destroy", "2026-04", "--yes"]);
    assert_eq!(code, Some(0));
    assert!(out.starts_with("Asked for."), "{out}");
    assert!(matches!(state(), KeyState::ToDestroy { .. }));
    let (_, out, _) = run(data, &["list"]);
    assert!(out.contains("2026-04  to_destroy  bare     20"), "{out}");
    // It is the service's to do.
    assert_eq!(readable(data, None), Ok(vec![true; 3]));
    let (code, _, _) = run(data, &["keep", "2026-04"]);
    assert_eq!((code, state()), (Some(0), KeyState::Kept));

    // A key whose file is damaged is listed, and as good as lost.
    let key = data.join("keys/2026-05.key");
    let whole = fs::read(&key).expect("a key");
    fs::write(&key, &whole[..50]).expect("written");
    let (code, out, err) = run(data, &["list"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("2026-05  damaged     -        -"), "{out}");
    fs::write(&key, whole).expect("written");

    fs::remove_file(data.join("keys/2026-04.key")).expect("removed");
    let missing = readable(data, None).expect_err("a lost key");
    assert!(missing.contains("fundwatch keys write-off"), "{missing}");
    let (code, _, err) = run(data, &["write-off", "2026-04"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("add --yes"), "{err}");
    let (code, _, err) = run(data, &["write-off", "2026-04", "--yes"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(readable(data, None), Ok(vec![true, false, true]));
    let (code, _, err) = run(data, &["keep", "2026-04"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("is destroyed already"), "{err}");
    let (code, out, _) = run(data, &["list", "--json"]);
    assert_eq!(code, Some(0));
    let listed: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(listed[1]["state"], "destroyed");
    assert_eq!(listed[2]["is_wrapped"], false);

    // What is typed on the review pages has keys of its own.
    let (code, _, err) = run(data, &["list", "--of", "review"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there are no keys of the review"), "{err}");
    let directory = Directory::create(&data.join("keys/review")).expect("a directory");
    let review = Keys::new(Arc::new(directory), None);
    review.seal_text(MARCH, b"a", "note").expect("sealed");
    let (code, out, _) = run(data, &["destroy", "--of", "review", "2026-03", "--yes"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("once nothing that is to be decided"), "{out}");
    let (_, out, _) = run(data, &["list", "--of", "review"]);
    assert!(out.contains("2026-03  to_destroy  bare     20"), "{out}");
    let (_, out, _) = run(data, &["list"]);
    assert!(out.contains("2026-03  kept        bare     -"), "{out}");
    let (code, _, _) = run(data, &["keep", "--of", "review", "2026-03"]);
    let march: Month = "2026-03".parse().expect("a month");
    let state = review.months().expect("listed")[&march];
    assert_eq!((code, state), (Some(0), KeyState::Kept));

    let (code, _, err) = run(&data.join("keys"), &["list"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there are no keys of the journal"), "{err}");
}

#[test]
fn keys_are_wrapped_by_another_master_key_while_nobody_runs() {
    let data = tempfile::tempdir().expect("a directory");
    let data = data.path();
    let file = |byte: u8| {
        let path = data.join(format!("master-{byte}"));
        let hex: String = [byte; 32]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        fs::write(&path, hex).expect("written");
        path.display().to_string()
    };
    let (first, second) = (file(1), file(2));
    let running = written(data, None);
    let rewrap = |arguments: &[&str]| run(data, &[&["rewrap"], arguments].concat());
    let (code, _, err) = rewrap(&["--new-master-key", &first]);
    assert_eq!(code, Some(2));
    assert!(err.contains("stop the service first"), "{err}");
    drop(running);
    // One of what is typed on the review pages.
    let review = |master: Option<u8>| {
        let directory = Directory::create(&data.join("keys/review")).expect("a directory");
        let master = master.map(|byte| MasterKey::from_bytes(&[byte; 32]).expect("32 bytes"));
        Keys::new(Arc::new(directory), master)
    };
    let typed = review(None).seal_text(MARCH, b"a", "note").expect("sealed");
    let is_open = |master| {
        let opened = review(master).open_text(b"a", &typed);
        matches!(opened, Ok(Some(OpenedText::Text(_))))
    };
    let (code, _, err) = rewrap(&[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--new-master-key"), "{err}");

    let (code, out, err) = rewrap(&["--new-master-key", &first]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("4 keys rewrapped, 0 were so already"), "{out}");
    assert_eq!(readable(data, Some(1)), Ok(vec![true; 3]));
    assert!(readable(data, None).is_err());

    // As if the call had been interrupted: one is under the second already.
    let to_second = ["--master-key", &first, "--new-master-key", &second];
    let kept = fs::read(data.join("keys/2026-05.key")).expect("a key");
    assert_eq!(rewrap(&to_second).0, Some(0));
    fs::write(data.join("keys/2026-05.key"), kept).expect("written");
    let (code, out, _) = rewrap(&to_second);
    assert_eq!(code, Some(0));
    assert!(out.contains("1 keys rewrapped, 3 were so already"), "{out}");
    assert_eq!(readable(data, Some(2)), Ok(vec![true; 3]));
    assert!(readable(data, Some(1)).is_err());
    assert!(is_open(Some(2)) && !is_open(Some(1)));

    // What an interrupted call left of a key goes with it.
    let left = data.join("keys/2026-03.key.new");
    fs::write(&left, b"the same key").expect("written");
    let march: Month = "2026-03".parse().expect("a month");
    let destroyed = keys(data, Some(2)).destroy(march, MARCH + 70 * DAY);
    destroyed.expect("destroyed");
    assert!(!left.exists() && !data.join("keys/2026-03.key").exists());

    // The former one is given by mistake.
    let (code, _, err) = rewrap(&["--master-key", &first, "--bare"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("does not open under the master key"), "{err}");
    assert_eq!(readable(data, Some(2)), Ok(vec![false, true, true]));
    let (code, _, _) = rewrap(&["--master-key", &second, "--bare"]);
    assert_eq!(code, Some(0));
    assert_eq!(readable(data, None), Ok(vec![false, true, true]));
}
