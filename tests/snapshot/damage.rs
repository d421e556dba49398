//! Files that are not what was written.

use fundwatch::snapshot::{Manifest, SnapshotError};
use sha2::{Digest, Sha256};

use crate::support::{Disks, History, load};

fn taken() -> (Disks, History, Manifest, Manifest) {
    let (disks, history) = (Disks::new(), History::of(6));
    let first = disks.take(&history, 4, None).expect("taken");
    let second = disks.take(&history, 6, None).expect("taken");
    (disks, history, first, second)
}

fn manifest_name(epoch: u64) -> String {
    format!("{epoch:020}.snapshot")
}

fn names_the_file(error: &SnapshotError, name: &str) -> bool {
    error.is_of_the_snapshot() && error.to_string().contains(name)
}

#[test]
fn every_changed_bit_of_a_file_is_found() {
    let (disks, history, _, second) = taken();
    let part = &second.parts[4];
    let bytes = disks.snapshots.contents(&part.name).expect("a file");
    let expected = history.expected(6);
    let (mut found, mut tried) = (0, 0);
    for bit in (0..bytes.len() * 8).step_by(5) {
        let disks = disks.fork();
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        disks.snapshots.put(&part.name, &changed);
        let snapshots = disks.snapshots();
        let error = snapshots.verify(&second).expect_err("changed");
        assert!(names_the_file(&error, &part.name), "bit {bit}: {error}");
        tried += 1;
        match load(&snapshots, &second) {
            Ok((rows, _)) => assert!(rows == expected, "bit {bit}"),
            Err(error) => {
                assert!(names_the_file(&error, &part.name), "bit {bit}: {error}");
                found += 1;
            }
        }
    }
    // The index of pages, say, is not read to load rows.
    assert!(found * 100 > tried * 80, "{found} of {tried}");
}

#[test]
fn a_file_that_is_cut_or_missing_is_named() {
    let (disks, _, _, second) = taken();
    let part = &second.parts[0];
    let bytes = disks.snapshots.contents(&part.name).expect("a file");
    for length in (0..bytes.len()).step_by(101).chain([bytes.len() - 1]) {
        let disks = disks.fork();
        disks.snapshots.put(&part.name, &bytes[..length]);
        for error in [
            disks.snapshots().verify(&second).expect_err("cut"),
            load(&disks.snapshots(), &second).expect_err("cut"),
        ] {
            assert!(matches!(error, SnapshotError::Damaged { .. }), "{error:?}");
            assert!(names_the_file(&error, &part.name), "{error}");
        }
    }
    fundwatch::journal::Storage::remove(&disks.snapshots, &part.name).expect("removed");
    for error in [
        disks.snapshots().verify(&second).expect_err("missing"),
        load(&disks.snapshots(), &second).expect_err("missing"),
        disks
            .take(&History::of(6), 6, Some(&second))
            .expect_err("missing"),
    ] {
        assert!(matches!(error, SnapshotError::Missing { .. }), "{error:?}");
        assert!(names_the_file(&error, &part.name), "{error}");
    }
}

#[test]
fn the_snapshot_before_is_there_when_the_last_is_damaged() {
    let (disks, history, first, second) = taken();
    let part = &second.parts[0];
    disks.snapshots.put(&part.name, b"no file of rows");
    let snapshots = disks.snapshots();
    let listing = snapshots.list().expect("listed");
    let whole = listing
        .manifests
        .iter()
        .find(|manifest| snapshots.verify(manifest).is_ok());
    assert_eq!(whole, Some(&first));
    assert!(load(&snapshots, &first).expect("loaded").0 == history.expected(4));
    disks.take(&history, 6, None).expect("taken anew");
    let newest = &snapshots.list().expect("listed").manifests[0];
    snapshots.verify(newest).expect("whole");
}

