//! Access logs of several months, and a reading of them that shares nothing with the program.
//!
//! In: how many entries a month. Out: a data directory with an access log; its lines, checkpoints and hashes as the
//! definitions of RFC 6962 give them. Must hold: what is read here is computed by recursion over all lines.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fundwatch::access_log::AccessLog;
use fundwatch::web::{AccessAction, AccessEntry, Stage};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::logs::{DAY, Hands, JANUARY, entry, options};

pub type Hash = [u8; 32];

/// A data directory with an access log, and the clock of it.
pub struct MadeLog {
    directory: TempDir,
    hands: Hands,
    entries: u64,
}

/// A checkpoint of the log, as it stands in the file.
#[derive(Clone)]
pub struct Noted {
    pub size: usize,
    pub text: String,
}

impl MadeLog {
    /// A log with an older one before it.
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let old = "{\"at\":\"2025-12-01T08:00:00+07:00\",\"principal\":\"x\"}\n";
        fs::write(directory.path().join("access-log.ndjson"), old).unwrap();
        Self {
            directory,
            hands: Hands::at(JANUARY),
            entries: 0,
        }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn place(&self) -> &str {
        self.path().to_str().unwrap()
    }

    /// Months go by with some entries each, a checkpoint after each of them and a seal of the journal before it.
    pub fn grow(&mut self, months: u64, each: u64) {
        for _ in 0..months {
            let log = AccessLog::open(self.path(), options(&self.hands)).unwrap();
            for _ in 0..each {
                self.entries += 1;
                log.keep(&entry(&format!("alert-{}", self.entries)))
                    .unwrap();
            }
            let seal = AccessEntry::new(
                "fundwatch",
                "service",
                AccessAction::SealJournal,
                Stage::done(1),
            );
            log.keep(&seal.epoch(10 * self.entries).digest([3; 32]))
                .unwrap();
            drop(log);
            self.hands.go(28 * DAY);
        }
    }

    /// The files of months, oldest first.
    pub fn months(&self) -> Vec<PathBuf> {
        let listed = fs::read_dir(self.path().join("access-log")).unwrap();
        let mut paths: Vec<PathBuf> = listed.map(|file| file.unwrap().path()).collect();
        paths.retain(|path| {
            path.file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("20")
        });
        paths.sort();
        paths
    }

    /// All lines, without their ends.
    pub fn lines(&self) -> Vec<String> {
        let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
        let text: String = self.months().iter().map(read).collect();
        text.lines().map(str::to_owned).collect()
    }

    /// The checkpoints, oldest first.
    pub fn notes(&self) -> Vec<Noted> {
        let text = fs::read_to_string(self.path().join("access-log/checkpoints")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let note = |lines: &[&str]| Noted {
            size: lines[1].parse().unwrap(),
            text: lines[..5].join("\n") + "\n",
        };
        lines.chunks_exact(6).map(note).collect()
    }

    /// The public key of the log.
    pub fn key(&self) -> String {
        let keys = fs::read_to_string(self.path().join("keys/access-log.pub")).unwrap();
        keys.lines().last().unwrap().to_owned()
    }

    /// Writes lines as the log, chained and signed anew at the sizes of its checkpoints, with its own key: what somebody
    /// does who has the key and does not want it seen. The n-th month has as many lines as it had.
    pub fn rewrite(&self, lines: &[String]) {
        let mut rest: Vec<String> = chained(lines);
        let all = rest.clone();
        for path in self.months() {
            let had = fs::read_to_string(&path).unwrap().lines().count();
            let of_month: Vec<String> = rest.drain(..had.min(rest.len())).collect();
            match of_month.is_empty() {
                true => fs::remove_file(&path).unwrap(),
                false => fs::write(&path, of_month.join("\n") + "\n").unwrap(),
            }
        }
        assert!(rest.is_empty(), "no more lines than there were");
        let first: serde_json::Value = serde_json::from_str(&all[0]).unwrap();
        let origin = first["origin"].as_str().unwrap();
        let sizes = self.notes().into_iter().map(|note| note.size);
        let notes = sizes.filter(|size| *size <= all.len());
        let notes: String = notes
            .map(|size| self.signed(origin, &all[..size]))
            .collect();
        fs::write(self.path().join("access-log/checkpoints"), notes).unwrap();
        let key = self.own_key();
        let id =
            &Sha256::digest([origin.as_bytes(), b"\n\x01", key.public_key().as_ref()].concat())
                [..4];
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let public = STANDARD.encode([&[1], key.public_key().as_ref()].concat());
        fs::write(
            self.path().join("keys/access-log.pub"),
            format!("{origin}+{id}+{public}\n"),
        )
        .unwrap();
        let state = self.path().join("access-log/state");
        if state.exists() {
            fs::remove_file(state).unwrap();
        }
    }

    fn own_key(&self) -> Ed25519KeyPair {
        let pem = fs::read_to_string(self.path().join("keys/access-log.key")).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&STANDARD.decode(body).unwrap()).unwrap()
    }

