//! `fundwatch support-bundle`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{failed, wrong_call};
use crate::support::{self, BundleOptions};

/// Makes one file for whoever helps: how the service is, without anything about a person and without secrets.
///
/// It can be made while the service runs, and when it does not start: nothing is locked or changed, and what
/// cannot be read is said in the bundle. Run it as the service's user. Look into it before you send it.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct SupportBundle {
    /// The directory of the service.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The configuration of the service.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The ops listener of the service, such as http://127.0.0.1:9464; as the configuration says when left out.
    #[arg(long, value_name = "URL")]
    ops: Option<String>,

    /// A file with the log of the service, whose last lines go into the bundle; numbers with nine or more digits
    /// and tokens are masked.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// The bundle, where nothing is yet. Only its owner may read it.
    #[arg(long, value_name = "FILE.tar.gz")]
    output: PathBuf,
}

const AFTER_HELP: &str = "\
In it: version and build, cores, memory and disk; settings with secrets masked; names and sizes of segments,
snapshots and artefacts; months of keys and their state; counts of alerts and rejected rows; metrics and probes.
Not in it: rows, identifiers, names, alerts, tokens, keys, passwords.

Exit codes:
  0  made, also where something could not be read   1  it could not be written   2  the call is wrong

Examples:
  fundwatch support-bundle --data /var/lib/fundwatch --config /etc/fundwatch/fundwatch.toml --output support.tar.gz
  journalctl -u fundwatch -n 2000 > fundwatch.log
  fundwatch support-bundle --data /var/lib/fundwatch --log fundwatch.log --output support.tar.gz";

impl SupportBundle {
    pub(super) fn run(self) -> ExitCode {
        if !self.data.is_dir() {
            return wrong_call(&format!(
                "--data {}: it is no directory; name the one that `fundwatch serve --data` names",
                self.data.display()
            ));
        }
        let options = BundleOptions {
            data: self.data,
            config: self.config,
            ops: self.ops,
            log: self.log,
        };
        let parts = match support::make(&options, &self.output) {
            Ok(parts) => parts,
            Err(error) => return failed(&error),
        };
        let mut out = std::io::stdout().lock();
        // The bundle is made, whoever reads what is said of it.
        for part in parts {
            let _ = writeln!(
                out,
                "{:<20} {:>9} bytes  {}",
                part.name, part.bytes, part.about
            );
            for missing in part.missing {
                let _ = writeln!(out, "{:<20} could not be read: {missing}", "");
            }
        }
        let _ = writeln!(
            out,
            "{}: made. No rows, identifiers or secrets are in it; look into it before you send it.",
            self.output.display()
        );
        ExitCode::SUCCESS
    }
}
