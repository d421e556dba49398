//! `fundwatch keys rewrap`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Undone;
use super::of::KeysOf;
use crate::cli::master_key_file;
use crate::journal::{Directory, JournalError, MasterKey, Rewrapped, rewrap};
use crate::review::{REVIEW_MONTHS, ReviewKey};
use crate::store::StoreKey;

/// Wraps the keys by another master key, while the service is stopped.
///
/// Then name the new file in the configuration (journal.master_key_file), and start the service. Backups of `keys/`
/// that were made before open under the former master key: keep it as long as these, or make new ones.
#[derive(Args)]
#[command(after_long_help = AFTER_REWRAP)]
pub(super) struct Rewrap {
    /// The data directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The file of the master key by which the keys are wrapped; without it, they are bare.
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,

    /// The file of the master key by which they are to be wrapped.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "bare",
        conflicts_with = "bare"
    )]
    new_master_key: Option<PathBuf>,

    /// Leave them bare: then whoever reads the directory of keys can read everything.
    #[arg(long)]
    bare: bool,
}

const AFTER_REWRAP: &str = "\
What an interruption leaves half done, the same call completes.

Exit codes:
  0  done   1  a key could not be read or written   2  the call is wrong, or the service runs

Example:
  openssl rand -base64 32 > /etc/fundwatch/master-2.key
  fundwatch keys rewrap --data /var/lib/fundwatch --master-key /etc/fundwatch/master.key \\
      --new-master-key /etc/fundwatch/master-2.key";

impl Rewrap {
    pub(super) fn run(self) -> Result<(), Undone> {
        let keys = KeysOf::Journal.directory(&self.data)?;
        let journal = Directory::create(&self.data.join("journal")).map_err(|error| {
            let why = format!(
                "{}: {error}; run this as the service's user",
                self.data.display()
            );
            Undone::Failed(why.into())
        })?;
        let from = master_key("--master-key", self.master_key.as_deref())?;
        let to = master_key("--new-master-key", self.new_master_key.as_deref())?;
        let done =
            rewrap(&journal, &*keys, from.as_ref(), to.as_ref()).map_err(|error| match error {
                JournalError::Locked { .. } => {
                    Undone::WrongCall(format!("{error}; stop the service first"))
                }
                error => Undone::Failed(Box::new(error)),
            })?;
        // A service that never started with review pages has none.
        let mut of_review = Rewrapped::default();
        if self.data.join(REVIEW_MONTHS).is_dir() {
            let months = KeysOf::Review.directory(&self.data)?;
            let done = rewrap(&journal, &*months, from.as_ref(), to.as_ref());
            of_review = done.map_err(|error| Undone::Failed(Box::new(error)))?;
        }
        let review = ReviewKey::rewrap(&self.data, from.as_ref(), to.as_ref());
        let review = review.map_err(|error| Undone::Failed(Box::new(error)))?;
        let store = StoreKey::rewrap(&self.data, from.as_ref(), to.as_ref());
        let store = store.map_err(|error| Undone::Failed(Box::new(error)))?;
        println!(
            "{} keys rewrapped, {} were so already",
            done.rewrapped + of_review.rewrapped + usize::from(review) + usize::from(store),
            done.already + of_review.already
        );
        Ok(())
    }
}

fn master_key(option: &str, file: Option<&Path>) -> Result<Option<MasterKey>, Undone> {
    let read = file
        .map(|file| master_key_file::read(option, file))
        .transpose();
    read.map_err(Undone::WrongCall)
}