    fn signed(&self, origin: &str, lines: &[String]) -> String {
        let key = self.own_key();
        let text = format!(
            "{origin}\n{}\n{}\n",
            lines.len(),
            STANDARD.encode(mth(lines))
        );
        let id =
            &Sha256::digest([origin.as_bytes(), b"\n\x01", key.public_key().as_ref()].concat())
                [..4];
        let signature = key.sign(text.as_bytes());
        let signature = STANDARD.encode([id, signature.as_ref()].concat());
        format!("{text}\n\u{2014} {origin} {signature}\n\n")
    }
}

/// Lines whose `prev` is made right.
fn chained(lines: &[String]) -> Vec<String> {
    let mut before = Sha256::digest("fundwatch access log, format 1");
    let mut all = Vec::new();
    for line in lines {
        let start = line.rfind("\"prev\":\"").unwrap();
        let prev: String = before.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = format!("{}\"prev\":\"{prev}\"}}", &line[..start]);
        before = Sha256::digest(&line);
        all.push(line);
    }
    all
}

/// MTH of RFC 6962, section 2.1.
pub fn mth(lines: &[String]) -> Hash {
    match lines {
        [] => Sha256::digest("").into(),
        [one] => Sha256::digest([b"\0", one.as_bytes()].concat()).into(),
        _ => {
            let k = lines.len().next_power_of_two() / 2;
            let (left, right) = (mth(&lines[..k]), mth(&lines[k..]));
            Sha256::digest([&b"\x01"[..], &left, &right].concat()).into()
        }
    }
}

/// PATH of section 2.1.1.
pub fn path(m: usize, lines: &[String]) -> Vec<Hash> {
    if lines.len() == 1 {
        return Vec::new();
    }
    let k = lines.len().next_power_of_two() / 2;
    let (mut found, other) = match m < k {
        true => (path(m, &lines[..k]), mth(&lines[k..])),
        false => (path(m - k, &lines[k..]), mth(&lines[..k])),
    };
    found.push(other);
    found
}

/// PROOF of section 2.1.2.
pub fn proof(m: usize, lines: &[String]) -> Vec<Hash> {
    match m {
        0 => Vec::new(),
        m => subproof(m, lines, true),
    }
}

fn subproof(m: usize, lines: &[String], is_known: bool) -> Vec<Hash> {
    if m == lines.len() {
        return match is_known {
            true => Vec::new(),
            false => vec![mth(lines)],
        };
    }
    let k = lines.len().next_power_of_two() / 2;
    let (mut found, other) = match m <= k {
        true => (subproof(m, &lines[..k], is_known), mth(&lines[k..])),
        false => (subproof(m - k, &lines[k..], false), mth(&lines[..k])),
    };
    found.push(other);
    found
}

/// Hashes as lines.
pub fn in_lines(hashes: &[Hash]) -> String {
    hashes
        .iter()
        .map(|hash| STANDARD.encode(hash) + "\n")
        .collect()
}
