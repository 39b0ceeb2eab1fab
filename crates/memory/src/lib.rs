//! The program's allocator: mimalloc, which may be told to keep what the operating system gave it.
//!
//! Linking this crate sets the global allocator.

use std::ffi::{c_int, c_long};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc 2 and 3: the option before one that the bindings name.
const PURGE_DELAY: c_int = libmimalloc_sys::mi_option_use_numa_nodes - 1;

const NEVER: c_long = -1;

/// Keeps freed memory for the next block instead of giving it back to the operating system.
///
/// Work on a case goes through the same few large buffers again and again. Given back, each of them
/// comes again page by page, cleared: a sixth of the time of a run. The price is that the process
/// keeps its greatest extent until it ends, which is when the work ends.
pub fn keep_memory() {
    #[expect(
        unsafe_code,
        reason = "the bindings have no other way to set an option"
    )]
    // SAFETY: `mi_option_set` takes any option below `_mi_option_last` from any thread at any time;
    // it stores one word and calls nobody.
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, NEVER);
    }
}

/// Returns whether freed memory is kept.
#[must_use]
pub fn keeps_memory() -> bool {
    #[expect(
        unsafe_code,
        reason = "the bindings have no other way to read an option"
    )]
    // SAFETY: as above; this one reads the word.
    let delay = unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
    delay == NEVER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_once_told() {
        // Mimalloc 3's default is a second, so the option is the one that we mean.
        #[expect(unsafe_code, reason = "as above")]
        // SAFETY: as above.
        let before = unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        assert_eq!(before, 1000);
        keep_memory();
        assert!(keeps_memory());
    }
}
