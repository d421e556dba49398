//! Whatever is changed, taken out, put in or cut off is named.

use std::sync::Arc;

use fundwatch::access_log::{Damage, Report, Wrong, verify_on};
use fundwatch::journal::Storage;
use fundwatch::journal::simulation::SimulatedDisk;

use crate::support::{DAY, Hands, JANUARY, entry, keys, open};

/// A log of three months, with an older log, three checkpoints and all lines signed.
struct Kept {
    log: SimulatedDisk,
    keys: SimulatedDisk,
}

impl Kept {
    fn new() -> Self {
        let (log, keys) = (SimulatedDisk::new(), SimulatedDisk::new());
        log.put("before.ndjson", b"{\"at\":\"2025-12-01\"}\n");
        let hands = Hands::at(JANUARY);
        let kept = open(Arc::new(log.clone()), Arc::new(keys.clone()), &hands).expect("opened");
        for month in 0..3 {
            for n in 0..3 {
                kept.keep(&entry(&format!("alert-{month}-{n}")))
                    .expect("kept");
            }
            assert!(kept.checkpoint().expect("signed"));
            assert!(!kept.checkpoint().expect("nothing to sign"));
            hands.go(20 * DAY);
        }
        drop(kept);
        Self { log, keys }
    }

    fn verify(&self, log: &SimulatedDisk) -> Report {
        verify_on(log, &keys(&self.keys)).expect("read")
    }

    /// What is found when a file has other bytes.
    fn with(&self, name: &str, bytes: &[u8]) -> Damage {
        let log = self.log.fork();
        log.put(name, bytes);
        let report = self.verify(&log);
        report
            .damage
            .unwrap_or_else(|| panic!("{name} was changed, and nothing is said"))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        self.log.contents(name).expect("there")
    }

    fn months(&self) -> Vec<String> {
        let mut names = self.log.list().expect("listed");
        names.retain(|name| name.starts_with("20"));
        names.sort();
        names
    }
}

#[test]
fn what_was_not_changed_is_whole() {
    let kept = Kept::new();
    let report = kept.verify(&kept.log);
    assert_eq!(report.damage, None);
    let months = ["2026-01.ndjson", "2026-02.ndjson", "2026-03.ndjson"];
    assert_eq!(kept.months(), months);
    // The beginning, three times three, and a mark for each checkpoint, of which the start makes one.
    assert_eq!((report.files, report.lines, report.checkpoints), (3, 14, 4));
    assert_eq!((report.signed, report.unsigned), (14, 0));
}

#[test]
fn any_byte_that_is_changed_is_named() {
    let kept = Kept::new();
    let months = kept.months();
    let mut names = months.clone();
    names.extend(["checkpoints", "state", "before.ndjson"].map(str::to_owned));
    for name in &names {
        let bytes = kept.bytes(name);
        for at in 0..bytes.len() {
            for bit in [0x01, 0x20] {
                let mut changed = bytes.clone();
                changed[at] ^= bit;
                let damage = kept.with(name, &changed);
                let place = damage.place.strip_prefix("disk/").expect("a file");
                let Some(month) = months.iter().position(|month| month == name) else {
                    assert_eq!(place, name, "byte {at}");
                    continue;
                };
                let ends = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
                let line = ends + 1;
                let is_near = match damage.line {
                    Some(found) if place == name => found == line || found == line + 1,
                    // The last line of a month is what the next month continues, or what was signed.
                    Some(1) => months.get(month + 1).is_some_and(|next| next == place),
                    // The first line and the older log that it names do not agree.
                    None => (month, line, place) == (0, 1, "before.ndjson"),
                    _ => false,
                };
                assert!(
                    is_near || place == "checkpoints",
                    "{name}, line {line}: {damage}"
                );
            }
        }
    }
}

