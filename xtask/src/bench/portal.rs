//! The portal under the load of a campaign's first hours, from a second process on loopback.

use crate::cargo;

/// Builds the portal, and runs the crate's own load against it for so many seconds.
pub(crate) fn run(seconds: u64) -> anyhow::Result<()> {
    println!("== portal: 2,000 page views and 300 sealed submissions a second, then `kill -9`");
    let package = ["--release", "--package", "unspoof-portal"];
    cargo(&[&["build"], &package[..], &["--bins"]].concat())?;
    let seconds = seconds.to_string();
    let load = ["--example", "load", "--", seconds.as_str()];
    cargo(&[&["run"], &package[..], &load[..]].concat())
}
