//! Sending on loopback, to our own message centre and to npm's `smpp`.

use std::path::Path;

use crate::cargo;

/// Builds the stand-in and the crate's own measurement, and runs it with so many recipients.
pub(crate) fn run(recipients: u64) -> anyhow::Result<()> {
    println!("== outreach: durable submits a second, four sessions with a window of 64");
    cargo(&["build", "--release", "--package", "unspoof-smsc"])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let smsc = Path::new(&target).join("release/unspoof-smsc");
    let smsc = smsc.to_string_lossy().into_owned();
    let recipients = recipients.to_string();
    let mut args = vec![
        "run",
        "--release",
        "--package",
        "unspoof-outreach",
        "--example",
        "sending_speed",
        "--",
        &smsc,
        &recipients,
    ];
    let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
    let peers = std::env::var_os("UNSPOOF_OUTREACH_PEERS").map_or_else(
        || Path::new(&home).join(".cache/unspoof/outreach-peers"),
        Into::into,
    );
    let folder = peers.to_string_lossy().into_owned();
    if peers.join("node_modules/smpp").is_dir() {
        args.extend(["crates/outreach/tests/peers/smsc.cjs", &folder]);
    } else {
        eprintln!("left out: npm's smpp is not in {folder}");
    }
    cargo(&args)
}
