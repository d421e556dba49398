//! Whose keys of months are meant.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;

use super::Undone;
use crate::journal::Directory;
use crate::review::REVIEW_MONTHS;

/// What is sealed by keys of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KeysOf {
    /// What arrived.
    Journal,
    /// What people typed on the review pages.
    Review,
}

impl fmt::Display for KeysOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Journal => "journal",
            Self::Review => "review",
        })
    }
}

impl KeysOf {
    /// The directory of these keys of a service, which has to be there.
    pub(super) fn directory(self, data: &Path) -> Result<Arc<Directory>, Undone> {
        let keys = data.join(match self {
            Self::Journal => "keys",
            Self::Review => REVIEW_MONTHS,
        });
        if !keys.is_dir() {
            let data = data.display();
            return Err(Undone::WrongCall(format!(
                "--data {data}: there are no keys of the {self}; name the directory that `fundwatch serve --data` names"
            )));
        }
        let opened = Directory::create(&keys).map_err(|error| {
            let keys = keys.display();
            Undone::Failed(format!("{keys}: {error}; run this as the service's user").into())
        })?;
        Ok(Arc::new(opened))
    }
}
