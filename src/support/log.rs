//! The last lines of a log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::Found;
use super::scrub::scrubbed;

/// More of a log is not read.
const MOST_BYTES: u64 = 1 << 20;
const MOST_LINES: usize = 2_000;

pub(super) fn tail(file: &Path) -> Found {
    let read = || {
        let mut log = File::open(file)?;
        let length = log.metadata()?.len();
        let from = length.saturating_sub(MOST_BYTES);
        log.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        log.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>((bytes, from > 0))
    };
    match read() {
        Ok((bytes, is_cut)) => {
            let text = String::from_utf8_lossy(&bytes);
            // The first line may have lost its beginning, and with it what tells that a number is one.
            let lines: Vec<&str> = text.lines().skip(usize::from(is_cut)).collect();
            let last = &lines[lines.len().saturating_sub(MOST_LINES)..];
            Found {
                text: scrubbed(&last.join("\n")) + "\n",
                missing: Vec::new(),
            }
        }
        Err(error) => Found {
            text: String::new(),
            missing: vec![format!("{}: {error}", file.display())],
        },
    }
}
