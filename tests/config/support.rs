//! A directory with the files that a configuration may name.

use std::fs;
use std::path::{Path, PathBuf};

use fundwatch::config::{Call, Config, ConfigError};
use tempfile::TempDir;

pub const PASSWORD: &str = "hunter2-correct-horse";
/// Of P-256, made once; its secret half was thrown away.
pub const PORTAL_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYhRn0O2H1wgNg2TsRMwJ3u+KNB/4\n\
    Ckt0T8O9XyIiNJJAgpsUtlu+3u4+nSMXtN+9vCZp9bqHCDl4OHjlHwyQQw==\n\
    -----END PUBLIC KEY-----\n";

/// 32 bytes of 7.
pub const WEBHOOK: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8=";

pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        for directory in ["tls", "secrets", "incoming", "done", "rejected", "other"] {
            fs::create_dir(place.path(directory)).expect("made");
        }
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("params");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        for (name, content) in [
            ("tls/server.pem", certificate.as_str()),
            ("tls/clients.pem", &certificate),
            ("tls/server.key", &key.serialize_pem()),
            ("secrets/journal.key", KEY),
            ("secrets/kafka.password", PASSWORD),
            (
                "secrets/store.url",
                "postgres://u:hunter2-correct-horse@localhost/alerts\n",
            ),
            ("secrets/vssid.pem", PORTAL_KEY),
            ("secrets/case-system.secret", WEBHOOK),
            ("secrets/empty", "\n"),
            ("secrets/oidc.secret", PASSWORD),
            ("rules.toml", ""),
            ("outlier.json", "{}"),
            ("candidate.json", "{}"),
            ("exclusive_benefits.csv", ""),
            ("participants-link.json", "{}"),
        ] {
            fs::write(place.path(name), content).expect("written");
        }
        place
    }

    pub fn directory(&self) -> &Path {
        self.0.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What a file of this text says.
    pub fn load(&self, text: &str) -> Result<Config, ConfigError> {
        self.load_with(text, &Call::default())
    }

    pub fn load_with(&self, text: &str, call: &Call) -> Result<Config, ConfigError> {
        let file = self.path("fundwatch.toml");
        fs::write(&file, text).expect("written");
        Config::load(Some(&file), call, &variable)
    }

    /// What is wrong with it, without the directory, which is another each time.
    pub fn refused(&self, text: &str) -> String {
        self.refused_with(text, &Call::default())
    }

    pub fn refused_with(&self, text: &str, call: &Call) -> String {
        let error = match self.load_with(text, call) {
            Err(error) => error,
            Ok(_) => panic!("it is taken:\n{text}"),
        };
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("hunter2"), "a secret is shown: {shown}");
        }
        let directory = format!("{}/", self.directory().display());
        error.to_string().replace(&directory, "")
    }
}

pub fn variable(name: &str) -> Option<String> {
    match name {
        "FUNDWATCH_JOURNAL_KEY" => Some(KEY.to_owned()),
        "FUNDWATCH_OIDC_SECRET" => Some(PASSWORD.to_owned()),
        "FUNDWATCH_CASE_SYSTEM_SECRET" => Some(WEBHOOK.to_owned()),
        "FUNDWATCH_STORE_URL" => Some("postgres://u:hunter2-correct-horse@localhost/a".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}
