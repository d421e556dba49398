//! The options that name the processes of a run, and what another process than process 0 does.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::failed;
use crate::audit::Code;
use crate::dataflow::assist;
use crate::processes::{Hosts, join};

/// Which processes share the dataflow.
#[derive(Args)]
pub(super) struct Processes {
    /// Share the dataflow between N processes, each started with the same command but for --process. Process 0 reads and
    /// writes; the others hold their part of what is known in memory. See docs/processes.md.
    #[arg(long, value_name = "N", requires_all = ["process", "hosts"])]
    processes: Option<usize>,

    /// The number of this process, from 0.
    #[arg(long, value_name = "I", requires = "processes")]
    process: Option<usize>,

    /// Where the processes listen: HOST:PORT of a private network, one a line, from process 0 on.
    #[arg(long, value_name = "FILE", requires = "processes")]
    hosts: Option<PathBuf>,
}

impl Processes {
    /// The hosts, where there is more than one process.
    pub(super) fn hosts(&self) -> Result<Option<Hosts>, String> {
        let (Some(processes), Some(process), Some(file)) =
            (self.processes, self.process, &self.hosts)
        else {
            return Ok(None);
        };
        let hosts = Hosts::read(file, processes, process);
        hosts.map(Some).map_err(|error| error.to_string())
    }
}

/// Joins process 0, and works for it until it is done.
pub(super) fn work(hosts: &Hosts) -> ExitCode {
    let number = hosts.process();
    let mut waiting = |is_for_others| {
        if is_for_others {
            eprintln!("process {number}: waiting for process 0 to begin");
        } else {
            eprintln!(
                "process {number}: waiting for process 0 at {}",
                hosts.address(0)
            );
        }
    };
    let joined = match join(hosts, Code::running().identity(), &mut waiting) {
        Ok(joined) => joined,
        Err(error) => return failed(&error),
    };
    eprintln!("process {number}: joined run {}", joined.generation);
    match assist(joined) {
        Ok(records) => {
            eprintln!("process {number}: done, with {records} records");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}
