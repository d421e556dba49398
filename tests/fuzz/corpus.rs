//! What earlier runs came to: a directory a target, a file an input.

use std::fs;
use std::path::PathBuf;

/// The inputs of a target that are kept between runs.
pub struct Corpus(PathBuf);

impl Corpus {
    pub fn of(directory: PathBuf, target: &str) -> Self {
        let directory = directory.join(target);
        fs::create_dir_all(&directory)
            .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        Self(directory)
    }

    /// What is kept, in the same order each time.
    pub fn inputs(&self) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(&self.0).expect("a directory");
        let entries = entries.map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<PathBuf> = entries.collect();
        paths.sort();
        let read = |path: &PathBuf| {
            fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        paths.iter().map(read).collect()
    }

    pub fn add(&self, input: &[u8]) {
        let path = self.0.join(format!("{:08x}", crc32fast::hash(input)));
        fs::write(&path, input).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
