//! Which files of a directory are inputs, and of what.
//!
//! In: the directory of a replay. Out: its input files in byte order of their names, and the names
//! of what is ignored. Must hold: the name alone decides (contract 1); no file is opened.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::SourceError;
use crate::record::Stream;

/// The folder of XML claims.
const CLAIMS_XML: &str = "claims-xml";

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, plain or in a Debezium envelope.
    Ndjson,
    /// Comma-separated values under a header.
    Csv,
    /// Apache Parquet.
    Parquet,
    /// Claim envelopes of the health ministry.
    Xml,
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, one member or many.
    Gzip,
    /// Zstandard, one frame or many.
    Zstd,
}

/// A file that belongs to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name relative to the input directory, parts separated by `/`.
    pub name: String,
    /// The stream of its rows.
    pub stream: Stream,
    /// How they are written.
    pub format: Format,
    /// How it is compressed.
    pub compression: Compression,
}

impl InputFile {
    /// The input at a path, whose last part alone says of which stream it is.
    ///
    /// # Errors
    /// When its name is that of no stream, or there is no such file.
    pub fn of(path: &Path) -> Result<Self, SourceError> {
        let wrong = |error: std::io::Error| SourceError::Io {
            path: path.to_owned(),
            error,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = match name.rsplit_once(".xml") {
            Some((_, "" | ".gz" | ".zst")) => "claims-xml/",
            _ => "",
        };
        let Some((stream, format, compression)) = classify(prefix, &name) else {
            let said = "its name is that of no stream; name it as an input of a replay is, such as death_reports.csv";
            return Err(wrong(std::io::Error::new(ErrorKind::InvalidFilename, said)));
        };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Ok(Self {
                path: path.to_owned(),
                name: format!("{prefix}{name}"),
                stream,
                format,
                compression,
            }),
            Ok(_) => Err(wrong(ErrorKind::IsADirectory.into())),
            Err(error) => Err(wrong(error)),
        }
    }
}

/// What a directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The inputs, in byte order of their names.
    pub files: Vec<InputFile>,
    /// What matches no stream, in byte order; folders end with `/`.
    pub ignored: Vec<String>,
}

/// Finds the inputs of a directory.
///
/// # Errors
/// When the directory, or a file whose name is an input's, cannot be read.
pub fn discover(dir: &Path) -> Result<Discovery, SourceError> {
    let mut found = Discovery::default();
    list(dir, "", &mut found)?;
    found.files.sort_by(|a, b| a.name.cmp(&b.name));
    found.ignored.sort();
    Ok(found)
}

/// Adds what a folder holds; `prefix` is its name relative to the input directory, ending with `/`.
fn list(dir: &Path, prefix: &str, found: &mut Discovery) -> Result<(), SourceError> {
    for entry in fs::read_dir(dir).map_err(|e| unusable(dir, &e))? {
        let entry = entry.map_err(|e| unusable(dir, &e))?;
        let path = entry.path();
        let last = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{prefix}{last}");
        let matched = classify(prefix, &last);
        // Follows symbolic links.
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(_) if matched.is_none() => {
                found.ignored.push(name);
                continue;
            }
            // Leaving out a file that is named like an input would silently change the result.
            Err(error) => return Err(SourceError::Io { path, error }),
        };
        if metadata.is_dir() {
            if prefix.is_empty() && last == CLAIMS_XML {
                list(&path, "claims-xml/", found)?;
            } else {
                found.ignored.push(name + "/");
            }
            continue;
        }
        match matched {
            Some((stream, format, compression)) if metadata.is_file() => {
                found.files.push(InputFile {
                    path,
                    name,
                    stream,
                    format,
                    compression,
                });
            }
            _ => found.ignored.push(name),
        }
    }
    Ok(())
}

/// The stream of the rows of an input, by its name in its directory.
pub fn stream_of_file(name: &str) -> Option<Stream> {
    let (prefix, last) = match name.split_once('/') {
        Some((CLAIMS_XML, last)) => ("claims-xml/", last),
        Some(_) => return None,
        None => ("", name),
    };
    classify(prefix, last).map(|(stream, ..)| stream)
}

