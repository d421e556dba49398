//! Witnesses: a log that was written anew, cut or begun anew with its own key is not what they saw.

use std::fs;

use crate::made_log::MadeLog;
use crate::support::{fails, succeeds};

/// A log, a witness of it and what it cosigned.
struct Watched {
    log: MadeLog,
    directory: tempfile::TempDir,
    /// The public key of the witness.
    witness: String,
}

impl Watched {
    fn new() -> Self {
        let mut log = MadeLog::new();
        log.grow(2, 5);
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("w");
        let init = [
            "witness",
            "init",
            "--directory",
            place.to_str().unwrap(),
            "--name",
            "auditors.example/w1",
        ];
        let witness = succeeds(&init).trim_end().to_owned();
        assert!(witness.starts_with("auditors.example/w1+"), "{witness}");
        assert!(fails(2, &init).contains("there is a witness already"));
        Self {
            log,
            directory,
            witness,
        }
    }

    fn file(&self, name: &str) -> String {
        self.directory
            .path()
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// A proof that the log goes on, from a checkpoint or from nothing.
    fn proof(&self, from: Option<&str>, name: &str) -> String {
        let output = self.file(name);
        let mut call = vec![
            "proof",
            "consistency",
            "--data",
            self.log.place(),
            "--output",
            &output,
        ];
        call.extend(from.iter().flat_map(|from| ["--from", from]));
        succeeds(&call);
        output
    }

    fn cosign<'a>(&'a self, directory: &'a str, proof: &'a str, output: &'a str) -> [&'a str; 8] {
        [
            "witness",
            "cosign",
            "--directory",
            directory,
            "--proof",
            proof,
            "--output",
            output,
        ]
    }

    /// Has the newest checkpoint cosigned, in the file that this gives back.
    fn cosigned(&self) -> String {
        let (directory, output, key) = (
            self.file("w"),
            self.file("cosigned.checkpoint"),
            self.log.key(),
        );
        let from = fs::exists(&output).unwrap().then_some(&*output);
        let proof = self.proof(from, "next.tlog-consistency");
        let call = self.cosign(&directory, &proof, &output);
        let call = match from {
            Some(_) => call.to_vec(),
            None => [&call[..], &["--log-key", &key]].concat(),
        };
        let told = succeeds(&call);
        assert!(told.contains("are cosigned"), "{told}");
        output
    }
}

