//! `fundwatch verify`: what is whole is told so, and every change is found and named.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{copy_of, fails, replayed, sample, succeeds, text, told};

const OUTPUTS: [&str; 7] = [
    "alerts.ndjson",
    "history.ndjson",
    "rejects.ndjson",
    "measures.ndjson",
    "notices.ndjson",
    "numbers.ndjson",
    "summary.json",
];

/// A run of a copy of the sample, with its input.
fn run(more: &[&str]) -> (TempDir, TempDir) {
    let input = copy_of(&sample());
    let run = replayed(input.path(), more);
    (input, run)
}

fn at(directory: &TempDir, name: &str) -> String {
    directory.path().join(name).to_str().unwrap().to_owned()
}

/// A key as OpenSSL makes it, and its public half.
fn keys(directory: &TempDir, name: &str) -> (String, String) {
    let (private, public) = (
        at(directory, &format!("{name}.key")),
        at(directory, &format!("{name}.pub")),
    );
    let openssl = |arguments: &[&str]| {
        let told = Command::new("openssl")
            .args(arguments)
            .output()
            .expect("openssl is there");
        assert!(told.status.success(), "{}", text(&told.stderr));
    };
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &private]);
    openssl(&["pkey", "-pubout", "-in", &private, "-out", &public]);
    (private, public)
}

#[test]
fn a_run_that_is_whole_is_told_so() {
    let (_input, run) = run(&[]);
    for name in [
        at(&run, "manifest.json"),
        run.path().to_str().unwrap().to_owned(),
    ] {
        let told = succeeds(&["verify", &name]);
        assert!(told.contains("run: 7 outputs in "), "{told}");
        assert!(told.contains("signature: none"), "{told}");
    }
}

#[test]
fn every_region_of_a_run_that_is_changed_or_cut_is_named() {
    let (input, run) = run(&[]);
    let manifest = at(&run, "manifest.json");
    let inputs: Vec<String> = ["claims.csv", "citizens.csv", "death_reports.csv"]
        .iter()
        .map(|name| at(&input, name))
        .collect();
    let outputs = OUTPUTS.iter().map(|name| at(&run, name));
    for path in outputs.chain(inputs) {
        let name = Path::new(&path)
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let whole = fs::read(&path).unwrap();
        if whole.is_empty() {
            fs::write(&path, "\n").unwrap();
            assert!(fails(1, &["verify", &manifest]).contains(&name));
        } else {
            for place in [0, whole.len() / 2, whole.len() - 1] {
                let mut changed = whole.clone();
                changed[place] ^= 1;
                fs::write(&path, &changed).unwrap();
                let told = fails(1, &["verify", &manifest]);
                assert!(
                    told.contains(&name) && told.contains("it was changed"),
                    "{told}"
                );
            }
            fs::write(&path, &whole[..whole.len() - 1]).unwrap();
            let told = fails(1, &["verify", &manifest]);
            assert!(
                told.contains(&name) && told.contains("bytes, and the manifest states"),
                "{told}"
            );
        }
        fs::remove_file(&path).unwrap();
        assert!(fails(1, &["verify", &manifest]).contains(&name));
        fs::write(&path, whole).unwrap();
    }
    // Of the manifest itself, the part.
    let stated = fs::read_to_string(&manifest).unwrap();
    for (from, to, named) in [
        (
            "\"rules_version\": \"",
            "\"rules_version\": \"9",
            "`rules_version` is not as it was written",
        ),
        (
            "\"epoch\": \"24h\"",
            "\"epoch\": \"23h\"",
            "`settings` is not as it was written",
        ),
        (
            "\"raised\": ",
            "\"raised\": 1",
            "`result` is not as it was written",
        ),
        ("\"seal\": {", "\"seal\":  {", " is not as it was written"),
        ("{", "", "manifest.json: line 2, column 9: "),
    ] {
        fs::write(&manifest, stated.replacen(from, to, 1)).unwrap();
        let told = fails(1, &["verify", &manifest]);
        assert!(told.contains(named), "{named}: {told}");
    }
    fs::write(&manifest, &stated).unwrap();
    succeeds(&["verify", &manifest]);
    // What came later is told and is no fault.
    fs::write(
        at(&input, "claims-later.csv"),
        "facility,visit_id,recorded_at\n",
    )
    .unwrap();
    assert!(succeeds(&["verify", &manifest]).contains("claims-later.csv came later"));
}

#[test]
fn inputs_may_have_been_moved() {
    let (input, run) = run(&[]);
    let elsewhere = copy_of(input.path());
    drop(input);
    let manifest = at(&run, "manifest.json");
    assert!(fails(1, &["verify", &manifest]).contains("--input"));
    let place = elsewhere.path().to_str().unwrap();
    succeeds(&["verify", &manifest, "--input", place]);
}