/// What the name of a file says.
fn classify(prefix: &str, name: &str) -> Option<(Stream, Format, Compression)> {
    let (name, compression) = match name.rsplit_once('.')? {
        (rest, "gz") => (rest, Compression::Gzip),
        (rest, "zst") => (rest, Compression::Zstd),
        _ => (name, Compression::None),
    };
    let (stem, extension) = name.rsplit_once('.')?;
    if !prefix.is_empty() {
        // Hidden files are other programs': `._a.xml` beside each `a.xml` of a Mac, say.
        let input = extension == "xml" && !stem.starts_with('.') && !stem.is_empty();
        return input.then_some((Stream::Claims, Format::Xml, compression));
    }
    let format = match extension {
        "ndjson" => Format::Ndjson,
        "csv" => Format::Csv,
        "parquet" => Format::Parquet,
        _ => return None,
    };
    let stream = Stream::ALL.iter().find(|s| stem.starts_with(s.name()))?;
    Some((*stream, format, compression))
}

fn unusable(dir: &Path, error: &std::io::Error) -> SourceError {
    let message = match error.kind() {
        ErrorKind::NotFound => "there is no such directory; name the directory that holds the \
                                streams (citizens.csv, claims.ndjson, …)"
            .to_owned(),
        ErrorKind::NotADirectory => {
            "this is not a directory; name the directory that holds the file".to_owned()
        }
        ErrorKind::PermissionDenied => {
            "the directory may not be read; give this user the right to list it".to_owned()
        }
        _ => format!("the directory cannot be listed: {error}"),
    };
    SourceError::Directory {
        path: dir.to_owned(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, "").expect("written");
        }
        dir
    }

    #[test]
    fn no_stream_name_begins_another() {
        for a in Stream::ALL {
            for b in Stream::ALL {
                assert!(a == b || !a.name().starts_with(b.name()));
            }
        }
    }

    #[test]
    fn the_name_says_what_a_file_is() {
        let dir = directory(&[
            "claims-2025-03.ndjson.zst",
            "citizens.csv",
            "claims.parquet",
            "check_ins_a.b.csv.gz",
            "claims-xml/b.xml.gz",
            "claims-xml/a.xml",
            "claims-xml/._a.xml",
            "claims-xml/notes.txt",
            "claims-xml/deep/c.xml",
            ".claims.csv",
            "README.md",
            "claims.CSV",
            "claims.csv.bz2",
            "claims.xml",
            "other/claims.csv",
            "claims",
        ]);
        let found = discover(dir.path()).expect("a readable directory");
        let files: Vec<_> = found
            .files
            .iter()
            .map(|f| (f.name.as_str(), f.stream, f.format, f.compression))
            .collect();
        assert_eq!(
            files,
            [
                (
                    "check_ins_a.b.csv.gz",
                    Stream::CheckIns,
                    Format::Csv,
                    Compression::Gzip
                ),
                (
                    "citizens.csv",
                    Stream::Citizens,
                    Format::Csv,
                    Compression::None
                ),
                (
                    "claims-2025-03.ndjson.zst",
                    Stream::Claims,
                    Format::Ndjson,
                    Compression::Zstd
                ),
                (
                    "claims-xml/a.xml",
                    Stream::Claims,
                    Format::Xml,
                    Compression::None
                ),
                (
                    "claims-xml/b.xml.gz",
                    Stream::Claims,
                    Format::Xml,
                    Compression::Gzip
                ),
                (
                    "claims.parquet",
                    Stream::Claims,
                    Format::Parquet,
                    Compression::None
                ),
            ]
        );
        assert_eq!(
            found.ignored,
            [
                ".claims.csv",
                "README.md",
                "claims",
                "claims-xml/._a.xml",
                "claims-xml/deep/",
                "claims-xml/notes.txt",
                "claims.CSV",
                "claims.csv.bz2",
                "claims.xml",
                "other/",
            ]
        );
    }

    #[test]
    #[cfg(unix)]
    fn links_are_followed_and_a_dangling_input_is_an_error() {
        use std::os::unix::fs::symlink;
        let dir = directory(&["kept/original.txt"]);
        symlink("kept/original.txt", dir.path().join("cards.csv")).expect("linked");
        symlink("nowhere", dir.path().join("notes")).expect("linked");
        let found = discover(dir.path()).expect("a readable directory");
        assert_eq!(found.files.len(), 1);
        assert_eq!(found.ignored, ["kept/", "notes"]);
        symlink("nowhere", dir.path().join("claims.csv")).expect("linked");
        assert!(matches!(discover(dir.path()), Err(SourceError::Io { .. })));
    }

    #[test]
    fn an_unusable_directory_says_what_to_do() {
        let dir = directory(&["claims.csv"]);
        let missing = discover(&dir.path().join("absent")).expect_err("absent");
        assert!(
            missing.to_string().contains("name the directory"),
            "{missing}"
        );
        let file = discover(&dir.path().join("claims.csv")).expect_err("a file");
        assert!(file.to_string().contains("not a directory"), "{file}");
    }
}
