//! Disks that lose power and fail, for tests of whatever is built on a journal.
//!
//! [`SimulatedDisk`] keeps files in memory and knows what of them is durable: [`SimulatedDisk::crash`] loses
//! any part of the rest. [`Faults`] makes the n-th operation of any storage fail, in every way that
//! a disk fails in, or calls back before it. Both are chosen by numbers alone: the same numbers, the same failures.
//!
//! ```
//! use std::sync::Arc;
//! use fundwatch::journal::simulation::{Fault, Faults, SimulatedDisk};
//! use fundwatch::journal::{Entry, Journal, JournalReader, Keys, Options};
//!
//! let (disk, key_disk) = (SimulatedDisk::new(), SimulatedDisk::new());
//! let keys = || Arc::new(Keys::new(Arc::new(key_disk.clone()), None));
//! let faults = Faults::new();
//! let storage = faults.over(&disk);
//! let (mut journal, _) = Journal::open(storage, keys(), Options::default())?;
//! let entry = Entry { at: 0, plain: b"counts", secret: b"rows" };
//! journal.append(1, entry)?;
//! faults.set(faults.count() + 1, Fault::PowerOff);
//! assert!(journal.append(2, entry).is_err());
//! drop(journal);
//! disk.crash(7);
//! key_disk.crash(7);
//! let (_, opened) = Journal::open(Arc::new(disk.clone()), keys(), Options::default())?;
//! assert!(opened.upper >= 1, "what was acknowledged is there");
//! # Ok::<(), fundwatch::journal::JournalError>(())
//! ```

mod disk;
mod faults;
mod file;

pub use disk::SimulatedDisk;
pub use faults::{Fault, Faults};
