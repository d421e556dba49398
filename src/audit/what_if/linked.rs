//! The inputs as they would be: a directory of links.
//!
//! In: a directory of streams, files that are yet to come, and names of files that never came. Out: a directory whose
//! files are links to them. Must hold: a replay of it is a replay like any other, which can be verified and explained
//! for as long as the files stay where they are.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::WhatIfError;
use crate::source::{InputFile, discover};

/// What the directory is called.
const INPUT: &str = "input";

/// A directory of links.
pub(super) struct Linked {
    pub(super) directory: PathBuf,
}

impl Linked {
    /// Makes the directory anew, below `output`.
    pub(super) fn make(
        output: &Path,
        input: &Path,
        (loads, without): (&[PathBuf], &[String]),
    ) -> Result<Self, WhatIfError> {
        let mut files = discover(input)?.files;
        for name in without {
            let place = files.iter().position(|file| file.name == *name);
            let place = place.ok_or_else(|| WhatIfError::NoInput { name: name.clone() })?;
            files.remove(place);
        }
        for path in loads {
            let file = InputFile::of(path)?;
            if files.iter().any(|other| other.name == file.name) {
                return Err(WhatIfError::NameTaken { name: file.name });
            }
            files.push(file);
        }
        let directory = output.join(INPUT);
        let failed = |error| WhatIfError::Output {
            path: directory.clone(),
            error,
        };
        match std::fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
        std::fs::create_dir_all(&directory).map_err(failed)?;
        for file in files {
            let link = directory.join(&file.name);
            if let Some(parent) = link.parent() {
                std::fs::create_dir_all(parent).map_err(failed)?;
            }
            let linked = file.path.canonicalize();
            linked
                .and_then(|path| symlink(path, &link))
                .map_err(failed)?;
        }
        Ok(Self { directory })
    }
}
