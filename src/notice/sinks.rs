//! The sinks file: where the notices of each database go.
//!
//! In: TOML, with a table `[[sink]]` a sink. Out: sinks that can be used, or what is wrong, with the line and
//! what to do. Must hold: a secret never stands in the file, nor in a message; without TLS notices go to
//! this machine alone, unless the file says otherwise.

use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use ureq::tls::{Certificate, PemItem, parse_pem};

use super::delivery::{
    AddressError, Directory, Lane, Policy, Secrets, SinkTransport, Webhook, address,
};
use super::moment::Span;
use crate::authenticate::Database;

/// The most notices that a sink may take at a time.
const MOST_CONCURRENT: i64 = 64;
/// How many it takes where the file does not say.
const CONCURRENT: usize = 4;
/// How long a request may take where the file does not say.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A sink that can be used.
#[derive(Debug)]
pub struct Sink {
    /// What decisions need.
    pub lane: Lane,
    /// What sends.
    pub transport: SinkTransport,
}

/// A sinks file that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SinksError {
    /// It cannot be read.
    #[error("{}: {error}; name the file of sinks", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: String,
    },
    /// Something in it is wrong.
    #[error("{}, line {line}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what to do.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    sink: Vec<Spanned<WrittenSink>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSink {
    name: Spanned<String>,
    database: Spanned<String>,
    kind: Spanned<String>,
    url: Option<Spanned<String>>,
    secret_file: Option<Spanned<PathBuf>>,
    secret_env: Option<Spanned<String>>,
    allow_http: Option<Spanned<bool>>,
    ca_file: Option<Spanned<PathBuf>>,
    timeout: Option<Spanned<String>>,
    path: Option<Spanned<PathBuf>>,
    concurrency: Option<Spanned<i64>>,
    first_retry: Option<Spanned<String>>,
    longest_retry: Option<Spanned<String>>,
    first_pause: Option<Spanned<String>>,
    longest_pause: Option<Spanned<String>>,
    failures_to_pause: Option<Spanned<i64>>,
    refusals_to_fail: Option<Spanned<i64>>,
}

/// What is wrong, and at which bytes.
type Fault = (Range<usize>, String);

