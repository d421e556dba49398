//! Proofs of the access log: they are what RFC 6962 defines, hold without the log, and hold for nothing else.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fundwatch::access_log::{
    At, ConsistencyProof, InclusionProof, SignedCheckpoint, VerifyingKey, Wanted, Witness,
    prove_consistency, prove_inclusion,
};

use crate::made_log::{MadeLog, Noted, in_lines, mth, path, proof};
use crate::support::{fails, succeeds};

fn signed(note: &Noted) -> SignedCheckpoint {
    SignedCheckpoint::from_bytes(note.text.as_bytes()).unwrap()
}

/// A log of three months and five checkpoints.
fn made() -> MadeLog {
    let mut log = MadeLog::new();
    log.grow(3, 6);
    log
}

#[test]
fn every_line_of_every_checkpoint_is_proved_as_a_naive_reading_proves_it() {
    let log = made();
    let (lines, notes) = (log.lines(), log.notes());
    assert_eq!(
        (log.months().len(), notes.last().unwrap().size),
        (3, lines.len())
    );
    let keys = [VerifyingKey::parse(&log.key()).unwrap()];
    for note in &notes {
        let tree = &lines[..note.size];
        for n in 1..=note.size {
            let at = At::Size(note.size as u64);
            let made = prove_inclusion(log.path(), &[], Wanted::Entry(n as u64), at).unwrap();
            let expected = format!(
                "c2sp.org/tlog-proof@v1\nextra {}\nindex {}\n{}\n{}",
                STANDARD.encode(&lines[n - 1]),
                n - 1,
                in_lines(&path(n - 1, tree)),
                note.text
            );
            assert_eq!(made.proof.to_text(), expected, "{n} of {}", note.size);
            let read = InclusionProof::from_bytes(expected.as_bytes()).unwrap();
            let included = read
                .verify(&keys, &[], Some(lines[n - 1].as_bytes()))
                .unwrap();
            assert_eq!(
                (included.n, included.entry),
                (n as u64, lines[n - 1].clone().into_bytes())
            );
            assert!(read.verify(&keys, &[], Some(b"another line")).is_err());
        }
    }
    let newest = prove_inclusion(log.path(), &[], Wanted::Entry(1), At::Newest).unwrap();
    assert_eq!(newest.proof.signed().checkpoint.root, mth(&lines));
}

#[test]
fn every_growth_between_checkpoints_is_proved_as_a_naive_reading_proves_it() {
    let log = made();
    let (lines, notes) = (log.lines(), log.notes());
    let keys = [VerifyingKey::parse(&log.key()).unwrap()];
    assert!(notes.len() >= 4);
    for (at, new) in notes.iter().enumerate() {
        for old in [None].into_iter().chain(notes[..=at].iter().map(Some)) {
            let size = At::Size(new.size as u64);
            let noted = old.map(signed);
            let made = prove_consistency(log.path(), &[], noted.as_ref(), size).unwrap();
            let from = old.map_or(0, |old| old.size);
            let hashes = in_lines(&proof(from, &lines[..new.size]));
            let expected = format!("old {from}\n{hashes}\n{}", new.text);
            assert_eq!(made.to_text(), expected);
            let read = ConsistencyProof::from_bytes(expected.as_bytes()).unwrap();
            for other in &notes {
                let verified = read.verify(&keys, &[], &signed(other));
                assert_eq!(
                    verified.is_ok(),
                    other.size == from,
                    "{from} to {}",
                    new.size
                );
            }
        }
        if let Some(later) = notes.get(at + 1) {
            let size = At::Size(new.size as u64);
            let refused = prove_consistency(log.path(), &[], Some(&signed(later)), size);
            assert!(refused.unwrap_err().is_wrong_call());
        }
    }
}

/// A proof as it is handed on: with the signatures of a log and of a witness.
fn cosigned(log: &MadeLog, directory: &Path) -> (String, String) {
    let key = Witness::init(directory, "auditors.example/w1").unwrap();
    let proof = prove_consistency(log.path(), &[], None, At::Newest).unwrap();
    let keys = [VerifyingKey::parse(&log.key()).unwrap()];
    let witness = Witness::open(directory).unwrap();
    let cosigned = witness.cosign(&proof, &keys, 1_700_000_000).unwrap();
    (key.to_string(), cosigned.signed.to_text())
}

