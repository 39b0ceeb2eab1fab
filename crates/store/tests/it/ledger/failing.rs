//! A disk that is full and a disk that fails: what a failed turn claimed is never sent, and never again
//! claimed by mistake.

use unspoof_store::ledger::{Ledger, State};

use super::child::{Heard, Sender, WINDOW, compiled, soak, with_room};
use super::planned;
use crate::places::Place;

/// Lets a sender run into it, then one whose disk is whole end the work.
fn goes_on(place: &Place, run_into: impl Fn(&unspoof_store::Address, u64) -> Sender) -> usize {
    const ROWS: u64 = 3_000;
    let address = place.fresh();
    drop(planned(&address, ROWS));
    let mut heard = Heard::default();
    let mut failures = 0;
    for life in 0..4 {
        run_into(&address, life).end(&mut heard);
        let failed = std::mem::take(&mut heard.failed);
        failures += failed.len();
        // Whatever was tried after a failure claimed nothing.
        assert!(
            !failed.iter().any(|line| line.starts_with("again")),
            "{failed:?}"
        );
        let sending = Ledger::open(&address)
            .unwrap()
            .start("warning", "the parent", 9)
            .unwrap();
        assert!(sending.recovered() <= 2 * WINDOW as u64);
        let mut ledger = sending.end();
        heard.holds(&mut ledger, ROWS, 4);
    }
    Sender::spawn(place, &address, 99).end(&mut heard);
    assert!(heard.is_done);
    let mut ledger = Ledger::open(&address).unwrap();
    assert_eq!(ledger.rows("warning", State::Planned).unwrap(), []);
    heard.holds(&mut ledger, ROWS, 5);
    failures
}

#[test]
fn a_full_disk_sends_nothing_twice() {
    let place = Place::sqlite();
    let mut failures = 0;
    for round in 0..soak() {
        failures += goes_on(&place, |address, life| {
            // The database alone has some 800 of these blocks.
            let room = with_room(&(1_400 + round * 7 + life * 200).to_string());
            let under: Vec<&str> = room.iter().map(String::as_str).collect();
            Sender::spawn_with(&place, address, life, &under, &[])
        });
    }
    assert!(failures >= 2, "{failures}");
}

/// The n-th fsync or fdatasync of a process fails, once, as a kernel reports it.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
static long calls;
static int fails(void) {
    const char *at = getenv("FAIL_SYNC_AT");
    if (at && ++calls == atol(at)) { errno = EIO; return 1; }
    return 0;
}
int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return fails() ? -1 : real(fd);
}
int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return fails() ? -1 : real(fd);
}
"#;

#[test]
fn a_failed_fsync_sends_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (source, shim) = (folder.path().join("shim.c"), folder.path().join("shim.so"));
    std::fs::write(&source, SHIM).unwrap();
    assert!(
        compiled(&source, &shim),
        "SQLite needs a C compiler as well"
    );
    let place = Place::sqlite();
    let mut failures = 0;
    for round in 0..soak() {
        failures += goes_on(&place, |address, life| {
            let at = (4 + round + life * 5).to_string();
            let variables = [
                ("LD_PRELOAD", shim.to_str().unwrap()),
                ("FAIL_SYNC_AT", at.as_str()),
            ];
            Sender::spawn_with(&place, address, life, &["env"], &variables)
        });
    }
    // Each life is ended by one, and cannot be gone on with.
    assert!(
        failures >= 4 * usize::try_from(soak()).unwrap(),
        "{failures}"
    );
}
