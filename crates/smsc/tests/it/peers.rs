//! Where the peers are that `cargo xtask test` installs. In CI they must be there.

use std::path::PathBuf;
use std::process::Command;

/// Finds a Python in which `asks` works.
pub(crate) fn python(asks: &str) -> Option<PathBuf> {
    let python = installed("UNSPOOF_VENV", "venv").join("bin/python");
    let works = Command::new(&python).args(["-c", asks]).output();
    found(works.is_ok_and(|output| output.status.success()), || {
        format!("`{asks}` fails in {}", python.display())
    })
    .then_some(python)
}

/// Finds the folder whose `node_modules` has what `tests/peers/package.json` names.
pub(crate) fn node_folder() -> Option<PathBuf> {
    let folder = installed("UNSPOOF_OUTREACH_PEERS", "outreach-peers");
    let is_there = folder
        .join("node_modules/notifications-node-client")
        .is_dir()
        && Command::new("node").arg("--version").output().is_ok();
    found(is_there, || {
        format!("no `node`, or no peers in {}", folder.display())
    })
    .then_some(folder)
}

fn installed(variable: &str, name: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(
        || {
            let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
            PathBuf::from(home).join(".cache/unspoof").join(name)
        },
        PathBuf::from,
    )
}

#[expect(clippy::print_stderr, reason = "who runs the tests should know")]
fn found(is_there: bool, why: impl Fn() -> String) -> bool {
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(is_there || !in_ci, "{}", why());
    if !is_there {
        eprintln!("left out: {}", why());
    }
    is_there
}