#[test]
fn a_log_that_grows_is_cosigned_and_held_to_what_was_seen() {
    let mut watched = Watched::new();
    let (key, data) = (watched.witness.clone(), watched.log.place().to_owned());
    let none = fails(1, &["verify", &data, "--witness-key", &key]);
    assert!(
        none.contains("access-log/cosigned") && none.contains("--cosigned"),
        "{none}"
    );
    let output = watched.cosigned();
    let first = watched.log.lines().len();
    let verify = [
        "verify",
        &data,
        "--witness-key",
        &key,
        "--cosigned",
        &output,
    ];
    let told = succeeds(&verify);
    assert!(
        told.contains(&format!(
            "the first {first} lines are those that auditors.example/w1 saw at 20"
        )),
        "{told}"
    );
    // The log grows, and what was seen is what it was.
    watched.log.grow(2, 4);
    let told = succeeds(&verify);
    assert!(
        told.contains(&format!("the first {first} lines are those")),
        "{told}"
    );
    let before = fs::read(&output).unwrap();
    watched.cosigned();
    let now = watched.log.lines().len();
    assert!(now > first);
    // Beside the log.
    fs::copy(&output, format!("{data}/access-log/cosigned")).unwrap();
    let told = succeeds(&["verify", &data]);
    assert!(
        told.contains("not checked: what a witness is said to have seen"),
        "{told}"
    );
    let beside = ["verify", &data, "--witness-key", &key];
    let told = succeeds(&beside);
    assert!(
        told.contains(&format!("the first {now} lines are those")),
        "{told}"
    );
    // Several: each is held to.
    let older = watched.file("older");
    fs::write(&older, &before).unwrap();
    let told = succeeds(&[&verify[..], &["--cosigned", &older]].concat());
    assert!(
        told.contains(&format!("the first {now} lines are those")),
        "{told}"
    );
    // By somebody else, or nobody.
    let other = succeeds(&[
        "witness",
        "init",
        "--directory",
        &watched.file("v"),
        "--name",
        "other",
    ]);
    let stderr = fails(
        1,
        &[
            "verify",
            &data,
            "--witness-key",
            other.trim_end(),
            "--cosigned",
            &output,
        ],
    );
    assert!(stderr.contains("none of the witnesses"), "{stderr}");
    let stderr = fails(
        1,
        &[&verify[..], &["--witness-key", other.trim_end()]].concat(),
    );
    assert!(
        stderr.contains("nothing that was given is cosigned by the witness other"),
        "{stderr}"
    );
    // A proof with the cosignature in it.
    let proof = watched.file("entry.tlog-proof");
    succeeds(&[
        "proof",
        "inclusion",
        "--data",
        &data,
        "--entry",
        "7",
        "--cosigned",
        &output,
        "--output",
        &proof,
    ]);
    let log_key = watched.log.key();
    let told = succeeds(&[
        "verify",
        &proof,
        "--log-key",
        &log_key,
        "--witness-key",
        &key,
    ]);
    assert!(
        told.contains("cosigned by auditors.example/w1 at 20"),
        "{told}"
    );
    let told = succeeds(&["verify", &proof, "--log-key", &log_key]);
    assert!(
        told.contains("not checked: what stands there by auditors.example/w1"),
        "{told}"
    );
    let stderr = fails(
        1,
        &[
            "verify",
            &proof,
            "--log-key",
            &log_key,
            "--witness-key",
            other.trim_end(),
        ],
    );
    assert!(stderr.contains("is not cosigned by other"), "{stderr}");
    // Any byte of what the witness signed.
    let bytes = fs::read(&output).unwrap();
    let spoilt = watched.file("spoilt");
    for at in (0..bytes.len()).step_by(bytes.len() / 12) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&spoilt, changed).unwrap();
        let verify = [
            "verify",
            &data,
            "--witness-key",
            &key,
            "--cosigned",
            &spoilt,
        ];
        // The log's own signature is not needed: the witness has checked it.
        let text = String::from_utf8_lossy(&bytes[..at]).into_owned();
        if text.matches('\u{2014}').count() != 1 {
            fails(1, &verify);
        }
    }
}

#[test]
fn a_log_that_was_written_anew_with_its_own_key_is_not_what_was_seen() {
    let mut watched = Watched::new();
    let key = watched.witness.clone();
    let output = watched.cosigned();
    let seen = watched.log.lines().len();
    watched.log.grow(1, 3);
    let data = watched.log.place();
    let verify = ["verify", data, "--witness-key", &key, "--cosigned", &output];
    succeeds(&verify);
    let lines = watched.log.lines();

    // One entry is another, and all that follows from it is made right.
    let changed: Vec<String> = lines
        .iter()
        .map(|line| line.replacen("alert-3\"", "alert-4\"", 1))
        .collect();
    assert_ne!(changed, lines);
    watched.log.rewrite(&changed);
    succeeds(&["verify", data]);
    let stderr = fails(1, &verify);
    assert!(
        stderr.contains(&format!(
            "the first {seen} lines are not those that the witness auditors.example/w1 saw"
        )),
        "{stderr}"
    );
    assert!(stderr.contains(".ndjson, line "), "{stderr}");
    // Behind what was seen, nothing can be told.
    let behind: Vec<String> = lines
        .iter()
        .map(|line| line.replacen("alert-12\"", "alert-11\"", 1))
        .collect();
    assert_ne!(behind, lines);
    watched.log.rewrite(&behind);
    succeeds(&verify);

    // The witness does not cosign it either, nor a log that is cut.
    let directory = watched.file("w");
    let second = watched.cosigned();
    watched.log.rewrite(&lines);
    let call = watched.cosign(&directory, "", &second);
    let proof = watched.proof(None, "all.tlog-consistency");
    let call = call.map(|part| if part.is_empty() { &*proof } else { part });
    let stderr = fails(1, &call);
    assert!(stderr.contains("the log was forked"), "{stderr}");
    let small = watched.file("small.tlog-consistency");
    let size = watched.log.notes()[1].size.to_string();
    succeeds(&[
        "proof",
        "consistency",
        "--data",
        data,
        "--checkpoint",
        &size,
        "--output",
        &small,
    ]);
    let stderr = fails(1, &watched.cosign(&directory, &small, &second));
    assert!(
        stderr.contains("the log was cut or an old checkpoint"),
        "{stderr}"
    );
}