#[test]
fn any_end_that_is_cut_off_is_named() {
    let kept = Kept::new();
    let mut names = kept.months();
    names.extend(["checkpoints", "before.ndjson"].map(str::to_owned));
    for name in &names {
        let bytes = kept.bytes(name);
        for length in 0..bytes.len() {
            kept.with(name, &bytes[..length]);
        }
        kept.with(name, &[&bytes[..], b"x"].concat());
        kept.with(name, &[&bytes[..], b"\n"].concat());
        kept.with(name, &[&bytes[..], &vec![b'x'; 400_000]].concat());
        let log = kept.log.fork();
        log.remove(name).expect("removed");
        assert!(kept.verify(&log).damage.is_some(), "{name} is missing");
    }
    // All newer months at once.
    let log = kept.log.fork();
    log.remove("2026-02.ndjson").expect("removed");
    log.remove("2026-03.ndjson").expect("removed");
    let damage = kept.verify(&log).damage.expect("named");
    assert!(
        matches!(
            damage.what,
            Wrong::Cut {
                lines: 5 | 6,
                known: 14
            }
        ),
        "{damage}"
    );
    assert!(
        damage
            .to_string()
            .starts_with("disk/2026-01.ndjson: the log ends after"),
        "{damage}"
    );
}

#[test]
fn lines_that_are_dropped_swapped_or_put_in_are_named() {
    let kept = Kept::new();
    for name in kept.months() {
        let text = String::from_utf8(kept.bytes(&name)).expect("UTF-8");
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for at in 0..lines.len() {
            let mut dropped = lines.clone();
            dropped.remove(at);
            kept.with(&name, dropped.concat().as_bytes());
            for other in 0..=lines.len() {
                let mut put_in = lines.clone();
                put_in.insert(other, lines[at]);
                let damage = kept.with(&name, put_in.concat().as_bytes());
                assert!(damage.place.ends_with(&name), "{damage}");
                let at = damage.line.expect("a line") as usize;
                // Where a line stands twice, the second does not follow.
                assert!(at == other + 1 || at == other + 2, "{at}, {other}");
            }
            for other in at + 1..lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(at, other);
                let damage = kept.with(&name, swapped.concat().as_bytes());
                assert_eq!(damage.line, Some(at as u64 + 1));
            }
        }
    }
}

#[test]
fn checkpoints_that_are_dropped_or_moved_are_named() {
    let kept = Kept::new();
    let text = String::from_utf8(kept.bytes("checkpoints")).expect("UTF-8");
    let notes: Vec<String> = text
        .split("\n\nfundwatch/")
        .enumerate()
        .map(|(n, note)| match n {
            0 => note.to_owned(),
            _ => format!("fundwatch/{note}"),
        })
        .collect();
    assert_eq!(notes.len(), 4);
    let joined = |notes: &[String]| notes.join("\n\n").into_bytes();
    assert_eq!(joined(&notes), text.as_bytes());
    for at in 0..3 {
        let mut dropped = notes.clone();
        dropped.remove(at);
        let damage = kept.with("checkpoints", &joined(&dropped));
        assert!(matches!(damage.what, Wrong::Missing { .. }), "{damage}");
    }
    let end = text.len() - notes[3].len();
    let damage = kept.with("checkpoints", &text.as_bytes()[..end]);
    assert_eq!(damage.what, Wrong::Missing { size: 14 });
    let mut swapped = notes.clone();
    swapped.swap(0, 1);
    kept.with("checkpoints", &joined(&swapped));
    // Also where the state goes with it, it is told that there is a mark without a note.
    let log = kept.log.fork();
    log.put("checkpoints", &text.as_bytes()[..end]);
    log.remove("state").expect("removed");
    assert_eq!(kept.verify(&log).unsigned, 1);
}

/// Whoever changes a line and mends the whole chain behind it has no key to sign with.
#[test]
fn a_chain_that_is_mended_is_not_the_one_that_was_signed() {
    use sha2::{Digest, Sha256};
    let kept = Kept::new();
    let log = kept.log.fork();
    let mut before: Option<String> = None;
    for name in kept.months() {
        let text = String::from_utf8(kept.bytes(&name)).expect("UTF-8");
        let mut mended = String::new();
        for line in text.lines() {
            let mut line = line.replace("alert-1-1", "alert-9-9");
            if let Some(prev) = &before {
                let start = line.len() - 64 - 2;
                line.replace_range(start..start + 64, prev);
            }
            let digest = Sha256::digest(line.as_bytes());
            before = Some(digest.iter().map(|byte| format!("{byte:02x}")).collect());
            mended.push_str(&line);
            mended.push('\n');
        }
        log.put(&name, mended.as_bytes());
    }
    let damage = kept.verify(&log).damage.expect("named");
    assert!(matches!(damage.what, Wrong::Root { size: 10 }), "{damage}");
    // Nor does a note that another key signed help.
    let others = Kept::new();
    let damage = verify_on(&kept.log, &keys(&others.keys))
        .expect("read")
        .damage;
    assert!(matches!(
        damage.expect("named").what,
        Wrong::Signature { .. }
    ));
}

