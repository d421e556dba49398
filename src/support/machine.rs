//! The program and the machine: version, build, cores, memory, disk, limits.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Found;

/// Files that say what the machine gives, and the lines of them that count; all lines of those without any.
const FILES: [(&str, &str, &[&str]); 9] = [
    ("kernel", "/proc/sys/kernel/osrelease", &[]),
    (
        "memory",
        "/proc/meminfo",
        &["MemTotal:", "MemAvailable:", "SwapTotal:", "SwapFree:"],
    ),
    ("load", "/proc/loadavg", &[]),
    ("uptime", "/proc/uptime", &[]),
    ("cgroup_memory_max", "/sys/fs/cgroup/memory.max", &[]),
    (
        "cgroup_memory_current",
        "/sys/fs/cgroup/memory.current",
        &[],
    ),
    ("cgroup_memory_events", "/sys/fs/cgroup/memory.events", &[]),
    ("cgroup_cpu_max", "/sys/fs/cgroup/cpu.max", &[]),
    ("pressure_io", "/proc/pressure/io", &[]),
];

pub(super) fn facts(data: &Path) -> Found {
    let mut missing = Vec::new();
    let mut files = Map::new();
    for (name, path, lines) in FILES {
        // Systems differ in what they have; none of these is needed.
        if let Ok(text) = std::fs::read_to_string(path) {
            let counts =
                |line: &&str| lines.is_empty() || lines.iter().any(|own| line.starts_with(own));
            let kept: Vec<&str> = text.lines().filter(counts).collect();
            files.insert(name.to_owned(), kept.into());
        }
    }
    let disk = match rustix::fs::statvfs(data) {
        Ok(disk) => json!({
            "bytes": disk.f_blocks.saturating_mul(disk.f_frsize),
            "free_bytes": disk.f_bavail.saturating_mul(disk.f_frsize),
            "files": disk.f_files,
            "free_files": disk.f_favail,
        }),
        Err(error) => {
            missing.push(format!("the disk of {}: {error}", data.display()));
            Value::Null
        }
    };
    let value = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "revision": option_env!("FUNDWATCH_REVISION").unwrap_or("unknown"),
        "build": if cfg!(debug_assertions) { "debug" } else { "release" },
        "system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "disk_of_data": disk,
        "machine": files,
    });
    Found::json(&value, missing)
}