#[test]
fn a_log_that_was_cut_or_begun_anew_is_not_what_was_seen() {
    let watched = Watched::new();
    let (key, data) = (watched.witness.clone(), watched.log.place());
    let output = watched.cosigned();
    let (lines, notes) = (watched.log.lines(), watched.log.notes());
    let verify = ["verify", data, "--witness-key", &key, "--cosigned", &output];
    let size = notes[notes.len() - 2].size;
    watched.log.rewrite(&lines[..size]);
    succeeds(&["verify", data]);
    let stderr = fails(1, &verify);
    let cut = format!(
        "the log ends after {size} lines, and the witness auditors.example/w1 saw {}",
        lines.len()
    );
    assert!(stderr.contains(&cut), "{stderr}");
    // Under another name.
    let anew = lines[..size]
        .iter()
        .map(|line| line.replacen("fundwatch/access-log/", "fundwatch/access-log/f", 1));
    watched.log.rewrite(&anew.collect::<Vec<_>>());
    succeeds(&["verify", data]);
    let stderr = fails(1, &verify);
    assert!(
        stderr.contains("this is the log fundwatch/access-log/f"),
        "{stderr}"
    );
    assert!(stderr.contains("line 1:"), "{stderr}");
    // And where there is none at all.
    fs::remove_dir_all(watched.log.path().join("access-log")).unwrap();
    fs::create_dir(watched.log.path().join("journal")).unwrap();
    let stderr = fails(1, &verify);
    assert!(
        stderr.contains("there is no access log, and a witness saw"),
        "{stderr}"
    );
}

#[test]
fn a_witness_says_why_it_does_not_cosign() {
    let watched = Watched::new();
    let (directory, output) = (watched.file("w"), watched.file("out"));
    let (data, key) = (watched.log.place(), watched.log.key());
    let proof = watched.proof(None, "first.tlog-consistency");
    let call = watched.cosign(&directory, &proof, &output);
    let stderr = fails(2, &call);
    assert!(
        stderr.contains("no key of the log") && stderr.contains("--log-key"),
        "{stderr}"
    );
    // A stranger's log, under this name.
    let stranger = Watched::new();
    let strange = stranger.proof(None, "first.tlog-consistency");
    let text = fs::read_to_string(&strange).unwrap();
    let origin = |key: &str| key.split('+').next().unwrap().to_owned();
    let text = text.replace(&origin(&stranger.log.key()), &origin(&key));
    fs::write(&strange, text).unwrap();
    let stderr = fails(
        1,
        &[
            &watched.cosign(&directory, &strange, &output)[..],
            &["--log-key", &key],
        ]
        .concat(),
    );
    assert!(
        stderr.contains("is not signed by the key of the log"),
        "{stderr}"
    );
    assert!(
        fails(
            2,
            &[
                "witness",
                "cosign",
                "--directory",
                &watched.file("none"),
                "--proof",
                &proof,
                "--output",
                &output
            ]
        )
        .contains("witness init")
    );
    succeeds(&[&call[..], &["--log-key", &key]].concat());
    // What it wrote down is lost.
    let held = fs::read_to_string(watched.file("w/cosigned")).unwrap();
    assert!(
        held.starts_with(&format!("{} {} ", origin(&key), watched.log.lines().len())),
        "{held}"
    );
    fs::remove_file(watched.file("w/cosigned")).unwrap();
    let stderr = fails(1, &call);
    assert!(stderr.contains("restore it from a backup"), "{stderr}");
    assert!(
        fails(
            2,
            &[
                "witness",
                "cosign",
                "--directory",
                &directory,
                "--proof",
                &watched.file("gone"),
                "--output",
                &output
            ]
        )
        .contains("--proof")
    );
    let stderr = fails(
        1,
        &[
            "witness",
            "cosign",
            "--directory",
            &directory,
            "--proof",
            &format!("{data}/keys/access-log.pub"),
            "--output",
            &output,
        ],
    );
    assert!(stderr.contains("line 1:"), "{stderr}");
}
