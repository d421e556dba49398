//! Receivers that are told what becomes of alerts.

use std::path::PathBuf;

use super::file_value::CertificateFile;
use super::section::{Declared, section};
use super::table::Table;
use super::value::PlainName;
use crate::metric::Name;
use crate::notice::Span;
use crate::notice::delivery::{Secrets, address};
use crate::rule::ReasonSet;
use crate::webhook::Receiver;

/// Each has series of metrics, and a thread.
const MOST: usize = 8;

section! {
    /// A system that is told what becomes of alerts, without anything about a person (docs/webhooks.md): each
    /// change is a signed request, as Standard Webhooks 1.0.0 has it. At most 8.
    WebhookTable {
        /// What it is called in logs and metrics. It keeps its place under this name.
        name: PlainName = required("case-system"), Restart;
        /// Where it is: https, or http on this machine. No user and no query; redirects are not followed.
        url: String = required("https://cases.example/fundwatch"), Restart;
        /// A file with the secret that requests are signed with: `whsec_` and base64, in a line. While it is
        /// replaced, the new and the old one, a line each.
        secret_file: Option<PathBuf> = example("secrets/case-system.secret"), Restart;
        /// Or the environment variable that holds it.
        secret_env: Option<String> = example("FUNDWATCH_CASE_SYSTEM_SECRET"), Restart;
        /// The reasons whose alerts it is told of; without it, all.
        reasons: Option<ReasonSet> = example(["service_after_death", "death_on_living_card"]), Restart;
        /// The authorities that certify it, in PEM form; without it, those of Mozilla's programme.
        ca_file: Option<CertificateFile> = example("tls/clients.pem"), Restart;
        /// How long a request may take.
        timeout: Span = default("10s") in "1s"..="1m", Restart;
    }
}

impl WebhookTable {
    /// The receiver of a table. Nothing, where it is wrong; that is noted.
    fn receiver(table: &Table<'_, '_>) -> Option<Receiver> {
        let read = Self::read(table, None)?;
        let context = table.context();
        let uri = address(&read.url, false);
        let uri = uri.map_err(|error| table.wrong("url", error.to_string()));
        let name = Name::new(&read.name.0);
        let name = name.map_err(|error| table.wrong("name", error.to_string()));
        let (key, place, secret) = match (&read.secret_file, &read.secret_env) {
            (Some(file), None) => {
                let place = format!("{}: ", file.display());
                ("secret_file", place, context.secret_of_file(file))
            }
            (None, Some(name)) => {
                let secret = context.secret_of_variable(name);
                ("secret_env", String::new(), secret)
            }
            (None, None) => {
                table.wrong(
                    "secret_file",
                    "it is missing; name secret_file or secret_env",
                );
                return None;
            }
            (Some(_), Some(_)) => {
                let message = "there is a secret_file already; name one of them";
                table.wrong("secret_env", message);
                return None;
            }
        };
        let secrets = secret.and_then(|secret| {
            Secrets::read(secret.reveal()).map_err(|error| format!("{place}{error}"))
        });
        let secrets = secrets.map_err(|message| table.wrong(key, message));
        name.ok()?;
        Some(Receiver {
            name: read.name.0,
            uri: uri.ok()?,
            secrets: secrets.ok()?,
            reasons: read.reasons.unwrap_or(ReasonSet::ALL),
            ca_file: read.ca_file.map(|file| file.to_path_buf()),
            timeout: read.timeout.0,
        })
    }
}

/// The receivers that are right; what is wrong with others, or with two together, is noted.
pub(super) fn webhooks(root: &Table<'_, '_>) -> Vec<Receiver> {
    let mut receivers: Vec<Receiver> = Vec::new();
    for (table, number) in root.tables("webhook").iter().zip(1..) {
        if let Some(receiver) = WebhookTable::receiver(table) {
            if receivers.iter().any(|other| other.name == receiver.name) {
                table.wrong("name", "another webhook has this name; give each its own");
            }
            receivers.push(receiver);
        }
        if number == MOST + 1 {
            let message = format!("there are more than {MOST}; name fewer");
            table.wrong("name", message);
        }
        table.finish();
    }
    receivers
}