#[test]
fn a_signature_is_held_to_the_key_and_to_every_byte() {
    let directory = tempfile::tempdir().unwrap();
    let (private, public) = keys(&directory, "own");
    let (_, other) = keys(&directory, "other");
    let (_input, run) = run(&["--signing-key", &private, "--reasons", "unknown_card"]);
    let (manifest, envelope) = (at(&run, "manifest.json"), at(&run, "manifest.dsse.json"));
    for name in [&manifest, &envelope] {
        let told = succeeds(&[
            "verify",
            name,
            "--public-key",
            &other,
            "--public-key",
            &public,
        ]);
        assert!(told.contains("signature: right, by key"), "{told}");
        assert!(
            succeeds(&["verify", name]).contains("not checked; name the key with --public-key")
        );
        assert!(
            fails(1, &["verify", name, "--public-key", &other]).contains("not signed by the keys")
        );
    }
    // OpenSSL finds the signature right as well.
    let document: serde_json::Value =
        serde_json::from_slice(&fs::read(&envelope).unwrap()).unwrap();
    let decode = |value: &serde_json::Value| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD
            .decode(value.as_str().unwrap())
            .unwrap()
    };
    let payload = decode(&document["payload"]);
    assert_eq!(payload, fs::read(&manifest).unwrap());
    let kind = "application/vnd.in-toto+json";
    let mut signed = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    signed.extend_from_slice(&payload);
    let (text_file, signature) = (at(&directory, "text"), at(&directory, "signature"));
    fs::write(&text_file, signed).unwrap();
    fs::write(&signature, decode(&document["signatures"][0]["sig"])).unwrap();
    let told = Command::new("openssl")
        .args([
            "pkeyutl", "-verify", "-pubin", "-inkey", &public, "-rawin", "-in", &text_file,
            "-sigfile", &signature,
        ])
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", text(&told.stderr));

    // Who mends the seal as well is found by the signature.
    let stated = fs::read(&manifest).unwrap();
    let mut forged = fundwatch::audit::Manifest::read(Path::new(&manifest)).unwrap();
    forged.predicate.result.alerts += 1;
    let forged = fundwatch::audit::Statement::new(forged.subject, forged.predicate).to_bytes();
    fs::write(&manifest, forged).unwrap();
    let told = fails(1, &["verify", &manifest, "--public-key", &public]);
    assert!(
        told.contains("is not what was signed in ") && told.contains("manifest.dsse.json"),
        "{told}"
    );
    fs::write(&manifest, &stated).unwrap();

    // Any byte of the envelope, and any tail; with the library, since there are many.
    let whole = fs::read(&envelope).unwrap();
    let key = [fundwatch::audit::PublicKey::read(Path::new(&public)).unwrap()];
    for place in (0..whole.len())
        .step_by(7)
        .chain(whole.len() - 250..whole.len())
    {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&envelope, changed).unwrap();
        let outcome = fundwatch::audit::verify_run(Path::new(&manifest), None, &key);
        assert!(outcome.is_err(), "byte {place} of the envelope");
        if place % 5 == 0 {
            fs::write(&envelope, &whole[..place]).unwrap();
            let outcome = fundwatch::audit::verify_run(Path::new(&manifest), None, &key);
            assert!(outcome.is_err(), "cut at {place}");
        }
    }
    fs::write(&envelope, whole).unwrap();
    // A second run that is not signed leaves no signature of the first.
    let input = sample();
    succeeds(&[
        "replay",
        "--input",
        input.to_str().unwrap(),
        "--output",
        run.path().to_str().unwrap(),
    ]);
    assert!(!Path::new(&envelope).exists());
    let told = fails(1, &["verify", &manifest, "--public-key", &public]);
    assert!(told.contains("manifest.dsse.json: there is none"), "{told}");
}

#[test]
fn a_run_is_replayed_again_and_what_differs_is_named() {
    let (input, run) = run(&["--as-of", "2025-04-30", "--epoch", "6h"]);
    let manifest = at(&run, "manifest.json");
    let told = succeeds(&["verify", &manifest, "--rerun", "--workers", "2"]);
    assert!(told.contains("replayed again: the same outputs"), "{told}");
    let rules = at(&input, "rules.toml");
    fs::write(&rules, "[frequent_visits]\nvisits = 3\n").unwrap();
    let told = fails(1, &["verify", &manifest, "--rerun", "--rules", &rules]);
    assert!(
        told.contains("alerts.ndjson is another; another than in the run: rules_file_sha256, frequent_visits.visits"),
        "{told}"
    );
}

#[test]
fn what_is_nothing_that_can_be_verified_is_a_wrong_call() {
    let directory = tempfile::tempdir().unwrap();
    let file = at(&directory, "text.txt");
    fs::write(&file, "text").unwrap();
    for name in [
        &file,
        &at(&directory, "missing"),
        directory.path().to_str().unwrap(),
    ] {
        fails(2, &["verify", name]);
    }
    let (_input, run) = run(&["--reasons", "unknown_card"]);
    let told = fails(
        2,
        &["verify", &at(&run, "manifest.json"), "--public-key", &file],
    );
    assert!(told.contains("openssl pkey -pubout"), "{told}");
}

#[test]
fn the_journal_of_a_service_is_read_whole() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data-2/data");
    let data = copy_of(&golden);
    let place = data.path().to_str().unwrap();
    let whole = succeeds(&["verify", place]);
    assert!(whole.contains("journal: "), "{whole}");
    let segment = fs::read_dir(data.path().join("journal")).unwrap();
    let mut segments: Vec<_> = segment.map(|entry| entry.unwrap().path()).collect();
    segments.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "segment")
    });
    segments.sort();
    let bytes = fs::read(&segments[0]).unwrap();
    let step = (bytes.len() / 40).max(1);
    for place_of_change in (0..bytes.len()).step_by(step) {
        let mut changed = bytes.clone();
        changed[place_of_change] ^= 1;
        fs::write(&segments[0], changed).unwrap();
        let outcome = told(&["verify", place]);
        let stderr = text(&outcome.stderr);
        // Where the last segment ends, it may be an epoch that was never acknowledged, which is told.
        let is_told = outcome.status.code() == Some(1) && stderr.contains(".segment")
            || text(&outcome.stdout) != whole;
        assert!(is_told, "byte {place_of_change}: {stderr}");
    }
}