#[test]
fn a_byte_that_is_changed_or_cut_off_anywhere_in_a_proof_is_found() {
    let log = made();
    let directory = tempfile::tempdir().unwrap();
    let (witness, note) = cosigned(&log, &directory.path().join("w"));
    let note = SignedCheckpoint::from_bytes(note.as_bytes()).unwrap();
    let keys = [VerifyingKey::parse(&log.key()).unwrap()];
    let witnesses = [fundwatch::access_log::WitnessKey::parse(&witness).unwrap()];
    let first = &log.notes()[1];

    let wanted = Wanted::Entry(9);
    let inclusion = prove_inclusion(log.path(), &[], wanted, At::Checkpoint(note.clone()));
    let inclusion = inclusion.unwrap().proof.to_text().into_bytes();
    let holds = |bytes: &[u8]| {
        let read = InclusionProof::from_bytes(bytes);
        read.is_ok_and(|proof| proof.verify(&keys, &witnesses, None).is_ok())
    };
    assert!(holds(&inclusion));
    all_are_found(&inclusion, holds);

    let consistency =
        prove_consistency(log.path(), &[], Some(&signed(first)), At::Checkpoint(note));
    let consistency = consistency.unwrap().to_text().into_bytes();
    let holds = |bytes: &[u8]| {
        let read = ConsistencyProof::from_bytes(bytes);
        read.is_ok_and(|proof| proof.verify(&keys, &witnesses, &signed(first)).is_ok())
    };
    assert!(holds(&consistency));
    all_are_found(&consistency, holds);
    // And in the checkpoint that was noted.
    let proof = ConsistencyProof::from_bytes(&consistency).unwrap();
    let holds = |bytes: &[u8]| {
        let read = SignedCheckpoint::from_bytes(bytes);
        read.is_ok_and(|noted| proof.verify(&keys, &[], &noted).is_ok())
    };
    assert!(holds(first.text.as_bytes()));
    all_are_found(first.text.as_bytes(), holds);
}

fn all_are_found(bytes: &[u8], holds: impl Fn(&[u8]) -> bool) {
    for at in 0..bytes.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = bytes.to_vec();
            changed[at] ^= bit;
            assert!(!holds(&changed), "byte {at}, bit {bit:#x}");
        }
        assert!(!holds(&bytes[..at]), "cut at {at}");
    }
    assert!(!holds(&[bytes, b"x"].concat()));
}

