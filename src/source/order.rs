//! The first pass over the input: what is in each file, and in which order.
//!
//! In: files. Out: for each, its digest and size as it lies on disk, the number of its rows, the
//! span of their knowledge times, and whether they are in that order, which decides how the merge
//! reads it. Must hold: only knowledge times are read, nothing is kept of a row.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use super::batch::guarded;
use super::{RowReader, SourceError};
use crate::record::Instant;

/// Opens the file of this number for reading from its start.
pub type Open<'a> = dyn Fn(usize) -> Result<Box<dyn RowReader>, SourceError> + Sync + 'a;

/// Bytes of a file digested at a time.
const CHUNK: usize = 256 << 10;

/// What the first pass found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOrder {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes as they lie on disk, where it was asked for.
    pub sha256: Option<[u8; 32]>,
    /// Their number.
    pub bytes: u64,
    /// Its rows, with those whose knowledge time cannot be read.
    pub rows: u64,
    /// The earliest and the latest knowledge time, if any can be read.
    pub span: Option<(Instant, Instant)>,
    /// Whether no row that has a knowledge time comes after a row with a later one.
    pub in_order: bool,
}

/// Surveys files on up to `threads` threads, and digests them if that is asked for; the answers are in the order of `paths`. `open` gives
/// a reader that will be asked for knowledge times only. `progress` is called from these threads
/// with the bytes done and the bytes to do; each byte of a file counts twice, as it is digested and
/// once its rows have been read.
///
/// # Errors
/// When a file cannot be read; of several, the first in the order of `paths` that was met before
/// the others stopped.
pub fn survey(
    paths: &[PathBuf],
    open: &Open<'_>,
    (threads, is_digested): (usize, bool),
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<FileOrder>, SourceError> {
    let mut by_size = Vec::with_capacity(paths.len());
    for (number, path) in paths.iter().enumerate() {
        let size = std::fs::metadata(path).map_err(io(path))?.len();
        by_size.push((size, number));
    }
    let bytes = by_size.iter().fold(0, |sum: u64, (size, _)| {
        sum.saturating_add(size.saturating_mul(2))
    });
    // Large files first, so that no thread is left with one at the end.
    by_size.sort_unstable_by(|a, b| b.cmp(a));

    let (next, done, failed) = (
        AtomicUsize::new(0),
        AtomicU64::new(0),
        AtomicBool::new(false),
    );
    let advance = |by: u64| {
        let now = done.fetch_add(by, Ordering::Relaxed).saturating_add(by);
        // A file that grows meanwhile must not show more than everything.
        progress(now.min(bytes), bytes);
    };
    let found = Mutex::new(Vec::with_capacity(paths.len()));
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let Some(&(_, number)) = by_size.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            let path = &paths[number];
            let one = guarded(path, || {
                survey_file((path, is_digested), || open(number), &advance)
            });
            failed.fetch_or(one.is_err(), Ordering::Relaxed);
            // A thread that panicked in between cannot have left half an answer in the list.
            found
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .push((number, one));
        }
    };
    let threads = threads.clamp(1, paths.len().max(1));
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });

    let mut found = found
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    found.sort_unstable_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, one)| one).collect()
}

fn survey_file(
    (path, is_digested): (&Path, bool),
    open: impl FnOnce() -> Result<Box<dyn RowReader>, SourceError>,
    advance: &dyn Fn(u64),
) -> Result<FileOrder, SourceError> {
    let (sha256, bytes) = match is_digested {
        true => digest(path, advance).map(|(sha256, bytes)| (Some(sha256), bytes))?,
        false => (None, std::fs::metadata(path).map_err(io(path))?.len()),
    };
    let mut order = FileOrder {
        path: path.to_owned(),
        sha256,
        bytes,
        rows: 0,
        span: None,
        in_order: true,
    };
    order.read(&mut *open()?)?;
    advance(bytes);
    Ok(order)
}

impl FileOrder {
    /// Takes in the knowledge times of all rows.
    pub(super) fn read(&mut self, reader: &mut dyn RowReader) -> Result<(), SourceError> {
        while let Some(time) = reader.next_recorded_at()? {
            self.rows += 1;
            let Some(time) = time else { continue };
            self.span = Some(match self.span {
                None => (time, time),
                Some((first, last)) => {
                    self.in_order &= last <= time;
                    (first.min(time), last.max(time))
                }
            });
        }
        Ok(())
    }
}

