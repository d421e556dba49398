//! The addresses of the processes, one a line of a file.

use std::path::{Path, PathBuf};

/// Processes beyond this are a typing error.
const MOST_PROCESSES: usize = 1024;

/// Which process this is, and where each of them listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    process: usize,
    addresses: Vec<String>,
}

/// A file of hosts that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HostsError {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A line is no address.
    #[error(
        "{}: line {line}: expected HOST:PORT, such as 10.0.0.1:2101 or [fd00::1]:2101",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// 1-based.
        line: usize,
    },
    /// Two lines are the same.
    #[error("{}: line {line}: that address is there already; each process listens at its own", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// 1-based.
        line: usize,
    },
    /// There are too few of them, or too many.
    #[error(
        "{}: {found} addresses for --processes {wanted}; name one a line for each process",
        path.display()
    )]
    Count {
        /// The file.
        path: PathBuf,
        /// Lines with an address.
        found: usize,
        /// Processes.
        wanted: usize,
    },
    /// There are no processes to share anything.
    #[error(
        "--processes {0}: name from 2 to {MOST_PROCESSES}; a single process needs neither it nor --hosts"
    )]
    Processes(usize),
    /// The number is beyond the last.
    #[error("--process {process}: the processes have the numbers from 0 to {}", processes - 1)]
    Process {
        /// This one.
        process: usize,
        /// All.
        processes: usize,
    },
}

impl Hosts {
    /// Reads the addresses of so many processes, of which this is one. Blank lines, and what follows a `#`, are left out.
    ///
    /// # Errors
    /// See [`HostsError`].
    pub fn read(path: &Path, processes: usize, process: usize) -> Result<Self, HostsError> {
        if !(2..=MOST_PROCESSES).contains(&processes) {
            return Err(HostsError::Processes(processes));
        }
        if process >= processes {
            return Err(HostsError::Process { process, processes });
        }
        let text = std::fs::read_to_string(path).map_err(|error| HostsError::Unreadable {
            path: path.to_owned(),
            error,
        })?;
        let mut addresses: Vec<String> = Vec::with_capacity(processes);
        for (index, line) in text.lines().enumerate() {
            let address = line.split('#').next().unwrap_or_default().trim();
            let (path, line) = (path.to_owned(), index + 1);
            if address.is_empty() {
                continue;
            }
            if !is_address(address) {
                return Err(HostsError::Line { path, line });
            }
            if addresses.iter().any(|known| known == address) {
                return Err(HostsError::Twice { path, line });
            }
            addresses.push(address.to_owned());
        }
        if addresses.len() != processes {
            return Err(HostsError::Count {
                path: path.to_owned(),
                found: addresses.len(),
                wanted: processes,
            });
        }
        Ok(Self { process, addresses })
    }

    /// The number of this process.
    pub fn process(&self) -> usize {
        self.process
    }

    /// How many processes there are.
    pub fn processes(&self) -> usize {
        self.addresses.len()
    }

    /// Where a process listens.
    pub fn address(&self, process: usize) -> &str {
        &self.addresses[process]
    }
}

/// Whether it is a host - a name, or an address, one of IPv6 in brackets - with a port.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let is_host = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(host) => host.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && !host.contains([':', '[', ']'])
                && !host.contains(char::is_whitespace)
        }
    };
    is_host && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, processes: usize, process: usize) -> Result<Hosts, String> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("hosts");
        std::fs::write(&path, text).expect("written");
        Hosts::read(&path, processes, process).map_err(|error| {
            let shown = path.display().to_string();
            error.to_string().replace(&shown, "hosts")
        })
    }

    #[test]
    fn a_line_is_a_process() {
        let hosts = read(
            "# ours\n10.0.0.1:2101\n\n[fd00::2]:2102 # the second\nthird:2103\n",
            3,
            1,
        )
        .expect("three");
        assert_eq!((hosts.process(), hosts.processes()), (1, 3));
        assert_eq!(hosts.address(0), "10.0.0.1:2101");
        assert_eq!(hosts.address(1), "[fd00::2]:2102");
        assert_eq!(hosts.address(2), "third:2103");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, processes, process, told) in [
            (
                "a:1\nb\n",
                2,
                0,
                "hosts: line 2: expected HOST:PORT, such as 10.0.0.1:2101 or [fd00::1]:2101",
            ),
            (
                "a:1\nfd00::1:2\n",
                2,
                0,
                "hosts: line 2: expected HOST:PORT, such as 10.0.0.1:2101 or [fd00::1]:2101",
            ),
            (
                "a:1\nb:0\n",
                2,
                0,
                "hosts: line 2: expected HOST:PORT, such as 10.0.0.1:2101 or [fd00::1]:2101",
            ),
            (
                "a:1\n a:1\n",
                2,
                0,
                "hosts: line 2: that address is there already; each process listens at its own",
            ),
            (
                "a:1\n",
                2,
                0,
                "hosts: 1 addresses for --processes 2; name one a line for each process",
            ),
            (
                "a:1\n",
                1,
                0,
                "--processes 1: name from 2 to 1024; a single process needs neither it nor --hosts",
            ),
            (
                "a:1\nb:1\n",
                2,
                2,
                "--process 2: the processes have the numbers from 0 to 1",
            ),
        ] {
            assert_eq!(read(text, processes, process), Err(told.to_owned()));
        }
    }
}
