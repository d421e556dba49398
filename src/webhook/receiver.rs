//! A receiver, as the configuration has it.

use std::path::PathBuf;
use std::time::Duration;

use ureq::http::Uri;

use crate::notice::delivery::Secrets;
use crate::review::{Enrolled, ReviewKey};
use crate::rule::ReasonSet;

/// A receiver of webhooks. `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// Where it is: https, or this machine.
    pub uri: Uri,
    /// What messages to it are signed with.
    pub secrets: Secrets,
    /// The reasons whose alerts it is told of.
    pub reasons: ReasonSet,
    /// The authorities that certify it, in PEM form; without it, those of Mozilla's programme.
    pub ca_file: Option<PathBuf>,
    /// How long a request may take.
    pub timeout: Duration,
}

impl Receiver {
    /// The receiver as the desk keeps it: of the secrets, what a message that nobody sends would be signed by.
    pub fn enrolled(&self, key: &ReviewKey) -> Enrolled {
        let settings = key.digest(&[
            b"receiver",
            self.uri.to_string().as_bytes(),
            self.secrets.sign("settings", 0, "").as_bytes(),
            &self.reasons.bits().to_le_bytes(),
            format!("{:?}", self.ca_file).as_bytes(),
            &self.timeout.as_millis().to_le_bytes(),
        ]);
        Enrolled {
            name: self.name.clone(),
            reasons: self.reasons,
            settings,
        }
    }
}