/// Reads a sinks file. `variable` gives the value of an environment variable.
///
/// # Errors
/// When it cannot be read, or something in it is wrong.
pub fn read_sinks(
    path: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Sink>, SinksError> {
    let text = fs::read_to_string(path).map_err(|error| SinksError::Unreadable {
        path: path.to_owned(),
        error: error.to_string(),
    })?;
    let context = Context {
        directory: path.parent().unwrap_or(Path::new("")),
        variable,
    };
    context
        .sinks(&text)
        .map_err(|(at, message)| SinksError::Wrong {
            path: path.to_owned(),
            line: 1 + text.as_bytes()[..at.start.min(text.len())]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count(),
            message,
        })
}

/// What a sinks file is read in.
struct Context<'a> {
    /// That of the file: paths in it are relative to it.
    directory: &'a Path,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Context<'_> {
    fn sinks(&self, text: &str) -> Result<Vec<Sink>, Fault> {
        let written: Written = toml::from_str(text).map_err(|error| {
            // Only the message: its whole text quotes the line, which might hold a secret.
            let message = error.message().replace('\n', " ");
            let remedy = "see `fundwatch notices deliver --help` for what a sink has";
            (error.span().unwrap_or(0..0), format!("{message}; {remedy}"))
        })?;
        if written.sink.is_empty() {
            return Err((0..0, "there is no sink; add a table [[sink]]".to_owned()));
        }
        let mut sinks: Vec<Sink> = Vec::with_capacity(written.sink.len());
        for sink in written.sink {
            let at = sink.span();
            let name = sink.get_ref().name.span();
            let sink = self.sink(sink.into_inner(), at)?;
            if sinks.iter().any(|other| other.lane.name == sink.lane.name) {
                return Err((
                    name,
                    "another sink has this name; each needs its own".to_owned(),
                ));
            }
            sinks.push(sink);
        }
        Ok(sinks)
    }

    fn sink(&self, written: WrittenSink, at: Range<usize>) -> Result<Sink, Fault> {
        let name = name(&written.name)?;
        let database = database(&written.database)?;
        let transport = match written.kind.get_ref().as_str() {
            "webhook" => SinkTransport::Webhook(self.webhook(&written, at)?),
            "directory" => SinkTransport::Directory(self.directory(&written, at)?),
            _ => {
                let expected = "expected `webhook` or `directory`";
                return Err((written.kind.span(), format!("kind: {expected}")));
            }
        };
        let concurrency = number(&written.concurrency, "concurrency", MOST_CONCURRENT)?;
        Ok(Sink {
            lane: Lane {
                name,
                database,
                kind: transport.kind(),
                concurrency: concurrency.map_or(CONCURRENT, |most| most as usize),
                policy: policy(&written)?,
            },
            transport,
        })
    }

    fn webhook(&self, written: &WrittenSink, at: Range<usize>) -> Result<Webhook, Fault> {
        if let Some(path) = &written.path {
            return Err((path.span(), "path: only a directory has one".to_owned()));
        }
        let Some(url) = &written.url else {
            return Err((at, "url is missing; say where the receiver is".to_owned()));
        };
        let allow_http = written
            .allow_http
            .as_ref()
            .is_some_and(|allow| *allow.get_ref());
        let uri = address(url.get_ref(), allow_http).map_err(|error| {
            let message = match error {
                AddressError::Plain => {
                    "notices hold personal data; use https, or say allow_http = true where the network is trusted"
                        .to_owned()
                }
                other => other.to_string(),
            };
            (url.span(), format!("url: {message}"))
        })?;
        let secrets = self.secrets(written, at)?;
        let roots = written
            .ca_file
            .as_ref()
            .map(|file| self.roots(file))
            .transpose()?;
        let timeout = span(&written.timeout, "timeout")?.unwrap_or(TIMEOUT);
        Ok(Webhook::new(uri, secrets, roots, timeout))
    }

    fn directory(&self, written: &WrittenSink, at: Range<usize>) -> Result<Directory, Fault> {
        let of_webhooks = [
            ("url", written.url.as_ref().map(Spanned::span)),
            (
                "secret_file",
                written.secret_file.as_ref().map(Spanned::span),
            ),
            ("secret_env", written.secret_env.as_ref().map(Spanned::span)),
            ("allow_http", written.allow_http.as_ref().map(Spanned::span)),
            ("ca_file", written.ca_file.as_ref().map(Spanned::span)),
            ("timeout", written.timeout.as_ref().map(Spanned::span)),
        ];
        for (field, span) in of_webhooks {
            if let Some(span) = span {
                return Err((span, format!("{field}: only a webhook has one")));
            }
        }
        let Some(path) = &written.path else {
            return Err((
                at,
                "path is missing; name the directory for the notices".to_owned(),
            ));
        };
        let directory = self.directory.join(path.get_ref());
        if !directory.is_dir() {
            let shown = directory.display();
            return Err((
                path.span(),
                format!("path: {shown} is not a directory; make it first"),
            ));
        }
        Ok(Directory::new(directory))
    }

    fn secrets(&self, written: &WrittenSink, at: Range<usize>) -> Result<Secrets, Fault> {
        match (&written.secret_file, &written.secret_env) {
            (Some(file), None) => {
                let wrong = |message| (file.span(), format!("secret_file: {message}"));
                let path = self.directory.join(file.get_ref());
                let text = fs::read_to_string(&path)
                    .map_err(|error| wrong(format!("{}: {error}", path.display())))?;
                Secrets::read(&text).map_err(|error| wrong(format!("{}: {error}", path.display())))
            }
            (None, Some(name)) => {
                let wrong = |message| (name.span(), format!("secret_env: {message}"));
                let name = name.get_ref();
                let text = (self.variable)(name).ok_or_else(|| {
                    wrong(format!("the environment has no variable {name}; set it"))
                })?;
                Secrets::read(&text).map_err(|error| wrong(format!("{name}: {error}")))
            }
            (None, None) => {
                let message = "a secret is missing; name secret_file or secret_env";
                Err((at, message.to_owned()))
            }
            (Some(_), Some(env)) => {
                let message = "secret_env: there is a secret_file already; name one of them";
                Err((env.span(), message.to_owned()))
            }
        }
    }

    fn roots(&self, file: &Spanned<PathBuf>) -> Result<Vec<Certificate<'static>>, Fault> {
        let path = self.directory.join(file.get_ref());
        let shown = path.display();
        let wrong = |message| (file.span(), format!("ca_file: {shown}: {message}"));
        let pem = fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        let mut roots = Vec::new();
        for item in parse_pem(&pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(_) => return Err(wrong("not in PEM form".to_owned())),
            }
        }
        match roots.is_empty() {
            true => Err(wrong(
                "no certificate in it; name a file of certificates in PEM form".to_owned(),
            )),
            false => Ok(roots),
        }
    }
}

