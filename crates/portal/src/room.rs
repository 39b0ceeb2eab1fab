//! Room on the disk. What a flood can fill, reports and files in the making, stops before the disk is
//! full, so that what is sent still finds a place.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How often the disk is asked, at most.
const EVERY_MS: u64 = 1000;

/// Keeps bytes of a disk free for what is sent.
#[derive(Debug)]
pub(crate) struct Room {
    reserve_bytes: u64,
    asked_ms: AtomicU64,
    has_room: AtomicBool,
}

impl Room {
    pub(crate) fn new(reserve_bytes: u64) -> Self {
        Self {
            reserve_bytes,
            asked_ms: AtomicU64::new(0),
            has_room: AtomicBool::new(true),
        }
    }

    /// Whether there is room besides the reserve. A disk that cannot be asked has some: writing to
    /// it will tell.
    pub(crate) fn is_left(&self, folder: &Path, now_ms: u64) -> bool {
        let asked = self.asked_ms.load(Ordering::Relaxed);
        if asked == 0 || now_ms.abs_diff(asked) >= EVERY_MS {
            self.asked_ms.store(now_ms, Ordering::Relaxed);
            let free = rustix::fs::statvfs(folder)
                .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
                .unwrap_or(u64::MAX);
            self.has_room
                .store(free >= self.reserve_bytes, Ordering::Relaxed);
        }
        self.has_room.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_has_some_room_and_not_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Room::new(0).is_left(folder.path(), 1));
        assert!(!Room::new(u64::MAX - 1).is_left(folder.path(), 1));
        let little = Room::new(u64::MAX - 1);
        assert!(!little.is_left(folder.path(), 5000) && !little.is_left(folder.path(), 5001));
        assert!(Room::new(7).is_left(Path::new("/nowhere at all"), 1));
    }
}
