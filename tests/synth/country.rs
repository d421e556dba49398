//! Making countries and reading them back.

use std::collections::BTreeMap;
use std::path::Path;

use fundwatch::synth::{Format, Options, Silent, Summary, generate};
use tempfile::TempDir;

/// A row by column.
pub type Row = BTreeMap<String, String>;

/// A country in CSV.
pub struct Country {
    pub directory: TempDir,
    pub summary: Summary,
}

impl Country {
    pub fn new(citizens: u32, days: u32, seed: u64, flagged_per_million: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            citizens,
            days,
            seed,
            format: Format::Csv,
            flagged_per_million,
            ..Options::new(directory.path().to_owned())
        };
        let summary = generate(&options, &mut Silent).unwrap();
        Self { directory, summary }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The rows of a file; the last column may be quoted.
    pub fn rows(&self, name: &str) -> Vec<Row> {
        let text = std::fs::read_to_string(self.path().join(name)).unwrap();
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        lines
            .map(|line| {
                let cells = line.splitn(names.len(), ',').map(str::to_owned);
                names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .zip(cells)
                    .collect()
            })
            .collect()
    }
}