#[test]
fn a_proof_is_made_and_verified_as_the_help_says() {
    let log = made();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (data, key, lines) = (log.place(), log.key(), log.lines());
    let output = file("entry.tlog-proof");
    let made = [
        "proof",
        "inclusion",
        "--data",
        data,
        "--entry",
        "9",
        "--output",
        &output,
    ];
    let told = succeeds(&made);
    assert!(
        told.contains("entry 9 is in the log fundwatch/access-log/"),
        "{told}"
    );
    let verify = ["verify", &output, "--log-key", &key];
    let told = succeeds(&verify);
    assert!(told.starts_with(&lines[8]), "{told}");
    assert!(
        told.contains(&format!("signs {} lines", lines.len())),
        "{told}"
    );
    // The line from elsewhere, with an end and without.
    for (line, code) in [
        (lines[8].clone(), 0),
        (lines[8].clone() + "\n", 0),
        (lines[9].clone(), 1),
    ] {
        fs::write(file("line"), line).unwrap();
        let entry = file("line");
        let with = [&verify[..], &["--entry-file", &entry]].concat();
        match code {
            0 => drop(succeeds(&with)),
            code => assert!(fails(code, &with).contains("not the one that was given")),
        }
    }
    // A proof by others need not have the line in it.
    let text = fs::read_to_string(&output).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.starts_with("extra"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(file("bare.tlog-proof"), without).unwrap();
    let bare = file("bare.tlog-proof");
    assert!(fails(2, &["verify", &bare, "--log-key", &key]).contains("--entry-file"));
    fs::write(file("line"), &lines[8]).unwrap();
    let entry = file("line");
    succeeds(&["verify", &bare, "--log-key", &key, "--entry-file", &entry]);

    // Which line seals an epoch of the journal: seals are of 60, 120 and 180.
    for (epoch, sealed) in [("1", 60), ("60", 60), ("61", 120), ("180", 180)] {
        let output = file("epoch.tlog-proof");
        let told = succeeds(&[
            "proof",
            "inclusion",
            "--data",
            data,
            "--journal-epoch",
            epoch,
            "--output",
            &output,
        ]);
        assert!(
            told.contains(&format!("chain up to epoch {sealed};")),
            "{told}"
        );
        assert!(told.contains("is checked by `fundwatch verify"), "{told}");
        let told = succeeds(&["verify", &output, "--log-key", &key]);
        assert!(told.contains(&format!("\"epoch\":{sealed},")), "{told}");
    }

    let noted = file("noted.checkpoint");
    fs::write(&noted, format!("{}\n", log.notes()[1].text)).unwrap();
    let grown = file("grown.tlog-consistency");
    let told = succeeds(&[
        "proof",
        "consistency",
        "--data",
        data,
        "--from",
        &noted,
        "--output",
        &grown,
    ]);
    assert!(
        told.contains("lines that were signed before are the first of"),
        "{told}"
    );
    succeeds(&["verify", &grown, "--from", &noted, "--log-key", &key]);
    // Under another name, what it is is told by what it begins with.
    fs::copy(&grown, file("a")).unwrap();
    succeeds(&["verify", &file("a"), "--from", &noted, "--log-key", &key]);
    fs::copy(&output, file("b")).unwrap();
    succeeds(&["verify", &file("b"), "--log-key", &key]);
}

#[test]
fn wrong_calls_have_code_2_and_a_log_that_is_not_what_was_signed_has_1() {
    let log = made();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (data, key, count) = (log.place(), log.key(), log.lines().len());
    let output = file("a.tlog-proof");
    let noted = file("noted");
    fs::write(&noted, &log.notes()[1].text).unwrap();
    let inclusion = ["proof", "inclusion", "--data", data, "--output", &output];
    let more = (count + 1).to_string();
    let cases: [(&[&str], &str); 6] = [
        (&["--entry", &more], "there is no entry"),
        (
            &["--entry", "1", "--checkpoint", "3"],
            "no checkpoint signs 3 lines",
        ),
        (&["--journal-epoch", "181"], "up to epoch 181"),
        (&["--entry", "0"], "0 is not in"),
        (&[], "--entry"),
        (&["--entry", "1", "--cosigned", &output], "--cosigned"),
    ];
    for (more, said) in cases {
        let stderr = fails(2, &[&inclusion[..], more].concat());
        assert!(stderr.contains(said), "{more:?}: {stderr}");
    }
    assert!(!Path::new(&output).exists());
    succeeds(&[&inclusion[..], &["--entry", "5"]].concat());
    assert!(fails(2, &["verify", &output]).contains("--log-key"));
    let other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let stderr = fails(1, &["verify", &output, "--log-key", other]);
    assert!(
        stderr.contains("is not signed by the key of the log"),
        "{stderr}"
    );
    // What a witness signs and what a log signs are not mistaken for each other.
    assert!(
        fails(
            2,
            &["verify", &output, "--log-key", &key, "--witness-key", &key]
        )
        .contains("not a key of a witness")
    );
    let grown = file("a.tlog-consistency");
    succeeds(&[
        "proof",
        "consistency",
        "--data",
        data,
        "--from",
        &noted,
        "--output",
        &grown,
    ]);
    assert!(fails(2, &["verify", &grown, "--log-key", &key]).contains("--from"));
    let stranger = made();
    let strange = file("strange");
    fs::write(&strange, &stranger.notes()[1].text).unwrap();
    let stderr = fails(
        2,
        &["verify", &grown, "--log-key", &key, "--from", &strange],
    );
    assert!(
        stderr.contains("the noted checkpoint is of the log"),
        "{stderr}"
    );
    let consistency = ["proof", "consistency", "--data", data, "--output", &grown];
    assert!(fails(2, &[&consistency[..], &["--from", &strange]].concat()).contains("and this is"));

    // A line that was changed: no proof of anything.
    let path = &log.months()[1];
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replacen("alert-8", "alert-9", 1)).unwrap();
    let stderr = fails(1, &[&inclusion[..], &["--entry", "2"]].concat());
    assert!(
        stderr.contains("are not those that the checkpoint signs"),
        "{stderr}"
    );
    let stderr = fails(1, &[&consistency[..], &["--from", &noted]].concat());
    assert!(
        stderr.contains("are not those that the checkpoint signs"),
        "{stderr}"
    );
    // What was signed before is as it was.
    let size = log.notes()[1].size.to_string();
    succeeds(&[&inclusion[..], &["--entry", "2", "--checkpoint", &size]].concat());
    // The whole log with its own key: the checkpoint that was noted does not lead there.
    let lines = log
        .lines()
        .into_iter()
        .map(|line| line.replacen("alert-2\"", "alert-3\"", 1));
    log.rewrite(&lines.collect::<Vec<_>>());
    succeeds(&["verify", data]);
    let stderr = fails(1, &[&consistency[..], &["--from", &noted]].concat());
    assert!(
        stderr.contains(&format!("the first {size} lines are not those")),
        "{stderr}"
    );
    fs::remove_file(path).unwrap();
    fs::remove_file(&log.months()[1]).unwrap();
    let stderr = fails(1, &[&inclusion[..], &["--entry", "2"]].concat());
    assert!(stderr.contains("the log ends after"), "{stderr}");
    // What was made of the signature, whatever it is, is told.
    let other = made();
    let notes = other.path().join("access-log/checkpoints");
    let text = fs::read_to_string(&notes).unwrap();
    let last = text.rfind('\u{2014}').unwrap();
    for spoilt in [
        format!("{}\u{2014} a+b AAAA\n\n", &text[..last]),
        format!("{}AAAA\n\n", &text[..text.trim_end().len() - 4]),
    ] {
        fs::write(&notes, &spoilt).unwrap();
        let refused = prove_inclusion(other.path(), &[], Wanted::Entry(1), At::Newest);
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains("not signed by the key") || error.contains("is not right"),
            "{error}"
        );
    }
    let empty = tempfile::tempdir().unwrap();
    let stderr = fails(
        1,
        &[
            "proof",
            "inclusion",
            "--data",
            empty.path().to_str().unwrap(),
            "--entry",
            "1",
            "--output",
            &output,
        ],
    );
    assert!(stderr.contains("access-log cannot be read"), "{stderr}");
}
