//! Notices as files of a directory.
//!
//! In: notices. Out: a file each, `<number>-<key>.json`, in whose order of names versions about a value
//! stand in theirs; the group of the directory may read it. Must hold: a file that has its name is whole and on disk; the same notice has the same
//! name, so that to send it again changes nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::answer::Answer;
use super::transport::{Outgoing, Transport};

/// A directory that takes notices.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// The directory at a path.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn write(&self, outgoing: Outgoing<'_>) -> io::Result<()> {
        let Outgoing {
            number, key, body, ..
        } = outgoing;
        let name = format!("{number:012}-{key}.json");
        // One process delivers, and of a notice one attempt at a time: nobody else has this name, and what
        // an attempt that was killed left under it is written over.
        let temporary = self.path.join(format!(".{name}.new"));
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o640);
        let mut file = options.open(&temporary)?;
        let written = writeln!(file, "{body}").and_then(|()| file.sync_all());
        let placed = written.and_then(|()| fs::rename(&temporary, self.path.join(name)));
        if placed.is_err() {
            // What is left of it says nothing that the error does not.
            let _ = fs::remove_file(&temporary);
        }
        placed?;
        File::open(&self.path)?.sync_all()
    }
}

impl Transport for Directory {
    fn send(&self, outgoing: Outgoing<'_>) -> Answer {
        match self.write(outgoing) {
            Ok(()) => Answer::Taken,
            Err(error) => Answer::Unavailable {
                error: format!("the directory cannot be written: {error}"),
                retry_after: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::moment::Moment;

    fn outgoing<'a>(key: &'a str, body: &'a str) -> Outgoing<'a> {
        Outgoing {
            number: 7,
            key,
            body,
            at: Moment(0),
        }
    }

    fn names(path: &std::path::Path) -> Vec<String> {
        let entries = fs::read_dir(path)
            .expect("read")
            .map(|entry| entry.expect("an entry"));
        entries
            .map(|entry| entry.file_name().into_string().expect("UTF-8"))
            .collect()
    }

    #[test]
    fn a_notice_is_one_file_however_often_it_is_sent() {
        let directory = tempfile::tempdir().expect("a directory");
        let sink = Directory::new(directory.path().to_owned());
        // What an attempt that was killed has left.
        let leftover = directory.path().join(".000000000007-ntc_1.json.new");
        fs::write(leftover, "longer than the notice").expect("written");
        for _ in 0..2 {
            assert_eq!(sink.send(outgoing("ntc_1", "{}")), Answer::Taken);
        }
        assert_eq!(names(directory.path()), ["000000000007-ntc_1.json"]);
        let file = directory.path().join("000000000007-ntc_1.json");
        assert_eq!(fs::read_to_string(file).expect("read"), "{}\n");
    }

    #[test]
    fn a_directory_that_is_gone_is_tried_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let sink = Directory::new(directory.path().join("gone"));
        let Answer::Unavailable { error, .. } = sink.send(outgoing("ntc_1", "{}")) else {
            panic!("it cannot be written");
        };
        assert!(!error.contains("ntc_1"), "{error}");
    }
}
