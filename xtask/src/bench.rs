//! Times, side by side with what a team would otherwise use.

/// Runs the benchmarks named, or all.
pub(crate) fn bench(_args: &[&str]) -> anyhow::Result<()> {
    anyhow::bail!("no benchmark is written yet")
}
