//! Plain, gzip and Zstandard files as one kind of byte stream.
//!
//! In: a path and how the file is compressed. Out: its bytes, decompressed while they are read.
//! Must hold: an archive that cannot be decompressed is told from a disk that cannot be read.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use super::SourceError;
use super::discover::Compression;
use crate::page_cache::read_once;

/// Large reads: files are read from end to end.
const BUFFER: usize = 256 << 10;

/// Opens a file for reading; its read errors are to be told through [`SourceError::reading`].
pub(super) fn open(
    path: &Path,
    compression: Compression,
) -> Result<Box<dyn BufRead + Send>, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::Io {
        path: path.to_owned(),
        error,
    })?;
    read_once(&file);
    let file = BufReader::with_capacity(BUFFER, file);
    Ok(match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => decoded("gzip", flate2::bufread::MultiGzDecoder::new(file)),
        Compression::Zstd => {
            let decoder = zstd::stream::read::Decoder::with_buffer(file)
                .map_err(|error| SourceError::reading(path, error))?;
            decoded("Zstandard", decoder)
        }
    })
}

fn decoded(archive: &'static str, decoder: impl Read + Send + 'static) -> Box<dyn BufRead + Send> {
    let decoder = Decoded { archive, decoder };
    Box::new(BufReader::with_capacity(BUFFER, decoder))
}

/// A decompressor whose own errors are marked as damage.
struct Decoded<R> {
    archive: &'static str,
    decoder: R,
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer).map_err(|error| {
            // What the operating system says carries a number; what a decompressor says does not.
            if error.raw_os_error().is_some() || error.kind() == ErrorKind::Interrupted {
                return error;
            }
            let archive = self.archive;
            io::Error::new(error.kind(), Damage { archive, error })
        })
    }
}

/// What a decompressor said.
#[derive(Debug)]
struct Damage {
    archive: &'static str,
    error: io::Error,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { archive, error } = self;
        if error.kind() == ErrorKind::UnexpectedEof {
            write!(f, "the {archive} archive ends before its content does; ")?;
        } else {
            write!(f, "the {archive} archive is damaged ({error}); ")?;
        }
        f.write_str("copy or export the file again, or decompress what is left of it by hand")
    }
}

impl std::error::Error for Damage {}

/// The message of a damaged archive, if that is what a read error stands for.
pub(super) fn damage(error: &io::Error) -> Option<String> {
    Some(error.get_ref()?.downcast_ref::<Damage>()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        // With the checksum that the command line writes by default.
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("in memory");
        encoder.include_checksum(true).expect("in memory");
        encoder.write_all(text).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn read(bytes: &[u8], compression: Compression) -> Result<Vec<u8>, SourceError> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bytes).expect("written");
        let mut text = Vec::new();
        open(file.path(), compression)?
            .read_to_end(&mut text)
            .map_err(|error| SourceError::reading(file.path(), error))?;
        Ok(text)
    }

    #[test]
    fn members_and_frames_are_read_one_after_the_other() {
        let both = |f: fn(&[u8]) -> Vec<u8>| [f(b"one\n"), f(b""), f(b"two\n")].concat();
        let read = |bytes: &[u8], how| read(bytes, how).expect("whole");
        assert_eq!(read(b"one\ntwo\n", Compression::None), b"one\ntwo\n");
        assert_eq!(read(&both(gzip), Compression::Gzip), b"one\ntwo\n");
        assert_eq!(read(&both(zstd), Compression::Zstd), b"one\ntwo\n");
    }

    #[test]
    fn damage_is_told_with_a_remedy() {
        let text: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        for (whole, how) in [
            (gzip(&text), Compression::Gzip),
            (zstd(&text), Compression::Zstd),
        ] {
            let mut flipped = whole.clone();
            let middle = flipped.len() / 2;
            flipped[middle..middle + 8].fill(0xa5);
            let truncated = &whole[..whole.len() / 2];
            for bad in [truncated, &flipped, b"recorded_at,op\n"] {
                let error = read(bad, how).expect_err("damaged");
                assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
                assert!(error.to_string().contains("again"), "{error}");
            }
        }
    }

    #[test]
    fn a_missing_file_is_not_damaged() {
        let error = open(Path::new("absent.gz"), Compression::Gzip).err();
        assert!(matches!(error, Some(SourceError::Io { .. })));
    }
}
