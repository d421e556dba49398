//! How much memory this process may use before the system ends it.
//!
//! In: the control groups of the process (Linux, version 2). Out: the smallest limit of any of them; none where
//! there is none, or where it cannot be read.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The limit, in bytes.
pub fn memory_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    of_groups(Path::new("/sys/fs/cgroup"), &groups)
}

/// The smallest limit of the group that a process is in, by what the system says of its groups, and of those
/// around it.
fn of_groups(root: &Path, groups: &str) -> Option<u64> {
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let is_plain = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let inside: PathBuf = Path::new(group).components().take_while(is_plain).collect();
    let limits = inside.ancestors().filter_map(|group| {
        let limit = fs::read_to_string(root.join(group).join("memory.max")).ok()?;
        limit.trim().parse().ok()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_limit_around_a_process_counts() {
        let root = tempfile::tempdir().expect("a directory");
        let slice = root.path().join("system.slice/fundwatch.service");
        fs::create_dir_all(&slice).expect("made");
        let write = |group: &Path, limit: &str| {
            fs::write(group.join("memory.max"), limit).expect("written");
        };
        let of = |groups| of_groups(root.path(), groups);
        let groups = "0::/system.slice/fundwatch.service\n";
        assert_eq!(of(groups), None);
        write(&slice, "max\n");
        assert_eq!(of(groups), None);
        write(&root.path().join("system.slice"), "8589934592\n");
        assert_eq!(of(groups), Some(8 << 30));
        write(&slice, "1073741824\n");
        assert_eq!(of(groups), Some(1 << 30));
        write(root.path(), "536870912\n");
        assert_eq!(of("0::/\n"), Some(512 << 20));
        assert_eq!(of("5:memory:/old\n"), None);
    }
}