/// A name of sinks: what can stand in a terminal and in a label.
fn name(written: &Spanned<String>) -> Result<String, Fault> {
    let name = written.get_ref();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
        let expected = "name: expected 1 to 64 of a-z, 0-9, - and _";
        return Err((written.span(), expected.to_owned()));
    }
    Ok(name.clone())
}

fn database(written: &Spanned<String>) -> Result<Database, Fault> {
    Database::from_name(written.get_ref()).ok_or_else(|| {
        let names: Vec<&str> = Database::ALL.iter().map(|one| one.as_str()).collect();
        (
            written.span(),
            format!("database: expected one of {}", names.join(", ")),
        )
    })
}

fn policy(written: &WrittenSink) -> Result<Policy, Fault> {
    let default = Policy::default();
    let count = |field: &Option<Spanned<i64>>, name| number(field, name, 1000);
    let policy = Policy {
        first_retry: span(&written.first_retry, "first_retry")?.unwrap_or(default.first_retry),
        longest_retry: span(&written.longest_retry, "longest_retry")?
            .unwrap_or(default.longest_retry),
        first_pause: span(&written.first_pause, "first_pause")?.unwrap_or(default.first_pause),
        longest_pause: span(&written.longest_pause, "longest_pause")?
            .unwrap_or(default.longest_pause),
        failures: count(&written.failures_to_pause, "failures_to_pause")?
            .unwrap_or(default.failures),
        refusals: count(&written.refusals_to_fail, "refusals_to_fail")?.unwrap_or(default.refusals),
    };
    for (longest, is_wrong, name) in [
        (
            &written.longest_retry,
            policy.longest_retry < policy.first_retry,
            "longest_retry",
        ),
        (
            &written.longest_pause,
            policy.longest_pause < policy.first_pause,
            "longest_pause",
        ),
    ] {
        if is_wrong {
            let first = name.replace("longest", "first");
            let span = longest.as_ref().map_or(written.name.span(), Spanned::span);
            return Err((
                span,
                format!("{name}: it is shorter than {first}; make it longer"),
            ));
        }
    }
    Ok(policy)
}

fn span(written: &Option<Spanned<String>>, name: &str) -> Result<Option<Duration>, Fault> {
    let Some(written) = written else {
        return Ok(None);
    };
    let span: Result<Span, _> = written.get_ref().parse();
    let span = span.map_err(|expected| (written.span(), format!("{name}: {expected}")))?;
    Ok(Some(span.0))
}

