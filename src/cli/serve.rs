//! `fundwatch serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::processes::{self, Processes};
use super::{failed, wrong_call};
use crate::config::{Call, Config};
use crate::server::{self, Options, ServerError, start_log};
use crate::service::Clock;

/// Runs the live service: takes rows as they come, and keeps the alerts that follow from them.
///
/// Rows come by HTTP, and from directories as the configuration says; without one, by HTTP on
/// loopback. What is accepted is durable before it is answered. After a stop, however it came about, the next
/// start goes on where this one ended.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Serve {
    /// The directory of the service: its journal, keys, tokens and, by default, alerts. Made when absent. One
    /// service at a time.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The configuration, in TOML; `fundwatch config print-default` prints one with every key.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Where the API listens, instead of `http.listen` of the configuration.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,

    /// Where /metrics and the probes listen, instead of `ops.listen` of the configuration.
    #[arg(long, value_name = "ADDR")]
    ops_listen: Option<SocketAddr>,

    #[command(flatten)]
    processes: Processes,
}

const AFTER_HELP: &str = "\
The API asks for a token: `fundwatch token create --data DIR --role feed` prints one.
  POST /v1/streams/STREAM    rows as NDJSON       POST /v1/claims/xml   one envelope
  GET  /v1/alerts            a page of alerts     GET  /v1/alerts.ndjson, /v1/history.ndjson
  GET  /v1/rejects           rows not accepted    GET  /v1/sources, /v1/status
Beside it, without a token: /metrics /livez /readyz /startupz

Signals:
  SIGTERM, SIGINT  finish what was taken, and end   SIGHUP  read the configuration again

Exit codes:
  0  stopped as it was told   1  it could not go on   2  the call or the configuration is wrong

Examples:
  fundwatch serve --data /var/lib/fundwatch
  fundwatch serve --data /var/lib/fundwatch --config /etc/fundwatch.toml
  fundwatch serve --data /var/lib/fundwatch --processes 2 --process 0 --hosts /etc/fundwatch/hosts";

impl Serve {
    pub(super) fn run(self) -> ExitCode {
        let hosts = match self.processes.hosts() {
            Ok(hosts) => hosts,
            Err(message) => return wrong_call(&message),
        };
        if let Some(hosts) = hosts.as_ref().filter(|hosts| hosts.process() > 0) {
            return processes::work(hosts);
        }
        let call = Call {
            listen: self.listen,
            ops_listen: self.ops_listen,
        };
        let variable = |name: &str| std::env::var(name).ok();
        let config = match Config::load(self.config.as_deref(), &call, &variable) {
            Ok(config) => config,
            Err(error) => return wrong_call(&error.to_string()),
        };
        start_log(config.log());
        let options = Options {
            data: self.data,
            config_file: self.config,
            call,
            processes: hosts,
            clock: Clock::system(),
        };
        let started = |api: SocketAddr, ops: SocketAddr| {
            // Whoever started it reads where; nobody has to.
            let mut out = std::io::stdout();
            let _ = writeln!(
                out,
                "API on http://{api}, metrics and probes on http://{ops}"
            );
            let _ = out.flush();
        };
        match server::run(&options, config, started) {
            Ok(()) => ExitCode::SUCCESS,
            Err(ServerError::Configured(message)) => wrong_call(&message),
            Err(error) => failed(&error),
        }
    }
}