#[test]
fn a_file_in_the_place_of_another_does_not_open() {
    let (disks, _, first, mut second) = taken();
    // An older file of the same stream and month, with everything that the manifest says of it.
    let older = &first.parts[0];
    let newer = second.parts[0].name.clone();
    let bytes = disks.snapshots.contents(&older.name).expect("a file");
    disks.snapshots.put(&newer, &bytes);
    second.parts[0] = older.clone();
    second.parts[0].name.clone_from(&newer);
    disks
        .snapshots()
        .verify(&second)
        .expect("the digest is right");
    let error = load(&disks.snapshots(), &second).expect_err("another key");
    assert!(names_the_file(&error, &newer), "{error}");
}

#[test]
fn every_changed_bit_of_a_manifest_is_found() {
    let (disks, _, first, _) = taken();
    let name = manifest_name(6);
    let bytes = disks.snapshots.contents(&name).expect("a manifest");
    for bit in 0..bytes.len() * 8 {
        let disks = disks.fork();
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        disks.snapshots.put(&name, &changed);
        let listing = disks.snapshots().list().expect("listed");
        assert_eq!(listing.manifests, std::slice::from_ref(&first), "bit {bit}");
        let [(6, error)] = &listing.unreadable[..] else {
            panic!("bit {bit}: {:?}", listing.unreadable);
        };
        let is_known = names_the_file(error, &name) || matches!(error, SnapshotError::Key(_));
        assert!(is_known, "bit {bit}: {error}");
    }
    for length in 0..bytes.len() {
        let disks = disks.fork();
        disks.snapshots.put(&name, &bytes[..length]);
        assert_eq!(
            disks.snapshots().list().expect("listed").manifests,
            std::slice::from_ref(&first)
        );
    }
}

#[test]
fn a_manifest_that_somebody_else_wrote_is_told() {
    let (disks, _, first, second) = taken();
    let name = manifest_name(6);
    let bytes = disks.snapshots.contents(&name).expect("a manifest");
    let text = String::from_utf8(bytes).expect("text");
    let from = text.find("\"snapshot\":").expect("a snapshot") + "\"snapshot\":".len();
    let to = text.find(",\"sha256\"").expect("a digest");
    // The last one: those of parts come before.
    let to = text.rfind(",\"sha256\"").unwrap_or(to);
    let (body, rest) = (&text[from..to], &text[to..]);
    let digest = |text: &str| -> String {
        Sha256::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let forged = body.replace("\"clock\":\"2024", "\"clock\":\"2025");
    assert_ne!(forged, body);
    let rest = rest.replace(&digest(body), &digest(&forged));
    let end = rest.find(",\"seal\"").expect("a seal");
    let unsealed = format!("{},\"seal\":null}}\n", &rest[..end]);
    for rest in [rest.clone(), unsealed] {
        disks
            .snapshots
            .put(&name, format!("{}{forged}{rest}", &text[..from]).as_bytes());
        let listing = disks.snapshots().list().expect("listed");
        assert_eq!(listing.manifests, std::slice::from_ref(&first));
        let (_, error) = &listing.unreadable[0];
        assert!(matches!(error, SnapshotError::Forged { .. }), "{error}");
    }
    // Of what cannot be read, nothing is removed.
    let files = disks.files();
    disks.snapshots().prune(1).expect("pruned");
    assert_eq!(disks.files(), files);
    disks.snapshots.put(&name, text.as_bytes());
    assert_eq!(
        disks.snapshots().list().expect("listed").manifests[0],
        second
    );
}

#[test]
fn a_manifest_of_a_later_version_is_kept() {
    let (disks, history, first, _) = taken();
    let name = manifest_name(6);
    let bytes = disks.snapshots.contents(&name).expect("a manifest");
    let text = String::from_utf8(bytes)
        .expect("text")
        .replace("{\"format\":1,", "{\"format\":2,");
    disks.snapshots.put(&name, text.as_bytes());
    let (_, error) = &disks.snapshots().list().expect("listed").unreadable[0];
    assert!(
        matches!(error, SnapshotError::Later { found: 2, .. }),
        "{error}"
    );
    let files = disks.files();
    disks.take(&history, 5, Some(&first)).expect("taken");
    disks.snapshots().prune(1).expect("pruned");
    assert!(files.iter().all(|file| disks.files().contains(file)));
    assert!(disks.snapshots.contents(&name).is_some());
}