fn number(written: &Option<Spanned<i64>>, name: &str, most: i64) -> Result<Option<u32>, Fault> {
    let Some(written) = written else {
        return Ok(None);
    };
    let number = u32::try_from(*written.get_ref()).ok();
    let known = number.filter(|number| (1..=most).contains(&i64::from(*number)));
    let fault = || {
        (
            written.span(),
            format!("{name}: expected a number from 1 to {most}"),
        )
    };
    known.map(Some).ok_or_else(fault)
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.lane.name, self.lane.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const WEBHOOK: &str = "[[sink]]\nname = \"hub\"\ndatabase = \"population\"\nkind = \"webhook\"\n\
        url = \"https://hub.example/notices\"\nsecret_env = \"HUB\"\n";

    /// Reads a file of this text beside a secret, a certificate that is none and a directory.
    fn read(text: &str) -> Result<Vec<Sink>, SinksError> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("sinks.toml");
        for (name, content) in [
            ("sinks.toml", text),
            ("secret", SECRET),
            ("bad", "whsec_x"),
            ("ca", "-"),
        ] {
            fs::write(directory.path().join(name), content).expect("written");
        }
        fs::create_dir(directory.path().join("out")).expect("made");
        let variable = |name: &str| (name == "HUB").then(|| SECRET.to_owned());
        read_sinks(&path, &variable)
    }

    fn refused(text: &str) -> (usize, String) {
        match read(text) {
            Err(SinksError::Wrong { line, message, .. }) => {
                assert!(!message.contains("MfKQ"), "a secret is shown: {message}");
                (line, message)
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn sinks_are_read_with_their_settings() {
        let text = WEBHOOK.to_owned()
            + "timeout = \"3s\"\nconcurrency = 8\nfirst_retry = \"100ms\"\nlongest_retry = \"1m\"\n\
               first_pause = \"1s\"\nlongest_pause = \"10s\"\nfailures_to_pause = 2\nrefusals_to_fail = 7\n\
               [[sink]]\nname = \"files\"\ndatabase = \"social_welfare\"\nkind = \"directory\"\npath = \"out\"\n\
               [[sink]]\nname = \"local\"\ndatabase = \"health\"\nkind = \"webhook\"\n\
               url = \"http://127.0.0.1:8080/\"\nsecret_file = \"secret\"\n";
        let sinks = read(&text).expect("sinks");
        let lanes: Vec<&Lane> = sinks.iter().map(|sink| &sink.lane).collect();
        assert_eq!(lanes[0].concurrency, 8);
        let policy = Policy {
            first_retry: Duration::from_millis(100),
            longest_retry: Duration::from_secs(60),
            refusals: 7,
            failures: 2,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(10),
        };
        assert_eq!(lanes[0].policy, policy);
        assert_eq!(
            (lanes[1].kind, lanes[1].database),
            ("directory", Database::SocialWelfare)
        );
        assert_eq!(
            (lanes[2].concurrency, &lanes[2].policy),
            (CONCURRENT, &Policy::default())
        );
        assert!(!format!("{sinks:?}").contains("MfKQ"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_to_do() {
        let with = |more: &str| format!("{WEBHOOK}{more}\n");
        let without = |line: &str| WEBHOOK.replace(line, "");
        let instead = |line: &str, other: &str| WEBHOOK.replace(line, other);
        let secret_env = "secret_env = \"HUB\"\n";
        for (text, line, says) in [
            (String::new(), 1, "add a table [[sink]]"),
            ("[[sink]\n".to_owned(), 1, "notices deliver --help"),
            (with("secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\""), 7, "unknown field `secret`"),
            (with("path = \"out\""), 7, "path: only a directory has one"),
            (without("name = \"hub\"\n"), 1, "missing field `name`"),
            (instead("\"hub\"", "\"Hub 1\""), 2, "expected 1 to 64 of a-z"),
            (WEBHOOK.repeat(2), 8, "another sink has this name"),
            (instead("population", "people"), 3, "expected one of population, insurance"),
            (instead("\"webhook\"", "\"mail\""), 4, "expected `webhook` or `directory`"),
            (without("url = \"https://hub.example/notices\"\n"), 1, "say where the receiver is"),
            (instead("https://hub.example/notices", "hub"), 5, "such as https://host/path"),
            (instead("https://hub", "ftp://hub"), 5, "expected https"),
            (instead("https://hub", "http://hub"), 5, "allow_http = true"),
            (instead("https://hub", "https://me:secret@hub"), 5, "names a user"),
            (instead("/notices", "/notices?token=1"), 5, "it has a query"),
            (without(secret_env), 1, "name secret_file or secret_env"),
            (with("secret_file = \"secret\""), 6, "name one of them"),
            (instead("\"HUB\"", "\"OTHER\""), 6, "no variable OTHER"),
            (instead(secret_env, "secret_file = \"absent\"\n"), 6, "absent"),
            (instead(secret_env, "secret_file = \"bad\"\n"), 6, "openssl rand -base64 32"),
            (with("ca_file = \"ca\""), 7, "no certificate in it"),
            (with("timeout = \"soon\""), 7, "such as 500ms, 10s"),
            (with("concurrency = 0"), 7, "a number from 1 to 64"),
            (with("concurrency = 65"), 7, "a number from 1 to 64"),
            (with("failures_to_pause = 1001"), 7, "a number from 1 to 1000"),
            (with("longest_retry = \"500ms\""), 7, "shorter than first_retry"),
            (with("first_pause = \"2m\""), 2, "longest_pause: it is shorter"),
            (with("concurrency = \"4\""), 7, "notices deliver --help"),
            (
                "[[sink]]\nname = \"f\"\ndatabase = \"health\"\nkind = \"directory\"\n".to_owned(),
                1,
                "name the directory",
            ),
            (
                "[[sink]]\nname = \"f\"\ndatabase = \"health\"\nkind = \"directory\"\npath = \"no\"\n".to_owned(),
                5,
                "make it first",
            ),
            (
                "[[sink]]\nname = \"f\"\ndatabase = \"health\"\nkind = \"directory\"\npath = \"out\"\ntimeout = \"1s\"\n"
                    .to_owned(),
                6,
                "timeout: only a webhook has one",
            ),
        ] {
            let (found, message) = refused(&text);
            assert!(message.contains(says), "{says}: {message}");
            assert_eq!(found, line, "{says}: {message}");
        }
    }
}
