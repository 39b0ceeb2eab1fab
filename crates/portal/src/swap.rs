//! Whether memory of this program can end on a disk.
//!
//! Locking pages would hold only what this program allocates, not what the system buffers for its
//! sockets. A control group without swap holds all of it, and so does a host without swap.

use std::fs;
use std::path::Path;

/// Whether the system may write this program's memory to a swap on a disk.
#[must_use]
pub fn may_hold_memory() -> bool {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let swaps = read(Path::new("/proc/swaps"));
    let group = read(Path::new("/proc/self/cgroup"));
    has_disk(&swaps) && !is_kept_out(&group, |path| read(path))
}

/// Whether one of the swaps lies on a disk: compressed memory does not.
fn has_disk(swaps: &str) -> bool {
    swaps
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .any(|device| !device.starts_with("/dev/zram"))
}

/// Whether a control group (version 2) above this program forbids it any swap.
fn is_kept_out(group: &str, read: impl Fn(&Path) -> String) -> bool {
    let Some(path) = group.lines().find_map(|line| line.strip_prefix("0::/")) else {
        return false;
    };
    let root = Path::new("/sys/fs/cgroup");
    root.join(path)
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .any(|folder| read(&folder.join("memory.swap.max")).trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filename Type Size Used Priority\n";

    #[test]
    fn only_swap_on_a_disk_counts() {
        assert!(!has_disk("") && !has_disk(HEAD));
        assert!(!has_disk(&format!("{HEAD}/dev/zram0 partition 1 0 100\n")));
        assert!(has_disk(&format!(
            "{HEAD}/dev/zram0 partition 1 0 9\n/swapfile file 1 0 -2\n"
        )));
    }

    #[test]
    fn a_group_without_swap_keeps_memory_off_the_disk() {
        let service = "/sys/fs/cgroup/system.slice/portal.service/memory.swap.max";
        let of = |at: &'static str, says: &'static str| {
            let read = move |path: &Path| {
                let is_it = path == Path::new(at);
                if is_it {
                    says.to_owned()
                } else {
                    "max\n".to_owned()
                }
            };
            is_kept_out("0::/system.slice/portal.service\n", read)
        };
        assert!(of(service, "0\n"));
        assert!(of("/sys/fs/cgroup/system.slice/memory.swap.max", "0\n"));
        assert!(!of(service, "max\n") && !of("/memory.swap.max", "0\n"));
        assert!(!is_kept_out("1:name=systemd:/\n", |_| "0".into()));
    }
}