/// SHA-256 and length of a file's bytes.
fn digest(path: &Path, advance: &dyn Fn(u64)) -> Result<([u8; 32], u64), SourceError> {
    let mut file = File::open(path).map_err(io(path))?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok((hash.finalize().into(), bytes)),
            Ok(read) => {
                hash.update(&chunk[..read]);
                bytes += read as u64;
                advance(read as u64);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io(path)(error)),
        }
    }
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> SourceError {
    let path = path.to_owned();
    move |error| SourceError::Io {
        path: path.clone(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Entry;

    /// Knowledge times for a file: a digit is a time, `?` one that cannot be read, `!` an error.
    struct Times(std::vec::IntoIter<u8>, PathBuf);

    impl RowReader for Times {
        fn next_entry(&mut self) -> Result<Option<Entry>, SourceError> {
            panic!("the survey reads knowledge times only")
        }

        fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
            match self.0.next() {
                None => Ok(None),
                Some(b'?') => Ok(Some(None)),
                Some(b'!') => Err(SourceError::Damaged {
                    path: self.1.clone(),
                    message: "damaged".to_owned(),
                }),
                Some(b'#') => panic!("a defect"),
                Some(digit) => Ok(Some(Some(Instant::from_nanos(i64::from(digit - b'0'))))),
            }
        }
    }

    fn surveyed(texts: &[&str], threads: usize) -> Result<Vec<FileOrder>, SourceError> {
        let directory = tempfile::tempdir().expect("a directory");
        let paths: Vec<_> = (0..texts.len())
            .map(|n| directory.path().join(n.to_string()))
            .collect();
        for (path, text) in paths.iter().zip(texts) {
            std::fs::write(path, text).expect("written");
        }
        let shown = Mutex::new(Vec::new());
        let open = |n: usize| -> Result<Box<dyn RowReader>, SourceError> {
            let times = texts[n].as_bytes().to_vec().into_iter();
            Ok(Box::new(Times(times, paths[n].clone())))
        };
        let found = survey(&paths, &open, (threads, true), &|done, all| {
            shown.lock().expect("not poisoned").push((done, all));
        })?;
        let all = 2 * texts.iter().map(|t| t.len() as u64).sum::<u64>();
        let shown = shown.into_inner().expect("not poisoned");
        assert!(shown.iter().all(|(done, of)| done <= of && *of == all));
        assert_eq!(shown.iter().map(|(done, _)| *done).max(), Some(all));
        assert!(found.iter().map(|f| &f.path).eq(&paths));
        Ok(found)
    }

    #[test]
    fn each_file_has_its_digest_its_span_and_its_order() {
        for threads in [1, 2, 99] {
            let found = surveyed(&["1?335", "", "32", "??", "2?1?3"], threads).expect("readable");
            let at = Instant::from_nanos;
            let seen: Vec<_> = found
                .iter()
                .map(|f| (f.bytes, f.rows, f.span, f.in_order))
                .collect();
            assert_eq!(
                seen,
                [
                    (5, 5, Some((at(1), at(5))), true),
                    (0, 0, None, true),
                    (2, 2, Some((at(2), at(3))), false),
                    (2, 2, None, true),
                    (5, 5, Some((at(1), at(3))), false),
                ]
            );
            // SHA-256 of nothing, as FIPS 180-4's examples give it.
            assert_eq!(found[1].sha256.map(|sha256| sha256[0]), Some(0xe3));
            assert_eq!(found[0].sha256, Some(Sha256::digest("1?335").into()));
        }
    }

    #[test]
    fn an_error_and_a_panic_name_their_file() {
        for (text, says) in [("12!", "damaged"), ("12#", "report the defect")] {
            let error = surveyed(&["1", text, "2"], 2)
                .expect_err("unreadable")
                .to_string();
            assert!(error.contains("/1: ") && error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error_that_names_it() {
        let open = |_: usize| -> Result<Box<dyn RowReader>, SourceError> {
            panic!("there is nothing to open")
        };
        let error =
            survey(&["no/such/file".into()], &open, (2, true), &|_, _| {}).expect_err("not there");
        assert!(error.to_string().starts_with("no/such/file: "), "{error}");
    }
}