#[test]
fn a_log_that_was_changed_is_written_on_and_no_longer_signed() {
    let kept = Kept::new();
    let text = String::from_utf8(kept.bytes("2026-03.ndjson")).expect("UTF-8");
    let cases = [
        // Signed lines are cut off.
        text[..text.len() / 2].to_owned(),
        text.replace("alert-2-0", "alert-2-9"),
    ];
    for changed in cases {
        let log = kept.log.fork();
        log.put("2026-03.ndjson", changed.as_bytes());
        // Also without the state, which would begin behind the line.
        log.remove("state").expect("removed");
        let before = log.contents("checkpoints");
        let hands = Hands::at(JANUARY + 60 * DAY);
        let opened = open(Arc::new(log.clone()), Arc::new(kept.keys.fork()), &hands);
        let opened = opened.expect("it is opened all the same");
        // Numbers that were given are not given again.
        assert_eq!(opened.keep(&entry("alert-3-0")).expect("kept"), 15);
        assert!(!opened.checkpoint().expect("not signed"));
        drop(opened);
        assert_eq!(log.contents("checkpoints"), before);
        assert!(kept.verify(&log).damage.is_some());
    }
}

/// What a crash can leave is at the end, and no longer than what is written at once.
#[test]
fn unsigned_lines_are_cut_off_only_where_a_crash_can_have_torn_them() {
    let (log, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
    let hands = Hands::at(JANUARY);
    let kept = open(Arc::new(log.clone()), Arc::new(key_disk.clone()), &hands).expect("opened");
    kept.checkpoint().expect("signed");
    for n in 0..1600 {
        kept.keep(&entry(&format!("alert-{n:04}"))).expect("kept");
    }
    // The process dies without a checkpoint.
    let unsigned = log.fork();
    drop(kept);
    let name = "2026-01.ndjson";
    let text = String::from_utf8(unsigned.contents(name).expect("there")).expect("UTF-8");
    assert!(text.len() > 300_000, "{}", text.len());
    let with = |changed: &str| {
        let disk = unsigned.fork();
        disk.put(name, changed.as_bytes());
        let opened = open(Arc::new(disk.clone()), Arc::new(key_disk.fork()), &hands);
        let opened = opened.expect("opened");
        let signed = opened.checkpoint().is_ok_and(|signed| signed);
        let n = opened.keep(&entry("next")).expect("kept");
        drop(opened);
        let damage = verify_on(&disk, &keys(&key_disk)).expect("read").damage;
        (disk, n, signed, damage)
    };
    // Far from the end: somebody did it. Nothing is cut off, and nothing signed.
    let (disk, n, signed, damage) = with(&text.replace("alert-0003", "alert-9999"));
    assert!(!signed && damage.is_some());
    assert_eq!(n, 1603);
    let now = String::from_utf8(disk.contents(name).expect("there")).expect("UTF-8");
    assert!(now.starts_with(&text.replace("alert-0003", "alert-9999")));
    // The last line is torn: it is cut off, and nothing else.
    let (disk, _, _, damage) = with(&text[..text.len() - 20]);
    assert_eq!(damage, None);
    let now = String::from_utf8(disk.contents(name).expect("there")).expect("UTF-8");
    let whole = text.lines().count() - 1;
    assert_eq!(
        now.lines().take(whole).collect::<Vec<_>>(),
        text.lines().take(whole).collect::<Vec<_>>()
    );
    assert!(!now.contains("alert-1599"));
    // Near the end: it may have been a crash, and what is cut off is kept.
    let changed = text.replace("alert-1500", "alert-9999");
    let (disk, _, _, damage) = with(&changed);
    assert_eq!(damage, None);
    let names = disk.list().expect("listed");
    let cut = names
        .iter()
        .find(|name| name.starts_with("cut-2026-01-"))
        .expect("kept");
    let cut = String::from_utf8(disk.contents(cut).expect("there")).expect("UTF-8");
    assert!(
        changed.ends_with(&cut) && cut.contains("alert-1501"),
        "{}",
        cut.len()
    );
}
